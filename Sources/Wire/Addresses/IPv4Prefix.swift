// SPDX-License-Identifier: BSD-2-Clause

/// A network: an address of which the first `length` bits count.
public struct IPv4Prefix: Hashable, BitwiseCopyable, Sendable {
  /// As given; host bits are kept, so that `10.0.0.1/24` can name an interface's address too.
  public var address: IPv4Address
  /// 0 to 32.
  public let length: Int

  /// Makes a prefix; a length outside 0 to 32 is a broken invariant.
  @inlinable public init(_ address: IPv4Address, length: Int) {
    precondition(length >= 0 && length <= 32, "a prefix length is 0 to 32")
    self.address = address
    self.length = length
  }

  /// The netmask of the prefix.
  @inlinable public var mask: IPv4Address { Self.mask(length: length) }

  /// Whether the address lies in the network.
  @inlinable public func contains(_ other: IPv4Address) -> Bool {
    (address.rawValue ^ other.rawValue) & mask.rawValue == 0
  }

  /// The mask with `length` one bits in front, 0 to 32.
  @inlinable public static func mask(length: Int) -> IPv4Address {
    precondition(length >= 0 && length <= 32, "a prefix length is 0 to 32")
    return IPv4Address(rawValue: ~(UInt32.max >> UInt32(truncatingIfNeeded: length)))
  }
}

extension IPv4Prefix: CustomStringConvertible {
  /// The address and the length: `10.0.0.0/24`.
  public var description: String { "\(address)/\(length)" }
}
