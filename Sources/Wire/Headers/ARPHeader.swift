// SPDX-License-Identifier: BSD-2-Clause

/// What an ARP packet asks or tells.
public struct ARPOperation: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  public var rawValue: UInt16

  /// Wraps any number.
  @inlinable public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  @inlinable public static var request: Self { Self(rawValue: 1) }
  @inlinable public static var reply: Self { Self(rawValue: 2) }
  @inlinable public static var reverseRequest: Self { Self(rawValue: 3) }
  @inlinable public static var reverseReply: Self { Self(rawValue: 4) }
  @inlinable public static var inverseRequest: Self { Self(rawValue: 8) }
  @inlinable public static var inverseReply: Self { Self(rawValue: 9) }
  @inlinable public static var nack: Self { Self(rawValue: 10) }
}

/// The first 8 bytes of an ARP packet, `struct arphdr`, which say how long the addresses are.
public struct ARPFixedHeader: Hashable, BitwiseCopyable, Sendable {
  public var hardwareType: UInt16
  public var protocolType: EtherType
  public var hardwareLength: UInt8
  public var protocolLength: UInt8
  public var operation: ARPOperation

  /// The bytes before the addresses.
  public static let size = 8
  /// ARPHRD_ETHER.
  public static let ethernet: UInt16 = 1

  /// Makes a header from its fields; those left out are Ethernet's and IPv4's.
  @inlinable public init(
    hardwareType: UInt16 = ethernet, protocolType: EtherType = .ipv4, hardwareLength: UInt8 = 6,
    protocolLength: UInt8 = 4, operation: ARPOperation
  ) {
    self.hardwareType = hardwareType
    self.protocolType = protocolType
    self.hardwareLength = hardwareLength
    self.protocolLength = protocolLength
    self.operation = operation
  }

  /// Reads the header at the front; nil if the bytes are too few.
  @inlinable public init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.size else { return nil }
    hardwareType = bytes.uint16(at: 0)
    protocolType = EtherType(rawValue: bytes.uint16(at: 2))
    hardwareLength = bytes.uint8(at: 4)
    protocolLength = bytes.uint8(at: 5)
    operation = ARPOperation(rawValue: bytes.uint16(at: 6))
  }

  /// Writes the header at the offset, where it must fit.
  @inlinable public func write(into bytes: inout MutableRawSpan, at offset: Int) {
    bytes.store(hardwareType, at: offset)
    bytes.store(protocolType.rawValue, at: offset + 2)
    bytes.store(hardwareLength, at: offset + 4)
    bytes.store(protocolLength, at: offset + 5)
    bytes.store(operation.rawValue, at: offset + 6)
  }

  /// Whether the addresses are Ethernet's and IPv4's, so that `ARPHeader` reads them right.
  @inlinable public var isEthernetIPv4: Bool {
    protocolType == .ipv4 && hardwareLength == 6 && protocolLength == 4
  }
}

/// An ARP packet for Ethernet and IPv4, `struct ether_arp` (RFC 826).
public struct ARPHeader: Hashable, BitwiseCopyable, Sendable {
  public var hardwareType: UInt16
  public var protocolType: EtherType
  public var hardwareLength: UInt8
  public var protocolLength: UInt8
  public var operation: ARPOperation
  public var senderHardware: EthernetAddress
  public var senderProtocol: IPv4Address
  public var targetHardware: EthernetAddress
  public var targetProtocol: IPv4Address

  /// The bytes with addresses of 6 and 4 bytes.
  public static let size = 28

  /// Makes a packet from its fields; those left out are Ethernet's and IPv4's.
  @inlinable public init(
    hardwareType: UInt16 = ARPFixedHeader.ethernet, protocolType: EtherType = .ipv4,
    hardwareLength: UInt8 = 6, protocolLength: UInt8 = 4, operation: ARPOperation,
    senderHardware: EthernetAddress, senderProtocol: IPv4Address,
    targetHardware: EthernetAddress, targetProtocol: IPv4Address
  ) {
    self.hardwareType = hardwareType
    self.protocolType = protocolType
    self.hardwareLength = hardwareLength
    self.protocolLength = protocolLength
    self.operation = operation
    self.senderHardware = senderHardware
    self.senderProtocol = senderProtocol
    self.targetHardware = targetHardware
    self.targetProtocol = targetProtocol
  }

  /// Reads the packet at the front, whatever its length fields say; nil if the bytes are too few.
  @inlinable public init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.size, let fixed = ARPFixedHeader(bytes) else { return nil }
    self.init(
      hardwareType: fixed.hardwareType, protocolType: fixed.protocolType,
      hardwareLength: fixed.hardwareLength, protocolLength: fixed.protocolLength,
      operation: fixed.operation,
      senderHardware: EthernetAddress(rawValue: bytes.uint48(at: 8)),
      senderProtocol: IPv4Address(rawValue: bytes.uint32(at: 14)),
      targetHardware: EthernetAddress(rawValue: bytes.uint48(at: 18)),
      targetProtocol: IPv4Address(rawValue: bytes.uint32(at: 24)))
  }

  /// The first 8 bytes alone.
  @inlinable public var fixed: ARPFixedHeader {
    ARPFixedHeader(
      hardwareType: hardwareType, protocolType: protocolType, hardwareLength: hardwareLength,
      protocolLength: protocolLength, operation: operation)
  }

  /// Writes the packet at the offset, where it must fit.
  @inlinable public func write(into bytes: inout MutableRawSpan, at offset: Int) {
    fixed.write(into: &bytes, at: offset)
    bytes.store48(senderHardware.rawValue, at: offset + 8)
    bytes.store(senderProtocol.rawValue, at: offset + 14)
    bytes.store48(targetHardware.rawValue, at: offset + 18)
    bytes.store(targetProtocol.rawValue, at: offset + 24)
  }
}
