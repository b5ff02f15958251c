// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What a caller of `ip_output` asks for besides the packet.
struct OutputRequest: BitwiseCopyable {
  var flags: OutputFlags = []
  /// The FIB of the socket it comes from; wins over the packet's at every look-up.
  var socketFib: FibNumber?
  /// Whose the socket is, for rules that ask for it (`inp`).
  var sender: SocketOwner?
  /// The address whose route is taken, where that is not the destination's (gre's cached route).
  var routeKey: IPv4Address?
  /// The caller has looked up the route itself, so that the flow table is not asked.
  var bringsRoute = false
  /// Where the packet was to go before the socket's options were put in; nil where it still is to.
  var flowKey: IPv4Address?
  /// The options of a multicast sender (`struct ip_moptions`).
  var multicast: MulticastOptions?

  init(flags: OutputFlags = [], socketFib: FibNumber? = nil, multicast: MulticastOptions? = nil) {
    self.flags = flags
    self.socketFib = socketFib
    self.multicast = multicast
  }
}

/// `IP_` flags of `ip_output` (netinet/ip_var.h) and the socket options that reach it.
package struct OutputFlags: OptionSet, BitwiseCopyable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Most of the header is there already.
  package static let IP_FORWARDING = OutputFlags(rawValue: 0x1)
  /// The header was written by the sender (raw socket).
  package static let IP_RAWOUTPUT = OutputFlags(rawValue: 0x2)
  /// Send to 255.255.255.255 on the interface of the address (`IP_ONESBCAST`).
  package static let IP_SENDONES = OutputFlags(rawValue: 0x4)
  /// Only to directly attached networks (`SO_DONTROUTE`).
  package static let IP_ROUTETOIF = OutputFlags(rawValue: 0x10)
  /// May be a broadcast (`SO_BROADCAST`).
  package static let IP_ALLOWBROADCAST = OutputFlags(rawValue: 0x20)
}

/// How a sender wants its multicasts sent (`struct ip_moptions`).
package struct MulticastOptions: BitwiseCopyable, Sendable {
  package var interface: InterfaceIndex?
  package var ttl: UInt8 = 1
  package var loops = true

  package init(interface: InterfaceIndex? = nil, ttl: UInt8 = 1, loops: Bool = true) {
    self.interface = interface
    self.ttl = ttl
    self.loops = loops
  }
}

/// The way out: `ip_output` (netinet/ip_output.c).
extension Vnet {
  /// Sends a packet: route, source address, broadcast rules, filter, fragments, interface.
  ///
  /// The packet's length and offset fields are as on the wire; its checksum is made here. The
  /// caller gives the packet's verdict from the result, unless its fate is `held` or `continues`.
  mutating func ipOutput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ request: OutputRequest, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    machine.assertCurrent(index)
    let number = packet.number
    if let fib = request.socketFib { packet.header.fib = fib }
    guard var header = IPv4Header(machine.store.bytes(of: packet)) else {
      preconditionFailure("callers of ip_output bring a whole header")
    }
    var flow =
      request.bringsRoute
      ? nil : flowLookup(&packet, to: request.flowKey ?? header.destination, &machine, &tracer)
    if request.flags.isDisjoint(with: [.IP_FORWARDING, .IP_RAWOUTPUT]) {
      header.version = 4
      header.identification = nextIPID(&machine)
      tracer.emit(number, .waypoint(.outId, UInt32(header.identification), 0))
      count(.localout, number, &tracer)
    }
    var key = header.destination
    // Again, with another key, when the filter redirects the packet.
    while true {
      // Another destination wants another way.
      if let known = flow, known.destination != key || key != header.destination { flow = nil }
      var choice = OutputChoice(interface: .none, nextHop: key)
      if let (id, errno) = outputRoute(key, &header, packet, request, flow, &choice, &tracer) {
        return discard(packet, id, errno, &machine, &tracer)
      }
      // Even where the packet does not go by it, its MTU and its ARP entry count.
      if let flow {
        (choice.route, choice.entry) = (flow.route, flow.entry)
        choice.routeMTU = routes.nextHop(of: flow.route).mtu
      }
      let mtu = outputMTU(choice)
      if header.destination.isMulticast {
        packet.header.flags.insert(.multicast)
        choice.nextHop = header.destination
        if let (id, errno) = prepareMulticast(&header, choice, request) {
          return discard(packet, id, errno, &machine, &tracer)
        }
        writeHeader(header, packet, &machine)
        let loops = request.multicast?.loops ?? machine.sysctl.mcastLoop
        if loops { loopMulticastCopy(of: packet, on: choice.interface, &machine, &tracer) }
        if header.ttl == 0 || interfaces[choice.interface].flags.contains(.IFF_LOOPBACK) {
          return discard(packet, .outMcastLocal, nil, &machine, &tracer)
        }
      } else {
        chooseSource(&header, choice, number, &tracer)
        if let (id, errno) = checkUnicast(header, choice, request, mtu: mtu) {
          return discard(packet, id, errno, &machine, &tracer)
        }
        packet.header.flags.remove(.broadcast)
        if choice.isBroadcast { packet.header.flags.insert(.broadcast) }
        writeHeader(header, packet, &machine)
      }
      if hasHooks {
        let place = FilterPlace(.out, choice.interface, sender: request.sender)
        switch pfilRunHooks(packet, place, &machine, &tracer) {
        case .pass(let passed): packet = passed
        case .denied(let refused, let rule):
          machine.store.free(refused)
          var result = OutputResult(.denied(rule: rule), .outFwDeny, .EACCES)
          result.interface = choice.interface
          return result
        case .taken(let errno): return OutputResult(.held, .outFwConsumed, errno)
        }
        let destination = header.destination
        header = IPv4Header(machine.store.bytes(of: packet)) ?? header
        if header.destination != destination {
          packet.header.flags.insert(.skipFirewall)
          if addresses.own(header.destination) == nil {
            tracer.emit(number, .waypoint(.outRedst, header.destination.rawValue, 0))
            key = header.destination
            continue
          }
          packet.header.flags.insert(.fastForwardOurs)
        }
        if packet.header.flags.contains(.fastForwardOurs) {
          return requeue(packet, &machine, &tracer)
        }
        if let tag = packet.header.forwardTag {
          packet.header.flags.insert(.skipFirewall)
          packet.header.forwardTag = nil
          tracer.emit(number, .waypoint(.outFwd, tag.address.rawValue, UInt32(tag.port)))
          key = tag.address
          continue
        }
      }
      return outputTail(packet, header, choice, request, mtu: mtu, &machine, &tracer)
    }
  }

  /// The filter says the packet is for this host: back through the IP queue (P24, P25).
  private mutating func requeue<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ machine: inout Machine, _ tracer: inout T
  ) -> OutputResult {
    if packet.header.receivedOn == .none { packet.header.receivedOn = loopback }
    packet.header.flags.formUnion([.ipChecked, .ipValid, .dataValid])
    tracer.emit(packet.number, .waypoint(.outRequeue, 0, 0))
    let errno = netisrQueue(packet, .ip, &machine, &tracer)
    return OutputResult(.continues, .outRequeue, errno)
  }

  /// From the last check to the interface: whole, or in fragments (P27 to P32).
  private mutating func outputTail<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ choice: OutputChoice,
    _ request: OutputRequest, mtu: UInt32, _ machine: inout Machine, _ tracer: inout T
  ) -> OutputResult {
    let interface = choice.interface
    if header.source.isLoopback || header.destination.isLoopback,
      !interfaces[interface].flags.contains(.IFF_LOOPBACK)
    {
      return discard(packet, .outBadaddr, .EADDRNOTAVAIL, &machine, &tracer)
    }
    let length = UInt32(header.totalLength)
    tracer.emit(packet.number, .mtu(length: length, mtu: mtu))
    let assist = interfaces[interface].hardwareAssist
    if length <= mtu || (!header.dontFragment && assist.contains(.CSUM_FRAGMENT)) {
      finishHeader(of: packet, on: interface, &machine)
      tracer.emit(packet.number, .waypoint(.outCksum, 0, 0))
      if !request.flags.contains(.IP_FORWARDING), let address = choice.address {
        countOutput(on: address, bytes: Int(length))
      }
      packet.header.flags.subtract(PacketFlags.protocolPrivate)
      var result = ifOutput(
        packet, on: interface, nextHop: choice.nextHop, route: choice.route, entry: choice.entry,
        &machine, &tracer)
      complete(&result, choice)
      if case .sent = result.fate { result.id = .outSent }
      return result
    }
    if header.dontFragment {
      var result = discard(packet, .outDf, .EMSGSIZE, &machine, &tracer)
      complete(&result, choice)
      return result
    }
    return outputFragments(packet, header, choice, mtu: Int(mtu), &machine, &tracer)
  }

  /// Cuts the packet up and sends the pieces in order; the first error frees the rest (P31, P32).
  ///
  /// Fast forwarding comes here too, without an address in its choice: it counts on none.
  @inline(never)
  mutating func outputFragments<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ choice: OutputChoice, mtu: Int,
    _ machine: inout Machine, _ tracer: inout T
  ) -> OutputResult {
    let number = packet.number
    var last = OutputResult(.sent, .outFragsent)
    complete(&last, choice)
    switch ipFragment(packet, header, mtu: mtu) {
    case .failure(let id, let errno):
      var result = discard(packet, id, errno, &machine, &tracer)
      complete(&result, choice)
      return result
    case .success(let plan):
      for _ in 0..<plan.count { count(.ofragments, number, &tracer) }
      var failed: OutputResult?
      for piece in 0..<plan.count where failed == nil {
        let child = machine.newChild()
        tracer.emit(child, .made(parent: number, birth: .fragment(number: UInt16(piece))))
        guard
          let fragment = makeFragment(
            piece, of: packet, header, plan, number: child, &machine)
        else {
          machine.end(child, End(.dropped, .outFragNobufs), &tracer)
          failed = OutputResult(.dropped, .outFragNobufs, .ENOBUFS)
          continue
        }
        finishHeader(of: fragment, on: choice.interface, &machine)
        if let address = choice.address { countOutput(on: address, bytes: fragment.count) }
        let record = fragment.header
        var result = ifOutput(
          fragment, on: choice.interface, nextHop: choice.nextHop, route: choice.route,
          entry: choice.entry, &machine, &tracer)
        complete(&result, choice)
        endOutput(record, result, ttl: header.ttl, &machine, &tracer)
        if result.errno != nil {
          result.id = .outIferr
          result.fate = .dropped
          failed = result
        }
      }
      machine.store.free(packet)
      if let failed { return failed }
      count(.fragmented, number, &tracer)
      return last
    }
  }

  /// Fills in what the caller of `ip_output` may ask of the way the packet took.
  func complete(_ result: inout OutputResult, _ choice: OutputChoice) {
    result.interface = choice.interface
    result.nextHop = choice.nextHop
    result.route = choice.route
  }

  /// Counts a packet on the address it left by (`ia_ifa.if_opackets`).
  private mutating func countOutput(on address: AddressIndex, bytes: Int) {
    addresses[address].opackets &+= 1
    addresses[address].obytes &+= UInt64(bytes)
  }

  /// Gives a packet the verdict that its output deserves; those of `held` and `continues` come from
  /// whoever has it.
  @inline(__always)
  mutating func endOutput<T: Tracer & ~Copyable>(
    _ packet: Packet.Record, _ result: OutputResult, ttl: UInt8, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    var end = End(.sent, result.id)
    switch result.fate {
    case .held, .continues: return
    case .sent: break
    case .denied(let rule):
      end.verdict = .denied
      end.rule = rule
    case .dropped: end.verdict = .dropped
    }
    end.interface = result.interface
    end.nextHop = result.nextHop
    end.fib = packet.fib
    end.fibChooser = packet.fibChooser
    end.ttl = ttl
    end.errno = result.errno
    machine.end(packet.number, end, &tracer)
  }

  /// Sends a packet that the stack made and gives it its verdict.
  ///
  /// - Returns: What `ip_output` returns; most callers do not look.
  @discardableResult
  mutating func ipOutputLocal<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ request: OutputRequest, _ machine: inout Machine,
    _ tracer: inout T
  ) -> Errno? {
    let ttl = IPv4Header(machine.store.bytes(of: packet))?.ttl ?? 0
    let record = packet.header
    let result = ipOutput(packet, request, &machine, &tracer)
    if let used = result.route { rtfree(used, now: machine.now) }
    endOutput(record, result, ttl: ttl, &machine, &tracer)
    return result.errno
  }
}
