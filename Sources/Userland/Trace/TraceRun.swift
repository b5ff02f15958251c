// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// What was recorded of everything that one command set in motion, packet by packet.
struct TraceRun: Sendable {
  /// The bytes of a packet at a moment of its way.
  struct Sighting: Sendable {
    let moment: Snapshot.Moment
    let bytes: [UInt8]
  }

  /// The packets in the order in which each was first heard of; parents before their children.
  private(set) var packets: [PacketTrace] = []
  /// The stack of the command; packets go on in others.
  let vnet: VnetIndex
  /// The virtual time of it.
  let time: Instant

  /// Sorts a recording by packets.
  init(_ recorder: borrowing Recorder, vnet: VnetIndex, time: Instant) {
    self.vnet = vnet
    self.time = time
    var places: [PacketNumber: Int] = [:]
    for entry in recorder.entries {
      let place = places[entry.packet] ?? packets.count
      if place == packets.count {
        places[entry.packet] = place
        packets.append(PacketTrace(number: entry.packet))
      }
      if case .snapshot(let index) = entry.event {
        let snapshot = recorder.snapshots[Int(index)]
        let sighting = Sighting(
          moment: snapshot.moment, bytes: Array(recorder.bytes(of: snapshot)))
        packets[place].append(sighting, in: entry.vnet)
      } else {
        packets[place].append(entry.event, in: entry.vnet)
      }
    }
  }
}

/// One packet's way: what happened to it, in order.
struct PacketTrace: Sendable {
  /// Something that happened: an event, or the bytes as they were.
  enum Step: Sendable {
    case event(Event)
    case bytes(TraceRun.Sighting)
  }

  let number: PacketNumber
  private(set) var steps: [Step] = []
  /// The stack in which each step was made.
  private(set) var vnets: [VnetIndex] = []
  /// The verdict; the last one where a held packet went on.
  private(set) var end: End?
  /// The steps that lead into `ip_input` or `ip_fastforward`: what follows is that function's.
  private var entries: [(place: Int, isFast: Bool)] = []
  /// Whose way it was made on, and why; nil for a packet from outside.
  private(set) var birth: (parent: PacketNumber, Birth)?

  init(number: PacketNumber) { self.number = number }

  mutating func append(_ event: Event, in vnet: VnetIndex) {
    if case .ipInput = event { entries.append((steps.count, false)) }
    if case .ipFastForward = event { entries.append((steps.count, true)) }
    steps.append(.event(event))
    vnets.append(vnet)
    if case .end(let end) = event { self.end = end }
    if case .made(let parent, let birth) = event { self.birth = (parent, birth) }
  }

  mutating func append(_ sighting: TraceRun.Sighting, in vnet: VnetIndex) {
    steps.append(.bytes(sighting))
    vnets.append(vnet)
  }
}

/// What the printers ask of a packet's way.
extension PacketTrace {
  var sightings: [TraceRun.Sighting] {
    steps.compactMap { if case .bytes(let sighting) = $0 { sighting } else { nil } }
  }

  /// Whether the step at a place is on the way of `ip_fastforward`, not of `ip_input` and the rest.
  func isFast(at place: Int) -> Bool {
    entries.last { $0.place <= place }?.isFast ?? false
  }

  /// The C function of a step that the slow and the fast path both make.
  func function(_ slow: String, at place: Int) -> String {
    isFast(at: place) ? "ip_fastforward" : slow
  }

  /// The frames that left, with the stack and the interface of each.
  var transmitted: [(place: InterfacePlace, frame: [UInt8])] {
    zip(steps, vnets).compactMap { step, vnet in
      guard case .bytes(let sighting) = step, case .transmitted(let interface) = sighting.moment
      else { return nil }
      return (InterfacePlace(vnet, interface), sighting.bytes)
    }
  }

  /// The interface it came in by; nil for a packet made here.
  var receivedOn: InterfaceIndex? {
    for case .bytes(let sighting) in steps {
      switch sighting.moment {
      case .received(let interface): return interface
      case .transmitted: return nil
      case .made, .delivered: continue
      }
    }
    return nil
  }

  /// Whether a process sends it, and sees the error; what comes in again from a divert socket is on
  /// its own.
  var isSent: Bool {
    let comesIn = steps.contains {
      if case .event(.reinjected(let step)) = $0 { step.direction == .in } else { false }
    }
    return receivedOn == nil && birth == nil && !comesIn
  }

  /// The protocol it was given to.
  var deliveredTo: IPProtocol? {
    for sighting in sightings.reversed() {
      if case .delivered(let proto) = sighting.moment { return proto }
    }
    return nil
  }

  /// The bytes of the IP packet or frame as first seen.
  var first: TraceRun.Sighting? { sightings.first }

  /// The forwarding table that decided last, and who chose it.
  var fib: (FibNumber, FibChooser) {
    if let end, end.verdict == .sent || end.verdict == .held { return (end.fib, end.fibChooser) }
    for case .event(let event) in steps.reversed() {
      if case .route(let step) = event { return (step.fib, step.chooser) }
      if case .fibChanged(_, let fib, let rule, _) = event { return (fib, .ipfw(rule: rule)) }
    }
    return (.zero, .default)
  }

  /// The time to live it left with, or nil for what is not IP.
  var ttlSent: UInt8? {
    guard let frame = transmitted.last?.frame else {
      return end.flatMap { $0.ttl > 0 ? $0.ttl : nil }
    }
    return FrameParts(frame).header?.ttl
  }

  /// How often it raised each counter, in the order they were first raised.
  var counters: [(name: String, count: Int)] {
    var result: [(name: String, count: Int)] = []
    for case .event(.counted(let counter)) in steps {
      let name = counter.field
      if let place = result.firstIndex(where: { $0.name == name }) {
        result[place].count += 1
      } else {
        result.append((name, 1))
      }
    }
    return result
  }
}

/// A frame cut into its headers.
struct FrameParts {
  let ethernet: EthernetHeader?
  /// What follows the Ethernet header.
  let packet: ArraySlice<UInt8>
  /// The IP header, if there is one.
  let header: IPv4Header?

  init(_ frame: [UInt8]) {
    ethernet = EthernetHeader(frame.rawBytes)
    packet = frame.dropFirst(EthernetHeader.size)
    header = ethernet?.type == .ipv4 ? IPv4Header(Array(packet).rawBytes) : nil
  }
}

extension Counter {
  /// The C field, such as `ips_total` or `icps_outhist[11]`.
  var field: String {
    switch self {
    case .ip(let counter): counter.field
    case .icmp(let counter): counter.field
    case .icmpIn(let type): "icps_inhist[\(type)]"
    case .icmpOut(let type): "icps_outhist[\(type)]"
    case .udp(let counter): counter.field
    case .igmp(let counter): counter.field
    case .carp(let counter): counter.field
    case .tcp(let counter): counter.field
    case .route(let counter): counter.field
    case .interface(_, let counter): counter.field
    }
  }
}

extension FibChooser {
  /// The word of the one-line trace after `by`, such as `ipfw:200`.
  var word: String {
    if case .ipfw(let rule) = self { return "ipfw:\(rule)" }
    return kind
  }

  /// The kind, as JSON has it.
  var kind: String {
    switch self {
    case .default: "default"
    case .process: "process"
    case .socket: "socket"
    case .interface: "interface"
    case .ipfw: "ipfw"
    case .divert: "divert"
    case .reply: "reply"
    case .state: "state"
    case .tunnel: "tunnel"
    }
  }

  /// Who set it, as the text says it.
  var phrase: String {
    switch self {
    case .default: "by default"
    case .process: "set by the process (setfib)"
    case .socket: "set on the socket"
    case .interface: "set on arrival"
    case .ipfw(let rule): "set by ipfw rule \(rule)"
    case .divert: "set by the divert socket"
    case .reply: "kept from the packet it answers"
    case .state: "kept from the packet that made the state"
    case .tunnel: "set by the tunnel"
    }
  }
}
