// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Userland
import Wire

// The hook is asked alone, without the IP path around it: no call does that.
@testable import Netstack

/// Shows packets to the firewall, as the recorder did: straight to the hook.
extension VerdictLab {
  /// What the firewall did with a packet, in the recorder's members.
  func ask(_ packet: JSON, named packets: [String: String]) throws -> JSON {
    guard session.kernel.vnets[0].hasHooks else {
      return .object(["verdict": .text("pass"), "unhooked": .number(1)])
    }
    let made = try make(packet, named: packets)
    let (place, isFrame) = (made.place, made.isFrame)
    // Errors that a rule answers with were recorded, not sent: no rule is to see them.
    let isMute = hasUnreachRules
    var observation = VerdictObservation(
      of: made.handle.number, isOut: place.direction == .out, hidesReplies: isMute)
    observation.fib = made.handle.header.fib
    observation.isFrame = isFrame
    observation.rulesWithParameters = rulesWithParameters
    var recorder = Recorder()
    if isMute { session.kernel.vnets[0].sysctl[.ipFwEnable] = 0 }
    switch session.kernel.ask(made.handle, place, isFrame: isFrame, &recorder) {
    case .pass(let packet):
      observation.verdict = "pass"
      observation.note(packet.header, tags: tags(of: packet))
      session.kernel.machine.store.free(packet)
    case .denied(let packet, _):
      observation.verdict = "deny"
      session.kernel.machine.store.free(packet)
    case .taken: observation.verdict = "consumed"
    }
    session.kernel.drain(&recorder)
    session.kernel.vnets[0].sysctl[.ipFwEnable] = 1
    try observation.read(recorder, diverted: takeDiverted())
    return observation.members(log: takeLog())
  }

  /// Asks with one series of random numbers after the other, until an answer is as wanted.
  func ask(
    _ packet: JSON, named packets: [String: String], until isWanted: (JSON) -> Bool
  ) throws -> JSON {
    var found = JSON.null
    for seed in 1...VerdictLab.mostSeeds {
      let before = session.kernel.clone()
      draw(seed: UInt64(seed))
      found = try ask(packet, named: packets)
      if isWanted(found) { break }
      if seed < VerdictLab.mostSeeds { session.kernel = before }
    }
    return found
  }

  /// With a probability of one half, all but one of 2^32 packets find their series.
  private static let mostSeeds = 32

  /// Whether a packet passes, with nobody listening; nil where the firewall is off.
  func askSilently(_ packet: JSON, named packets: [String: String]) throws -> Bool? {
    guard session.kernel.vnets[0].hasHooks else { return nil }
    let made = try make(packet, named: packets)
    let (place, isFrame) = (made.place, made.isFrame)
    let isMute = hasUnreachRules
    if isMute { session.kernel.vnets[0].sysctl[.ipFwEnable] = 0 }
    var silent = Silent()
    var passes = false
    switch session.kernel.ask(made.handle, place, isFrame: isFrame, &silent) {
    case .pass(let packet):
      passes = true
      session.kernel.machine.store.free(packet)
    case .denied(let packet, _): session.kernel.machine.store.free(packet)
    case .taken: break
    }
    session.kernel.drain(&silent)
    session.kernel.vnets[0].sysctl[.ipFwEnable] = 1
    _ = try takeDiverted()
    return passes
  }

  /// What divert sockets got: the port that they are bound to, that of the sender, and the packet.
  private func takeDiverted() throws -> [VerdictObservation.Diverted] {
    var result: [VerdictObservation.Diverted] = []
    for info in session.kernel.sockets(vnet: .zero) where info.socket.kind == .divert {
      while session.kernel.vnets[0].sockets[info.index].receive.first >= 0 {
        let datagram = try session.kernel.receive(vnet: .zero, info.index)
        result.append(
          VerdictObservation.Diverted(
            port: info.socket.local.port, rule: datagram.source.port, bytes: datagram.bytes))
      }
    }
    return result
  }

  /// The packet of a step, where it passes, and whether as a frame.
  private func make(
    _ packet: JSON, named packets: [String: String]
  ) throws -> MadePacket {
    let hex = packet["hex"]?.text ?? packet["p"]?.text.flatMap { packets[$0] }
    let frame = try packet["eh"]?.text.map { try Word.bytes($0) } ?? []
    let bytes = frame + (try Word.bytes(hex ?? ""))
    let isOut = packet["dir"]?.text == "out"
    let received = try interface(packet["recv"]?.text ?? "")
    let current = isOut ? try interface(packet["xmit"]?.text ?? "") : received
    var place = FilterPlace(isOut ? .out : .in, current)
    if let user = packet["uid"]?.number {
      place.sender = SocketOwner(
        user: UInt32(user), group: UInt32(packet["gid"]?.number ?? 0),
        jail: UInt32(packet["jail"]?.number ?? 0))
    }
    let number = session.kernel.machine.newRoot()
    guard var handle = session.kernel.machine.store.take(bytes.span.bytes, number: number) else {
      throw Refusal.errno(.ENOBUFS)
    }
    handle.header.receivedOn = received
    bring(packet, with: &handle.header)
    return MadePacket(handle: handle, place: place, isFrame: !frame.isEmpty)
  }

  /// What a step says that the packet brings.
  private func bring(_ packet: JSON, with header: inout Packet.Record) {
    if let fib = packet["fib"]?.number { header.fib = FibNumber(rawValue: UInt8(fib)) }
    if packet["bcast"] != nil { header.flags.insert(.broadcast) }
    if packet["mcast"] != nil { header.flags.insert(.multicast) }
    if packet["skipfw"] != nil { header.flags.insert(.skipFirewall) }
    if let tag = packet["tag"]?.number {
      session.kernel.machine.store.tags.prepend(UInt32(tag), to: &header.firstTag)
    }
    if let cookie = packet["divert"]?.number {
      let sides: UInt8 =
        switch packet["divertdir"]?.text {
        case "loopback": 1
        case "output": 2
        default: 0
        }
      header.divertTag = DivertTag(port: 0, sides: sides, cookie: UInt16(cookie))
    }
    guard let rule = packet["dn"]?.number ?? packet["ng"]?.number else { return }
    let firewall = session.kernel.vnets[0].firewall.count
    let index = session.kernel.vnets[0].firewall.firstIndex(
      from: UInt16(rule), in: 0..<firewall - 1)
    var reference = session.kernel.vnets[0].firewall.reference(to: index)
    if packet["dnstale"] != nil { reference.generation &-= 1 }
    header.ruleReference = reference
  }

  /// The tags that rules gave a packet, last given first.
  private func tags(of packet: borrowing Packet) -> [JSON] {
    var tags: [JSON] = []
    _ = session.kernel.machine.store.tags.contains(from: packet.header.firstTag) { tag in
      tags.append(.number(Int(tag)))
      return false
    }
    return tags
  }

  /// The places of rules that log or give tags.
  private var rulesWithParameters: Set<Int> {
    var places: Set<Int> = []
    for index in 0..<session.kernel.vnets[0].firewall.count {
      let rule = session.kernel.vnets[0].firewall.rules[index]
      if rule.conditionCount < rule.instructionCount { places.insert(index) }
    }
    return places
  }

  /// Whether a rule may send an ICMP error.
  private var hasUnreachRules: Bool {
    for index in 0..<session.kernel.vnets[0].firewall.count {
      if case .unreach = session.kernel.vnets[0].firewall.rules[index].action { return true }
    }
    return false
  }
}

/// The packet of a step, and what the hook is told of it.
private struct MadePacket: ~Copyable {
  var handle: Packet
  let place: FilterPlace
  let isFrame: Bool
}

extension Kernel {
  /// The pass over frames, or that over packets; they do not make overlapping accesses to a session's
  /// kernel.
  fileprivate mutating func ask<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ place: FilterPlace, isFrame: Bool, _ tracer: inout T
  ) -> Filtered {
    let outer = machine.enter(.zero)
    defer { machine.leave(to: outer) }
    if isFrame {
      return vnets[0].etherIpfwCheck(
        packet, place.direction, on: place.interface, &machine, &tracer)
    }
    return vnets[0].ipfwHook(packet, place, &machine, &tracer)
  }
}
