// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The interfaces' output routines: `ether_output` (net/if_ethersubr.c), `looutput` and
/// `if_simloop` (net/if_loop.c).
extension Vnet {
  /// Sends an IP packet out of an interface to a next hop (`if_output`).
  ///
  /// - Parameter entry: The ARP entry that the flow table has for the packet.
  mutating func ifOutput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, nextHop: IPv4Address,
    route: RouteIndex?, entry: ArpIndex? = nil, _ machine: inout Machine, _ tracer: inout T
  ) -> OutputResult {
    switch interfaces[interface].type {
    case .ethernet:
      etherOutput(
        packet, on: interface, nextHop: nextHop, route: route, entry: entry, &machine, &tracer)
    case .loopback where interfaces[interface].driver == .disc:
      eat(packet, .discEaten, on: interface, &machine, &tracer)
    case .loopback:
      loOutput(packet, on: interface, route: route, &machine, &tracer)
    case .tunnel where interfaces[interface].driver == .gif:
      gifOutput(packet, on: interface, &machine, &tracer)
    case .tunnel:
      greOutput(packet, on: interface, &machine, &tracer)
    }
  }

  /// Resolves the next hop, puts the Ethernet header in front and sends (`ether_output`).
  private mutating func etherOutput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, nextHop: IPv4Address,
    route: RouteIndex?, entry: ArpIndex?, _ machine: inout Machine, _ tracer: inout T
  ) -> OutputResult {
    guard interfaces[interface].isRunning,
      !interfaces[interface].flags.contains(.IFF_MONITOR)
    else {
      return discard(packet, .ifDown, .ENETDOWN, &machine, &tracer)
    }
    let destination: EthernetAddress
    if packet.header.flags.contains(.broadcast) {
      destination = .broadcast
    } else if packet.header.flags.contains(.multicast) {
      destination = .multicast(for: nextHop)
    } else if let entry, arp[entry].flags.contains(.LLE_VALID) {
      return flowOutput(packet, on: interface, nextHop: nextHop, entry, &machine, &tracer)
    } else {
      switch arpResolve(
        packet, on: interface, nextHop: nextHop, route: route, &machine, &tracer)
      {
      case .resolved(let resolved, let address):
        packet = resolved
        destination = address
      case .own(let own):
        return ifSimloop(own, on: interface, .ifSelfloop, &machine, &tracer)
      case .held:
        return OutputResult(.held, .arpHold)
      case .failing(let errno):
        return OutputResult(.dropped, .arpFail, errno)
      case .refused(let errno):
        return OutputResult(.dropped, .arpInval, errno)
      }
    }
    return etherSend(packet, on: interface, to: destination, &machine, &tracer)
  }

  /// Sends to the ARP entry that the flow table has, whether it has expired, was removed, or belongs to a
  /// next hop that the route had once.
  private mutating func flowOutput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, nextHop: IPv4Address,
    _ entry: ArpIndex, _ machine: inout Machine, _ tracer: inout T
  ) -> OutputResult {
    let known = arp[entry]
    let isOwn = known.flags.contains(.LLE_IFADDR)
    if known.address != nextHop {
      tracer.emit(
        packet.number,
        .waypoint(.outFlowStale, known.address.rawValue, nextHop.rawValue))
    }
    tracer.emit(
      packet.number,
      .arp(
        ArpStep(
          interface: interface, nextHop: known.address,
          outcome: isOwn ? .ownAddress : .resolved(known.hardwareAddress))))
    if isOwn { return ifSimloop(packet, on: interface, .ifSelfloop, &machine, &tracer) }
    return etherSend(packet, on: interface, to: known.hardwareAddress, &machine, &tracer)
  }

  /// The second half of `ether_output`: header, copies for ourselves, the send queue.
  private mutating func etherSend<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, to destination: EthernetAddress,
    _ machine: inout Machine, _ tracer: inout T
  ) -> OutputResult {
    let source = interfaces[interface].hardwareAddress
    if interfaces[interface].flags.contains(.IFF_SIMPLEX) {
      if packet.header.flags.contains(.broadcast) {
        loopBroadcastCopy(of: packet, on: interface, &machine, &tracer)
      } else if destination == source {
        return ifSimloop(
          packet, on: interface, addressedTo: destination, .ifSelfloop, &machine, &tracer)
      }
    }
    packet.prepend(EthernetHeader.size)
    var header = EthernetHeader(destination: destination, source: source, type: .ipv4)
    // carp_output(), which a bridge does not let it come to: an advertisement is from the virtual
    // router.
    if packet.header.virtualHost != 0, interfaces[interface].hasCarp,
      interfaces[interface].bridge == .none
    {
      guard interfaces[interface].driver != .bridge else {
        machine.log(
          "\(interfaces[interface].name): carp is not supported for this interface type")
        return discard(packet, .carpIftype, .EOPNOTSUPP, &machine, &tracer)
      }
      header.source = Carp.hardwareAddress(vhid: Int32(packet.header.virtualHost))
      tracer.emit(packet.number, .waypoint(.carpMac, UInt32(packet.header.virtualHost), 0))
    }
    var bytes = machine.store.mutableBytes(of: packet)
    header.write(into: &bytes, at: 0)
    return etherHandDown(packet, on: interface, &machine, &tracer)
  }

  /// A simplex interface hears its own broadcasts through the IP queue.
  private mutating func loopBroadcastCopy<T: Tracer & ~Copyable>(
    of packet: borrowing Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let number = machine.newChild()
    tracer.emit(number, .made(parent: packet.number, birth: .broadcastCopy))
    guard var copy = machine.store.copy(packet, number: number) else {
      interfaces[interface].statistics[.iqdrops] &+= 1
      return machine.end(number, End(.dropped, .ifQfull), &tracer)
    }
    if interfaces[interface].hardwareAssist.contains(.CSUM_IP) {
      copy.header.flags.formUnion([.ipChecked, .ipValid])
    }
    _ = ifSimloop(copy, on: interface, addressedTo: .broadcast, .ifLoop, &machine, &tracer)
  }

  /// Puts a whole frame into the send queue and starts the driver (`ether_output_frame`).
  ///
  /// The caller gives the packet's verdict.
  mutating func etherOutputFrame<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    if filtersFrames {
      switch etherIpfwCheck(packet, .out, on: interface, &machine, &tracer) {
      case .pass(let passed): packet = passed
      case .denied(let refused, let rule):
        // What ipfw_chk has freed is gone: that is no error.
        let isGone = refused.header.flags.contains(.givenAway)
        machine.store.free(refused)
        var result = OutputResult(.denied(rule: rule), .ethFwOut, isGone ? nil : .EACCES)
        result.interface = interface
        return result
      case .taken: return OutputResult(.held, .ethFwOut)
      }
    }
    return ifTransmit(packet, on: interface, counting: packet.count, &machine, &tracer)
  }

  /// Puts a frame into the send queue, counts it as `length` bytes, and starts the driver
  /// (`if_transmit`, net/if.c).
  mutating func ifTransmit<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, counting length: Int,
    _ machine: inout Machine, _ tracer: inout T
  ) -> OutputResult {
    if interfaces[interface].driver == .epair {
      return epairTransmit(packet, on: interface, &machine, &tracer)
    }
    guard interfaces[interface].queueLength < interfaces[interface].queueLimit else {
      interfaces[interface].statistics[.sndDrops] &+= 1
      return discard(packet, .ifQfull, .ENOBUFS, &machine, &tracer)
    }
    interfaces[interface].statistics[.obytes] &+= UInt64(length)
    if !packet.header.flags.isDisjoint(with: [.multicast]) {
      interfaces[interface].statistics[.omcasts] &+= 1
    }
    guard !interfaces[interface].isStalled else {
      interfaces[interface].queueLength += 1
      let number = packet.number
      stalled.append(StalledFrame(interface: interface, packet: packet.park()))
      var end = End(.held, .ifQfull)
      end.interface = interface
      machine.end(number, end, &tracer)
      return OutputResult(.held, .ifTx)
    }
    return driverStart(packet, on: interface, &machine, &tracer)
  }

  /// Takes a frame out of the send queue (`if_start`), which only Ethernet interfaces have here.
  ///
  /// Nobody has opened a tap, so that it throws away what it gets, and counts a second error as it
  /// finds the queue empty (`tapifstart`).
  mutating func driverStart<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    switch interfaces[interface].driver {
    case .epair:
      return epairTransmit(packet, on: interface, &machine, &tracer)
    case .edsc:
      return eat(packet, .edscEaten, on: interface, &machine, &tracer)
    case .em, .lo, .disc, .gif, .gre, .carp:
      transmit(packet, on: interface, &machine, &tracer)
      var result = OutputResult(.sent, .ifTx)
      result.interface = interface
      return result
    case .bridge:
      return bridgeStart(packet, on: interface, &machine, &tracer)
    case .vlan:
      return vlanStart(packet, on: interface, &machine, &tracer)
    case .tap:
      interfaces[interface].statistics[.oerrors] &+= 2
      return discard(packet, .tapClosed, nil, &machine, &tracer)
    }
  }

  /// The simulated card puts a frame onto the wire.
  private mutating func transmit<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    interfaces[interface].statistics[.opackets] &+= 1
    if interfaces[interface].bpfPeers > 0 { tap(packet, on: interface, .out, &machine) }
    if T.isOn {
      tracer.recordBytes(
        packet.number, .transmitted(interface), machine.store.bytes(of: packet))
    }
    if interfaces[interface].isHeard, interfaces[interface].linkState != .down {
      machine.carry(packet, from: interface, index)
    }
    machine.store.free(packet)
  }

  /// Loopback's output: honours reject and blackhole routes, then back to IP (`looutput`).
  private mutating func loOutput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, route: RouteIndex?,
    _ machine: inout Machine, _ tracer: inout T
  ) -> OutputResult {
    if let route {
      let flags = routes.nextHop(of: route).flags
      if flags.contains(.RTF_BLACKHOLE) {
        return discard(packet, .ifLoopBlackhole, nil, &machine, &tracer)
      }
      if flags.contains(.RTF_REJECT) {
        let errno: Errno = flags.contains(.RTF_HOST) ? .EHOSTUNREACH : .ENETUNREACH
        return discard(packet, .ifLoopReject, errno, &machine, &tracer)
      }
    }
    interfaces[interface].statistics[.opackets] &+= 1
    interfaces[interface].statistics[.obytes] &+= UInt64(packet.count)
    if interfaces[interface].enabledCapabilities.contains(.IFCAP_RXCSUM) {
      packet.header.flags.formUnion([.ipChecked, .ipValid, .dataValid])
    }
    return ifSimloop(packet, on: interface, .ifLoop, &machine, &tracer)
  }

  /// Gives a packet back as if the interface had received it, through the IP queue (`if_simloop`).
  ///
  /// - Parameter destination: Whom the frame was addressed to that a simplex card hears itself; nil
  ///   for a packet that never had a link header, which shows on lo0 whatever the interface is.
  mutating func ifSimloop<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex,
    addressedTo destination: EthernetAddress? = nil, _ id: TraceID, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    tracer.emit(packet.number, .waypoint(id, 0, 0))
    packet.header.receivedOn = interface
    packet.header.forwardTag = nil
    packet.header.divertTag = nil
    packet.header.ruleReference = nil
    machine.store.forgetWrappers(of: &packet)
    if let destination {
      if interfaces[interface].bpfPeers > 0 {
        tapFrame(&packet, to: destination, on: interface, &machine)
      }
    } else if interfaces[loopback].bpfPeers > 0,
      loopback == interface || !packet.header.flags.contains(.multicast)
    {
      tap(packet, on: loopback, .in, &machine)
    }
    interfaces[interface].statistics[.ipackets] &+= 1
    interfaces[interface].statistics[.ibytes] &+= UInt64(packet.count)
    // The interface's output reports success even when the queue was full.
    _ = netisrQueue(packet, .ip, &machine, &tracer)
    var result = OutputResult(.continues, id)
    result.interface = interface
    return result
  }

  /// Shows a packet that comes back with the link header it would have left with.
  @inline(never)
  private mutating func tapFrame(
    _ packet: inout Packet, to destination: EthernetAddress, on interface: InterfaceIndex,
    _ machine: inout Machine
  ) {
    let header = EthernetHeader(
      destination: destination, source: interfaces[interface].hardwareAddress, type: .ipv4)
    packet.prepend(EthernetHeader.size)
    var bytes = machine.store.mutableBytes(of: packet)
    header.write(into: &bytes, at: 0)
    tap(packet, on: interface, .in, &machine)
    packet.trimFront(EthernetHeader.size)
  }

  /// Frees a packet inside a function whose caller gives the verdict; counts what the id counts.
  @inline(never)
  mutating func discard<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ id: TraceID, _ errno: Errno?, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    let number = packet.number
    if let counter = id.ipCounter { count(counter, number, &tracer) }
    if let counter = id.secondIPCounter { count(counter, number, &tracer) }
    tracer.emit(number, .discarded(id))
    machine.store.free(packet)
    return OutputResult(.dropped, id, errno)
  }
}

/// A frame in the send queue of a driver that a test has stopped.
struct StalledFrame: BitwiseCopyable {
  var interface: InterfaceIndex
  var packet: Packet.Record
}
