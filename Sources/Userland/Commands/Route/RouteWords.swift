// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What the words behind `route add` and its like ask for (`newroute()` of route.c).
///
/// The order of the words matters: -net, -host and -interface act on the words behind them.
struct RouteWords {
  /// The words of the answer, as typed; of the destination without its length.
  var destinationText = ""
  var gatewayText = ""
  var destination: IPv4Address?
  /// Whether it is a host's route in the end.
  var isHost = false

  var mask: IPv4Address?
  var gateway: Gateway?
  var flags: RouteFlags = .RTF_STATIC
  var isDirect = false
  var forcesNet = false
  var forcesHost = false
  var interface: InterfaceIndex?
  var sourceAddress: IPv4Address?
  var mtu: UInt32?
  var weight: UInt32?
  var expire: UInt64?

  /// Reads the words behind the command's verb.
  init(_ words: ArraySlice<String>, _ session: Session) throws(Fault) {
    try RouteWords.table.parse(words, into: &self, session, missing: { _, _ in .usage() }) {
      asked, rest throws(Fault) in
      guard let word = rest.popFirst() else { return }
      guard !word.hasPrefix("-") else { throw .usage("bad keyword: \(word.dropFirst())") }
      if asked.destination == nil {
        try asked.readDestination(word)
      } else if asked.gateway == nil {
        asked.gatewayText = word
        try asked.readGateway(word, session)
      } else {
        asked.mask = try RouteWords.address(word)
        asked.forcesNet = true
      }
    }
    if forcesHost { isHost = true }
    if forcesNet { isHost = false }
  }

  /// The message to the kernel; nil where no destination was named.
  var message: RouteMessage? {
    guard let destination else { return nil }
    var message = RouteMessage(destination: destination, mask: mask, gateway: gateway)
    message.flags = flags.union(.RTF_UP)
    if isHost { message.flags.insert(.RTF_HOST) }
    if !isDirect { message.flags.insert(.RTF_GATEWAY) }
    message.interface = interface
    message.sourceAddress = sourceAddress
    message.mtu = mtu
    message.weight = weight
    message.expire = expire
    return message
  }
}

/// Reading addresses (`getaddr()` of route.c).
extension RouteWords {
  /// A destination: `default`, a network with a length, a host or a network by its class.
  mutating func readDestination(_ text: String) throws(Fault) {
    destinationText = text
    isHost = false
    if text == "default" {
      destination = .any
      mask = .any
      forcesNet = true
      return
    }
    if let slash = text.firstIndex(of: "/"),
      let network = IPv4Address.inetNetwork(text[..<slash])
    {
      destinationText = String(text[..<slash])
      let length = CNumber(text[text.index(after: slash)...]).unsigned
      return setNetwork(network, length: length)
    }
    if !forcesNet, let address = IPv4Address(inetAton: text) {
      guard !forcesHost, address & ~address.classfulMask == .any else {
        destination = address
        isHost = true
        return
      }
      return setNetwork(address.rawValue, length: 0)
    }
    guard !forcesHost, let network = IPv4Address.inetNetwork(text) else {
      throw RouteWords.badAddress(text)
    }
    setNetwork(network, length: 0)
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
    mask = IPv4Address(rawValue: UInt32(truncatingIfNeeded: UInt64(0xffff_ffff) << shift))
    destination = IPv4Address(rawValue: address)
  }

  /// A gateway: behind -interface an interface's name goes first.
  mutating func readGateway(_ text: String, _ session: Session) throws(Fault) {
    if isDirect, let interface = session.findInterface(text) {
      gateway = .link(interface)
    } else {
      gateway = .address(try RouteWords.address(text))
    }
  }

  /// An address that is no destination.
  static func address(_ text: String) throws(Fault) -> IPv4Address {
    if text == "default" { return .any }
    guard let address = IPv4Address(inetAton: text) else { throw badAddress(text) }
    return address
  }

  private static func badAddress(_ text: String) -> Fault {
    .failed("bad address: \(text)", status: 68)
  }
}
