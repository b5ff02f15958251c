// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What `ip_output` decided about a packet's way.
struct OutputChoice: BitwiseCopyable {
  var interface: InterfaceIndex
  var nextHop: IPv4Address
  /// The address that stands for the interface; none where a multicast interface has none.
  var address: AddressIndex?
  /// The route, where one was looked up.
  var route: RouteIndex?
  /// Its MTU.
  var routeMTU: UInt32 = 0
  /// The ARP entry that the flow table had with the route.
  var entry: ArpIndex?
  var isBroadcast = false
}

/// A step that can end the packet: what it found, or the id and errno of the end.
enum Step<Success: BitwiseCopyable>: BitwiseCopyable {
  case success(Success)
  case failure(TraceID, Errno?)
}

/// How `ip_output` chooses interface, next hop and source (netinet/ip_output.c, P5 to P17 and B).
extension Vnet {
  /// Interface and next hop for a destination (P6 to P9).
  ///
  /// Two of the ways write the header: a send to all ones changes the destination, and both that
  /// and "attached networks only" set the TTL to 1.
  ///
  /// - Returns: Why there is none, or nil where `choice` is made.
  @inline(__always)
  mutating func outputRoute<T: Tracer & ~Copyable>(
    _ key: IPv4Address, _ header: inout IPv4Header, _ packet: borrowing Packet,
    _ request: OutputRequest, _ flow: FlowAnswer?, _ choice: inout OutputChoice,
    _ tracer: inout T
  ) -> (TraceID, Errno)? {
    if request.flags.contains(.IP_SENDONES) {
      guard let address = ifaWithBroadcast(key) ?? ifaWithPeer(key) else {
        return (.outNorouteOnes, .ENETUNREACH)
      }
      header.destination = .broadcast
      header.ttl = 1
      choice = OutputChoice(
        interface: addresses[address].interface, nextHop: .broadcast, address: address,
        isBroadcast: true)
      return nil
    }
    if request.flags.contains(.IP_ROUTETOIF) {
      guard let address = ifaWithPeer(key) ?? ifaWithNet(key) else {
        return (.outNorouteIf, .ENETUNREACH)
      }
      header.ttl = 1
      let interface = addresses[address].interface
      choice = OutputChoice(
        interface: interface, nextHop: key, address: address,
        isBroadcast: inBroadcast(key, on: interface))
      return nil
    }
    if header.destination.isMulticast, let interface = request.multicast?.interface {
      choice = OutputChoice(
        interface: interface, nextHop: key, address: addresses.first(on: interface))
      return nil
    }
    let asked = key == header.destination ? request.routeKey ?? key : key
    let route = flow?.route ?? rtalloc1(asked, fib: packet.header.fib, report: true)
    emitRoute(route, asked, packet.header, &tracer)
    guard let route else { return (.outNoroute, .EHOSTUNREACH) }
    routes.countUse(of: route)
    let entry = routes.nextHop(of: route)
    var nextHop = key
    if entry.flags.contains(.RTF_GATEWAY), case .address(let gateway) = entry.gateway {
      nextHop = gateway
    }
    let isBroadcast =
      entry.flags.contains(.RTF_HOST)
      ? entry.flags.contains(.RTF_BROADCAST) : inBroadcast(nextHop, on: entry.interface)
    choice = OutputChoice(
      interface: entry.interface, nextHop: nextHop, address: entry.address, route: route,
      routeMTU: entry.mtu, isBroadcast: isBroadcast)
    return nil
  }

  /// The address whose interface has this broadcast address (`ifa_ifwithbroadaddr`).
  private func ifaWithBroadcast(_ broadcast: IPv4Address) -> AddressIndex? {
    for position in 0..<addresses.count {
      let index = addresses.configured(at: position)
      let record = addresses[index]
      if record.broadcast == broadcast,
        interfaces[record.interface].flags.contains(.IFF_BROADCAST)
      {
        return index
      }
    }
    return nil
  }

  /// The MTU of the way; a route's is lowered to its interface's for good (P10).
  mutating func outputMTU(_ choice: OutputChoice) -> UInt32 {
    let interfaceMTU = interfaces[choice.interface].mtu
    guard let route = choice.route else { return interfaceMTU }
    if choice.routeMTU > interfaceMTU { routes[route].mtu = interfaceMTU }
    return min(choice.routeMTU, interfaceMTU)
  }

  /// An unset source becomes the address of the way, if it has one (P12).
  func chooseSource<T: Tracer & ~Copyable>(
    _ header: inout IPv4Header, _ choice: OutputChoice, _ packet: PacketNumber,
    _ tracer: inout T
  ) {
    guard header.source == .any, let address = choice.address else { return }
    header.source = addresses[address].address
    tracer.emit(packet, .sourceChosen(header.source))
  }

  /// Room in the send queue, and who may broadcast (P13 to P16).
  mutating func checkUnicast(
    _ header: IPv4Header, _ choice: OutputChoice, _ request: OutputRequest, mtu: UInt32
  ) -> (TraceID, Errno)? {
    let interface = choice.interface
    let length = UInt32(header.totalLength)
    // A route whose MTU is 0 makes 8.0 divide by zero and panic; here it counts as 1.
    let needed = interfaces[interface].queueLength &+ length / max(mtu, 1) &+ 1
    if needed >= interfaces[interface].queueLimit {
      interfaces[interface].statistics[.sndDrops] &+=
        UInt64(length / interfaces[interface].mtu + 1)
      return (.outQfull, .ENOBUFS)
    }
    guard choice.isBroadcast else { return nil }
    guard interfaces[interface].flags.contains(.IFF_BROADCAST) else {
      return (.outBcastIf, .EADDRNOTAVAIL)
    }
    guard request.flags.contains(.IP_ALLOWBROADCAST) else { return (.outBcastPerm, .EACCES) }
    guard length <= mtu else { return (.outBcastSize, .EMSGSIZE) }
    return nil
  }

  /// A group's TTL, interface and source (B2 to B4).
  func prepareMulticast(
    _ header: inout IPv4Header, _ choice: OutputChoice, _ request: OutputRequest
  ) -> (TraceID, Errno)? {
    header.ttl = request.multicast?.ttl ?? 1
    guard interfaces[choice.interface].flags.contains(.IFF_MULTICAST) else {
      return (.outNorouteMcast, .ENETUNREACH)
    }
    if header.source == .any, let address = choice.address {
      header.source = addresses[address].address
    }
    return nil
  }

  /// The sender's own copy of a multicast, through the IP queue (`ip_mloopback`).
  mutating func loopMulticastCopy<T: Tracer & ~Copyable>(
    of packet: borrowing Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let number = machine.newChild()
    tracer.emit(number, .made(parent: packet.number, birth: .multicastCopy))
    guard let copy = machine.store.copy(packet, number: number) else {
      return machine.end(number, End(.dropped, .outMloop), &tracer)
    }
    finishHeader(of: copy, on: nil, &machine)
    _ = ifSimloop(copy, on: interface, .outMloop, &machine, &tracer)
  }

  /// Puts the header back into the packet; its checksum is still to be made.
  @inline(__always)
  func writeHeader(_ header: IPv4Header, _ packet: borrowing Packet, _ machine: inout Machine) {
    var bytes = machine.store.mutableBytes(of: packet)
    header.write(into: &bytes, at: 0)
  }

  /// Makes the header checksum, or leaves it zero for the hardware (P28, P29).
  @inline(__always)
  func finishHeader(
    of packet: borrowing Packet, on interface: InterfaceIndex?, _ machine: inout Machine
  ) {
    let headerLength = Int(machine.store.bytes(of: packet).uint8(at: 0) & 0xf) * 4
    var bytes = machine.store.mutableBytes(of: packet)
    bytes.store(UInt16(0), at: 10)
    if let interface, interfaces[interface].hardwareAssist.contains(.CSUM_IP) { return }
    let sum = IPv4Header.checksum(
      of: machine.store.bytes(of: packet), headerLength: headerLength)
    bytes = machine.store.mutableBytes(of: packet)
    bytes.store(sum, at: 10)
  }

  /// Tells the tracer what the packet's table answered, and what the others would have.
  mutating func emitRoute<T: Tracer & ~Copyable>(
    _ route: RouteIndex?, _ destination: IPv4Address, _ packet: Packet.Record,
    _ tracer: inout T
  ) {
    guard T.isOn else { return }
    let answer = route.map { routes.summary(of: $0) }
    let step = RouteStep(
      fib: packet.fib, chooser: packet.fibChooser, destination: destination, answer: answer)
    tracer.record(packet.number, .route(step))
    guard tracer.wantsDetails else { return }
    RouteView(routes).forEachAnswer(to: destination, own: packet.fib) { answer in
      guard answer.fib != packet.fib else { return }
      tracer.record(packet.number, answer.event(destination))
    }
  }
}
