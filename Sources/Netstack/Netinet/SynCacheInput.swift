// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What happens to half-open connections (netinet/tcp_syncache.c).
extension Vnet {
  /// Answers a SYN and remembers it (`syncache_add`). A SYN that is there already is answered again,
  /// whatever its sequence number.
  mutating func synCacheAdd<T: Tracer & ~Copyable>(
    _ segment: TCPSegment, _ options: TCPOptions, _ wayBack: OptionBytes?,
    _ listener: SocketIndex, _ parent: PacketNumber, _ machine: inout Machine, _ tracer: inout T
  ) {
    if let known = synCache.find(local: segment.local, foreign: segment.foreign) {
      count(tcp: .scDupsyn, parent, &tracer)
      if let wayBack { synCache[known].wayBack = wayBack }
      synCache[known].timestamp = synCache[known].timestamp == nil ? nil : options.timestamp
      guard synCacheRespond(synCache[known], parent, &machine, &tracer) else { return }
      synCache[known].transmissions = 0
      synCacheTimeout(known, &machine)
      return countSynAck(parent, &tracer)
    }
    if synCache.count >= Int(sysctl[.tcpSyncacheCachelimit]) {
      count(tcp: .scZonefail, parent, &tracer)
      synCacheDrop(synCache.entry(at: 0), &machine)
    }
    let socket = sockets[listener]
    let extends = sysctl[.tcpRfc1323] != 0
    let entry = SynCacheEntry(
      local: segment.local, foreign: segment.foreign, fib: socket.fib,
      fibChooser: socket.fibChooser, tos: socket.tos, ttl: socket.ttl,
      receivedSequence: segment.header.sequence,
      sequence: UInt32(truncatingIfNeeded: machine.random.next()),
      window: UInt16(clamping: socket.receive.space), peerSegment: options.maximumSegment,
      scalesWindow: extends && options.windowScale != nil,
      permitsSACK: options.permitsSACK && sysctl[.tcpSackEnable] != 0,
      timestamp: extends ? options.timestamp : nil,
      clock: UInt32(truncatingIfNeeded: machine.now.ticks), wayBack: wayBack)
    guard synCacheRespond(entry, parent, &machine, &tracer) else {
      return count(tcp: .scDropped, parent, &tracer)
    }
    count(tcp: .scAdded, parent, &tracer)
    let index = synCache.insert(entry)
    sysctl[.tcpSyncacheCount] = Int64(synCache.count)
    synCacheTimeout(index, &machine)
    countSynAck(parent, &tracer)
  }

  private mutating func countSynAck<T: Tracer & ~Copyable>(
    _ number: PacketNumber, _ tracer: inout T
  ) {
    count(tcp: .sndacks, number, &tracer)
    count(tcp: .sndtotal, number, &tracer)
  }

  /// Sends the SYN-ACK of an entry in the listener's table (`syncache_respond`).
  ///
  /// - Parameter parent: The packet that asked for it; nil makes it one of the clock's.
  /// - Returns: Whether `ip_output` took it.
  private mutating func synCacheRespond<T: Tracer & ~Copyable>(
    _ entry: SynCacheEntry, _ parent: PacketNumber?, _ machine: inout Machine,
    _ tracer: inout T
  ) -> Bool {
    let number = parent == nil ? machine.newRoot() : machine.newChild()
    tracer.emit(number, .made(parent: parent ?? number, birth: .synAck))
    let tcp = TCPHeader(
      sourcePort: entry.local.port, destinationPort: entry.foreign.port,
      sequence: entry.sequence, acknowledgement: entry.receivedSequence &+ 1,
      flags: [.syn, .ack], window: entry.window)
    let sender = SegmentSender(
      local: entry.local.address, foreign: entry.foreign.address, ttl: entry.ttl,
      tos: entry.tos, fib: entry.fib, fibChooser: entry.fibChooser,
      dontFragment: sysctl.pathMTUDiscovery && !entry.isUnreachable, ipOptions: entry.wayBack)
    let segment = synAckSegment(entry, now: machine.now)
    return sendSegment(
      tcp, entry.options(maximumSegment: segment), sender, number, &machine, &tracer) == nil
  }

  /// The segment size that a SYN-ACK offers (`tcp_mssopt`): what fits the way back, and no more than
  /// the other end offered.
  private mutating func synAckSegment(_ entry: SynCacheEntry, now: Instant) -> UInt16 {
    var size = Int(sysctl[.tcpMssdflt])
    if let route = rtalloc1(entry.foreign.address, fib: entry.fib, report: false) {
      let interfaceMTU = interfaces[routes[route].interface].mtu
      let mtu = routes[route].mtu == 0 ? interfaceMTU : min(routes[route].mtu, interfaceMTU)
      size = Int(mtu) - IPv4Header.size - TCPHeader.size
      rtfree(route, now: now)
    }
    if let peer = entry.peerSegment, peer != 0 {
      size = max(min(Int(peer), size), Int(sysctl[.tcpMinmss]))
    }
    return UInt16(clamping: size)
  }

  /// Sets the time at which the SYN-ACK is sent again: 3 s, and twice as long each time
  /// (`syncache_timeout`).
  private mutating func synCacheTimeout(_ index: SynCacheIndex, _ machine: inout Machine) {
    let seconds = 3 << UInt64(min(synCache[index].transmissions, 6))
    synCache[index].transmissions += 1
    machine.timers.cancel(.synCache(index), vnet: self.index)
    machine.timers.set(
      .synCache(index), vnet: self.index, at: machine.now.advanced(seconds: UInt64(seconds)))
  }

  /// Sends a SYN-ACK again, or gives the connection up (`syncache_timer`).
  mutating func synCacheTimer<T: Tracer & ~Copyable>(
    _ index: SynCacheIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard synCache[index].transmissions <= Int(sysctl[.tcpSyncacheRexmtlimit]) else {
      statistics.tcp[.scStale] &+= 1
      return synCacheDrop(index, &machine)
    }
    _ = synCacheRespond(synCache[index], nil, &machine, &tracer)
    statistics.tcp[.scRetransmitted] &+= 1
    synCacheTimeout(index, &machine)
  }

  /// Forgets an entry and its timer (`syncache_drop`).
  private mutating func synCacheDrop(_ index: SynCacheIndex, _ machine: inout Machine) {
    machine.timers.cancel(.synCache(index), vnet: self.index)
    synCache.remove(index)
    sysctl[.tcpSyncacheCount] = Int64(synCache.count)
  }
}

/// What ends a half-open connection.
extension Vnet {
  /// Makes a socket of the entry that an ACK completes (`syncache_expand`, `syncache_socket`): it
  /// has the listener's forwarding table, whatever that of the segment. An ACK that does not fit
  /// its entry ends that too.
  mutating func synCacheExpand<T: Tracer & ~Copyable>(
    _ segment: TCPSegment, _ listener: SocketIndex, _ number: PacketNumber,
    _ machine: inout Machine, _ tracer: inout T
  ) -> SocketIndex? {
    guard let index = synCache.find(local: segment.local, foreign: segment.foreign) else {
      return nil
    }
    let entry = synCache[index]
    synCacheDrop(index, &machine)
    let offset = segment.header.sequence &- entry.receivedSequence
    guard segment.header.acknowledgement == entry.sequence &+ 1, offset >= 1,
      offset <= UInt32(entry.window)
    else { return nil }
    var socket = sockets[listener]
    socket.local = entry.local
    socket.foreign = entry.foreign
    socket.options.remove(.SO_ACCEPTCONN)
    socket.receive = ReceiveBuffer(limit: socket.receive.limit)
    socket.backlog = 0
    socket.hasMulticastState = false
    socket.multicast = nil
    socket.error = nil
    socket.state = .established
    socket.receiveNext = entry.receivedSequence &+ 1
    socket.receiveWindow = UInt32(entry.window)
    count(tcp: .accepts, number, &tracer)
    count(tcp: .scCompleted, number, &tracer)
    return sockets.insert(socket)
  }

  /// A reset for a half-open connection ends it if its number is in the window (`syncache_chkrst`).
  mutating func synCacheReset<T: Tracer & ~Copyable>(
    _ segment: TCPSegment, _ number: PacketNumber, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    // A reset that says more is no answer to a SYN-ACK of ours.
    guard segment.flags.isDisjoint(with: [.ack, .syn, .fin]),
      let index = synCache.find(local: segment.local, foreign: segment.foreign)
    else { return }
    let entry = synCache[index]
    guard segment.header.sequence &- entry.receivedSequence <= UInt32(entry.window) else {
      return
    }
    synCacheDrop(index, &machine)
    count(tcp: .scReset, number, &tracer)
  }

  /// A SYN-ACK for a half-open connection ends it (`syncache_badack`).
  mutating func synCacheBadACK<T: Tracer & ~Copyable>(
    _ segment: TCPSegment, _ number: PacketNumber, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    guard let index = synCache.find(local: segment.local, foreign: segment.foreign) else {
      return
    }
    synCacheDrop(index, &machine)
    count(tcp: .scBadack, number, &tracer)
  }

  /// An ICMP error about a SYN-ACK: the first makes the next one go without DF, and one after three
  /// more tries ends the connection (`syncache_unreach`).
  mutating func synCacheUnreach<T: Tracer & ~Copyable>(
    local: Endpoint, foreign: Endpoint, sequence: UInt32, _ number: PacketNumber,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    guard let index = synCache.find(local: local, foreign: foreign),
      synCache[index].sequence == sequence
    else { return }
    guard synCache[index].isUnreachable, synCache[index].transmissions >= 4 else {
      synCache[index].isUnreachable = true
      return
    }
    synCacheDrop(index, &machine)
    count(tcp: .scUnreach, number, &tracer)
  }
}

extension SynCacheEntry {
  /// The options of the SYN-ACK, in the order and with the padding of `tcp_addoptions`.
  fileprivate func options(maximumSegment: UInt16) -> OptionBytes {
    var options = OptionBytes()
    options.append(word: 0x0204_0000 | UInt32(maximumSegment))
    // The smallest shift that lets the window grow to kern.ipc.maxsockbuf.
    if scalesWindow { options.append(word: 0x0103_0303) }
    if permitsSACK {
      options.append(4)
      options.append(2)
    }
    if let timestamp {
      while options.count % 4 != 2 { options.append(1) }
      options.append(8)
      options.append(10)
      options.append(word: clock)
      options.append(word: timestamp)
    }
    options.pad()
    return options
  }
}

extension OptionBytes {
  /// Adds four bytes, highest first.
  fileprivate mutating func append(word: UInt32) { append(IPv4Address(rawValue: word)) }
}
