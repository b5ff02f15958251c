// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// One network stack: everything 8.0 virtualises with VIMAGE (`struct vnet`, net/vnet.h).
///
/// The functions of the packet path are methods of this type, in the files named after the C's.
package struct Vnet: ~Copyable, StateHashable {
  private let pin = Pin()
  package let index: VnetIndex
  /// Its place among all stacks the kernel ever made.
  package let birth: UInt64
  /// False for a place that the next stack to be made may have.
  var isAlive = true
  /// The values of the sysctls that each stack has for itself.
  package var sysctl: VnetSysctls
  package var interfaces: InterfaceTable
  /// The VLANs that have a parent, the ends of all tunnels, and the bridges.
  var vlans = VLANTable()
  var tunnels = TunnelTable()
  var carps = CarpTable()
  var bridges = BridgeTable()
  package var addresses = AddressTable()
  package var multicast = MulticastTable()
  package var routes: RoutingTables
  /// Who hears of changes to routes and interfaces.
  package var routingSockets = RoutingSocketTable()
  /// Whether the sweep of redirected routes is set.
  var isSweepingRoutes = false
  package var arp = ArpTable()
  /// What the express lane knows of next hops. No state: a clone finds it out anew.
  var expressHops = ExpressHops()
  /// The ways of this host's own packets.
  package var flows: FlowTable
  /// Fragments that wait for the rest of their datagrams (`ipq`).
  package var reassembly = ReassemblyTable()
  package var firewall: Firewall
  package var statistics = Statistics()
  /// `V_loif`: where packets to this host go.
  package var loopback = InterfaceIndex.none
  /// The next IP identification (`ip_id`).
  var ipID: UInt16
  /// Frames in the send queues of drivers that a test has stopped, oldest first.
  var stalled = UniqueArray<StalledFrame>()
  package var sockets = SocketTable()
  /// Connections that are not complete yet.
  package var synCache = SynCache()
  /// The windows of `badport_bandlim`.
  var bandlim = BandwidthLimits()

  init(index: VnetIndex, _ options: KernelOptions, birth: UInt64 = 0) {
    self.index = index
    self.birth = birth
    interfaces = InterfaceTable(home: index)
    sysctl = VnetSysctls(options)
    routes = RoutingTables(fibs: options.numberOfFibs)
    flows = FlowTable(options, index)
    firewall = Firewall(options)
    ipID = UInt16(truncatingIfNeeded: options.bootTime)
  }

  private init(copying other: borrowing Vnet) {
    index = other.index
    birth = other.birth
    isAlive = other.isAlive
    sysctl = other.sysctl.clone()
    interfaces = other.interfaces.clone()
    vlans = other.vlans.clone()
    tunnels = other.tunnels.clone()
    carps = other.carps.clone()
    bridges = other.bridges.clone()
    addresses = other.addresses.clone()
    multicast = other.multicast.clone()
    routes = other.routes.clone()
    routingSockets = other.routingSockets
    isSweepingRoutes = other.isSweepingRoutes
    arp = other.arp.clone()
    flows = other.flows.clone()
    reassembly = other.reassembly.clone()
    firewall = other.firewall.clone()
    statistics = other.statistics
    loopback = other.loopback
    ipID = other.ipID
    stalled = other.stalled.clone()
    sockets = other.sockets.clone()
    synCache = other.synCache.clone()
    bandlim = other.bandlim
  }

  func clone() -> Vnet { Vnet(copying: self) }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(index)
    hasher.combine(birth)
    hasher.combine(isAlive)
    hasher.combine(sysctl)
    hasher.combine(interfaces)
    hasher.combine(vlans)
    hasher.combine(tunnels)
    hasher.combine(carps)
    hasher.combine(bridges)
    hasher.combine(addresses)
    hasher.combine(multicast)
    hasher.combine(routes)
    hasher.combine(routingSockets)
    hasher.combine(isSweepingRoutes)
    hasher.combine(arp)
    hasher.combine(flows)
    hasher.combine(reassembly)
    hasher.combine(firewall)
    hasher.combine(statistics)
    hasher.combine(loopback)
    hasher.combine(ipID)
    hasher.combine(stalled)
    hasher.combine(sockets)
    hasher.combine(synCache)
    hasher.combine(bandlim)
  }
}

/// The counters of all protocols of a stack.
package struct Statistics: Sendable {
  package var ip = IPStatistics()
  package var icmp = ICMPStatistics()
  package var udp = UDPStatistics()
  package var igmp = IGMPStatistics()
  package var tcp = TCPStatistics()
  package var route = RouteStatistics()

  package init() {}
}

extension Vnet {
  /// Counts, and tells the tracer which packet did it.
  @inline(__always)
  mutating func count<T: Tracer & ~Copyable>(
    _ counter: IPCounter, _ packet: PacketNumber, _ tracer: inout T
  ) {
    statistics.ip[counter] &+= 1
    tracer.emit(packet, .counted(.ip(counter)))
  }

  /// Counts in `struct icmpstat`.
  @inline(__always)
  mutating func count<T: Tracer & ~Copyable>(
    icmp counter: ICMPCounter, _ packet: PacketNumber, _ tracer: inout T
  ) {
    statistics.icmp[counter] &+= 1
    tracer.emit(packet, .counted(.icmp(counter)))
  }

  /// Counts in `struct udpstat`.
  @inline(__always)
  mutating func count<T: Tracer & ~Copyable>(
    udp counter: UDPCounter, _ packet: PacketNumber, _ tracer: inout T
  ) {
    statistics.udp[counter] &+= 1
    tracer.emit(packet, .counted(.udp(counter)))
  }

  /// Counts in `struct tcpstat`.
  @inline(__always)
  mutating func count<T: Tracer & ~Copyable>(
    tcp counter: TCPCounter, _ packet: PacketNumber, _ tracer: inout T
  ) {
    statistics.tcp[counter] &+= 1
    tracer.emit(packet, .counted(.tcp(counter)))
  }

  /// Counts in `struct igmpstat`.
  @inline(__always)
  mutating func count<T: Tracer & ~Copyable>(
    igmp counter: IGMPCounter, _ packet: PacketNumber, _ tracer: inout T
  ) {
    statistics.igmp[counter] &+= 1
    tracer.emit(packet, .counted(.igmp(counter)))
  }

  /// Ends a packet of `ip_input` or of the protocols: counts what its id counts, frees it, and gives
  /// the verdict `dropped`.
  @inline(__always)
  mutating func drop<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ id: TraceID, _ machine: inout Machine, _ tracer: inout T
  ) {
    if let counter = id.ipCounter { count(counter, packet.number, &tracer) }
    if let counter = id.secondIPCounter { count(counter, packet.number, &tracer) }
    machine.finish(packet, End(.dropped, id), &tracer)
  }
}
