// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// The words that describe a packet, for `inject` and `trace`: parser, manual and candidates.
enum PacketGrammar {
  /// The table.
  static let table = KeywordTable<Session, PacketSpec>("packet", rows)

  /// Reads a whole description; a word that is no keyword is refused.
  static func parse(_ words: ArraySlice<String>, _ session: Session) throws(Fault) -> PacketSpec {
    let spec = try read(words, session)
    try spec.check()
    return spec
  }

  private static func read(
    _ words: ArraySlice<String>, _ session: Session
  ) throws(Fault) -> PacketSpec {
    var spec = PacketSpec()
    let rest = try table.parse(
      words, into: &spec, session,
      missing: { row, name in
        .refused("\(name) needs \(row.operands.map(\.name).joined(separator: " "))")
      },
      positional: { _, _ in })
    if let word = rest.first { throw .refused("\(word): not part of a packet's description") }
    return spec
  }

  /// Reads where the packets of a capture arrive: `recv interface [fib n]`.
  static func parseArrival(
    _ words: ArraySlice<String>, _ session: Session
  ) throws(Fault) -> (interface: InterfaceIndex, fib: FibNumber?) {
    let spec = try read(words, session)
    if let word = spec.given.first(where: { $0 != "recv" && $0 != "fib" }) {
      throw .refused("\(word): a capture's packets are as they are")
    }
    guard case .receive(let interface) = spec.door else {
      throw .refused("a capture arrives on an interface: say 'recv interface'")
    }
    guard session.interface(interface).type == .ethernet else {
      throw .refused("\(session.name(of: interface)) receives no frames")
    }
    return (interface, spec.fib)
  }

  private static let rows: [Keyword<Session, PacketSpec>] =
    doors + kinds + ends + header + transport + link

  private static var doors: [Keyword<Session, PacketSpec>] {
    [
      Keyword("recv", operands: [.interface()], help: "An interface receives the packet.") {
        spec, words, session throws(Fault) in
        guard let index = session.findInterface(words[0]) else {
          throw .failed("interface \(words[0]) does not exist")
        }
        try spec.come(by: .receive(index), "recv")
      },
      Keyword(
        "send",
        help: "A process of this host sends the packet: udp on a UDP socket, else on a raw one."
      ) { spec, _, _ throws(Fault) in try spec.come(by: .send, "send") },
    ]
  }

  private static var kinds: [Keyword<Session, PacketSpec>] {
    let named: [(String, IPProtocol)] = [
      ("udp", .udp), ("tcp", .tcp), ("icmp", .icmp), ("igmp", .igmp), ("gre", .gre),
    ]
    let protocols = named.map { name, number in
      Keyword<Session, PacketSpec>(name, help: "The packet is \(name).") {
        spec, _, _ throws(Fault) in try spec.become(.ip(number), name)
      }
    }
    let others: [Keyword<Session, PacketSpec>] = [
      Keyword(
        "proto", operands: [Source("protocol", "A name or number.")],
        help: "The packet is of this protocol."
      ) { spec, words, _ throws(Fault) in
        guard let number = IPProtocol(word: words[0]) else {
          throw .refused("bad protocol: \(words[0])")
        }
        try spec.become(.ip(number), "proto")
      },
      Keyword(
        "arp",
        operands: [Source("operation", "What it says.", kind: .literal(["request", "reply"]))],
        help: "The packet is ARP; 'from' is who has 'src', 'to' is who is asked for or answered."
      ) { spec, words, _ throws(Fault) in
        switch words[0] {
        case "request": try spec.become(.arp(.request), "arp")
        case "reply": try spec.become(.arp(.reply), "arp")
        default: throw .refused("bad operation: \(words[0]) (request or reply)")
        }
      },
      Keyword("hex", operands: [Source("bytes")], help: "The packet is these bytes, IP header on.")
      {
        spec, words, _ throws(Fault) in
        try spec.become(.packet(try hex(words[0], "hex")), "hex")
      },
      Keyword("frame", operands: [Source("bytes")], help: "The frame is these bytes.") {
        spec, words, _ throws(Fault) in
        try spec.become(.frame(try hex(words[0], "frame")), "frame")
      },
    ]
    return protocols + others
  }

  private static var ends: [Keyword<Session, PacketSpec>] {
    let port = Source<Session>("port", "A port of udp or tcp.").optional
    return [
      .taking(
        "from", operands: [Source("address"), port],
        help: "The source; a packet that is sent may leave it to the kernel.",
        apply: { spec, rest, _ throws(Fault) in
          try spec.note("from")
          let (address, port) = try end(&rest)
          spec.source = address
          spec.sourcePort = port
        }),
      .taking(
        "to", operands: [Source("address"), port], help: "The destination.",
        apply: { spec, rest, _ throws(Fault) in
          try spec.note("to")
          let (address, port) = try end(&rest)
          spec.destination = address
          spec.destinationPort = port
        }),
    ]
  }

  private static var header: [Keyword<Session, PacketSpec>] {
    [
      number("ttl", 0...255, "The time to live; else 64.") { $0.ttl = UInt8($1) },
      number("tos", 0...255, "The type of service; else 0.") { $0.tos = UInt8($1) },
      number("id", 0...65_535, "The identification; else 1, or the kernel's.") {
        $0.identification = UInt16($1)
      },
      flag("df", "Must not be fragmented.") { $0.dontFragment = true },
      flag("mf", "More fragments follow.") { $0.moreFragments = true },
      Keyword(
        "frag", operands: [Source("offset", "In bytes, a multiple of 8.")],
        help: "The packet is a fragment from this offset on."
      ) { spec, words, _ throws(Fault) in
        try spec.note("frag")
        let offset = try number("frag", words[0], 0...65_528)
        guard offset % 8 == 0 else { throw .refused("frag \(offset): not a multiple of 8") }
        spec.fragmentOffset = offset
      },
      Keyword("options", operands: [Source("bytes")], help: "The IP options, padded to words.") {
        spec, words, _ throws(Fault) in
        try spec.note("options")
        let bytes = try hex(words[0], "options")
        guard bytes.count <= 40 else { throw .refused("options: more than 40 bytes") }
        spec.options = bytes
      },
      flag("badsum", "The header's checksum is wrong.") { $0.hasBadChecksum = true },
    ]
  }

  private static var transport: [Keyword<Session, PacketSpec>] {
    [
      number("len", 0...65_535, "The bytes behind the udp, tcp or icmp header.") { $0.length = $1 },
      Keyword(
        "payload", operands: [Source("bytes")],
        help: "What these bytes are; zeros follow if 'len' is more."
      ) { spec, words, _ throws(Fault) in
        try spec.note("payload")
        spec.payload = try hex(words[0], "payload")
      },
      number("icmptype", 0...255, "The ICMP type; else 8, an echo request.") {
        $0.icmpType = UInt8($1)
      },
      number("icmpcode", 0...255, "The ICMP code; else 0.") { $0.icmpCode = UInt8($1) },
      number("icmpid", 0...65_535, "The ICMP identifier; else 0.") {
        $0.icmpIdentifier = UInt16($1)
      },
      number("icmpseq", 0...65_535, "The ICMP sequence number; else 0.") {
        $0.icmpSequence = UInt16($1)
      },
      Keyword(
        "tcpflags", operands: [Source("list", "Of \(flagNames.joined(separator: ", ")).")],
        help: "The TCP flags with commas between them; else syn."
      ) { spec, words, _ throws(Fault) in
        try spec.note("tcpflags")
        spec.tcpFlags = try tcpFlags(words[0])
      },
      number("seq", 0...Int(UInt32.max), "The TCP sequence number; else 0.") {
        $0.sequence = UInt32($1)
      },
      number("ack", 0...Int(UInt32.max), "The TCP acknowledgement; else 0.") {
        $0.acknowledgement = UInt32($1)
      },
      number("win", 0...65_535, "The TCP window; else 65535.") { $0.window = UInt16($1) },
    ]
  }

  private static var link: [Keyword<Session, PacketSpec>] {
    [
      Keyword(
        "fib", operands: [.fib()],
        help: "The forwarding table: of the socket, or stamped on arrival."
      ) { spec, words, session throws(Fault) in
        try spec.note("fib")
        let fib = try number("fib", words[0], 0...session.fibCount - 1)
        spec.fib = FibNumber(rawValue: UInt8(fib))
      },
      number("flowid", 0...Int(UInt32.max), "The flow that the card makes of it.") {
        $0.flowID = UInt32($1)
      },
      Keyword(
        "cpu", operands: [Source("n")],
        help: "The CPU that the card interrupts, or the process runs on; else 0."
      ) { spec, words, session throws(Fault) in
        try spec.note("cpu")
        let last = session.kernel.machine.options.numberOfCPUs - 1
        spec.cpu = try number("cpu", words[0], 0...last)
      },
      Keyword(
        "src", operands: [Source("mac")], help: "The frame's source; else made of the IP source."
      ) { spec, words, _ throws(Fault) in
        try spec.note("src")
        spec.hardwareSource = try hardwareAddress(words[0])
      },
      Keyword(
        "dst", operands: [Source("mac", "Or bcast.", kind: .values { _ in [Candidate("bcast")] })],
        help: "The frame's destination; else the interface, or the group of the IP destination."
      ) { spec, words, _ throws(Fault) in
        try spec.note("dst")
        spec.hardwareDestination =
          words[0] == "bcast" ? .broadcast : try hardwareAddress(words[0])
      },
      flag("broadcast", "The sending socket may broadcast (SO_BROADCAST).") {
        $0.socketFlags.insert(.IP_ALLOWBROADCAST)
      },
      flag("dontroute", "The sending socket goes past the routes (SO_DONTROUTE).") {
        $0.socketFlags.insert(.IP_ROUTETOIF)
      },
    ]
  }
}

/// The readers of the words behind the keywords.
extension PacketGrammar {
  /// A row that sets a number.
  private static func number(
    _ word: String, _ range: ClosedRange<Int>, _ help: String,
    set: @escaping @Sendable (inout PacketSpec, Int) -> Void
  ) -> Keyword<Session, PacketSpec> {
    Keyword(word, operands: [Source("n")], help: help) { spec, words, _ throws(Fault) in
      try spec.note(word)
      set(&spec, try number(word, words[0], range))
    }
  }

  /// A row that sets a flag.
  private static func flag(
    _ word: String, _ help: String, set: @escaping @Sendable (inout PacketSpec) -> Void
  ) -> Keyword<Session, PacketSpec> {
    Keyword(word, help: help) { spec, _, _ throws(Fault) in
      try spec.note(word)
      set(&spec)
    }
  }

  /// A number of a range, in decimal or, behind 0x, in hexadecimal.
  static func number(
    _ name: String, _ word: String, _ range: ClosedRange<Int>
  ) throws(Fault) -> Int {
    let digits = word.hasPrefix("0x") ? Int(word.dropFirst(2), radix: 16) : Int(word)
    guard let digits, range.contains(digits) else {
      throw .refused("bad \(name): \(word) (\(range.lowerBound) to \(range.upperBound))")
    }
    return digits
  }

  /// An address, and the number behind it if there is one.
  static func end(
    _ rest: inout ArraySlice<String>
  ) throws(Fault) -> (IPv4Address, UInt16?) {
    guard let word = rest.popFirst() else { throw .usage() }
    guard let address = IPv4Address(dottedQuad: word) else {
      throw .refused("bad address: \(word)")
    }
    guard let next = rest.first, next.first?.isNumber ?? false else { return (address, nil) }
    rest.removeFirst()
    return (address, UInt16(try number("port", next, 0...65_535)))
  }

  private static func hardwareAddress(_ word: String) throws(Fault) -> EthernetAddress {
    guard let address = EthernetAddress(word) else { throw .refused("bad link address: \(word)") }
    return address
  }

  /// Bytes as hex digits; blanks, colons and dots between bytes do not matter.
  static func hex(_ word: String, _ name: String) throws(Fault) -> [UInt8] {
    let digits = word.filter { !" :.\t\n".contains($0) }
    var bytes: [UInt8] = []
    var rest = digits[...]
    while rest.count >= 2, let byte = UInt8(rest.prefix(2), radix: 16) {
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    guard rest.isEmpty, !bytes.isEmpty else { throw .refused("\(name): bad bytes: \(word)") }
    guard bytes.count <= 65_600 else { throw .refused("\(name): more than 65600 bytes") }
    return bytes
  }

  private static let flagNames = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"]

  private static func tcpFlags(_ word: String) throws(Fault) -> TCPFlags {
    var flags: TCPFlags = []
    guard word != "none" else { return flags }
    for name in word.split(separator: ",", omittingEmptySubsequences: false) {
      guard let bit = flagNames.firstIndex(of: String(name)) else {
        throw .refused("bad TCP flag: \(name)")
      }
      flags.insert(TCPFlags(rawValue: 1 << UInt8(bit)))
    }
    return flags
  }
}

extension IPProtocol {
  /// Reads a name of /etc/protocols, or a number.
  init?(word: String) {
    if let number = UInt8(word) {
      self.init(rawValue: number)
    } else {
      self.init(name: word)
    }
  }
}
