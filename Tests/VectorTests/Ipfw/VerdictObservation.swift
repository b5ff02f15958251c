// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// Reads what the firewall did with a packet from a recording, into the recorder's members.
struct VerdictObservation {
  /// The packet, and the datagrams that it completed.
  private var numbers: Set<PacketNumber>
  private let isOut: Bool
  /// The pass over frames.
  var isFrame = false
  /// The places of rules of which the recorder could not tell what they are.
  var rulesWithParameters: Set<Int> = []
  /// The hook was off for answers, so that a recording cannot show that they skip the firewall.
  private let hidesReplies: Bool
  var verdict = ""
  var fib = FibNumber.zero
  private var members: [String: JSON] = [:]
  /// The rules that counted the packet in this call of `ipfw_chk`.
  private var counted: [Int] = []
  /// The place of the last of them.
  private var lastPlace = -1
  private var passes: [JSON] = []
  private var piped: [JSON] = []
  private var hooked: [JSON] = []

  init(of number: PacketNumber, isOut: Bool, hidesReplies: Bool) {
    numbers = [number]
    self.isOut = isOut
    self.hidesReplies = hidesReplies
  }

  /// Keeps what a packet that passed has with it.
  mutating func note(_ header: Packet.Record, tags: [JSON]) {
    members["tags"] = .array(tags)
    guard let next = header.forwardTag else { return }
    members["fwd"] = .text("\(next.address)")
    members["fwd_port"] = .number(Int(next.port))
    members["fwd_ours"] = .number(header.flags.contains(.fastForwardOurs) ? 1 : 0)
  }

  /// A packet that a divert socket got.
  struct Diverted {
    var port: UInt16
    var rule: UInt16
    var bytes: [UInt8]
  }

  /// Reads a recording, and what divert sockets got of it.
  mutating func read(_ recorder: borrowing Recorder, diverted packets: [Diverted]) {
    var waiting = packets
    var diverted: [JSON] = []
    for entry in recorder.entries {
      switch entry.event {
      case .made(_, .reset): members["reply"] = reset(entry.packet, recorder)
      case .reassembled: numbers.insert(entry.packet)
      case .diverted(let port, let rule):
        var members = [
          "port": JSON.number(Int(port)), "rule": .number(Int(rule)), "dir": direction,
        ]
        if let place = waiting.firstIndex(where: { $0.port == port && $0.rule == rule }) {
          members["hex"] = .text(Word.hex(recorded(waiting.remove(at: place).bytes)))
        }
        diverted.append(.object(members))
      case let event where numbers.contains(entry.packet): read(event)
      default: break
      }
    }
    members["divert"] = .array(diverted)
  }

  /// A packet as the recorder wrote it, whose processor has its bytes in the other order: it turned
  /// length and offset round on the way in, and on the way out again those of version 4.
  private func recorded(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count >= 8, bytes[0] >> 4 != 4 else { return bytes }
    var bytes = bytes
    bytes.swapAt(2, 3)
    bytes.swapAt(6, 7)
    return bytes
  }

  private var direction: JSON { .text((isFrame ? "eth-" : "") + (isOut ? "out" : "in")) }

  /// All members that are not empty.
  mutating func members(log: [JSON]) -> JSON {
    if fib != .zero { members["fib"] = .number(Int(fib.rawValue)) }
    members["rule"] = passes.last?.elements[1] ?? .null
    members["dummynet"] = .array(verdict == "consumed" ? piped : [])
    members["netgraph"] = .array(hooked)
    members["log"] = .array(log)
    members = members.filter { !$0.value.isEmpty }
    members["passes"] = .array(passes)
    members["verdict"] = .text(verdict)
    return .object(members)
  }

  private mutating func read(_ event: Event) {
    switch event {
    case .rule(let step) where step.isCounted:
      counted.append(Int(step.number))
      lastPlace = Int(step.index)
    case .firewall(let step): end(step)
    case .fibChanged(_, let to, _, _): fib = to
    case .reply(let type, let code, _):
      members["reply"] = .array([.text("icmp_error"), .number(Int(type)), .number(Int(code))])
    default: break
    }
  }

  /// The end of a call of `ipfw_chk`.
  private mutating func end(_ step: FirewallStep) {
    let rule = JSON.number(counted.last ?? -1)
    var name = "\(step.verdict)".uppercased()
    let argument = JSON.number(Int(step.argument))
    switch step.verdict {
    case .pass, .deny: break
    case .dummynet:
      var request = ["id": argument, "rule": rule, "dir": direction]
      // The recorder did not tell of frames whether it was a queue, nor of rules that log or tag.
      if !isFrame, !rulesWithParameters.contains(lastPlace) {
        request["queue"] = .number(step.isQueue ? 1 : 0)
      }
      piped.append(.object(request))
    case .divert, .tee, .nat: break
    case .netgraph, .ngtee:
      // Frames do not come to netgraph: what is neither accepted nor refused is thrown away.
      if isFrame {
        verdict = "consumed"
        break
      }
      let isTee = JSON.number(step.verdict == .ngtee ? 1 : 0)
      hooked.append(
        .object(["cookie": argument, "rule": rule, "dir": direction, "tee": isTee]))
    case .reass:
      // C reassembles inside of ipfw_chk, which denies what is not complete, and counts twice.
      if let last = counted.last { counted.append(last) }
      if verdict == "consumed" {
        name = "DENY"
        verdict = "deny"
      }
    }
    passes.append(.array([.text(name), rule, .array(counted.map { .number($0) })]))
    counted = []
  }

  /// The reset that a packet is.
  private func reset(_ number: PacketNumber, _ recorder: borrowing Recorder) -> JSON {
    var members = VerdictObservation.made(number, recorder).members
    if hidesReplies { members["skip_firewall"] = nil }
    return .array([.text("tcp_rst"), .object(members)])
  }

  /// A segment that the firewall made.
  static func made(_ number: PacketNumber, _ recorder: borrowing Recorder) -> JSON {
    var fib = FibNumber.zero
    var bytes: [UInt8] = []
    var isSeen = false
    for entry in recorder.entries where entry.packet == number {
      switch entry.event {
      case .route(let step): fib = step.fib
      case .rule: isSeen = true
      case .snapshot(let place):
        let snapshot = recorder.snapshots[Int(place)]
        if snapshot.moment == .made { bytes = Array(recorder.bytes(of: snapshot)) }
      default: break
      }
    }
    var members = VerdictObservation.segment(bytes)
    members["fib"] = .number(Int(fib.rawValue))
    members["skip_firewall"] = .number(isSeen ? 0 : 1)
    return .object(members)
  }

  /// The fields of a segment that the firewall made.
  private static func segment(_ bytes: [UInt8]) -> [String: JSON] {
    guard let ip = IPv4Header(bytes.span.bytes),
      let tcp = TCPHeader(bytes.span.bytes.extracting(droppingFirst: ip.headerLength))
    else { return [:] }
    return [
      "src": .text("\(ip.source)"), "dst": .text("\(ip.destination)"),
      "sport": .number(Int(tcp.sourcePort)), "dport": .number(Int(tcp.destinationPort)),
      "seq": .number(Int(tcp.sequence)), "ack": .number(Int(tcp.acknowledgement)),
      "flags": .number(Int(tcp.flags.rawValue)), "win": .number(Int(tcp.window)),
      "ttl": .number(Int(ip.ttl)), "len": .number(Int(ip.totalLength)),
      "tcp_sum": .number(Int(tcp.checksum)),
    ]
  }
}
