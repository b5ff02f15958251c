// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What the firewall knows of an IPv6 packet besides its addresses; all 0 for any other.
struct IPv6Facts: BitwiseCopyable {
  /// The bytes that every packet begins with (`struct ip6_hdr`).
  static let headerSize = 40

  /// A bit for each extension header (`ext_hd`, `EXT_`).
  var extensionHeaders: UInt16 = 0
  /// Offset and flags of the fragment header, if it is a fragment: not 0 even of a first one.
  var fragment: UInt16 = 0
  var fragmentID: UInt32 = 0
  /// Where the header behind them begins.
  var transport: UInt16 = 0
  /// What an IPv4 header has its length in: here a part of the traffic class.
  var headerWords: UInt8 = 0
  /// What a flow is known by: of later fragments too, whatever it is that they have there.
  var sourcePort: UInt16 = 0
  var destinationPort: UInt16 = 0
  /// The TCP flags, or the type of an ICMPv6 message.
  var flags: UInt8 = 0

  /// The offset in bytes, and whether more follow (`IP6F_OFF_MASK`, `IP6F_MORE_FRAG`).
  var offset: UInt16 { fragment & 0xfff8 }
  var moreFragments: Bool { fragment & 1 != 0 }
}

/// The bits of extension headers (`EXT_` of netinet/ip_fw.h).
private enum ExtensionBit {
  static let fragment: UInt16 = 0x1
  static let hopOptions: UInt16 = 0x2
  static let routing: UInt16 = 0x4
  static let authentication: UInt16 = 0x8
  static let payload: UInt16 = 0x10
  static let destinationOptions: UInt16 = 0x20
  static let routing0: UInt16 = 0x40
  static let routing2: UInt16 = 0x80
}

/// The walk over an IPv6 packet's headers to the one of its transport protocol.
struct HeaderWalk: BitwiseCopyable {
  enum Step: BitwiseCopyable {
    case goesOn, ends
    /// There are fewer bytes than the header has.
    case isShort
    /// An announcement of CARP that is none.
    case refused
    case unknownRouting(UInt8)
    case badFragment
    case unknownHeader
  }

  /// The header that is next, and where it begins.
  private(set) var proto: UInt8
  private(set) var offset = IPv6Facts.headerSize
  private(set) var facts = IPv6Facts()

  init(_ bytes: RawSpan) {
    proto = bytes.uint8(at: 6)
    facts.headerWords = bytes.uint8(at: 0) & 0xf
  }

  /// Looks at one header. Each has a length, so that the walk ends with the packet.
  mutating func step(_ bytes: RawSpan) -> Step {
    facts.transport = UInt16(truncatingIfNeeded: offset)
    if proto == 59 { return .ends }
    guard let size = HeaderWalk.size(of: proto) else { return .unknownHeader }
    guard offset + size <= bytes.byteCount else { return .isShort }
    let start = offset
    switch proto {
    case 0:
      facts.extensionHeaders |= ExtensionBit.hopOptions
      pass(bytes, length: Int(bytes.uint8(at: start + 1)) * 8 + 8)
    case 60:
      facts.extensionHeaders |= ExtensionBit.destinationOptions
      pass(bytes, length: Int(bytes.uint8(at: start + 1)) * 8 + 8)
    case 43:
      switch bytes.uint8(at: start + 2) {
      case 0: facts.extensionHeaders |= ExtensionBit.routing0
      case 2: facts.extensionHeaders |= ExtensionBit.routing2
      case let type: return .unknownRouting(type)
      }
      facts.extensionHeaders |= ExtensionBit.routing
      pass(bytes, length: Int(bytes.uint8(at: start + 1)) * 8 + 8)
    case 44:
      facts.extensionHeaders |= ExtensionBit.fragment
      // The two bits between offset and flag are reserved.
      facts.fragment = bytes.uint16(at: start + 2) & 0xfff9
      guard facts.fragment != 0 else { return .badFragment }
      facts.fragmentID = bytes.uint32(at: start + 4)
      pass(bytes, length: 8)
    case 51:
      facts.extensionHeaders |= ExtensionBit.authentication
      pass(bytes, length: Int(bytes.uint8(at: start + 1)) * 4 + 8)
    case 112 where bytes.uint8(at: start) != 0x21: return .refused
    default:
      if proto == 50 { facts.extensionHeaders |= ExtensionBit.payload }
      readTransport(bytes)
      return .ends
    }
    return .goesOn
  }

  /// Goes on to the header that the one here names.
  private mutating func pass(_ bytes: RawSpan, length: Int) {
    proto = bytes.uint8(at: offset)
    offset += length
  }

  private mutating func readTransport(_ bytes: RawSpan) {
    switch proto {
    case 6, 17, 132:
      facts.sourcePort = bytes.uint16(at: offset)
      facts.destinationPort = bytes.uint16(at: offset + 2)
      if proto == 6 { facts.flags = bytes.uint8(at: offset + 13) }
    case 58: facts.flags = bytes.uint8(at: offset)
    default: break
    }
  }

  /// How much of a header must be there; nil for what is none that is known.
  private static func size(of proto: UInt8) -> Int? {
    switch proto {
    case 0, 51, 60, 89: 2
    case 43, 50, 103: 4
    case 17, 44, 58: 8
    case 132: 12
    case 4, 6: 20
    case 112: 36
    case 41: 40
    default: nil
    }
  }
}

extension Vnet {
  /// Finds the transport header of an IPv6 packet; false where the packet is denied, which the
  /// console is told.
  ///
  /// Headers that nobody knows are always denied: `net.inet6.ip6.fw.deny_unknown_exthdrs`, which 8.0
  /// has at 1, is not there.
  @inline(never)
  mutating func walkHeaders(
    _ facts: inout PacketFacts, _ packet: borrowing Packet, _ machine: inout Machine
  ) -> Bool {
    var walk = HeaderWalk(machine.store.bytes(of: packet))
    while true {
      switch walk.step(machine.store.bytes(of: packet)) {
      case .goesOn: continue
      case .ends:
        facts.take(walk, machine.store.bytes(of: packet))
        return true
      case .isShort: if sysctl.fwVerbose { machine.log("ipfw: pullup failed") }
      case .refused: break
      case .unknownRouting(let type):
        machine.log("IPFW2: IPV6 - Unknown Routing Header type(\(type))")
      case .badFragment: machine.log("IPFW2: IPV6 - Invalid Fragment Header")
      case .unknownHeader:
        let bits = String(walk.facts.extensionHeaders, radix: 16)
        machine.log("IPFW2: IPV6 - Unknown Extension Header(\(walk.proto)), ext_hd=\(bits)")
      }
      return false
    }
  }

  /// Whether an address of an IPv6 packet lies in one of the networks: pairs of address and mask.
  func isIn(
    _ words: WordRange, of rule: Firewall.Rule, _ end: PacketEnd, _ bytes: RawSpan
  ) -> Bool {
    let first = Int(rule.firstWord) + Int(words.start)
    for pair in stride(from: first, to: first + Int(words.count), by: 8) {
      var isInside = true
      for word in 0..<4 {
        let masked = bytes.address6(end, word: word) & firewall.words[pair + 4 + word]
        isInside = isInside && masked == firewall.words[pair + word]
      }
      if isInside { return true }
    }
    return false
  }

  /// Whether an IPv6 packet comes from the loopback address or a link-local one (`in6_localaddr`): no
  /// interface has another.
  func isLocalAddress6(_ bytes: RawSpan) -> Bool {
    let first = bytes.address6(.source, word: 0)
    let middle = bytes.address6(.source, word: 1) | bytes.address6(.source, word: 2)
    return first & 0xffc0_0000 == 0xfe80_0000
      || first | middle == 0 && bytes.address6(.source, word: 3) == 1
  }

  /// Whether an address of an IPv6 packet is the one that four words make.
  func isAddress6(
    _ words: WordRange, of rule: Firewall.Rule, _ end: PacketEnd, _ bytes: RawSpan
  ) -> Bool {
    for word in 0..<4
    where bytes.address6(end, word: word)
      != firewall.words[Int(rule.firstWord) + Int(words.start) + word]
    { return false }
    return true
  }
}

extension RawSpan {
  /// A word of an address in the header of an IPv6 packet.
  @inline(__always)
  func address6(_ end: PacketEnd, word: Int) -> UInt32 {
    uint32(at: (end == .source ? 8 : 24) + 4 * word)
  }
}
