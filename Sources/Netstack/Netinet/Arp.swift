// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What ARP says of a packet's next hop.
enum ArpResult: ~Copyable {
  /// Send the packet there.
  case resolved(Packet, EthernetAddress)
  /// The next hop is the interface itself: the packet goes back into it.
  case own(Packet)
  /// Kept until an answer comes, with its verdict given; a success for the sender.
  case held
  /// An error for the sender, who gives the verdict; ARP keeps the bytes as a packet of its own.
  case failing(Errno)
  /// No entry may be made; the packet is freed, and the caller gives the verdict.
  case refused(Errno)
}

/// Finding out who has an address, and keeping the answers (netinet/if_ether.c).
extension Vnet {
  /// Seconds that an unanswered entry lives, and that each request gives it (`arpt_down`).
  static let arpDownSeconds: UInt64 = 20

  /// Finds the Ethernet address of a next hop, or keeps the packet and asks for it.
  ///
  /// Models `arpresolve()`. In 8.0 an unanswered entry expires 20 seconds ahead, so the test that was
  /// to limit requests to one a second is always true: every packet asks, and counts one try.
  /// Broadcasts and multicasts do not come here: `ether_output` knows their addresses.
  @inline(__always)
  mutating func arpResolve<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, nextHop: IPv4Address,
    route: RouteIndex?, _ machine: inout Machine, _ tracer: inout T
  ) -> ArpResult {
    let number = packet.number
    guard let entry = arpEntryToUse(for: nextHop, on: interface, &machine) else {
      tracer.emit(number, .arp(ArpStep(interface: interface, nextHop: nextHop, outcome: .refused)))
      tracer.emit(number, .discarded(.arpInval))
      machine.store.free(packet)
      return .refused(.EINVAL)
    }
    let flags = arp[entry].flags
    if flags.contains(.LLE_IFADDR) {
      tracer.emit(
        number, .arp(ArpStep(interface: interface, nextHop: nextHop, outcome: .ownAddress)))
      return .own(packet)
    }
    let isStatic = flags.contains(.LLE_STATIC)
    let now = machine.wallSeconds
    guard flags.contains(.LLE_VALID), isStatic || arp[entry].expire > now else {
      return arpHold(packet, in: entry, route: route, &machine, &tracer)
    }
    let address = arp[entry].hardwareAddress
    tracer.emit(
      number, .arp(ArpStep(interface: interface, nextHop: nextHop, outcome: .resolved(address))))
    if !isStatic, Int64(now) + Int64(arp[entry].preempt) > Int64(arp[entry].expire) {
      arpRequest(on: interface, for: nextHop, parent: number, &machine, &tracer)
      arp[entry].preempt -= 1
    }
    return .resolved(packet, address)
  }

  /// The entry of a next hop, made if need be and the interface's flags allow it.
  @inline(__always)
  private mutating func arpEntryToUse(
    for nextHop: IPv4Address, on interface: InterfaceIndex, _ machine: inout Machine
  ) -> ArpIndex? {
    if let entry = arp.find(nextHop, on: interface) { return entry }
    guard interfaces[interface].flags.isDisjoint(with: [.IFF_NOARP, .IFF_STATICARP]) else {
      return nil
    }
    if let entry = arpCreate(nextHop, on: interface, &machine) {
      return entry
    }
    machine.log("arpresolve: can't allocate llinfo for \(nextHop)")
    return nil
  }

  /// Makes an entry if FIB 0 has the address straight on this interface (`in_lltable_lookup` and
  /// `in_lltable_rtcheck`, netinet/in.c). Its life begins at its end, so that its first use asks.
  mutating func arpCreate(
    _ address: IPv4Address, on interface: InterfaceIndex, flags: ArpFlags = .LLE_EXCLUSIVE,
    _ machine: inout Machine
  ) -> ArpIndex? {
    guard let route = rtalloc1(address, fib: .zero, report: false) else { return nil }
    let isDirect =
      !routes[route].flags.contains(.RTF_GATEWAY) && routes[route].interface == interface
    rtfree(route, now: machine.now)
    guard isDirect else { return nil }
    return arp.insert(
      ArpEntry(address, on: interface, flags: flags, expire: machine.wallSeconds))
  }

  /// The second half of `arpresolve()`: keeps the packet in place of an older one, and asks.
  @inline(never)
  private mutating func arpHold<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, in entry: ArpIndex, route: RouteIndex?, _ machine: inout Machine,
    _ tracer: inout T
  ) -> ArpResult {
    let number = packet.number
    let (interface, nextHop) = (arp[entry].interface, arp[entry].address)
    let asked = arp[entry].asked
    let now = machine.wallSeconds
    let asksAgain = asked == 0 || arp[entry].expire != now
    let tries = asksAgain ? asked &+ 1 : asked
    let isFailing = Int(asked) >= sysctl.arpMaxtries
    tracer.emit(
      number,
      .arp(
        ArpStep(
          interface: interface, nextHop: nextHop,
          outcome: isFailing ? .failing(asked: tries) : .held(asked: tries))))
    arpDropHeld(of: entry, .arpReplaced, &machine, &tracer)
    if isFailing {
      // The sender's packet ends with the error; what stays here is another packet to the books.
      packet.header.number = machine.newChild()
      tracer.emit(packet.number, .made(parent: number, birth: .heldCopy))
    }
    arpKeep(packet, in: entry, &machine, &tracer)
    if asksAgain {
      arp[entry].asked = tries
      arp[entry].expire = now + Vnet.arpDownSeconds
      arpSetTimer(of: entry, seconds: Vnet.arpDownSeconds, &machine)
      arpRequest(on: interface, for: nextHop, parent: number, &machine, &tracer)
    }
    guard isFailing else { return .held }
    let viaGateway = route.map { routes.nextHop(of: $0).flags.contains(.RTF_GATEWAY) } ?? false
    return .failing(viaGateway ? .EHOSTUNREACH : .EHOSTDOWN)
  }

  /// Parks a packet in an entry and gives its verdict.
  private mutating func arpKeep<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, in entry: ArpIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    packet.header.vnet = index
    let record = packet.park()
    arp[entry].held = record
    var end = End(.held, .arpHold)
    end.interface = arp[entry].interface
    end.nextHop = arp[entry].address
    end.fib = record.fib
    end.fibChooser = record.fibChooser
    machine.end(record.number, end, &tracer)
  }

  /// Ends the packet that an entry keeps, if any.
  private mutating func arpDropHeld<T: Tracer & ~Copyable>(
    of entry: ArpIndex, _ id: TraceID, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard let record = arp[entry].held else { return }
    arp[entry].held = nil
    machine.tally[.held] &-= 1
    var end = End(.dropped, id)
    end.interface = arp[entry].interface
    end.nextHop = arp[entry].address
    machine.finish(Packet(record), end, &tracer)
  }

  /// Starts an entry's timer anew (`callout_reset`).
  mutating func arpSetTimer(of entry: ArpIndex, seconds: UInt64, _ machine: inout Machine) {
    machine.timers.cancel(.arp(entry), vnet: index)
    machine.timers.set(.arp(entry), vnet: index, at: machine.now.advanced(seconds: seconds))
  }

  /// An entry's time is over (`arptimer`): it goes, and so does the packet it kept.
  mutating func arpTimer<T: Tracer & ~Copyable>(
    _ entry: ArpIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    arpDropHeld(of: entry, .arpTimeout, &machine, &tracer)
    arp.remove(entry)
  }

  /// Removes an entry and all that hangs on it (`llentry_free`).
  mutating func arpFree<T: Tracer & ~Copyable>(
    _ entry: ArpIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    machine.timers.cancel(.arp(entry), vnet: index)
    arpDropHeld(of: entry, .arpFlushed, &machine, &tracer)
    arp.remove(entry)
  }

  /// Sends the packet that an entry kept, now that it has an answer, and gives it a new verdict.
  mutating func arpRelease<T: Tracer & ~Copyable>(
    _ entry: ArpIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard let record = arp[entry].held else { return }
    let (interface, nextHop) = (arp[entry].interface, arp[entry].address)
    arp[entry].held = nil
    machine.tally[.held] &-= 1
    tracer.emit(record.number, .waypoint(.arpReleased, 0, 0))
    let result = ifOutput(
      Packet(record), on: interface, nextHop: nextHop, route: nil, &machine, &tracer)
    var end = End(.dropped, result.id)
    switch result.fate {
    case .held, .continues: return
    case .sent: end.verdict = .sent
    case .dropped, .denied: end.errno = result.errno
    }
    end.interface = interface
    end.nextHop = nextHop
    end.fib = record.fib
    end.fibChooser = record.fibChooser
    machine.end(record.number, end, &tracer)
  }
}
