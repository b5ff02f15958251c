// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// A packet as the words of `inject` and `trace` describe it.
///
/// What was not given is nil; `check` refuses what is missing or contradicts itself, and
/// `PacketBuilder` fills in the rest.
struct PacketSpec: Sendable {
  /// Where the packet comes from.
  enum Door: Hashable, Sendable {
    /// An interface receives it.
    case receive(InterfaceIndex)
    /// A local process sends it.
    case send
  }

  /// What the packet is made of.
  enum Body: Hashable, Sendable {
    case ip(IPProtocol)
    case arp(ARPOperation)
    /// An IP packet as bytes.
    case packet([UInt8])
    /// An Ethernet frame as bytes.
    case frame([UInt8])
  }

  var door: Door?
  var body: Body?
  var source: IPv4Address?
  var sourcePort: UInt16?
  var destination: IPv4Address?
  var destinationPort: UInt16?
  var ttl: UInt8?
  var tos: UInt8?
  var identification: UInt16?
  var dontFragment = false
  var moreFragments = false
  var fragmentOffset: Int?
  var options: [UInt8]?
  var hasBadChecksum = false
  /// Bytes behind the transport header.
  var length: Int?
  var payload: [UInt8]?
  var icmpType: UInt8?
  var icmpCode: UInt8?
  var icmpIdentifier: UInt16?
  var icmpSequence: UInt16?
  var tcpFlags: TCPFlags?
  var sequence: UInt32?
  var acknowledgement: UInt32?
  var window: UInt16?
  var fib: FibNumber?
  var flowID: UInt32?
  var cpu: Int?
  var hardwareSource: EthernetAddress?
  var hardwareDestination: EthernetAddress?
  /// What a sending process asks of its socket.
  var socketFlags: OutputFlags = []
  /// The keywords that were given, in order.
  private(set) var given: [String] = []

  /// Notes that a keyword was given; twice is a contradiction.
  mutating func note(_ word: String) throws(Fault) {
    guard !given.contains(word) else { throw .refused("\(word) is given twice") }
    given.append(word)
  }

  /// Sets what the packet is; a second kind is a contradiction.
  mutating func become(_ body: Body, _ word: String) throws(Fault) {
    guard self.body == nil else { throw .refused("\(word): the packet is something else already") }
    self.body = body
    try note(word)
  }

  /// Sets where the packet comes from; a second place is a contradiction.
  mutating func come(by door: Door, _ word: String) throws(Fault) {
    guard self.door == nil else {
      throw .refused("\(word): a packet is received on one interface, or sent")
    }
    self.door = door
    try note(word)
  }
}

/// The checks before a packet is made.
extension PacketSpec {
  /// The keywords that describe headers, which bytes given as they are have already.
  private static let headerWords = [
    "from", "to", "ttl", "tos", "id", "df", "mf", "frag", "options", "badsum", "len", "payload",
  ]
  private static let icmpWords = ["icmptype", "icmpcode", "icmpid", "icmpseq"]
  private static let tcpWords = ["tcpflags", "seq", "ack", "win"]
  private static let socketWords = ["broadcast", "dontroute"]

  /// Refuses a packet that is vague or contradicts itself, saying what is missing or too much.
  func check() throws(Fault) {
    guard let body else {
      throw .refused("no packet: say udp, tcp, icmp, proto, arp, hex or frame")
    }
    guard let door else {
      throw .refused("no way in: say 'recv interface', or 'send' for a packet of this host")
    }
    if door == .send {
      try refuse(["src", "dst"], "a process that sends does not write the frame")
      try refuse(["flowid"], "a card makes it of what it receives")
    } else {
      try refuse(Self.socketWords, "is for 'send'")
    }
    switch body {
    case .frame:
      if door == .send { throw .refused("frame: a process sends packets; say 'recv interface'") }
      let words = Self.headerWords + Self.icmpWords + Self.tcpWords + ["src", "dst"]
      try refuse(words, "the frame's bytes say that already")
    case .packet:
      let words = Self.headerWords + Self.icmpWords + Self.tcpWords
      try refuse(words, "the packet's bytes say that already")
    case .arp:
      if door == .send { throw .refused("arp: only received; say 'recv interface'") }
      let own = Self.headerWords.filter { $0 != "from" && $0 != "to" }
      try refuse(own + Self.icmpWords + Self.tcpWords, "is not part of ARP")
      guard source != nil, destination != nil else {
        throw .refused("arp needs 'from address' and 'to address'")
      }
      if sourcePort != nil || destinationPort != nil { throw .refused("ARP has no ports") }
    case .ip(let proto): try check(proto, door)
    }
  }

  private func check(_ proto: IPProtocol, _ door: Door) throws(Fault) {
    if source == nil, door != .send { throw .refused("no source: say 'from address'") }
    guard destination != nil else { throw .refused("no destination: say 'to address'") }
    let name = proto.name ?? "protocol \(proto.rawValue)"
    if proto != .icmp { try refuse(Self.icmpWords, "is part of icmp, the packet is \(name)") }
    if proto != .tcp { try refuse(Self.tcpWords, "is part of tcp, the packet is \(name)") }
    let isLater = (fragmentOffset ?? 0) > 0
    if isLater {
      try refuse(Self.icmpWords + Self.tcpWords, "a later fragment has no \(name) header")
    }
    let takesPorts = (proto == .udp || proto == .tcp) && !isLater
    if takesPorts {
      guard sourcePort != nil || door == .send else {
        throw .refused("no source port: say 'from address port'")
      }
      guard destinationPort != nil else {
        throw .refused("no destination port: say 'to address port'")
      }
    } else if sourcePort != nil || destinationPort != nil {
      throw .refused(isLater ? "a later fragment has no ports" : "\(name) has no ports")
    }
    if let payload, let length, length < payload.count {
      throw .refused("len \(length) is less than the \(payload.count) bytes of the payload")
    }
    if door == .send {
      try refuse(["badsum"], "the kernel makes the checksum of a packet that is sent")
      if proto == .udp {
        let words = ["id", "mf", "frag", "options"]
        try refuse(words, "the kernel writes it for a UDP socket; send the packet as hex")
      }
    }
  }

  private func refuse(_ words: [String], _ reason: String) throws(Fault) {
    if let word = given.first(where: words.contains) { throw .refused("\(word): \(reason)") }
  }
}

extension Fault {
  /// A description that does not say what to do.
  static func refused(_ message: String) -> Fault { .failed(message, status: 64) }
}
