// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Advertisements that arrive (netinet/ip_carp.c).
extension Vnet {
  /// Checks an advertisement in the order of `carp_input()`, then lets it move its virtual host.
  mutating func carpInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let number = packet.number
    count(carp: .ipackets, number, &machine, &tracer)
    guard machine.sysctl.carpAllows else { return drop(packet, .carpDrop, &machine, &tracer) }
    let received = packet.header.receivedOn
    let name = received == .none ? InterfaceName.none : interfaces[received].name
    guard received != .none, interfaces[received].hasCarp else {
      carpLog("carp_input: packet received on non-carp interface: \(name)", &machine)
      return carpDrop(packet, .carpBadif, .badif, &machine, &tracer)
    }
    guard header.ttl == 255 else {
      carpLog("carp_input: received ttl \(header.ttl) != 255i on \(name)", &machine)
      return carpDrop(packet, .carpBadttl, .badttl, &machine, &tracer)
    }
    tracer.emit(number, .passed(.carpBadttl, UInt32(header.ttl), 255))
    let length = header.headerLength + CARPHeader.size
    let inFirst = packet.header.firstBufferCount.map(Int.init) ?? packet.count
    guard packet.count >= length else {
      carpLog(
        "carp_input: received len \(inFirst - IPv4Header.size) < "
          + "sizeof(struct carp_header) on \(name)", &machine)
      return carpDrop(packet, .carpBadlen, .badlen, &machine, &tracer)
    }
    tracer.emit(number, .passed(.carpBadlen, UInt32(packet.count), UInt32(length)))
    // It moves every advertisement into a buffer of its own, wherever it lies.
    guard machine.store.hasMemory() else {
      if length < inFirst { carpLog("carp_input: pullup failed", &machine) }
      return carpDrop(packet, .carpHdrops, .hdrops, &machine, &tracer)
    }
    packet.pullUp(length)
    let sum = InternetChecksum.checksum(
      of: machine.store.bytes(of: packet).extracting(header.headerLength..<length))
    guard sum == 0 else {
      carpLog("carp_input: checksum failed on \(name)", &machine)
      return carpDrop(packet, .carpBadsum, .badsum, &machine, &tracer)
    }
    guard let advertisement = CARPHeader(machine.store.bytes(of: packet), at: header.headerLength)
    else { preconditionFailure("carp_input checked that the header is there") }
    tracer.emit(number, .passed(.carpBadsum, UInt32(advertisement.checksum), 0))
    carpHear(packet, advertisement, &machine, &tracer)
  }

  /// The checks that ask the virtual host, and what it makes of the advertisement
  /// (`carp_input_c`).
  private mutating func carpHear<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ advertisement: CARPHeader, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let number = packet.number
    guard let place = carpHost(advertisement.vhid, on: packet.header.receivedOn),
      interfaces[carps[place].interface].isRunning
    else { return carpDrop(packet, .carpBadvhid, .badvhid, &machine, &tracer) }
    tracer.emit(number, .passed(.carpBadvhid, UInt32(advertisement.vhid), 0))
    let interface = carps[place].interface
    let name = interfaces[interface].name
    interfaces[interface].statistics[.ipackets] &+= 1
    interfaces[interface].statistics[.ibytes] &+= UInt64(packet.count)
    if interfaces[interface].bpfPeers > 0 { tap(packet, on: interface, .in, &machine) }
    guard advertisement.version == CARPHeader.version else {
      interfaces[interface].statistics[.ierrors] &+= 1
      carpLog("\(name); invalid version \(advertisement.version)", &machine)
      return carpDrop(packet, .carpBadver, .badver, &machine, &tracer)
    }
    tracer.emit(number, .passed(.carpBadver, UInt32(advertisement.version), 2))
    guard carpDigest(place, advertisement.counter) == advertisement.digest else {
      interfaces[interface].statistics[.ierrors] &+= 1
      carpLog("\(name): incorrect hash", &machine)
      return carpDrop(packet, .carpBadauth, .badauth, &machine, &tracer)
    }
    tracer.emit(number, .passed(.carpBadauth, 0, 0))
    carps[place].isAlone = false
    carps[place].counter = advertisement.counter
    carpCompare(place, advertisement, number, &machine, &tracer)
    machine.finish(packet, End(.delivered, .dlvCarp), &tracer)
  }

  /// The virtual host of a number on an interface; with two of one number the first.
  private func carpHost(_ vhid: UInt8, on parent: InterfaceIndex) -> Int? {
    for number in 0..<carps.memberCount {
      guard let place = carps.member(number, of: parent) else { continue }
      if carps[place].vhid == Int32(vhid) { return place }
    }
    return nil
  }

  /// Who advertises more often, this host or the sender: only one of them stays the master.
  private mutating func carpCompare<T: Tracer & ~Copyable>(
    _ place: Int, _ advertisement: CARPHeader, _ number: PacketNumber, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let carp = carps[place]
    let isSuppressed = machine.sysctl.carpSuppression != 0 && carp.skew < Carp.suppressedSkew
    let skew = carpMicroseconds(skew: isSuppressed ? Carp.suppressedSkew : carp.skew)
    let mine = Int64(carp.base) * 1_000_000 + skew
    let theirs =
      Int64(advertisement.base) * 1_000_000 + carpMicroseconds(skew: Int32(advertisement.skew))
    switch carp.state {
    case .initial: return
    case .master:
      guard mine >= theirs else { return }
      let step = CarpStep(
        interface: carp.interface, from: .master, to: .backup, reason: .fasterMaster)
      tracer.emit(number, .carp(step))
      machine.timers.cancel(.carpAdvertise(carp.interface), vnet: index)
      carpDebug(step, &machine)
      carpSetState(place, .backup, &machine)
      carpSetRun(place, &machine, &tracer)
      carpDeleteRoutes(place, machine)
    case .backup:
      var reason: CarpStep.Reason?
      if machine.sysctl.carpPreempts, mine < theirs {
        reason = .slowerMaster
      } else if Int64(3 &* carp.base) * 1_000_000 + skew < theirs {
        reason = .timedOut
      }
      guard let reason else { return carpSetRun(place, &machine, &tracer) }
      carpDebug(
        CarpStep(interface: carp.interface, from: .backup, to: .master, reason: reason), &machine)
      carpMasterDown(place, reason, because: number, &machine, &tracer)
    }
  }

  /// Says on the console what is wrong with an advertisement, unless `net.inet.carp.log` is 0.
  private func carpLog(_ text: @autoclosure () -> String, _ machine: inout Machine) {
    if machine.sysctl.carpLog > 0 { machine.log(text()) }
  }

  private mutating func carpDrop<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ id: TraceID, _ counter: CarpCounter, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    count(carp: counter, packet.number, &machine, &tracer)
    machine.finish(packet, End(.dropped, id), &tracer)
  }
}
