// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The express lane: what most packets of a router need, in one function.
///
/// It is ours, not BSD's. The functions from `ether_input` to the driver define what becomes of a
/// packet; the lane does the same for packets that nothing happens to but forwarding. First it asks
/// everything that could make it otherwise, changing nothing; whatever it is not sure of goes the
/// general way. ExpressLaneTests holds both equal.
extension Vnet {
  /// The destination of a plain packet for somebody else, which needs nothing but to be forwarded;
  /// that of any other is 0.0.0.0.
  @inline(__always)
  private func expressDestination(_ bytes: RawSpan, _ terms: ExpressTerms) -> IPv4Address {
    guard bytes.byteCount >= EthernetHeader.size + IPv4Header.size,
      bytes.byteCount <= PacketStore.mostExpress,
      bytes.uint64(at: 0) >> 16 == terms.station.rawValue,
      // EtherType, version and header length; the type of service may be any.
      bytes.uint32(at: 12) >> 8 == 0x08_0045
    else { return .any }
    let header = ExpressHeader(bytes)
    guard terms.isChecked || header.isIntact,
      header.length >= IPv4Header.size,
      Int(header.length) + EthernetHeader.size <= bytes.byteCount,
      header.ttl > 1, header.source.isExpress, header.destination.isExpress,
      !isOwn(header.destination, terms)
    else { return .any }
    return header.destination
  }

  /// Sends frames of a batch by the lane, one after the other up to the first that it does not serve.
  /// There is nothing to do besides, and that stays so.
  ///
  /// All are looked at, then all are looked up, then all go: packets of the lane leave everything as
  /// it is that was asked of the next ones.
  ///
  /// - Parameter places: At most 32.
  /// - Returns: How many went.
  mutating func sendExpress(
    _ batch: borrowing FrameBatch, _ places: Range<Int>, _ machine: inout Machine
  ) -> Int {
    guard let terms = expressTerms(batch.facts, machine) else { return 0 }
    var destinations = InlineArray<32, UInt32>(repeating: 0)
    var count = 0
    while count < places.count {
      let destination = expressDestination(batch[places.lowerBound &+ count], terms)
      if destination == .any { break }
      destinations[count] = destination.rawValue
      count &+= 1
    }
    guard count > 0 else { return 0 }
    var found = InlineArray<32, FoundRoute>(repeating: FoundRoute())
    routes.find(destinations.span, count, in: terms.fib, &found)
    var rules = InlineArray<32, ExpressRules>(repeating: ExpressRules())
    if terms.isFiltered, looksAhead(of: count) {
      findRules(batch, places.lowerBound, count, found.span, terms, &rules, machine)
    }
    var sums = ExpressSums()
    for place in 0..<count {
      let bytes = batch[places.lowerBound &+ place]
      guard found[place].hop.rawValue >= 0,
        goExpress(found[place], bytes, terms, rules: rules[place], &sums, &machine)
      else { break }
    }
    if sums.packets > 0 {
      settle(sums, terms, on: batch.facts.cpu, &machine)
      machine.netisr.rest()
    }
    return Int(sums.packets)
  }

  /// Sends a frame by the lane; false where that does not serve it.
  mutating func sendExpress(
    _ bytes: RawSpan, _ facts: FrameFacts, _ machine: inout Machine
  ) -> Bool {
    guard let terms = expressTerms(facts, machine) else { return false }
    let destination = expressDestination(bytes, terms)
    guard destination != .any, let route = routes.find(destination, in: terms.fib) else {
      return false
    }
    var sums = ExpressSums()
    let found = FoundRoute(route: route, hop: routes.hop(of: route))
    guard goExpress(found, bytes, terms, &sums, &machine) else { return false }
    settle(sums, terms, on: facts.cpu, &machine)
    return true
  }

  /// The same, and what there is to record of it; nil where the lane does not serve it.
  @inline(__always)
  mutating func recordExpress(
    _ bytes: RawSpan, _ facts: FrameFacts, _ machine: inout Machine
  ) -> ExpressRecord? {
    // What the rules said is told by the general way.
    guard let terms = expressTerms(facts, asksRules: false, machine) else { return nil }
    let destination = expressDestination(bytes, terms)
    guard destination != .any, let route = routes.find(destination, in: terms.fib) else {
      return nil
    }
    var sums = ExpressSums()
    var hop = ExpressHop()
    let found = FoundRoute(route: route, hop: routes.hop(of: route))
    guard goExpress(found, bytes, terms, &sums, &machine, { hop = $0 }) else { return nil }
    settle(sums, terms, on: facts.cpu, &machine)
    return expressRecord(hop, facts, terms, machine)
  }

  /// Sends a packet by the next hop of its route; false where the lane does not serve it.
  ///
  /// - Parameter rules: What it meets, where that was found ahead.
  /// - Parameter tell: Hears where the packet goes.
  @inline(__always)
  private mutating func goExpress(
    _ found: FoundRoute, _ bytes: RawSpan, _ terms: ExpressTerms,
    rules: ExpressRules = ExpressRules(), _ sums: inout ExpressSums, _ machine: inout Machine,
    _ tell: (ExpressHop) -> Void = { _ in }
  ) -> Bool {
    var hop = expressHops[found.hop]
    if !hop.isRight(found.hop, terms.key) {
      let destination = ExpressHeader.destination(bytes)
      guard let new = findExpressHop(found.hop, to: destination, terms, machine) else {
        return false
      }
      hop = new
    }
    let length = ExpressHeader(bytes).length
    guard hop.home != terms.input, length <= hop.mtu else { return false }
    if terms.isFiltered {
      guard
        let passes = expressPasses(
          bytes.packet(length), from: terms.input, to: hop.output, fib: terms.fib, rules, machine)
      else { return false }
      count(passes, bytes.packet(length), &machine)
    }
    tell(hop)
    forward(bytes, by: hop, found.route, terms, &sums, &machine)
    return true
  }

  /// Does what the functions of the general way do for such a packet, but for what `settle` counts.
  @inline(__always)
  private mutating func forward(
    _ bytes: RawSpan, by hop: ExpressHop, _ route: RouteIndex, _ terms: ExpressTerms,
    _ sums: inout ExpressSums, _ machine: inout Machine
  ) {
    let header = ExpressHeader(bytes)
    routes.countUse(of: route)
    machine.store.passExpress(
      bytes, in: terms.buffers, number: sums.packets, to: hop.neighbour, from: hop.source,
      ttl: header.ttl &- 1, checksum: header.checksum(terms))
    interfaces.countSent(
      1, bytes: UInt64(header.length) &+ UInt64(EthernetHeader.size), by: hop.output)
    sums.packets &+= 1
    sums.bytes &+= UInt64(bytes.byteCount)
  }
}

extension ExpressHeader {
  /// The checksum with which a packet leaves.
  @inline(__always)
  fileprivate func checksum(_ terms: ExpressTerms) -> UInt16 {
    if terms.isFast { return patchedChecksum }
    return terms.isChecked ? newChecksum : nextChecksum
  }
}
