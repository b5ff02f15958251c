// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// The machine whose packets mostly take the express lane, and what is done to it.
struct ExpressLab {
  var random: RandomSource
  var happenings: HappeningMaker
  let interfaces: [InterfaceIndex]

  /// Three networks with neighbours who listen to nothing, and gateways of several kinds.
  static func boot(seed: UInt64) throws -> Kernel {
    var options = KernelOptions.demo
    options.seed = seed
    options.cpus = [1, 1, 4, 2][Int(seed % 4)]
    options.netisr.maxthreads = options.cpus
    options.ipStealth = seed % 5 == 0
    var kernel = Kernel(options)
    var random = RandomSource(seed: seed)
    for (unit, index) in kernel[.zero].interfaces.all.enumerated() where unit < 3 {
      let address = IPv4Address(10, 0, UInt8(unit), 1)
      try kernel.addAddress(
        vnet: .zero, interface: index, AddressRequest(address, mask: IPv4Prefix.mask(length: 24)))
      for host in [UInt8(2), 77, 99] {
        try kernel.arpSet(
          vnet: .zero, interface: index, address: IPv4Address(10, 0, UInt8(unit), host),
          hardwareAddress: EthernetAddress(rawValue: 0x02aa_0000_0001),
          isTemporary: random.chance(50))
      }
    }
    for (fib, unit) in [(UInt8(0), UInt8(1)), (1, 2)] {
      for (network, length) in [
        (IPv4Address(192, 168, 0, 0), 16), (IPv4Address(172, 16, 0, 0), 16), (.any, 0),
        (IPv4Address(8, 8, 8, 8), 32),
      ] {
        var message = RouteMessage(
          destination: network, mask: length == 32 ? nil : IPv4Prefix.mask(length: length),
          gateway: .address(IPv4Address(10, 0, unit, random.pick([2, 2, 2, 77, 50]))))
        message.flags = [.RTF_UP, .RTF_GATEWAY, .RTF_STATIC]
        if length == 32 { message.flags.insert(.RTF_HOST) }
        try kernel.routeAdd(vnet: .zero, fib: FibNumber(rawValue: fib), message)
      }
    }
    try kernel.setSysctl(.ipForwarding, to: 1, vnet: .zero)
    try kernel.setSysctl(.ipFastforwarding, to: Int64(seed % 2), vnet: .zero)
    try kernel.setSysctl(.ipFwEnable, to: seed % 3 == 0 ? 1 : 0, vnet: .zero)
    return kernel
  }

  init(seed: UInt64, _ kernel: borrowing Kernel) {
    random = RandomSource(seed: seed &* 77)
    happenings = HappeningMaker(seed: seed, kernel)
    interfaces = kernel[.zero].interfaces.all
  }

  /// A frame that is right but for at most a detail.
  mutating func frame() -> ReceivedFrame {
    let place = Int.random(in: 0..<3, using: &random)
    let destinations = [
      IPv4Address(192, 168, 1, 5), IPv4Address(172, 16, 0, 1), IPv4Address(8, 8, 8, 8),
      IPv4Address(10, 0, 0, 2), IPv4Address(10, 0, 1, 77), IPv4Address(10, 0, 2, 99),
      IPv4Address(8, 8, 4, 4),
      IPv4Address(10, 0, 0, 2), IPv4Address(10, 0, 1, 2), IPv4Address(10, 0, 2, 2),
      // The broadcast address of the networks' class, and of a network.
      IPv4Address(10, 255, 255, 255), IPv4Address(10, 0, random.pick([0, 1, 2]), 255),
    ]
    let sizes = [0, 0, 8, 18, 18, 26, 400, 1472, 1480, random.chance(5) ? 2300 : 556]
    var payload = random.bytes(random.pick(sizes))
    if random.chance(60) { makeFlow(&payload) }
    var header = IPv4Header(
      totalLength: UInt16(20 + payload.count), protocol: random.pick([.udp, .tcp, .icmp]),
      source: IPv4Address(10, 0, UInt8(place), 2), destination: random.pick(destinations))
    header.ttl = random.pick([64, 64, 255, 2, 3])
    header.tos = random.chance(20) ? random.byte() : 0
    header.identification = UInt16(random.byte())
    header.fragment = random.pick([0, 0, 0, 0x4000, 0x2000, 5])
    if random.chance(20) { spoil(&header) }
    var bytes = Self.bytes(
      header, payload, to: happenings.hardwareAddresses[place], isRight: !random.chance(5))
    if random.chance(30) { bytes += random.bytes(random.pick([1, 18, 46, 4])) }
    if random.chance(5) { bytes = Array(bytes.prefix(Int(random.byte()))) }
    if random.chance(5) {
      let end = min(34, bytes.count)
      if end > 0 {
        bytes[Int.random(in: 0..<end, using: &random)] ^= 1 << (random.byte() & 7)
      }
    }
    return received(bytes, place)
  }

  /// Frames that a card hands up together.
  mutating func batch() -> FrameBatch {
    let first = frame()
    var batch = FrameBatch(first.facts)
    for _ in 0..<random.pick([1, 3, 17, 40]) {
      let next = frame()
      if next.interface == first.interface { batch.append(next.bytes) }
    }
    return batch
  }

  private mutating func received(_ bytes: [UInt8], _ place: Int) -> ReceivedFrame {
    var frame = ReceivedFrame(bytes, on: interfaces[place])
    if random.chance(20) { frame.fib = FibNumber(rawValue: random.pick([0, 1, 1, 2, 17])) }
    if random.chance(10) { frame.flowID = 7 }
    if random.chance(20) { frame.cpu = Int(random.byte() % 5) }
    if random.chance(5) { frame.checksum = .good }
    if random.chance(1) { frame.checksum = .bad }
    if random.chance(1) { frame.firstBufferCount = Int(random.byte()) % 64 }
    return frame
  }

  /// Gives a segment ports that others have, too, and flags that a connection comes to.
  private mutating func makeFlow(_ segment: inout [UInt8]) {
    guard segment.count >= 4 else { return }
    segment.replaceSubrange(
      0..<4, with: random.pick([[0, 7, 0, 9], [0, 9, 0, 7], [0, 7, 0, 7]]))
    guard segment.count > 13 else { return }
    segment[13] = random.pick([0x02, 0x12, 0x10, 0x10, 0x18, random.chance(20) ? 0x11 : 0x10])
  }

  /// Makes one field unusual.
  private mutating func spoil(_ header: inout IPv4Header) {
    switch Int.random(in: 0..<5, using: &random) {
    case 0: header.source = happenings.packets.address()
    case 1: header.destination = happenings.packets.address()
    case 2: header.ttl = random.pick([0, 1])
    case 3: header.totalLength = UInt16(random.byte())
    default: header.headerWords = random.pick([4, 6, 0, 15])
    }
  }

  private static func bytes(
    _ header: IPv4Header, _ payload: [UInt8], to station: EthernetAddress, isRight: Bool
  ) -> [UInt8] {
    var header = header
    var frame: [UInt8] = []
    // The second time with the checksum that the first time's header has.
    for _ in 0..<2 {
      frame = [UInt8](repeating: 0, count: 34) + payload
      frame.withMutableRawBytes { bytes in
        EthernetHeader(
          destination: station, source: EthernetAddress(rawValue: 0x02aa_0000_0001), type: .ipv4
        ).write(into: &bytes, at: 0)
        header.write(into: &bytes, at: 14)
      }
      header.checksum = IPv4Header.checksum(
        of: frame.rawBytes.extracting(droppingFirst: 14), headerLength: 20)
      if !isRight { header.checksum ^= 0x100 }
    }
    return frame
  }

  /// What else may happen: anything that happens to the other lab, and what only the lane asks for.
  mutating func change() -> LabChange {
    let interface = random.pick(Array(interfaces.prefix(3)))
    switch Int.random(in: 0..<27, using: &random) {
    case 0: return .mtu(interface, random.pick([1500, 1500, 576, 1514]))
    case 1: return .stall(interface, random.chance(30))
    case 2: return .observe(interface)
    case 3: return .queueLimit(interface, random.pick([1, 2, 3, 4, 255, 255]))
    case 4: return .assist(interface, random.pick([[], [], .CSUM_IP, .CSUM_FRAGMENT]))
    case 5: return .link(interface, random.pick([.up, .up, .down, .unknown]))
    case 6: return .station(interface)
    case 7: return .buffers(random.pick([25_600, 25_600, 1, 2, 3]))
    case 8, 9: return .wait(random.pick([1, 1000, 60_000, 1_195_000, 1_197_000]))
    case 10: return .firewall(random.chance(60))
    case 11: return .fast(random.chance(50))
    case 12: return .neighbour(interface, random.pick([2, 50, 77, 99, 255]))
    case 13, 14: return .answer(interface, random.pick([2, 2, 50, 77, 99]))
    case 15: return .stealth(random.chance(50))
    case 16...21: return .rules(LaneRuleChange(&random))
    case 22: return routeChange()
    default: return .other(happenings.next())
    }
  }
}

extension ExpressLab {
  /// A route of some table comes, goes, or leads elsewhere.
  mutating func routeChange() -> LabChange {
    let keys: [RouteKey] = [
      RouteKey(network: IPv4Address(192, 168, 0, 0), mask: IPv4Prefix.mask(length: 16)),
      RouteKey(network: IPv4Address(192, 168, 1, 0), mask: IPv4Prefix.mask(length: 24)),
      RouteKey(network: IPv4Address(172, 16, 0, 0), mask: IPv4Prefix.mask(length: 15)),
      RouteKey(network: .any, mask: .any), RouteKey(host: IPv4Address(8, 8, 8, 8)),
      RouteKey(host: IPv4Address(192, 168, 1, 5)),
      RouteKey(network: IPv4Address(8, 0, 4, 0), mask: IPv4Address(255, 0, 255, 0)),
    ]
    // The last one's mask is no prefix.
    let key = random.chance(10) ? keys[6] : random.pick(Array(keys.prefix(6)))
    let fib = FibNumber(rawValue: random.pick([0, 1, 2, 3, 15]))
    let gateway = IPv4Address(10, 0, random.pick([1, 2]), random.pick([2, 77, 99]))
    return .route(key, fib, gateway)
  }
}

/// A change of the lab's settings.
enum LabChange {
  case mtu(InterfaceIndex, Int)
  case stall(InterfaceIndex, Bool)
  case observe(InterfaceIndex)
  case queueLimit(InterfaceIndex, UInt32)
  case assist(InterfaceIndex, HardwareAssist)
  case link(InterfaceIndex, LinkState)
  /// Somebody listens on the wire, or leaves it.
  case station(InterfaceIndex)
  case buffers(Int)
  case wait(UInt64)
  case firewall(Bool)
  case fast(Bool)
  case stealth(Bool)
  case neighbour(InterfaceIndex, UInt8)
  /// An ARP reply comes: what is learned from it is asked for again before it ends.
  case answer(InterfaceIndex, UInt8)
  /// A route goes, or comes over a gateway.
  case route(RouteKey, FibNumber, IPv4Address)
  case rules(LaneRuleChange)
  case other(Happening)
}

extension Kernel {
  /// Does it; what the kernel refuses is part of the test.
  mutating func perform(_ change: LabChange) {
    var recorder = Recorder()
    switch change {
    case .mtu(let interface, let mtu): try? setMTU(vnet: .zero, interface: interface, mtu)
    case .stall(let interface, let isStalled):
      try? setStalled(vnet: .zero, interface: interface, isStalled)
    case .observe(let interface):
      let observer = attachObserver(
        interface, vnet: .zero, process: 1, program: "t", isPromiscuous: false)
      if machine.tally.entered % 3 > 0 { detachObserver(observer) }
    case .queueLimit(let interface, let limit):
      try? setQueueLimit(vnet: .zero, interface: interface, limit)
    case .assist(let interface, let assist):
      try? setHardwareAssist(vnet: .zero, interface: interface, assist)
    case .link(let interface, let state):
      try? setLinkState(vnet: .zero, interface: interface, state)
    case .station(let interface):
      let address = IPv4Address(10, 0, 9, 9)
      if (try? deleteNeighbor(vnet: .zero, interface: interface, address)) == nil {
        try? setNeighbor(Neighbor(address, EthernetAddress(rawValue: 0x02cc), on: interface))
      }
    case .buffers(let limit): machine.store.limit = limit
    case .wait(let milliseconds): advance(to: machine.now.advanced(milliseconds: milliseconds))
    case .firewall(let isOn): try? setSysctl(.ipFwEnable, to: isOn ? 1 : 0, vnet: .zero)
    case .fast(let isOn): try? setSysctl(.ipFastforwarding, to: isOn ? 1 : 0, vnet: .zero)
    case .stealth(let isOn): try? setSysctl(.ipStealth, to: isOn ? 1 : 0, vnet: .zero)
    case .neighbour(let interface, let host):
      let address = IPv4Address(10, 0, UInt8(interface.rawValue) - 1, host)
      if (try? arpDelete(vnet: .zero, interface: interface, address: address)) == nil {
        try? arpSet(
          vnet: .zero, interface: interface, address: address,
          hardwareAddress: EthernetAddress(rawValue: 0x02aa_0000_0007))
      }
    case .answer(let interface, let host):
      let network = UInt8(interface.rawValue) - 1
      let card = self[.zero].interfaces[interface].hardwareAddress
      let station = EthernetAddress(rawValue: 0x02aa_0000_0001)
      let reply = ARPHeader(
        operation: .reply, senderHardware: station,
        senderProtocol: IPv4Address(10, 0, network, host), targetHardware: card,
        targetProtocol: IPv4Address(10, 0, network, 1))
      var bytes = [UInt8](repeating: 0, count: EthernetHeader.size + ARPHeader.size)
      bytes.withMutableRawBytes { bytes in
        EthernetHeader(destination: card, source: station, type: .arp).write(into: &bytes, at: 0)
        reply.write(into: &bytes, at: EthernetHeader.size)
      }
      receive(ReceivedFrame(bytes, on: interface))
    case .route(let key, let fib, let gateway):
      var message = RouteMessage(
        destination: key.destination, mask: key.isHost ? nil : key.mask,
        gateway: .address(gateway))
      message.flags = [.RTF_UP, .RTF_GATEWAY, .RTF_STATIC]
      if key.isHost { message.flags.insert(.RTF_HOST) }
      let isThere = self[.zero].routes.exact(key, in: fib) != nil
      if isThere, gateway.rawValue & 0xff == 99 {
        try? routeDelete(vnet: .zero, fib: fib, message)
      } else if isThere {
        try? routeChange(vnet: .zero, fib: fib, message)
      } else {
        try? routeAdd(vnet: .zero, fib: fib, message)
      }
    case .rules(let change): perform(change)
    case .other(let happening): perform(happening, &recorder)
    }
  }
}
