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
  /// - Parameter known: The route to its destination, where that was looked up ahead.
  @inline(__always)
  func expressWay(
    _ bytes: RawSpan, _ facts: FrameFacts, known: ExpressRoute?,
    _ machine: borrowing Machine
  ) -> ExpressWay? {
    let input = facts.interface
    guard facts.isPlain, interfaces[input].takesExpress,
      bytes.byteCount >= EthernetHeader.size + IPv4Header.size,
      bytes.uint64(at: 0) >> 16 == interfaces[input].hardwareAddress.rawValue,
      // EtherType, version and header length; the type of service may be any.
      bytes.uint32(at: 12) >> 8 == 0x08_0045
    else { return nil }
    let header = ExpressHeader(bytes)
    let isFast = sysctl.fastforwarding
    guard facts.checksum == .good || header.isIntact,
      header.length >= IPv4Header.size,
      Int(header.length) + EthernetHeader.size <= bytes.byteCount,
      header.ttl > 1, header.source.isExpress, header.destination.isExpress,
      sysctl.forwarding, !filtersFrames, !hasHooks,
      isFast || machine.sysctl.isrDirect && machine.sysctl.isrDirectForce,
      !(machine.options.ipStealth && sysctl.stealth),
      machine.store.hasRoomForExpress(bytes.byteCount),
      !isOwn(header.destination, arrivedOn: input)
    else { return nil }
    guard
      let route = known ?? expressRoute(header.destination, fib: facts.fib ?? .zero)
    else { return nil }
    let hop = route.hop
    guard addresses[hop.address].interface != input, route.isPlain,
      interfaces[hop.interface].givesExpress
    else { return nil }
    let mtu = interfaces[hop.interface].mtu
    // A larger MTU of the route is lowered for good, but not by `ip_fastforward`.
    guard hop.mtu <= mtu || isFast, header.length <= min(hop.mtu, mtu) else { return nil }
    let nextHop = hop.gateway ?? header.destination
    guard hop.isHost || !inBroadcast(nextHop, on: hop.interface),
      let neighbour = expressNeighbour(nextHop, on: hop.interface, machine)
    else { return nil }
    return ExpressWay(
      route: route.index, output: hop.interface, nextHop: nextHop, neighbour: neighbour,
      length: header.length, ttl: header.ttl - 1,
      checksum: isFast ? header.patchedChecksum : header.newChecksum, isFast: isFast)
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
    routes[way.route].use &+= 1
    let header = EthernetHeader(
      destination: way.neighbour, source: interfaces[way.output].hardwareAddress, type: .ipv4)
    machine.store.passExpress(
      bytes, header, ttl: way.ttl, checksum: way.checksum, isQuoted: !way.isFast)
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

/// A route that was looked up, with what the lane asks of it.
struct ExpressRoute: BitwiseCopyable {
  /// What the lane asks of where a route leads.
  struct Hop: BitwiseCopyable {
    var gateway: IPv4Address?
    var interface: InterfaceIndex
    var address: AddressIndex
    var mtu: UInt32
    var isHost: Bool
  }

  var index: RouteIndex
  var hop: Hop
  /// Nothing but sending happens to a packet on it, nor to the route.
  var isPlain: Bool
}

extension Vnet {
  /// The route to a destination; asks only.
  @inline(__always)
  func expressRoute(_ destination: IPv4Address, fib: FibNumber) -> ExpressRoute? {
    // The mark of a packet has four bits.
    guard let index = routes.lookup(destination, in: FibNumber(rawValue: fib.rawValue & 15)) else {
      return nil
    }
    let flags = routes[index].flags
    var hop = ExpressRoute.Hop(
      gateway: nil, interface: routes[index].interface, address: routes[index].address,
      mtu: routes[index].mtu, isHost: flags.contains(.RTF_HOST))
    if flags.contains(.RTF_GATEWAY), case .address(let gateway) = routes[index].gateway {
      hop.gateway = gateway
    }
    return ExpressRoute(
      index: index, hop: hop,
      isPlain: flags.intersection(RouteFlags.express) == .RTF_UP)
  }
}

extension RouteFlags {
  /// Those the lane looks at; it wants none of them but `RTF_UP`.
  static let express: RouteFlags = [
    .RTF_UP, .RTF_REJECT, .RTF_DYNAMIC, .RTF_BLACKHOLE, .RTF_PROTO3, .RTF_BROADCAST,
    .RTF_MULTICAST,
  ]
}

extension Ifnet {
  /// Whether a frame that it receives meets nothing but `ether_demux`.
  @inline(__always)
  var takesExpress: Bool {
    driver == .em && flags.contains(.IFF_UP) && !flags.contains(.IFF_MONITOR) && bpfPeers == 0
      && bridge == .none
  }

  /// Whether a frame that it is given is on its wire at once, and nobody else's.
  @inline(__always)
  var givesExpress: Bool {
    driver == .em && isRunning && !flags.contains(.IFF_MONITOR) && bpfPeers == 0 && bridge == .none
      && !isHeard && !isStalled && linkState != .down && !hardwareAssist.contains(.CSUM_IP)
      // One for the packet, one for its length, if it is the MTU.
      && queueLimit > 2 && queueLength < queueLimit - 2
  }
}

extension IPv4Address {
  /// An ordinary unicast address, as source and as destination.
  @inline(__always)
  fileprivate var isExpress: Bool {
    let network = rawValue >> 24
    return network &- 1 < 223 && network != 127 && !isLinkLocal
  }
}

/// An IPv4 header without options as the lane reads it, once.
struct ExpressHeader: BitwiseCopyable {
  private let front: UInt64
  private let middle: UInt64
  let destination: IPv4Address

  /// Reads what is behind an Ethernet header.
  @inline(__always)
  init(_ frame: RawSpan) {
    front = frame.uint64(at: 14)
    middle = frame.uint64(at: 22)
    destination = IPv4Address(rawValue: frame.uint32(at: 30))
  }

  var length: UInt32 { UInt32(truncatingIfNeeded: front >> 32) & 0xffff }
  var ttl: UInt8 { UInt8(truncatingIfNeeded: middle >> 56) }
  private var checksum: UInt16 { UInt16(truncatingIfNeeded: middle >> 32) }
  var source: IPv4Address { IPv4Address(rawValue: UInt32(truncatingIfNeeded: middle)) }

  /// Whether the checksum is right.
  @inline(__always)
  var isIntact: Bool {
    var sum = InternetChecksum()
    sum.add(front, middle, destination.rawValue)
    return sum.finish() == 0
  }

  /// The checksum that `ip_output` makes of the header with the TTL one less.
  @inline(__always)
  var newChecksum: UInt16 {
    var sum = InternetChecksum()
    sum.add(front, middle & ~(0xffff << 32) &- 1 << 56, destination.rawValue)
    return sum.finish()
  }

  /// The checksum that `ip_fastforward` makes of the old one.
  @inline(__always)
  var patchedChecksum: UInt16 {
    let old = UInt16(truncatingIfNeeded: middle >> 48)
    return InternetChecksum.update(checksum: checksum, old: old, new: old &- 0x100)
  }
}
