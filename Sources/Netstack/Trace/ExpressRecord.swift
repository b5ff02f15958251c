// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// A packet on the express lane, in one record: with its frame and what the routes answer, all that it
/// would have had to tell follows.
struct ExpressRecord: BitwiseCopyable {
  var root: UInt32 = 0
  var vnet: VnetIndex
  var input: InterfaceIndex
  var output: InterfaceIndex
  var fib: FibNumber
  /// The frame came with its table; else nobody chose.
  var isStamped: Bool
  var isFast: Bool
  /// The CPU that took it, and how many streams there are.
  var cpu: UInt8
  var streams: UInt8
  /// How many answers of the routes are kept; 0 where a view has them.
  var answerCount: UInt8 = 0
  /// The first of the answers, or the view.
  var answers: Int32 = 0
  /// Where its frame begins, and where it ends.
  var firstByte: Int32 = 0
  var endOfBytes: Int32 = 0
  /// How many entries of the general way came before it.
  var position: Int32 = 0
  var mtu: UInt32
  var nextHop: IPv4Address
  var neighbour: EthernetAddress
  /// The card's own address by which it leaves.
  var source: EthernetAddress
}

extension Vnet {
  /// The record of the latest packet, which went by a next hop, while its CPU is still current.
  @inline(__always)
  func expressRecord(
    _ hop: ExpressHop, _ facts: FrameFacts, _ terms: ExpressTerms, _ machine: borrowing Machine
  ) -> ExpressRecord {
    ExpressRecord(
      root: machine.latestRoot.root, vnet: index, input: facts.interface, output: hop.output,
      fib: terms.fib, isStamped: facts.fib != nil, isFast: terms.isFast,
      cpu: UInt8(truncatingIfNeeded: machine.netisr.cpu),
      streams: UInt8(truncatingIfNeeded: machine.netisr.streamCount), mtu: hop.mtu,
      nextHop: hop.nextHop, neighbour: hop.neighbour, source: hop.source)
  }
}

extension ExpressRecord {
  private var packet: PacketNumber { PacketNumber(root: root) }
  private var chooser: FibChooser { isStamped ? .interface : .default }

  /// Tells a recorder what the general way would have told it, in its order.
  ///
  /// - Parameters:
  ///   - bytes: The frame as it came in.
  ///   - answers: What the tables answered, the packet's own first.
  func tell(_ recorder: inout Recorder, frame bytes: [UInt8], answers: [FibAnswer]) {
    recorder.enter(vnet)
    recorder.recordBytes(packet, .received(input), bytes.rawBytes)
    guard let link = EthernetHeader(bytes.rawBytes),
      let header = IPv4Header(bytes.rawBytes.extracting(droppingFirst: EthernetHeader.size))
    else { preconditionFailure("the lane takes whole headers") }
    recorder.record(packet, .frame(interface: input, link))
    let count = UInt32(bytes.count - EthernetHeader.size)
    if isFast {
      tellFastChecks(&recorder, header, count)
    } else {
      tellChecks(&recorder, header, count)
    }
    recorder.record(packet, .ttl(from: header.ttl, to: header.ttl - 1))
    let step = RouteStep(
      fib: fib, chooser: chooser, destination: header.destination, answer: answers[0].route)
    recorder.record(packet, .route(step))
    for answer in answers.dropFirst() {
      recorder.record(packet, answer.event(header.destination))
    }
    recorder.record(packet, .mtu(length: UInt32(header.totalLength), mtu: mtu))
    if !isFast { recorder.record(packet, .waypoint(.outCksum, 0, 0)) }
    let arp = ArpStep(interface: output, nextHop: nextHop, outcome: .resolved(neighbour))
    recorder.record(packet, .arp(arp))
    recorder.recordBytes(packet, .transmitted(output), sent(bytes, header).rawBytes)
    recorder.record(packet, .counted(.ip(.forward)))
    recorder.record(packet, isFast ? .counted(.ip(.fastforward)) : .waypoint(.fwdOk, 0, 0))
    var end = End(.sent, isFast ? .ffOk : .outSent)
    (end.interface, end.nextHop) = (output, nextHop)
    (end.fib, end.fibChooser, end.ttl) = (fib, chooser, header.ttl - 1)
    recorder.record(packet, .end(end))
  }

  /// From netisr to `ip_forward`.
  private func tellChecks(_ recorder: inout Recorder, _ header: IPv4Header, _ count: UInt32) {
    recorder.record(packet, .netisr(NetisrStep(direct: .ip, cpu: cpu, streams: streams)))
    recorder.record(packet, .ipInput(interface: input))
    recorder.record(packet, .counted(.ip(.total)))
    let (source, destination) = (header.source.rawValue, header.destination.rawValue)
    for (id, value, bound) in [
      (TraceID.ipTooshortHdr, count, 20), (.ipBadvers, 4, 4), (.ipBadhlen, 20, count),
      (.ipBadaddr, source, destination), (.ipBadsum, UInt32(header.checksum), 0),
      (.ipBadlen, UInt32(header.totalLength), 20), (.ipTooshort, count, UInt32(header.totalLength)),
    ] {
      recorder.record(packet, .passed(id, value, bound))
    }
    tellTrim(&recorder, header, count)
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
      (.ffBadsum, UInt32(header.checksum), 0), (.ffTooshort, count, UInt32(header.totalLength)),
      (.ffBadaddr, source, destination),
    ] {
      recorder.record(packet, .passed(id, value, bound))
    }
    tellTrim(&recorder, header, count)
    recorder.record(packet, .counted(.ip(.total)))
  }

  private func tellTrim(_ recorder: inout Recorder, _ header: IPv4Header, _ count: UInt32) {
    let length = UInt32(header.totalLength)
    if count > length { recorder.record(packet, .waypoint(.ipTrim, count, length)) }
  }

  /// The frame as it left.
  private func sent(_ frame: [UInt8], _ header: IPv4Header) -> [UInt8] {
    let read = ExpressHeader(frame.rawBytes)
    var frame = Array(frame.prefix(EthernetHeader.size + Int(header.totalLength)))
    frame.withMutableRawBytes { bytes in
      EthernetHeader(destination: neighbour, source: source, type: .ipv4)
        .write(into: &bytes, at: 0)
      bytes.store(header.ttl - 1, at: EthernetHeader.size + 8)
      bytes.store(isFast ? read.patchedChecksum : read.newChecksum, at: EthernetHeader.size + 10)
    }
    return frame
  }
}

extension FibAnswer {
  /// What a trace tells of tables that are not the packet's.
  func event(_ destination: IPv4Address) -> Event {
    .otherFibs(
      tables, RouteStep(fib: fib, chooser: .default, destination: destination, answer: route))
  }
}
