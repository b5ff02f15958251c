// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// All that a packet on the express lane would have had to tell, in one record: its frame and what the
/// tables answered. Everything else follows from that.
struct ExpressRecord: BitwiseCopyable {
  var packet: PacketNumber
  var vnet: VnetIndex
  var input: InterfaceIndex
  var fib: FibNumber
  var chooser: FibChooser
  var way: ExpressWay
  var netisr: NetisrStep
  var route: RouteSummary
  var mtu: UInt32
  /// The card's own address by which it leaves.
  var source: EthernetAddress
  /// Where its frame and the other tables' answers begin, and where they end.
  var firstByte: Int32 = 0
  var endOfBytes: Int32 = 0
  var firstAnswer: Int32 = 0
  var endOfAnswers: Int32 = 0
  /// How many entries of the general way came before it.
  var position: Int32 = 0
}

/// What tables other than the packet's would have answered, a bit for each that says the same.
struct OtherAnswer: BitwiseCopyable {
  var tables: UInt16
  var step: RouteStep
}

extension Vnet {
  /// The record of a packet that takes a way, before it goes.
  @inline(__always)
  func expressRecord(
    _ way: ExpressWay, _ facts: FrameFacts, _ machine: borrowing Machine
  ) -> ExpressRecord {
    let hop = routes.nextHop(of: way.route)
    return ExpressRecord(
      packet: PacketNumber(root: 0), vnet: index, input: facts.interface,
      fib: FibNumber(rawValue: (facts.fib ?? .zero).rawValue & 15),
      chooser: facts.fib == nil ? .default : .interface, way: way,
      netisr: machine.netisr.direct(.ip), route: RouteSummary(routes.key(of: way.route), hop),
      mtu: way.isFast ? min(hop.mtu, interfaces[way.output].mtu) : hop.mtu,
      source: interfaces[way.output].hardwareAddress)
  }

  /// What the tables but one answer, those with one answer together.
  @inline(__always)
  mutating func otherAnswers(
    _ destination: IPv4Address, but own: FibNumber, _ body: (OtherAnswer) -> Void
  ) {
    // A packet's mark has four bits, so there are no more tables.
    var found = InlineArray<16, RouteIndex?>(repeating: nil)
    for fib in 0..<routes.fibCount {
      found[fib] = routes.find(destination, in: FibNumber(rawValue: UInt8(fib)))
    }
    var told: UInt16 = 1 << UInt16(own.rawValue)
    for fib in 0..<routes.fibCount where told & (1 << UInt16(fib)) == 0 {
      var alike: UInt16 = 1 << UInt16(fib)
      for later in fib + 1..<max(routes.fibCount, fib + 1)
      where told & (1 << UInt16(later)) == 0 && isSame(found[fib], found[later]) {
        alike |= 1 << UInt16(later)
      }
      told |= alike
      let step = RouteStep(
        fib: FibNumber(rawValue: UInt8(fib)), chooser: .default, destination: destination,
        answer: found[fib].map { routeSummary($0) })
      body(OtherAnswer(tables: alike, step: step))
    }
  }

  /// Whether two tables answer the same. Most share the route itself.
  @inline(__always)
  private func isSame(_ one: RouteIndex?, _ other: RouteIndex?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    if routes.sharesRoute(one, other) { return true }
    return routeSummary(one) == routeSummary(other)
  }

  @inline(__always)
  func routeSummary(_ route: RouteIndex) -> RouteSummary {
    RouteSummary(routes.key(of: route), routes.nextHop(of: route))
  }
}

extension ExpressRecord {
  /// Tells a recorder what the general way would have told it, in its order.
  ///
  /// - Parameters:
  ///   - frame: The frame as it came in.
  ///   - answers: What the other tables answered.
  func tell(
    _ recorder: inout Recorder, frame bytes: [UInt8], answers: [OtherAnswer]
  ) {
    recorder.enter(vnet)
    recorder.recordBytes(packet, .received(input), bytes.rawBytes)
    guard let link = EthernetHeader(bytes.rawBytes),
      let header = IPv4Header(bytes.rawBytes.extracting(droppingFirst: EthernetHeader.size))
    else { preconditionFailure("the lane takes whole headers") }
    recorder.record(packet, .frame(interface: input, link))
    let count = UInt32(bytes.count - EthernetHeader.size)
    if way.isFast {
      tellFastChecks(&recorder, header, count)
    } else {
      tellChecks(&recorder, header, count)
    }
    recorder.record(packet, .ttl(from: header.ttl, to: way.ttl))
    let step = RouteStep(
      fib: fib, chooser: chooser, destination: header.destination, answer: route)
    recorder.record(packet, .route(step))
    for answer in answers { recorder.record(packet, .otherFibs(answer.tables, answer.step)) }
    recorder.record(packet, .mtu(length: way.length, mtu: mtu))
    if !way.isFast { recorder.record(packet, .waypoint(.outCksum, 0, 0)) }
    let arp = ArpStep(
      interface: way.output, nextHop: way.nextHop, outcome: .resolved(way.neighbour))
    recorder.record(packet, .arp(arp))
    recorder.recordBytes(packet, .transmitted(way.output), sent(bytes).rawBytes)
    recorder.record(packet, .counted(.ip(.forward)))
    recorder.record(
      packet, way.isFast ? .counted(.ip(.fastforward)) : .waypoint(.fwdOk, 0, 0))
    var end = End(.sent, way.isFast ? .ffOk : .outSent)
    (end.interface, end.nextHop) = (way.output, way.nextHop)
    (end.fib, end.fibChooser, end.ttl) = (fib, chooser, way.ttl)
    recorder.record(packet, .end(end))
  }

  /// From netisr to `ip_forward`.
  private func tellChecks(_ recorder: inout Recorder, _ header: IPv4Header, _ count: UInt32) {
    recorder.record(packet, .netisr(netisr))
    recorder.record(packet, .ipInput(interface: input))
    recorder.record(packet, .counted(.ip(.total)))
    let (source, destination) = (header.source.rawValue, header.destination.rawValue)
    for (id, value, bound) in [
      (TraceID.ipTooshortHdr, count, 20), (.ipBadvers, 4, 4), (.ipBadhlen, 20, count),
      (.ipBadaddr, source, destination), (.ipBadsum, UInt32(header.checksum), 0),
      (.ipBadlen, way.length, 20), (.ipTooshort, count, way.length),
    ] {
      recorder.record(packet, .passed(id, value, bound))
    }
    tellTrim(&recorder, count)
    recorder.record(packet, .passed(.ipCantforward, 1, 0))
    recorder.record(packet, .passed(.fwdBaddst, destination, 0))
    recorder.record(packet, .waypoint(.fwdRoute, destination, 0))
  }

  /// The checks of `ip_fastforward`.
  private func tellFastChecks(_ recorder: inout Recorder, _ header: IPv4Header, _ count: UInt32) {
    recorder.record(packet, .ipFastForward(interface: input))
    let (source, destination) = (header.source.rawValue, header.destination.rawValue)
    for (id, value, bound) in [
      (TraceID.ffTooshortHdr, count, 20), (.ffBadvers, 4, 4), (.ffBadhlen, 20, count),
      (.ffBadsum, UInt32(header.checksum), 0), (.ffTooshort, count, way.length),
      (.ffBadaddr, source, destination),
    ] {
      recorder.record(packet, .passed(id, value, bound))
    }
    tellTrim(&recorder, count)
    recorder.record(packet, .counted(.ip(.total)))
  }

  private func tellTrim(_ recorder: inout Recorder, _ count: UInt32) {
    if count > way.length { recorder.record(packet, .waypoint(.ipTrim, count, way.length)) }
  }

  /// The frame as it left.
  private func sent(_ frame: [UInt8]) -> [UInt8] {
    var frame = Array(frame.prefix(EthernetHeader.size + Int(way.length)))
    frame.withMutableRawBytes { bytes in
      EthernetHeader(destination: way.neighbour, source: source, type: .ipv4)
        .write(into: &bytes, at: 0)
      bytes.store(way.ttl, at: EthernetHeader.size + 8)
      bytes.store(way.checksum, at: EthernetHeader.size + 10)
    }
    return frame
  }
}
