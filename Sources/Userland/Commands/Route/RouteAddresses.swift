// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// Reading addresses (`getaddr()` of route.c).
extension RouteWords {
  /// A destination: `default`, a network with a length, a host or a network by its class.
  mutating func readDestination(_ text: String) throws(Fault) {
    (destinationWord, destinationEnd) = (text, nil)
    isHost = false
    if text == "default" {
      addresses.destination = try address(text)
      addresses.netmask = try mask(text)
      forcesNet = true
      return
    }
    switch readingFamily() {
    case .inet: try readInternet(text)
    case .inet6: try readInternet6(text)
    case .appleTalk:
      let address = try address(text)
      addresses.destination = address
      addresses.netmask = .empty
      if case .appleTalk(_, let node) = address { isHost = forcesHost || node != 0 }
    case .link:
      addresses.destination = try address(text)
      isHost = true
    }
  }

  private mutating func readInternet(_ text: String) throws(Fault) {
    let bytes = text.utf8.span
    if let slash = bytes.indices.first(where: { bytes[$0] == UInt8(ascii: "/") }),
      let network = Self.network(text, end: slash)
    {
      destinationEnd = slash
      let length = Self.shortNumber(bytes.extracting(slash + 1..<bytes.count))
      return setNetwork(
        network, length: length ?? CNumber(Substring(text.utf8.dropFirst(slash + 1))).unsigned)
    }
    if !forcesNet, let address = IPv4Address(inetAton: text) {
      guard !forcesHost, address & ~address.classfulMask == .any else {
        addresses.destination = .inet(address)
        isHost = true
        return
      }
      return setNetwork(address.rawValue, length: 0)
    }
    if !forcesHost, let network = IPv4Address.inetNetwork(text) {
      return setNetwork(network, length: 0)
    }
    guard let address = Hosts.address(named: text) else { throw RouteWords.badAddress(text) }
    addresses.destination = .inet(address)
    isHost = true
  }

  /// A number of one digit or two that C reads as a decimal, as most lengths are.
  private static func shortNumber(_ bytes: Span<UInt8>) -> UInt64? {
    guard (1...2).contains(bytes.count), bytes[0] != UInt8(ascii: "0") else { return nil }
    var number: UInt64 = 0
    for place in bytes.indices {
      guard (0x30...0x39).contains(bytes[place]) else { return nil }
      number = number * 10 + UInt64(bytes[place] - 0x30)
    }
    return number
  }

  /// A network number up to a place of the text, as inet_network() reads it; most are four decimal
  /// numbers.
  private static func network(_ text: String, end: Int) -> UInt32? {
    if let address = IPv4Address(plain: text.utf8.span.extracting(0..<end)), address != .broadcast {
      return address.rawValue
    }
    return IPv4Address.inetNetwork(Substring(text.utf8.prefix(end)))
  }

  /// A network number shifted to the left, with its mask (`inet_makenetandmask()`); length 0 stands
  /// for a mask up to the last byte that is not 0.
  private mutating func setNetwork(_ network: UInt32, length: UInt64) {
    let address: UInt32
    switch network {
    case 0...0xff: address = network << 24
    case 0x100...0xffff: address = network << 16
    case 0x1_0000...0xff_ffff: address = network << 8
    default: address = network
    }
    var length = length
    if length == 0, address != 0 { length = UInt64(32 - address.trailingZeroBitCount / 8 * 8) }
    // C shifts an unsigned long by 32 - length, of which the machine takes six bits.
    let shift = (32 &- length) & 63
    let mask = length == 0 ? 0 : UInt32(truncatingIfNeeded: UInt64(0xffff_ffff) << shift)
    addresses.netmask = .bareMask(IPv4Address(rawValue: mask))
    addresses.destination = .inet(IPv4Address(rawValue: address))
  }

  /// An IPv6 destination; without a length a global network is told by its 64 zeros
  /// (`inet6_makenetandmask()`).
  private mutating func readInternet6(_ text: String) throws(Fault) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let address = try RouteWords.internet6(String(parts[0]))
    addresses.destination = .inet6(address)
    var length = parts.count > 1 ? String(parts[1]) : nil
    if length == nil {
      let words = address.rawValue
      if words == .zero {
        length = "0"
      } else if words[0] >> 29 == 1, words[2] == 0, words[3] == 0 {
        length = "64"
      }
    }
    guard let length, length != "128" else {
      isHost = true
      return
    }
    _ = try setMask(length: length)
  }

  /// The length of a mask; as long as an address it stands for a host.
  mutating func readPrefixLength(_ text: String) throws(Fault) {
    isHost = try setMask(length: text)
    forcesNet = !isHost
  }

  /// Makes the mask of a length; returns whether it is all ones (`prefixlen()`).
  private mutating func setMask(length text: String) throws(Fault) -> Bool {
    let most: Int
    switch family {
    case .inet: most = 32
    case .inet6: most = 128
    default: throw .worded("prefixlen not supported in this af\n")
    }
    let length = Int(CNumber.atoi(text))
    guard (0...most).contains(length) else { throw .worded("\(text): bad value\n") }
    addresses.netmask =
      most == 32
      ? .inetMask(IPv4Prefix.mask(length: length)) : .inet6Mask(.mask(length: length))
    return length == most
  }

  /// A gateway: behind -interface an interface's name goes first.
  mutating func readGateway(_ text: String, _ session: Session) throws(Fault) {
    guard isDirect, let interface = session.findInterface(text) else {
      addresses.gateway = try address(text)
      return
    }
    family = family ?? .inet
    addresses.gateway = .link(session.kernel[session.vnet].linkAddress(of: interface))
  }

  /// An interface, as link_addr(3) reads its name.
  static func interface(_ text: String) -> RoutingAddress {
    var link = LinkAddress(length: 16)
    if text != "default" { link.name = String(text.prefix { $0 != ":" }) }
    return .link(link)
  }

  /// A mask that says its family.
  mutating func mask(_ text: String) throws(Fault) -> RoutingAddress {
    // What `default` means is nothing: a mask that was there before stays.
    if text == "default", let before = addresses.netmask?.ipv4 {
      family = family ?? .inet
      return .inetMask(before)
    }
    let mask = try address(text)
    return switch mask {
    case .inet(let mask): .inetMask(mask)
    case .inet6(let mask): .inet6Mask(mask)
    default: mask
    }
  }

  /// An address of the family that was asked for, which is no destination.
  mutating func address(_ text: String) throws(Fault) -> RoutingAddress {
    let family = readingFamily()
    if text == "default" {
      return switch family {
      case .inet: .inet(.any)
      case .inet6: .inet6(IPv6Address(rawValue: .zero))
      case .appleTalk: .appleTalk(net: 0, node: 0)
      case .link: .link(LinkAddress())
      }
    }
    switch family {
    case .inet:
      guard let address = IPv4Address(host: text) else { throw RouteWords.badAddress(text) }
      return .inet(address)
    case .inet6: return .inet6(try RouteWords.internet6(text))
    case .appleTalk:
      let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let net = UInt16(exactly: CNumber(parts[0], base: 10).signed),
        CNumber.hasDigit(parts[0]), CNumber.hasDigit(parts[1]),
        let node = UInt8(exactly: CNumber(parts[1], base: 10).signed)
      else { throw RouteWords.badAddress(text) }
      return .appleTalk(net: net, node: node)
    case .link:
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      return .link(LinkAddress(name: String(parts[0])))
    }
  }

  /// The first address that is read settles the family.
  private mutating func readingFamily() -> Family {
    let family = family ?? .inet
    self.family = family
    return family
  }

  private static func internet6(_ text: String) throws(Fault) -> IPv6Address {
    guard let address = IPv6Address(text) else {
      throw .worded("\(text): hostname nor servname provided, or not known\n")
    }
    return address
  }

  private static func badAddress(_ text: String) -> Fault {
    .failed("bad address: \(text)", status: 68)
  }
}
