// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Changes of words under an Internet checksum, added up (`ADJUST_CHECKSUM` of
/// netinet/libalias/alias_local.h, and `DifferentialChecksum` of alias_util.c, which does the same).
///
/// The words are taken as a little-endian machine reads them: the sign of the sum decides which of the
/// two zeros comes out.
struct ChecksumChange: BitwiseCopyable {
  private var sum: Int32 = 0

  /// A word that goes.
  mutating func remove(_ word: UInt16) { sum += Int32(word.byteSwapped) }
  /// A word that comes.
  mutating func add(_ word: UInt16) { sum -= Int32(word.byteSwapped) }

  mutating func replace(_ old: UInt16, _ new: UInt16) {
    remove(old)
    add(new)
  }

  mutating func replace(_ old: IPv4Address, _ new: IPv4Address) {
    replace(UInt16(old.rawValue >> 16), UInt16(new.rawValue >> 16))
    replace(
      UInt16(truncatingIfNeeded: old.rawValue), UInt16(truncatingIfNeeded: new.rawValue))
  }

  mutating func replace(_ old: Endpoint, _ new: Endpoint) {
    replace(old.port, new.port)
    replace(old.address, new.address)
  }

  /// The checksum after the changes.
  func applied(to checksum: UInt16) -> UInt16 {
    let total = sum + Int32(checksum.byteSwapped)
    var folded = total.magnitude
    folded = (folded >> 16) + (folded & 0xffff)
    folded += folded >> 16
    let word = UInt16(truncatingIfNeeded: folded).byteSwapped
    return total < 0 ? ~word : word
  }
}

/// The words of a packet in translation.
extension PacketStore {
  @inline(__always)
  func word(_ offset: Int, of packet: borrowing Packet) -> UInt16 {
    bytes(of: packet).uint16(at: offset)
  }

  @inline(__always)
  func address(_ offset: Int, of packet: borrowing Packet) -> IPv4Address {
    IPv4Address(rawValue: bytes(of: packet).uint32(at: offset))
  }

  @inline(__always)
  mutating func set(_ word: UInt16, at offset: Int, of packet: borrowing Packet) {
    var bytes = mutableBytes(of: packet)
    bytes.store(word, at: offset)
  }

  @inline(__always)
  mutating func set(_ octet: UInt8, at offset: Int, of packet: borrowing Packet) {
    var bytes = mutableBytes(of: packet)
    bytes.store(octet, at: offset)
  }

  @inline(__always)
  mutating func set(_ address: IPv4Address, at offset: Int, of packet: borrowing Packet) {
    var bytes = mutableBytes(of: packet)
    bytes.store(address.rawValue, at: offset)
  }

  /// Brings a checksum up to date.
  @inline(__always)
  mutating func adjust(
    _ offset: Int, of packet: borrowing Packet, by change: ChecksumChange
  ) {
    let checksum = change.applied(to: word(offset, of: packet))
    set(checksum, at: offset, of: packet)
  }

  /// Gives the IP header another address at one end, and brings its checksum up to date.
  mutating func readdress(
    _ end: PacketEnd, to address: IPv4Address, of packet: borrowing Packet
  ) {
    let offset = end == .source ? AliasOffset.source : AliasOffset.destination
    var change = ChecksumChange()
    change.replace(self.address(offset, of: packet), address)
    adjust(AliasOffset.checksum, of: packet, by: change)
    set(address, at: offset, of: packet)
  }
}

/// Where fields lie: of the IP header, and of the headers behind it from their own start.
enum AliasOffset {
  static let checksum = 10
  static let source = 12
  static let destination = 16
  static let tcpFlags = 13
  static let tcpChecksum = 16
  static let udpChecksum = 6
  static let icmpChecksum = 2
  static let icmpID = 4
  /// The packet that an ICMP error quotes.
  static let icmpQuote = 8
}
