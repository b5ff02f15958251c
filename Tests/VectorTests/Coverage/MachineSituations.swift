// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Userland
import Wire

/// Situations that no command brings about: buffers cut in two, drivers that stand still, cards that
/// 8.0 has no driver for.
enum MachineSituations {
  /// Runs all of them; each says which id it is for.
  static func all() throws -> [(id: TraceID, coverage: Coverage)] {
    var results = recorder.map { id, steps in
      (id, TraceCoverageTests.replay(router, steps))
    }
    results.append((.outNorouteMcast, try multicastOnPlainCard()))
    results.append((.outBcastIf, try broadcastOnLoopback()))
    results.append((.dlvTcp, try acceptedConnection()))
    results.append((.isrWorker, try workerThatGoesOn()))
    results.append((.isrGone, try queueOfAnInterfaceThatGoes()))
    results.append((.linkGone, try cableOfAPairThatGoes()))
    results.append((.dnPurged, try purgedPipe()))
    results.append((.dnProfile, try lossyProfile()))
    return results
  }

  private static let router = [
    "if em0 02:00:00:00:00:00", "if em1 02:00:00:00:00:01", "ifconfig em0 inet 10.0.0.1/24",
    "ifconfig em1 inet 10.0.1.1/24", "ifconfig em0 up", "ifconfig em1 up",
    "arp -s 10.0.0.2 02:aa:00:00:00:01", "arp -s 10.0.1.2 02:aa:00:00:00:02",
    "sysctl net.inet.ip.forwarding=1",
  ]

  /// A packet of protocol 99 from 10.0.0.2 to 10.0.1.2, in hexadecimal.
  private static let transit: String = {
    let header = IPv4Header(
      totalLength: 28, identification: 1, protocol: IPProtocol(rawValue: 99),
      source: IPv4Address(10, 0, 0, 2), destination: IPv4Address(10, 0, 1, 2))
    var bytes = [UInt8](repeating: 0, count: 28)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    header.write(into: &raw, at: 0)
    raw.store(IPv4Header.checksum(of: raw.bytes, headerLength: IPv4Header.size), at: 10)
    return Word.hex(bytes)
  }()

  /// In the recorder's words.
  private static let recorder: [(TraceID, [String])] = [
    (.ipToosmall, ["sysctl debug.fail_point=1", "inject em0 \(transit) split=10"]),
    (
      .ffToosmall,
      [
        "sysctl net.inet.ip.fastforwarding=1", "sysctl debug.fail_point=1",
        "inject em0 \(transit) split=10",
      ]
    ),
    (
      .fwdErrQuench,
      [
        "sysctl net.inet.ip.sendsourcequench=1", "ifconfig em1 qlen 1", "ifconfig em1 stall on",
        "inject em0 \(transit)", "inject em0 \(transit)",
      ]
    ),
    (
      .arpFlushed,
      [
        "arp -d 10.0.1.2", "inject em0 \(transit)", "ifconfig em1 inet 10.0.1.1 -alias",
      ]
    ),
  ]

  /// Every Ethernet card of 8.0 can multicast, and no call takes that from it.
  private static func multicastOnPlainCard() throws -> Coverage {
    var harness = Harness(router)
    for command in router { try harness.configure(command) }
    let card = try harness.kernel.interface(vnet: .zero, named: "em1").index
    harness.kernel[.zero].interfaces[card].flags.remove(.IFF_MULTICAST)
    return harness.sending(
      bytes(to: IPv4Address(224, 9, 9, 9)), MulticastOptions(interface: card))
  }

  /// A host route that claims to be a broadcast, by an interface that has none.
  private static func broadcastOnLoopback() throws -> Coverage {
    var harness = Harness(router)
    for command in router { try harness.configure(command) }
    try harness.configure("ifconfig lo0 inet 127.0.0.1/8")
    let target = IPv4Address(7, 7, 7, 7)
    let loopback = try harness.kernel.interface(vnet: .zero, named: "lo0").index
    var message = RouteMessage(destination: target, mask: nil, gateway: .link(loopback))
    message.flags = [.RTF_UP, .RTF_HOST, .RTF_STATIC, .RTF_BROADCAST]
    try harness.kernel.routeAdd(vnet: .zero, fib: .zero, message)
    return harness.sending(bytes(to: target), nil)
  }

  private static func bytes(to target: IPv4Address) -> [UInt8] {
    let header = IPv4Header(
      totalLength: 28, identification: 1, protocol: IPProtocol(rawValue: 99),
      source: IPv4Address(10, 0, 1, 1), destination: target)
    var bytes = [UInt8](repeating: 0, count: 28)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    header.write(into: &raw, at: 0)
    return bytes
  }

  /// A pipe is deleted while a packet waits in it; no command traces that.
  private static func purgedPipe() throws -> Coverage {
    let sitting = Sitting()
    _ = try sitting.type(
      """
      ifconfig em0 inet 10.0.0.1/24
      ipfw pipe 1 config delay 10
      ipfw -q add pipe 1 ip from any to any in
      inject -q udp from 10.0.0.2 1 to 10.0.0.1 2 recv em0

      """)
    var recorder = Recorder()
    try sitting.session.kernel.dummynetDelete(pipe: 1, tracer: &recorder)
    return coverage(recorder)
  }

  /// A worker that stood still takes what waits; no command traces that.
  private static func workerThatGoesOn() throws -> Coverage {
    let sitting = Sitting()
    _ = try sitting.type(
      """
      sysctl debug.netisr_stop=1
      inject -q send icmp from 127.0.0.1 to 127.0.0.1

      """)
    sitting.session.kernel.machine.sysctl[.debugNetisrStop] = 0
    var recorder = Recorder()
    sitting.session.kernel.settleNetisr(&recorder)
    return coverage(recorder)
  }

  private static func coverage(_ recorder: borrowing Recorder) -> Coverage {
    var coverage = Coverage()
    for entry in recorder.entries { coverage.note(entry.event) }
    return coverage
  }

  /// An interface goes while a packet that came by it waits for a stopped worker.
  private static func queueOfAnInterfaceThatGoes() throws -> Coverage {
    let sitting = Sitting()
    let packet = Word.hex(bytes(to: IPv4Address(10, 0, 5, 1)))
    _ = try sitting.type(
      """
      ifconfig em0 up
      ifconfig vlan1 create vlan 5 vlandev em0 inet 10.0.5.1/24
      sysctl debug.netisr_stop=1 net.isr.direct=0
      inject -q frame ffffffffffff02aa00000001810000050800\(packet) recv em0

      """)
    let vlan = try sitting.session.kernel.interface(vnet: .zero, named: "vlan1").index
    var recorder = Recorder()
    try sitting.session.kernel.destroyInterface(vnet: .zero, interface: vlan, tracer: &recorder)
    return coverage(recorder)
  }

  /// A pair goes while a frame is on its cable.
  private static func cableOfAPairThatGoes() throws -> Coverage {
    let sitting = Sitting()
    _ = try sitting.type(
      """
      ifconfig epair0 create 10.5.0.1/24
      ifconfig epair0b up
      link epair0a delay 1m
      arp -s 10.5.0.2 02:aa:00:00:00:05
      trace -q send icmp from 10.5.0.1 to 10.5.0.2
      ping -q -c 1 -t 1 10.5.0.2

      """)
    let end = try sitting.session.kernel.interface(vnet: .zero, named: "epair0b").index
    var recorder = Recorder()
    try sitting.session.kernel.destroyInterface(vnet: .zero, interface: end, tracer: &recorder)
    return coverage(recorder)
  }

  /// A link that loses everything after its delay; a profile is read from a file.
  private static func lossyProfile() throws -> Coverage {
    let sitting = Sitting()
    var pipe = PipeSettings()
    pipe.number = 1
    pipe.bandwidth = 1_000_000
    pipe.profile = DelayProfile(name: "", lossLevel: 0, samples: [10])
    try sitting.session.kernel.dummynetConfigure(pipe)
    return try sitting.type(
      """
      ifconfig em0 inet 10.0.0.1/24
      ipfw -q add pipe 1 ip from any to any in
      inject -q udp from 10.0.0.2 1 to 10.0.0.1 2 recv em0
      sleep -j 1

      """)
  }

  /// The handshake needs the number that the SYN-ACK has.
  private static func acceptedConnection() throws -> Coverage {
    let sitting = Sitting()
    let ends = "from 10.0.0.2 1000 to 10.0.0.1 80"
    _ = try sitting.type(
      """
      ifconfig em0 inet 10.0.0.1/24
      arp -s 10.0.0.2 02:aa:00:00:00:01
      sock tcp listen *:80
      inject -j tcp \(ends) seq 100 tcpflags syn recv em0

      """)
    let frame = try sitting.lastFrame()
    let headers = EthernetHeader.size + IPv4Header.size
    let answer = TCPHeader(Array(frame.dropFirst(headers)).rawBytes)
    let segment = try #require(answer)
    return try sitting.type(
      "inject -j tcp \(ends) seq 101 ack \(segment.sequence &+ 1) tcpflags ack recv em0\n")
  }
}

extension Harness {
  /// Lets a process send a packet, and tells what that reached.
  fileprivate mutating func sending(
    _ packet: [UInt8], _ multicast: MulticastOptions?
  ) -> Coverage {
    var local = LocalPacket(packet, socket: .rawHeaderIncluded)
    local.multicast = multicast
    try? kernel.send(local, tracer: &recorder)
    observer.forget(&recorder)
    return observer.coverage
  }
}
