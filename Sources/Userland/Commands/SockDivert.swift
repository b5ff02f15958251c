// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What is done to a diverted packet before it goes back: the work of natd(8) by hand.
struct DivertedPacket: Sendable {
  /// Where it goes back to.
  enum Target: Sendable {
    /// In, as received by an interface.
    case interface(InterfaceIndex)
    /// In, as received by the interface of an address.
    case address(IPv4Address)
    case out
  }

  private(set) var source: (address: IPv4Address, port: UInt16?)?
  private(set) var destination: (address: IPv4Address, port: UInt16?)?
  private(set) var ttl: UInt8?
  private(set) var rule: UInt16?
  private(set) var target: Target?

  /// The words of `send` on a divert socket.
  static let table = KeywordTable<Session, DivertedPacket>(
    "diverted packet",
    [
      .taking(
        "from", operands: [Source("address"), port], help: "Another source, and other port.",
        apply: { packet, rest, _ throws(Fault) in packet.source = try PacketGrammar.end(&rest) }),
      .taking(
        "to", operands: [Source("address"), port], help: "Another destination, and other port.",
        apply: { packet, rest, _ throws(Fault) in
          packet.destination = try PacketGrammar.end(&rest)
        }),
      Keyword("ttl", operands: [Source("n")], help: "Another time to live.") {
        packet, words, _ throws(Fault) in
        packet.ttl = UInt8(try PacketGrammar.number("ttl", words[0], 0...255))
      },
      Keyword(
        "rule", operands: [Source("number")],
        help: "The rules behind this number are next, all for 0; else behind the one that diverted "
          + "it, and for bytes by hand all."
      ) { packet, words, _ throws(Fault) in
        packet.rule = UInt16(try PacketGrammar.number("rule", words[0], 0...65_535))
      },
      Keyword(
        "recv", operands: [.interface()],
        help: "It comes in by this interface, or that of this address; else as it was diverted."
      ) { packet, words, session throws(Fault) in
        if let index = session.findInterface(words[0]) {
          packet.target = .interface(index)
        } else if let address = IPv4Address(dottedQuad: words[0]) {
          packet.target = .address(address)
        } else {
          throw .failed("interface \(words[0]) does not exist")
        }
      },
      Keyword("out", help: "It goes out.") { packet, _, _ in packet.target = .out },
    ])

  private static let port = Source<Session>("port", "A port of udp or tcp.").optional
}

/// Divert sockets.
extension SockRun {
  /// Shows a packet as tcpdump(1) does, and keeps it to be sent back.
  func showDiverted(_ datagram: ReceivedDatagram, _ index: SocketIndex) {
    session.diverted[session.vnet, default: [:]][index] = datagram
    var way = "out"
    if datagram.source.address != .any {
      way = "in on \(datagram.interface?.description ?? "?") (\(datagram.source.address))"
    } else if let interface = datagram.interface {
      way += ", received on \(interface)"
    }
    output.line("from rule \(datagram.source.port), \(way), \(datagram.bytes.count) bytes:")
    var options = PacketPrinter.Options()
    if case .text(let level) = format, level > .hits { options.verbosity = 1 }
    if showsBytes { options.dump = .hex(withLink: false) }
    var printer = PacketPrinter(options: options)
    var text = ""
    printer.print(
      datagram.bytes.rawBytes, wireLength: datagram.bytes.count, link: .raw, into: &text)
    output.write(text)
  }

  /// Gives the last packet read back to the kernel, or one made of bytes.
  func sendBack(
    _ index: SocketIndex, _ word: String, _ words: ArraySlice<String>
  ) throws(Fault) {
    var words = words
    var datagram: ReceivedDatagram
    switch word {
    case "back":
      guard let last = session.diverted[session.vnet]?[index] else {
        throw .failed("\(index.number): nothing was received to send back")
      }
      datagram = last
    case "hex":
      guard let digits = words.popFirst() else { throw .usage("hex needs bytes") }
      datagram = ReceivedDatagram(source: .any, bytes: try PacketGrammar.hex(digits, "hex"))
    default: throw .usage("a divert socket sends 'back' or 'hex BYTES'")
    }
    var packet = DivertedPacket()
    let rest = try DivertedPacket.table.parse(
      words, into: &packet, session, positional: { _, _ in })
    if let word = rest.first { throw .usage("\(word): not known") }
    try packet.rewrite(&datagram.bytes)
    packet.address(&datagram, session)
    try write(datagram.bytes, to: datagram.source, by: datagram.interface, on: index)
  }
}

extension DivertedPacket {
  /// Says where a packet goes back to.
  fileprivate func address(_ datagram: inout ReceivedDatagram, _ session: Session) {
    if let rule { datagram.source.port = rule }
    switch target {
    case nil: break
    case .out: datagram.source.address = .any
    case .address(let address):
      datagram.source.address = address
      datagram.interface = nil
    case .interface(let index):
      // The name decides; the address only says that it is not on its way out.
      datagram.source.address = .broadcast
      datagram.interface = session.interface(index).name
    }
  }

  /// Changes a packet's bytes, and makes its checksums right again.
  fileprivate func rewrite(_ bytes: inout [UInt8]) throws(Fault) {
    guard source != nil || destination != nil || ttl != nil else { return }
    guard let header = IPv4Header(bytes.rawBytes), header.headerLength >= IPv4Header.size,
      header.headerLength <= bytes.count
    else { throw .failed("the packet has no whole IP header to change") }
    var editor = HeaderEditor(bytes, header)
    if let ttl { editor.bytes[8] = ttl }
    for (place, end) in [source, destination].enumerated() {
      guard let end else { continue }
      editor.set(end.address, at: 12 + 4 * place)
      guard let port = end.port else { continue }
      guard editor.hasPorts else {
        throw .failed("the packet has no ports: \(header.protocol.name ?? "no header of theirs")")
      }
      editor.set(port, at: header.headerLength + 2 * place)
    }
    bytes = editor.finished
  }
}

/// Changes fields of a packet and keeps the checksum of what is inside right, as libalias(3) does.
private struct HeaderEditor {
  var bytes: [UInt8]
  private let headerLength: Int
  /// Where the checksum lies that covers addresses and ports; nil where none does.
  private var sumPlace: Int?
  let hasPorts: Bool
  private let isDatagram: Bool

  init(_ bytes: [UInt8], _ header: IPv4Header) {
    self.bytes = bytes
    headerLength = header.headerLength
    isDatagram = header.protocol == .udp
    let offset: Int? =
      switch header.protocol {
      case .tcp: 16
      case .udp: 6
      default: nil
      }
    let room = bytes.count - headerLength
    hasPorts = offset != nil && header.fragmentOffset == 0 && room >= 4
    guard let offset, header.fragmentOffset == 0, room >= offset + 2 else { return }
    let place = headerLength + offset
    // A datagram without a checksum stays without.
    let isUnset = isDatagram && bytes[place] == 0 && bytes[place + 1] == 0
    if !isUnset { sumPlace = place }
  }

  mutating func set(_ address: IPv4Address, at place: Int) {
    set(UInt16(address.rawValue >> 16), at: place)
    set(UInt16(truncatingIfNeeded: address.rawValue), at: place + 2)
  }

  /// Writes 16 bits.
  mutating func set(_ new: UInt16, at place: Int) {
    let old = word(at: place)
    store(new, at: place)
    guard let sumPlace else { return }
    let sum = InternetChecksum.update(checksum: word(at: sumPlace), old: old, new: new)
    store(sum == 0 && isDatagram ? 0xffff : sum, at: sumPlace)
  }

  /// The packet, its header's checksum made anew.
  var finished: [UInt8] {
    var editor = self
    editor.store(0, at: 10)
    let sum = IPv4Header.checksum(of: editor.bytes.rawBytes, headerLength: headerLength)
    editor.store(sum, at: 10)
    return editor.bytes
  }

  private func word(at place: Int) -> UInt16 {
    UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
  }

  private mutating func store(_ word: UInt16, at place: Int) {
    bytes[place] = UInt8(word >> 8)
    bytes[place + 1] = UInt8(truncatingIfNeeded: word)
  }
}
