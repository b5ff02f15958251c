// SPDX-License-Identifier: BSD-2-Clause

/// The name of an interface, of 1 to 15 bytes, held inline so that tables of it stay plain.
public struct InterfaceName: Hashable, Comparable, BitwiseCopyable, Sendable {
  /// IFNAMSIZ less the NUL that ends the name in C.
  public static let maximumLength = 15

  /// The bytes, first highest, zeros behind: so that numbers order as names do.
  @usableFromInline let high: UInt64
  @usableFromInline let low: UInt64

  /// No name, for a place of a table that is free.
  public static var none: Self { Self(high: 0, low: 0) }

  private init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Takes a name of 1 to 15 bytes without NUL.
  public init?(_ text: some StringProtocol) {
    var words: (high: UInt64, low: UInt64) = (0, 0)
    var count = 0
    for byte in text.utf8 {
      guard byte != 0, count < Self.maximumLength else { return nil }
      let shift = UInt64(56 - 8 * (count % 8))
      if count < 8 {
        words.high |= UInt64(byte) << shift
      } else {
        words.low |= UInt64(byte) << shift
      }
      count += 1
    }
    guard count > 0 else { return nil }
    (high, low) = words
  }

  /// Makes the name of a driver's instance, as if_initname() does: `em`, 0 gives `em0`.
  public init?(prefix: some StringProtocol, unit: Int) {
    self.init("\(prefix)\(unit)")
  }

  /// The first seven bytes: what fits with its NUL behind an IPv4 address (`sin_zero`).
  public var truncated: Self { Self(high: high & ~0xff, low: 0) }

  /// The bytes without the zeros.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for word in [high, low] {
      for shift in stride(from: UInt64(56), through: 0, by: -8) {
        let byte = UInt8(truncatingIfNeeded: word >> shift)
        if byte != 0 { bytes.append(byte) }
      }
    }
    return bytes
  }

  /// A number that equal names share, and that few others have.
  @inlinable public var digest: UInt32 {
    let folded = high ^ low &* 31
    return UInt32(truncatingIfNeeded: folded ^ folded >> 32)
  }

  /// The first four bytes.
  @inlinable public var start: UInt32 { UInt32(truncatingIfNeeded: high >> 32) }

  /// The byte at a place, or 0 behind the name's end, as in a C string.
  public func byte(at place: Int) -> UInt8 {
    guard place >= 0 && place < 16 else { return 0 }
    let word = place < 8 ? high : low
    return UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (place % 8)))
  }

  /// What stands before the digits at the end: `em` of `em0`; all of a name without any.
  public var prefix: String {
    let bytes = bytes
    return String(decoding: bytes.prefix(bytes.count - unitLength), as: UTF8.self)
  }

  /// The digits at the end as a number: 0 of `em0`; nil without any.
  public var unit: Int? {
    Int(String(decoding: bytes.suffix(unitLength), as: UTF8.self))
  }

  private var unitLength: Int {
    bytes.reversed().prefix { $0.isDigit }.count
  }

  /// Orders names as strcmp() does.
  public static func < (left: Self, right: Self) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

extension InterfaceName: CustomStringConvertible {
  /// The name.
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}
