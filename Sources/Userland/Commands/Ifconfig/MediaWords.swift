// SPDX-License-Identifier: BSD-2-Clause

import Netstack

/// The words for media (ifmedia.c of ifconfig(8), net/if_media.h), of Ethernet alone.
enum MediaWords {
  /// Subtypes as they are printed; the first three are every type's.
  static let subtypes: [(word: String, subtype: UInt32)] = [
    ("autoselect", MediaWord.IFM_AUTO), ("manual", 1), ("none", 2),
    ("10baseT/UTP", MediaWord.IFM_10_T), ("10base2/BNC", 4), ("10base5/AUI", 5),
    ("100baseTX", MediaWord.IFM_100_TX), ("100baseFX", 7), ("100baseT4", 8), ("100baseVG", 9),
    ("100baseT2", 10), ("1000baseSX", 11), ("10baseSTP", 12), ("10baseFL", 13),
    ("1000baseLX", 14), ("1000baseCX", 15), ("1000baseT", MediaWord.IFM_1000_T), ("homePNA", 17),
    ("10Gbase-LR", 18), ("10Gbase-SR", 19), ("10Gbase-CX4", 20), ("2500BaseSX", 21),
    ("10Gbase-Twinax", 22), ("10Gbase-Twinax-Long", 23), ("10Gbase-LRM", 24), ("Unknown", 25),
    ("10Gbase-T", 26),
  ]

  /// Other words for subtypes, which are read only.
  private static let aliases: [(word: String, subtype: UInt32)] = [
    ("auto", MediaWord.IFM_AUTO), ("UTP", MediaWord.IFM_10_T), ("10UTP", MediaWord.IFM_10_T),
    ("BNC", 4), ("10BNC", 4), ("AUI", 5), ("10AUI", 5), ("100TX", MediaWord.IFM_100_TX),
    ("100T4", 8), ("100VG", 9), ("100T2", 10), ("10STP", 12), ("10FL", 13), ("1000SX", 11),
    ("1000LX", 14), ("1000CX", 15), ("1000baseTX", MediaWord.IFM_1000_T),
    ("1000TX", MediaWord.IFM_1000_T), ("1000T", MediaWord.IFM_1000_T), ("2500SX", 21),
  ]

  static let options: [(word: String, bit: UInt32)] = [
    ("full-duplex", MediaWord.IFM_FDX), ("half-duplex", MediaWord.IFM_HDX),
    ("flag0", 0x0100_0000), ("flag1", 0x0200_0000), ("flag2", 0x0400_0000),
    ("hw-loopback", 0x0800_0000),
  ]

  /// The subtype of a word, in letters of either case.
  static func subtype(_ word: String) -> UInt32? {
    (subtypes + aliases).first { $0.word.lowercased() == word.lowercased() }?.subtype
  }

  /// The options of words between commas. An unknown one stands for all bits: C lets its -1 pass, and
  /// the kernel then finds no such medium.
  static func options(_ words: String) -> UInt32 {
    words.split(separator: ",").reduce(0) { bits, word in
      bits | (options.first { $0.word == word.lowercased() }?.bit ?? .max)
    }
  }
}

extension MediaReport {
  /// The lines of a listing (`media_status`).
  func lines(showsAll: Bool) -> [String] {
    var line = "\tmedia: Ethernet \(current.face)"
    if current.instance != 0 { line += " instance \(current.instance)" }
    if active != current { line += " (\(active.face))" }
    let lines = [line, "\tstatus: \(isActive ? "active" : "no carrier")"]
    guard showsAll else { return lines }
    return lines + ["\tsupported media:"] + supported.map { "\t\t\($0.parameters)" }
  }
}

extension MediaWord {
  /// Subtype and options as a listing shows them (`print_media_word`).
  fileprivate var face: String {
    options.isEmpty ? subtypeWord : "\(subtypeWord) <\(options.joined(separator: ","))>"
  }

  /// The same as a command would say it (`print_media_word_ifconfig`).
  fileprivate var parameters: String {
    (["media \(subtypeWord)"] + options.map { "mediaopt \($0)" }).joined(separator: " ")
  }

  private var subtypeWord: String {
    MediaWords.subtypes.first { $0.subtype == subtype }?.word ?? "<unknown subtype>"
  }

  private var options: [String] {
    MediaWords.options.filter { rawValue & $0.bit != 0 }.map(\.word)
  }
}
