// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What masters send (netinet/ip_carp.c).
extension Vnet {
  /// Sends an advertisement and sets the time of the next; one that no longer runs says 255 of both,
  /// and nothing more (`carp_send_ad_locked`).
  ///
  /// - Parameters:
  ///   - step: The change of state that it tells of.
  ///   - cause: The packet that it is sent because of; nil for the clock and the administrator.
  mutating func carpSendAd<T: Tracer & ~Copyable>(
    _ place: Int, _ step: CarpStep?, because cause: PacketNumber? = nil, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let carp = carps[place]
    let interface = carp.interface
    let isRunning = interfaces[interface].isRunning
    let isOwnSkew = machine.sysctl.carpSuppression == 0 || carp.skew > Carp.suppressedSkew
    let base = isRunning ? carp.base : 255
    let skew = isRunning ? (isOwnSkew ? carp.skew : Carp.suppressedSkew) : 255
    guard let source = carp.source else { return }
    let number = cause == nil ? machine.newRoot() : machine.newChild()
    tracer.emit(number, .made(parent: cause ?? number, birth: .carpAdvertisement))
    if let step { tracer.emit(number, .carp(step)) }
    if let packet = machine.store.allocate(count: Vnet.carpLength, number: number) {
      let header = CARPHeader(
        vhid: UInt8(truncatingIfNeeded: carp.vhid), base: UInt8(truncatingIfNeeded: base),
        skew: UInt8(truncatingIfNeeded: skew))
      carpSend(packet, header, from: source, place, &machine, &tracer)
    } else {
      interfaces[interface].statistics[.oerrors] &+= 1
      count(carp: .onomem, number, &machine, &tracer)
      machine.end(number, End(.dropped, .carpNomem), &tracer)
    }
    guard isRunning else { return }
    carpSetTimer(.carpAdvertise(interface), seconds: base, skew: skew, &machine)
  }

  /// An IP header and an advertisement.
  private static let carpLength = IPv4Header.size + CARPHeader.size
  /// `IPTOS_LOWDELAY`.
  private static let lowDelay: UInt8 = 0x10

  /// Fills the packet in, sends it, and heeds whether that went well.
  private mutating func carpSend<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: CARPHeader, from source: IPv4Address, _ place: Int,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let interface = carps[place].interface
    packet.header.vnet = index
    packet.header.flags.insert(.multicast)
    let ip = IPv4Header(
      tos: Vnet.lowDelay, totalLength: UInt16(Vnet.carpLength),
      identification: nextIPID(&machine), fragment: IPv4Header.DF, ttl: 255, protocol: .carp,
      source: source, destination: Carp.multicastGroup)
    carpCount(place, &machine)
    var header = header
    header.counter = carps[place].counter
    header.digest = carpDigest(place, header.counter)
    packet.header.virtualHost = header.vhid
    var bytes = machine.store.mutableBytes(of: packet)
    ip.write(into: &bytes, at: 0)
    header.write(into: &bytes, at: IPv4Header.size)
    let sum = InternetChecksum.checksum(
      of: machine.store.bytes(of: packet).extracting(droppingFirst: IPv4Header.size))
    bytes = machine.store.mutableBytes(of: packet)
    bytes.store(sum, at: IPv4Header.size + 6)
    if T.isOn { tracer.recordBytes(packet.number, .made, machine.store.bytes(of: packet)) }
    interfaces[interface].statistics[.opackets] &+= 1
    interfaces[interface].statistics[.obytes] &+= UInt64(Vnet.carpLength)
    count(carp: .opackets, packet.number, &machine, &tracer)
    let record = packet.header
    let request = OutputRequest(
      flags: .IP_RAWOUTPUT,
      multicast: MulticastOptions(interface: carps[place].group, ttl: 255, loops: false))
    let result = ipOutput(packet, request, &machine, &tracer)
    endOutput(record, result, ttl: 255, &machine, &tracer)
    carpHeed(result.errno, place, &machine, &tracer)
  }

  /// After three errors in a row preemption is suppressed, until three went out again.
  private mutating func carpHeed<T: Tracer & ~Copyable>(
    _ errno: Errno?, _ place: Int, _ machine: inout Machine, _ tracer: inout T
  ) {
    if errno != nil {
      interfaces[carps[place].interface].statistics[.oerrors] &+= 1
      carps[place].sendErrors += 1
      if carps[place].sendErrors == Carp.mostErrors { carpSuppress(&machine, &tracer) }
      carps[place].sendSuccesses = 0
    } else if carps[place].sendErrors >= Carp.mostErrors {
      carps[place].sendSuccesses += 1
      guard carps[place].sendSuccesses >= Carp.leastSuccesses else { return }
      machine.sysctl.carpSuppression -= 1
      carps[place].sendErrors = 0
    } else {
      carps[place].sendErrors = 0
    }
  }

  /// The counter of the next advertisement: at random until one was heard, then that one's and
  /// counted on (`carp_prepare_ad`).
  private mutating func carpCount(_ place: Int, _ machine: inout Machine) {
    guard carps[place].isAlone else {
      carps[place].counter &+= 1
      return
    }
    let high = UInt32(truncatingIfNeeded: machine.random.next())
    let low = UInt32(truncatingIfNeeded: machine.random.next())
    carps[place].counter = UInt64(high) << 32 | UInt64(low)
  }

  /// The digest of an advertisement with a counter (`carp_hmac_generate`).
  func carpDigest(_ place: Int, _ counter: UInt64) -> SHA1.Digest {
    var hash = carps[place].hash
    hash.update(counter)
    return hash.finish()
  }

  /// Hashes what all its advertisements share: version, type, vhid, and its addresses, each once and
  /// the smallest first (`carp_hmac_prepare`). In 8.0 each ioctl that reaches the driver does.
  mutating func carpPrepareHash(_ place: Int) {
    let key = carps[place].key
    var hash = HMACSHA1(key: key.indices.map { key[$0] })
    hash.update(CARPHeader.version)
    hash.update(CARPHeader.advertisement)
    hash.update(UInt8(truncatingIfNeeded: carps[place].vhid))
    let all = Set(carpAddresses(place).map { addresses[$0].address.rawValue })
    // The bounds of its search are no address.
    for address in all.subtracting([0, .max]).sorted() { hash.update(address) }
    carps[place].hash = hash
  }

  /// Every running master advertises now (`carp_send_ad_all`).
  mutating func carpSendAdAll<T: Tracer & ~Copyable>(
    _ machine: inout Machine, _ tracer: inout T
  ) {
    for place in 0..<carps.count
    where carps[place].parent != .none && carps[place].state == .master
      && interfaces[carps[place].interface].isRunning
    {
      carpSendAd(place, nil, &machine, &tracer)
    }
  }

  /// Announces every address with the virtual router's hardware address, on the parent
  /// (`carp_send_arp`).
  mutating func carpSendArp<T: Tracer & ~Copyable>(
    _ place: Int, because cause: PacketNumber? = nil, _ machine: inout Machine, _ tracer: inout T
  ) {
    let hardware = interfaces[carps[place].interface].hardwareAddress
    for address in carpAddresses(place) where addresses[address].address != .any {
      arpAnnounce(
        addresses[address].address, as: hardware, on: carps[place].parent, because: cause,
        &machine, &tracer)
    }
  }

  /// Counts in `struct carpstats`, which all stacks share.
  func count<T: Tracer & ~Copyable>(
    carp counter: CarpCounter, _ packet: PacketNumber, _ machine: inout Machine, _ tracer: inout T
  ) {
    machine.carp.statistics[counter] &+= 1
    tracer.emit(packet, .counted(.carp(counter)))
  }
}
