// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// Whatever is done to sockets, and whatever comes for them, nothing is lost and nothing stays.
@Suite("Random sockets") struct SocketFuzzTests {
  @Test(arguments: FuzzSize.frameSeeds) func keepAccount(seed: UInt64) throws {
    var options = KernelOptions.demo
    options.seed = seed
    var kernel = Kernel(options)
    let em0 = try kernel.interface(vnet: .zero, named: "em0").index
    try kernel.addAddress(
      vnet: .zero, interface: em0,
      AddressRequest(IPv4Address(10, 0, 0, 1), mask: IPv4Prefix.mask(length: 24)))
    try kernel.arpSet(
      vnet: .zero, interface: em0, address: IPv4Address(10, 0, 0, 2),
      hardwareAddress: EthernetAddress(2, 0, 0, 0, 0, 9))
    try kernel.addDiversions()
    try kernel.openSockets()
    var maker = SegmentMaker(random: RandomSource(seed: seed))
    var recorder = Recorder()
    for number in 0..<FuzzSize.framesPerSeed {
      if maker.random.chance(15) {
        maker.callSomething(&kernel)
      } else {
        var frame = ReceivedFrame(maker.frame(to: kernel[.zero].interfaces[em0]), on: em0)
        if maker.random.chance(10) { frame.fib = FibNumber(rawValue: 3) }
        kernel.receive(frame, tracer: &recorder)
        for snapshot in recorder.snapshots {
          guard case .transmitted = snapshot.moment else { continue }
          maker.learn(Array(recorder.bytes(of: snapshot)))
        }
        recorder.removeAll()
      }
      let tally = kernel.machine.tally
      #expect(tally.entered == tally.ended, "seed \(seed), number \(number): \(tally)")
    }
    #expect(kernel.machine.tally.delivered > 0, "seed \(seed)")
    for info in kernel.sockets(vnet: .zero) { try kernel.close(vnet: .zero, info.index) }
    kernel.advance(to: kernel.machine.now.advanced(seconds: 7200))
    #expect(kernel.machine.store.buffersInUse == 0, "seed \(seed)")
    #expect(kernel.halfOpenConnections(vnet: .zero).isEmpty, "seed \(seed)")
  }
}

/// Draws packets for a few ports, and calls on whatever sockets there are.
private struct SegmentMaker {
  var random: RandomSource
  /// The SYN-ACK that was sent last: its ends, and the numbers of the segment that completes it.
  private var handshake: (source: Endpoint, target: Endpoint, sequence: UInt32, answer: UInt32)?

  init(random: RandomSource) { self.random = random }

  /// Keeps in mind what a SYN-ACK asks for.
  mutating func learn(_ frame: [UInt8]) {
    let packet = Array(frame.dropFirst(EthernetHeader.size))
    guard let header = IPv4Header(packet.rawBytes), header.protocol == .tcp,
      let tcp = TCPHeader(Array(packet.dropFirst(header.headerLength)).rawBytes),
      tcp.flags == [.syn, .ack]
    else { return }
    handshake = (
      Endpoint(header.destination, tcp.destinationPort), Endpoint(header.source, tcp.sourcePort),
      tcp.acknowledgement, tcp.sequence &+ 1
    )
  }

  private mutating func port() -> UInt16 { random.pick([53, 80, 81, 0, 1000]) }

  private mutating func end() -> Endpoint {
    let address = random.pick([
      IPv4Address.any, IPv4Address(10, 0, 0, 1), IPv4Address(10, 0, 0, 2),
      IPv4Address(10, 0, 0, 255), IPv4Address(224, 0, 0, 1), IPv4Address.loopback,
      IPv4Address(8, 8, 8, 8),
    ])
    return Endpoint(address, port())
  }

  /// Makes, binds, connects, reads, sends on or closes a socket; most calls fail.
  mutating func callSomething(_ kernel: inout Kernel) {
    let known = kernel.sockets(vnet: .zero)
    guard known.count < 12, random.chance(60) || known.isEmpty else {
      guard let info = known.randomElement(using: &random) else { return }
      switch Int.random(in: 0..<7, using: &random) {
      case 0: try? kernel.close(vnet: .zero, info.index)
      case 1, 2: _ = try? kernel.receive(vnet: .zero, info.index)
      case 3: try? kernel.connect(vnet: .zero, info.index, to: end())
      case 4:
        let ttl: UInt8 = random.pick([0, 64, 255])
        try? kernel.setMinimumTTL(vnet: .zero, info.index, ttl)
      case 5: kernel.advance(to: kernel.machine.now.advanced(seconds: random.pick([1, 3, 30])))
      default:
        let count = random.pick([0, 1, 19, 20, 1472, 9216, 70_000])
        let bytes = [UInt8](repeating: 0x45, count: count)
        let target = random.chance(70) ? end() : nil
        try? kernel.send(vnet: .zero, info.index, bytes, to: target)
      }
      return
    }
    let kinds: [SocketKind] = [.udp, .tcp, .tcp, .raw, .divert]
    let kind = random.pick(kinds)
    let proto = IPProtocol(rawValue: random.pick([0, 1, 2, 17, 89]))
    let fib = FibNumber(rawValue: random.pick([0, 1, 15]))
    guard let socket = try? kernel.socket(vnet: .zero, kind, proto: proto, fib: fib) else { return }
    let sets: [SocketOptions] = [
      [], .SO_REUSEPORT, .SO_REUSEADDR, .SO_BROADCAST, .SO_DONTROUTE, .IP_HDRINCL,
      .IP_ONESBCAST, .INP_LOWPORT,
    ]
    try? kernel.setOptions(vnet: .zero, socket, random.pick(sets))
    try? kernel.bind(vnet: .zero, socket, to: end())
    if random.chance(80) { try? kernel.listen(vnet: .zero, socket) }
  }

  /// A frame with a datagram, segment or message, now and then damaged.
  mutating func frame(to interface: Ifnet) -> [UInt8] {
    var proto: IPProtocol = random.pick([.udp, .tcp, .tcp, .tcp, .icmp, .gre])
    var payload = [UInt8](repeating: 0, count: random.pick([0, 7, 8, 20, 24, 40, 500]))
    for place in payload.indices { payload[place] = random.pick([0, 0, 0, 1, 2, 3, 8, 255]) }
    var (source, target) = (end(), end())
    var flags: UInt8 = random.pick([2, 2, 16, 18, 4, 1, 0, 24])
    var (number, answer): (UInt32, UInt32) = (random.pick([100, 101, 65_000]), 1)
    if let handshake, random.chance(30) {
      proto = .tcp
      (source, target, number, answer) = handshake
      flags = random.pick([16, 16, 17, 4])
      if payload.count < 20 { payload = [UInt8](repeating: 0, count: 24) }
    }
    if payload.count >= 20 {
      let length = UInt16(payload.count)
      payload.withMutableRawBytes { bytes in
        bytes.store(source.port, at: 0)
        bytes.store(target.port, at: 2)
        switch proto {
        case .udp: bytes.store(length, at: 4)
        case .tcp:
          bytes.store(number, at: 4)
          bytes.store(answer, at: 8)
          bytes.store(UInt8(0x50), at: 12)
          bytes.store(flags, at: 13)
        default: break
        }
      }
      var sum = InternetChecksum()
      if proto != .icmp {
        sum.addPseudoHeader(
          source: source.address, destination: target.address, protocol: proto,
          length: payload.count)
      }
      let place = proto == .tcp ? 16 : proto == .udp ? 6 : 2
      payload.withMutableRawBytes { bytes in bytes.store(UInt16(0), at: place) }
      sum.add(payload.rawBytes)
      let checksum = sum.finish()
      if random.chance(95) {
        payload.withMutableRawBytes { bytes in bytes.store(checksum, at: place) }
      }
    }
    var header = IPv4Header(
      totalLength: UInt16(20 + payload.count), ttl: random.pick([1, 64, 255]),
      protocol: proto, source: source.address, destination: target.address)
    var bytes = [UInt8](repeating: 0, count: 34)
    let isGroup = random.chance(20)
    bytes.withMutableRawBytes { raw in
      EthernetHeader(
        destination: isGroup ? .broadcast : interface.hardwareAddress,
        source: EthernetAddress(2, 0, 0, 0, 0, 9), type: .ipv4
      ).write(into: &raw, at: 0)
      header.write(into: &raw, at: 14)
    }
    header.checksum = IPv4Header.checksum(
      of: Array(bytes.dropFirst(14)).rawBytes, headerLength: 20)
    bytes.withMutableRawBytes { raw in header.write(into: &raw, at: 14) }
    return bytes + payload
  }
}
