// SPDX-License-Identifier: BSD-2-Clause

/// What is on a cable, in one word: type, subtype, options, mode, instance (net/if_media.h).
package struct MediaWord: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  package var rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let IFM_ETHER = MediaWord(rawValue: 0x20)
  /// The subtype that finds out what the other end can do.
  package static let IFM_AUTO: UInt32 = 0
  package static let IFM_10_T: UInt32 = 3
  package static let IFM_100_TX: UInt32 = 6
  package static let IFM_1000_T: UInt32 = 16

  package static let IFM_FDX: UInt32 = 0x0010_0000
  package static let IFM_HDX: UInt32 = 0x0020_0000

  /// The bits of the type, of the subtype, of the options that all types share, of the mode, and of
  /// the instance, which begins at bit 28.
  package static let IFM_NMASK: UInt32 = 0xe0
  package static let IFM_TMASK: UInt32 = 0x1f
  package static let IFM_GMASK: UInt32 = 0x0ff0_0000
  package static let IFM_MMASK: UInt32 = 0x0007_0000
  package static let IFM_IMASK: UInt32 = 0xf000_0000

  /// An Ethernet medium.
  package static func ethernet(_ subtype: UInt32, _ options: UInt32 = 0) -> MediaWord {
    MediaWord(rawValue: IFM_ETHER.rawValue | subtype | options)
  }

  package var subtype: UInt32 { rawValue & MediaWord.IFM_TMASK }
  package var instance: UInt32 { rawValue >> 28 }
}

/// The media of a card (`struct ifmedia`), with em(4)'s answers.
package struct InterfaceMedia: StateHashable, Sendable {
  /// What the card can be told to use, as it is listed: the last that the driver added first.
  package let supported: [MediaWord]
  /// The entry in use (`ifm_cur`).
  package private(set) var current: MediaWord
  /// What autoselection finds: the other end of the cable, which the model has to be told of.
  package var offered: MediaWord

  /// A copper card of em(4) (`em_setup_interface`) at a gigabit switch.
  static let em = InterfaceMedia(
    supported: [
      .ethernet(MediaWord.IFM_AUTO), .ethernet(MediaWord.IFM_1000_T),
      .ethernet(MediaWord.IFM_1000_T, MediaWord.IFM_FDX),
      .ethernet(MediaWord.IFM_100_TX, MediaWord.IFM_FDX), .ethernet(MediaWord.IFM_100_TX),
      .ethernet(MediaWord.IFM_10_T, MediaWord.IFM_FDX), .ethernet(MediaWord.IFM_10_T),
    ], current: .ethernet(MediaWord.IFM_AUTO),
    offered: .ethernet(MediaWord.IFM_1000_T, MediaWord.IFM_FDX))

  private init(supported: [MediaWord], current: MediaWord, offered: MediaWord) {
    (self.supported, self.current, self.offered) = (supported, current, offered)
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(supported)
    hasher.combine(current)
    hasher.combine(offered)
  }

  /// Chooses a medium (`SIOCSIFMEDIA` of `ifmedia_ioctl`); the instance does not matter.
  ///
  /// - Throws: `ENXIO` where the card has none such.
  mutating func choose(_ word: MediaWord) throws(Errno) {
    let wanted = word.rawValue & ~MediaWord.IFM_IMASK
    guard let match = supported.last(where: { $0.rawValue == wanted }) else { throw .ENXIO }
    current = match
  }

  /// What is on the cable (`em_media_status`): without a carrier the bare type, which reads as
  /// autoselect. Gigabit is negotiated, full-duplex alone; slower media are as they were set.
  func active(hasCarrier: Bool) -> MediaWord {
    guard hasCarrier else { return .IFM_ETHER }
    switch current.subtype {
    case MediaWord.IFM_AUTO: return offered
    case MediaWord.IFM_1000_T: return .ethernet(MediaWord.IFM_1000_T, MediaWord.IFM_FDX)
    case let subtype:
      let isFull = current.rawValue & MediaWord.IFM_FDX != 0
      return .ethernet(subtype, isFull ? MediaWord.IFM_FDX : MediaWord.IFM_HDX)
    }
  }
}

/// What an interface says of its media (`struct ifmediareq`).
package struct MediaReport: Hashable, Sendable {
  package var current: MediaWord
  package var active: MediaWord
  /// There is a carrier (`IFM_ACTIVE`).
  package var isActive: Bool
  package var supported: [MediaWord]
}
