// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The way of a plain packet through the machine, known before anything has changed.
struct ExpressWay: BitwiseCopyable {
  var route: RouteIndex
  var output: InterfaceIndex
  var nextHop: IPv4Address
  var neighbour: EthernetAddress
  /// The length that the IP header says.
  var length: UInt32
  /// TTL and checksum as they leave.
  var ttl: UInt8
  var checksum: UInt16
  /// `ip_fastforward` takes it.
  var isFast: Bool
  /// What lets it pass the firewall, where there is one.
  var passes: ExpressPasses?
}

/// The express lane: what most packets of a router need, in one function.
///
/// It is ours, not BSD's. The functions from `ether_input` to the driver define what becomes of a
/// packet; the lane does the same for packets that nothing happens to but forwarding. First it asks
/// everything that could make it otherwise, changing nothing; whatever it is not sure of goes the
/// general way. ExpressLaneTests holds both equal.
extension Vnet {
  /// The way of a frame that a card received; nil where the lane does not serve it.
  ///
  /// - Parameters:
  ///   - known: The route to its destination, where that was looked up ahead.
  ///   - asksRules: It may pass a firewall. Who wants to know what the rules said asks for none.
  @inline(__always)
  mutating func expressWay(
    _ bytes: RawSpan, _ facts: FrameFacts, known: RouteIndex?, asksRules: Bool = true,
    _ machine: borrowing Machine
  ) -> ExpressWay? {
    let input = facts.interface
    let isFiltered = sysctl.express.contains(.filters) && firewall.isPresent
    guard facts.isPlain, servesExpress, !isFiltered || asksRules && firewall.trials.isDue(),
      interfaces[input].express.contains(.takes),
      bytes.byteCount >= EthernetHeader.size + IPv4Header.size,
      bytes.uint64(at: 0) >> 16 == interfaces[input].hardwareAddress.rawValue,
      // EtherType, version and header length; the type of service may be any.
      bytes.uint32(at: 12) >> 8 == 0x08_0045
    else { return nil }
    let header = ExpressHeader(bytes)
    let isFast = sysctl.express.contains(.isFast)
    guard facts.checksum == .good || header.isIntact,
      header.length >= IPv4Header.size,
      Int(header.length) + EthernetHeader.size <= bytes.byteCount,
      header.ttl > 1, header.source.isExpress, header.destination.isExpress,
      isFast || machine.sysctl.express.contains(.isDirect),
      !(sysctl.express.contains(.isStealthy) && machine.options.ipStealth),
      machine.store.hasRoomForExpress(bytes.byteCount),
      !isOwn(header.destination, arrivedOn: input)
    else { return nil }
    guard
      let route = known ?? routes.find(header.destination, in: (facts.fib ?? .zero).mark)
    else { return nil }
    if known == nil { routes.prefetch(route) }
    let hop = routes.nextHop(of: route)
    guard addresses[hop.address].interface != input, hop.isExpress,
      interfaces[hop.interface].express.contains(.gives)
    else { return nil }
    let mtu = interfaces[hop.interface].mtu
    // A larger MTU of the route is lowered for good, but not by `ip_fastforward`.
    guard hop.mtu <= mtu || isFast, header.length <= min(hop.mtu, mtu) else { return nil }
    let nextHop = hop.next(to: header.destination)
    guard hop.flags.contains(.RTF_HOST) || !inBroadcast(nextHop, on: hop.interface),
      let neighbour = expressNeighbour(nextHop, on: hop.interface, machine)
    else { return nil }
    var passes: ExpressPasses?
    if isFiltered {
      passes = expressPasses(
        bytes.packet(header.length), from: input, to: hop.interface,
        fib: (facts.fib ?? .zero).mark, machine)
      if passes == nil { return nil }
    }
    return ExpressWay(
      route: route, output: hop.interface, nextHop: nextHop, neighbour: neighbour,
      length: header.length, ttl: header.ttl - 1,
      checksum: isFast ? header.patchedChecksum : header.newChecksum, isFast: isFast,
      passes: passes)
  }

  /// Whether the stack forwards, and no filter wants to see the frames.
  @inline(__always)
  private var servesExpress: Bool {
    let settings = sysctl.express
    return settings.contains(.forwards)
      && (!settings.contains(.filtersFrames) || !firewall.isPresent)
  }

  /// Whether `ip_input` would take the packet as one for this host, or might: an address of ours, or a
  /// broadcast address of the interface.
  @inline(__always)
  private func isOwn(_ destination: IPv4Address, arrivedOn input: InterfaceIndex) -> Bool {
    if addresses.own(destination) != nil { return true }
    var next = addresses.first(on: input)
    // Without any address everything is ours.
    if next == nil, addresses.isEmpty { return true }
    while let address = next {
      if addresses[address].broadcast == destination
        || addresses[address].classfulBroadcast == destination
      {
        return true
      }
      next = addresses[address].nextOnInterface
    }
    return false
  }

  /// What `arpresolve` would answer at once, with nothing to ask and nothing to change.
  @inline(__always)
  private func expressNeighbour(
    _ nextHop: IPv4Address, on interface: InterfaceIndex, _ machine: borrowing Machine
  ) -> EthernetAddress? {
    guard let entry = arp.find(nextHop, on: interface) else { return nil }
    let flags = arp[entry].flags
    guard flags.contains(.LLE_VALID), !flags.contains(.LLE_IFADDR) else { return nil }
    if !flags.contains(.LLE_STATIC) {
      let now = Int64(machine.wallSeconds)
      guard arp[entry].expire > now, now + Int64(max(arp[entry].preempt, 0)) <= arp[entry].expire
      else { return nil }
    }
    let address = arp[entry].hardwareAddress
    // A simplex card hears what it sends to itself.
    return address == interfaces[interface].hardwareAddress ? nil : address
  }

  /// Does what the functions of the general way do for such a packet, all of it.
  @inline(__always)
  mutating func goExpress(
    _ way: ExpressWay, _ bytes: RawSpan, _ facts: FrameFacts, _ machine: inout Machine
  ) {
    interfaces[facts.interface].statistics[.ipackets] &+= 1
    interfaces[facts.interface].statistics[.ibytes] &+= UInt64(bytes.byteCount)
    statistics.ip[.total] &+= 1
    if let passes = way.passes { count(passes, bytes.packet(way.length), &machine) }
    routes.countUse(of: way.route)
    machine.store.passExpress(
      bytes, to: way.neighbour, from: interfaces[way.output].hardwareAddress, ttl: way.ttl,
      checksum: way.checksum, isQuoted: !way.isFast)
    interfaces[way.output].statistics[.obytes] &+= UInt64(way.length) &+ UInt64(EthernetHeader.size)
    interfaces[way.output].statistics[.opackets] &+= 1
    statistics.ip[.forward] &+= 1
    if way.isFast {
      statistics.ip[.fastforward] &+= 1
    } else {
      machine.netisr.dispatchDirectly(.ip)
    }
  }
}

extension RawSpan {
  /// The packet in a frame.
  @inline(__always)
  @_lifetime(copy self)
  fileprivate func packet(_ length: UInt32) -> RawSpan {
    extracting(EthernetHeader.size..<EthernetHeader.size + Int(length))
  }
}
