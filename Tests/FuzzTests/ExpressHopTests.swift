// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

// The memory that a frame left behind is shown by no call.
@testable import Netstack

/// Whatever changes where the packets of a next hop go is seen by the next packet of the express lane,
/// which has kept the answers that it got for those before.
@Suite("Express hops") struct ExpressHopTests {
  private static let gateway = IPv4Address(10, 0, 1, 77)
  private static let input = InterfaceIndex(rawValue: 1)
  private static let output = InterfaceIndex(rawValue: 2)

  /// Something that happens between two packets.
  struct Change: Sendable, CustomTestStringConvertible {
    let name: String
    /// Whether the lane serves the packets after it.
    let isServed: Bool
    let perform: @Sendable (inout Kernel) throws -> Void

    var testDescription: String { name }

    init(
      _ name: String, isServed: Bool = false,
      _ perform: @escaping @Sendable (inout Kernel) throws -> Void
    ) {
      (self.name, self.isServed, self.perform) = (name, isServed, perform)
    }
  }

  private static let changes: [Change] = [
    Change("nothing", isServed: true) { _ in },
    Change("arp -d") {
      try $0.arpDelete(vnet: .zero, interface: output, address: gateway)
    },
    Change("arp -s", isServed: true) {
      try $0.arpSet(
        vnet: .zero, interface: output, address: gateway,
        hardwareAddress: EthernetAddress(rawValue: 0x02aa_0000_0055))
    },
    Change("arp -s the card's own address") {
      let own = $0[.zero].interfaces[output].hardwareAddress
      try $0.arpSet(vnet: .zero, interface: output, address: gateway, hardwareAddress: own)
    },
    Change("a reply with another address", isServed: true) { $0.learn(gateway, on: output) },
    Change("a second before it asks again", isServed: true) {
      $0.learn(gateway, on: output)
      $0.advance(to: $0.machine.now.advanced(seconds: 1195))
    },
    Change("it asks again") {
      $0.learn(gateway, on: output)
      $0.advance(to: $0.machine.now.advanced(seconds: 1196))
    },
    Change("it has expired") {
      $0.learn(gateway, on: output)
      $0.advance(to: $0.machine.now.advanced(seconds: 1201))
    },
    Change("a minute before the end", isServed: true) {
      $0.advance(to: $0.machine.now.advanced(seconds: 1140))
    },
    Change("the temporary entry is over") {
      $0.advance(to: $0.machine.now.advanced(seconds: 1201))
    },
    Change("ifconfig down") {
      try $0.setFlags(vnet: .zero, interface: output, clear: .IFF_UP)
    },
    Change("ifconfig down and up") {
      try $0.setFlags(vnet: .zero, interface: output, clear: .IFF_UP)
      try $0.setFlags(vnet: .zero, interface: output, set: .IFF_UP)
    },
    Change("ifconfig monitor") {
      try $0.setFlags(vnet: .zero, interface: output, set: .IFF_MONITOR)
    },
    Change("the input goes down") {
      try $0.setFlags(vnet: .zero, interface: input, clear: .IFF_UP)
    },
    Change("a smaller MTU") { try $0.setMTU(vnet: .zero, interface: output, 576) },
    Change("the MTU of the route") {
      var message = route(to: gateway)
      message.mtu = 576
      try $0.routeChange(vnet: .zero, fib: .zero, message)
    },
    Change("another hardware address", isServed: true) {
      try $0.setLinkAddress(vnet: .zero, interface: output, [2, 1, 1, 1, 1, 1])
    },
    Change("the address removed") {
      try $0.deleteAddress(vnet: .zero, interface: output, IPv4Address(10, 0, 1, 1))
    },
    Change("a network whose broadcast address the gateway has") {
      try $0.addAddress(
        vnet: .zero, interface: output,
        AddressRequest(
          IPv4Address(10, 0, 1, 70), mask: IPv4Prefix.mask(length: 29), destination: gateway))
    },
    Change("the gateway is ours", isServed: true) {
      try $0.addAddress(
        vnet: .zero, interface: InterfaceIndex(rawValue: 3),
        AddressRequest(gateway, mask: IPv4Prefix.mask(length: 32)))
    },
    Change("another gateway", isServed: true) {
      try $0.routeChange(vnet: .zero, fib: .zero, route(to: IPv4Address(10, 0, 2, 2)))
    },
    Change("the route goes, and another has its number", isServed: true) {
      try $0.routeDelete(vnet: .zero, fib: .zero, route(to: gateway))
      try $0.routeAdd(vnet: .zero, fib: .zero, route(to: IPv4Address(10, 0, 2, 99)))
    },
    Change("back where it came from") {
      try $0.routeChange(vnet: .zero, fib: .zero, route(to: IPv4Address(10, 0, 0, 77)))
    },
    Change("the route rejects") {
      var message = route(to: gateway)
      message.flags.insert(.RTF_REJECT)
      try $0.routeDelete(vnet: .zero, fib: .zero, message)
      try $0.routeAdd(vnet: .zero, fib: .zero, message)
    },
    Change("renamed", isServed: true) {
      try $0.rename(vnet: .zero, interface: output, to: "out0")
    },
    Change("moved to another stack") {
      _ = try $0.moveInterface(InterfacePlace(.zero, output), to: $0.createVnet())
    },
    Change("somebody watches") {
      _ = $0.attachObserver(
        output, vnet: .zero, process: 1, program: "t", isPromiscuous: false)
    },
    Change("the driver is stopped") {
      try $0.setStalled(vnet: .zero, interface: output, true)
    },
    Change("no room in the queue") { try $0.setQueueLimit(vnet: .zero, interface: output, 1) },
    Change("the card makes checksums") {
      try $0.setHardwareAssist(vnet: .zero, interface: output, .CSUM_IP)
    },
    Change("the cable is out") { try $0.setLinkState(vnet: .zero, interface: output, .down) },
    Change("somebody listens on the wire") {
      try $0.setNeighbor(
        Neighbor(IPv4Address(10, 0, 1, 9), EthernetAddress(rawValue: 0x02cc), on: output))
    },
    Change("in a bridge") {
      try $0.createInterface(vnet: .zero, named: "bridge0")
      let bridge = try $0.interface(vnet: .zero, named: "bridge0").index
      try $0.addBridgeMember(vnet: .zero, interface: bridge, "em1")
    },
    Change("ip.forwarding=0") { try $0.setSysctl(.ipForwarding, to: 0, vnet: .zero) },
    Change("ip.fastforwarding=1", isServed: true) {
      try $0.setSysctl(.ipFastforwarding, to: 1, vnet: .zero)
    },
    Change("isr.direct=0") { try $0.setSysctl(.isrDirect, to: 0, vnet: .zero) },
    Change("no memory") { $0.machine.store.limit = 1 },
  ]

  @Test(arguments: changes) func isSeen(change: Change) throws {
    for isFast in [false, true] {
      var general = try Self.boot(isFast: isFast)
      var lane = general.clone()
      general.usesExpressLane = false
      let frame = Self.frame()
      // The answers are known before the change.
      for _ in 0..<2 {
        let isServed = lane.takes(frame)
        #expect(isServed)
        Self.expectSame(frame, &general, &lane, "before")
      }
      try change.perform(&general)
      try change.perform(&lane)
      #expect(general.stateHash() == lane.stateHash(), "\(change.name)")
      let isServed = lane.takes(frame)
      #expect(isServed == change.isServed || isFast, "\(change.name)")
      var batched = lane.clone()
      for _ in 0..<3 { Self.expectSame(frame, &general, &lane, change.name) }
      // The clone knows nothing; for the second packet it does.
      var batch = FrameBatch(on: Self.input)
      for _ in 0..<3 { batch.append(frame.bytes) }
      batched.receive(batch)
      #expect(batched.stateHash() == general.stateHash(), "\(change.name), in a batch")
    }
  }

  /// The same with batches on both sides of the change.
  @Test(arguments: changes) func isSeenByBatches(change: Change) throws {
    var general = try Self.boot(isFast: false)
    var lane = general.clone()
    general.usesExpressLane = false
    var batch = FrameBatch(on: Self.input)
    for _ in 0..<37 { batch.append(Self.frame().bytes) }
    for round in 0..<3 {
      general.receive(batch)
      lane.receive(batch)
      #expect(general.stateHash() == lane.stateHash(), "\(change.name), round \(round)")
      Self.expectSame(Self.frame(), &general, &lane, change.name)
      if round == 0 {
        try change.perform(&general)
        try change.perform(&lane)
      }
    }
  }

  /// A router whose packets to 198.51.100.0/24 go by a gateway that ARP knows for twenty minutes.
  private static func boot(isFast: Bool) throws -> Kernel {
    var kernel = Kernel(.demo)
    for unit in 0..<3 as Range<UInt8> {
      let interface = InterfaceIndex(rawValue: UInt16(unit) + 1)
      try kernel.addAddress(
        vnet: .zero, interface: interface,
        AddressRequest(IPv4Address(10, 0, unit, 1), mask: IPv4Prefix.mask(length: 24)))
      for host in [2, 77, 99] as [UInt8] {
        try kernel.arpSet(
          vnet: .zero, interface: interface, address: IPv4Address(10, 0, unit, host),
          hardwareAddress: EthernetAddress(rawValue: 0x02aa_0000_0000 | UInt64(host)),
          isTemporary: host == 77)
      }
    }
    try kernel.routeAdd(vnet: .zero, fib: .zero, route(to: gateway))
    try kernel.setSysctl(.ipForwarding, to: 1, vnet: .zero)
    try kernel.setSysctl(.ipFastforwarding, to: isFast ? 1 : 0, vnet: .zero)
    try kernel.setSysctl(.ipFwEnable, to: 0, vnet: .zero)
    return kernel
  }

  private static func route(to gateway: IPv4Address) -> RouteMessage {
    var message = RouteMessage(
      destination: IPv4Address(198, 51, 100, 0), mask: IPv4Prefix.mask(length: 24),
      gateway: .address(gateway))
    message.flags = [.RTF_UP, .RTF_GATEWAY, .RTF_STATIC]
    return message
  }

  /// A packet of 1000 bytes.
  private static func frame() -> ReceivedFrame {
    let station = EthernetAddress(rawValue: 0x02aa_0000_0002)
    var header = IPv4Header(
      totalLength: 1000, protocol: .udp, source: IPv4Address(10, 0, 0, 2),
      destination: IPv4Address(198, 51, 100, 7))
    header.ttl = 64
    var bytes = [UInt8](repeating: 7, count: 1014)
    let card = Kernel(.demo)[.zero].interfaces[input].hardwareAddress
    for _ in 0..<2 {
      bytes.withMutableRawBytes { bytes in
        EthernetHeader(destination: card, source: station, type: .ipv4).write(into: &bytes, at: 0)
        header.write(into: &bytes, at: 14)
      }
      header.checksum = IPv4Header.checksum(
        of: bytes.rawBytes.extracting(droppingFirst: 14), headerLength: 20)
    }
    return ReceivedFrame(bytes, on: input)
  }

  private static func expectSame(
    _ frame: ReceivedFrame, _ general: inout Kernel, _ lane: inout Kernel, _ place: String
  ) {
    let buffer = lane.machine.store.small.next
    #expect(general.receive(frame) == lane.receive(frame), "\(place)")
    #expect(general.stateHash() == lane.stateHash(), "\(place)")
    // There is none left when all wait for a driver.
    guard let buffer else { return }
    let end = PacketStore.headroom + frame.bytes.count
    let left = lane.machine.store.small.remains(of: buffer, upTo: end)
    #expect(left == general.machine.store.small.remains(of: buffer, upTo: end), "\(place)")
  }
}

extension Kernel {
  /// Whether the lane would take a frame.
  fileprivate func takes(_ frame: ReceivedFrame) -> Bool {
    var other = clone()
    return other.vnets[0].sendExpress(frame.bytes.rawBytes, frame.facts, &other.machine)
  }

  /// An ARP reply with another hardware address comes.
  fileprivate mutating func learn(_ address: IPv4Address, on interface: InterfaceIndex) {
    let card = self[.zero].interfaces[interface].hardwareAddress
    let station = EthernetAddress(rawValue: 0x02aa_0000_0099)
    let reply = ARPHeader(
      operation: .reply, senderHardware: station, senderProtocol: address, targetHardware: card,
      targetProtocol: IPv4Address(10, 0, 1, 1))
    var bytes = [UInt8](repeating: 0, count: EthernetHeader.size + ARPHeader.size)
    bytes.withMutableRawBytes { bytes in
      EthernetHeader(destination: card, source: station, type: .arp).write(into: &bytes, at: 0)
      reply.write(into: &bytes, at: EthernetHeader.size)
    }
    receive(ReceivedFrame(bytes, on: interface))
  }
}
