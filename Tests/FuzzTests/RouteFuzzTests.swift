// SPDX-License-Identifier: BSD-2-Clause

import Testing
import Wire

// Views are the ring's own.
@testable import Netstack

/// What is random about routes.
extension RandomSource {
  /// An address near others: prefixes nest, meet and repeat.
  fileprivate mutating func address() -> IPv4Address {
    if chance(10) { return IPv4Address(rawValue: UInt32(truncatingIfNeeded: next())) }
    let high = UInt32(truncatingIfNeeded: next() % 6) &* 0x2b00_0000
    let middle = chance(50) ? UInt32(truncatingIfNeeded: next() % 4) << 16 : 0
    let low = UInt32(truncatingIfNeeded: next()) & (chance(50) ? 0xffff : 0x3f03)
    return IPv4Address(rawValue: high | middle | low)
  }

  fileprivate mutating func key() -> RouteKey {
    let address = address()
    switch next() % 16 {
    case 0...2: return RouteKey(host: address)
    case 3: return RouteKey(network: address, mask: .broadcast)
    case 4...9:
      let length = Int.random(in: 16...32, using: &self)
      return RouteKey(network: address, mask: IPv4Prefix.mask(length: length))
    case 10 where chance(3):
      return RouteKey(network: address, mask: IPv4Address(255, 0, 255, 255))
    default:
      let length = Int.random(in: 0...32, using: &self)
      return RouteKey(network: address, mask: IPv4Prefix.mask(length: length))
    }
  }

  fileprivate mutating func route(fib: UInt8) -> Rtentry {
    Rtentry(
      key: key(), gateway: .address(IPv4Address(10, 0, 0, UInt8(next() % 5))),
      flags: [.RTF_UP, .RTF_GATEWAY], fib: FibNumber(rawValue: fib),
      interface: InterfaceIndex(rawValue: UInt16(next() % 3)),
      address: AddressIndex(rawValue: 0), mtu: 1500)
  }
}

/// Tables with what each FIB must have, by key.
private struct RouteModel: ~Copyable {
  var tables = RoutingTables(fibs: 4)
  var truth = [[RouteKey: Rtentry]](repeating: [:], count: 4)

  func clone() -> RouteModel {
    var copy = RouteModel()
    copy.tables = tables.clone()
    copy.truth = truth
    return copy
  }

  /// Adds, changes or deletes one route.
  mutating func change(_ random: inout RandomSource) {
    var route = random.route(fib: UInt8(random.next() % 4))
    let fib = Int(route.fib.rawValue)
    guard let index = tables.exact(route.key, in: route.fib) else {
      // A route that only two FIBs differ in is the usual case.
      if let other = truth[(fib + 1) % 4][route.key], random.chance(80) {
        route.gateway = other.gateway
        route.interface = other.interface
      }
      _ = tables.insert(route)
      truth[fib][route.key] = route
      return
    }
    switch random.next() % 3 {
    case 0:
      tables[index].gateway = route.gateway
      tables[index].mtu = 1400
      truth[fib][route.key]?.gateway = route.gateway
      truth[fib][route.key]?.mtu = 1400
    case 1:
      tables.countUse(of: index)
      truth[fib][route.key]?.use += 1
    default:
      tables.remove(index)
      truth[fib][route.key] = nil
    }
  }

  /// How many of some addresses are answered otherwise than by the plain structures.
  mutating func disagreements(at addresses: [IPv4Address]) -> Int {
    // Either way is the first one now and then, that finds nothing compiled.
    let late = tables.count(in: .zero).isMultiple(of: 2) ? 0 : addresses.count
    return disagreements(together: addresses.dropFirst(late)) + disagreements(alone: addresses)
      + disagreements(together: addresses.prefix(late))
  }

  private mutating func disagreements(alone addresses: [IPv4Address]) -> Int {
    var wrong = 0
    for address in addresses {
      for number in 0..<4 as Range<UInt8> {
        let fib = FibNumber(rawValue: number)
        let right = tables.definition(of: address, in: fib)
        // Before and after it is compiled.
        let before = tables.lookup(address, in: fib)
        let after = tables.find(address, in: fib)
        if before != right || after != right || tables.lookup(address, in: fib) != right {
          wrong += 1
        }
      }
    }
    return wrong
  }

  /// The same of so many at a time as batches look up.
  private mutating func disagreements(together addresses: ArraySlice<IPv4Address>) -> Int {
    stride(from: addresses.startIndex, to: addresses.endIndex, by: 32).reduce(0) { wrong, start in
      wrong + disagreements(of: InlineArray { addresses[min(start + $0, addresses.endIndex - 1)] })
    }
  }

  private mutating func disagreements(of addresses: InlineArray<32, IPv4Address>) -> Int {
    var wrong = 0
    for number in 0..<4 as Range<UInt8> {
      let fib = FibNumber(rawValue: number)
      func isWrong(_ place: Int, _ found: RouteIndex?) -> Bool {
        found != tables.definition(of: addresses[place], in: fib)
      }
      tables.lookupsTogether(in: fib, { addresses[$0].rawValue }) { place, found in
        if isWrong(place, found) { wrong += 1 }
      }
      let keys = InlineArray<32, UInt32> { addresses[$0].rawValue }
      for count in [3, 19, 32] {
        var found = InlineArray<32, FoundRoute>(repeating: FoundRoute())
        tables.find(keys.span, count, in: fib, &found)
        for place in 0..<count {
          let one = found[place]
          let route = one.hop.rawValue < 0 ? nil : one.route
          if isWrong(place, route) || route.map({ tables.hop(of: $0) != one.hop }) == true {
            wrong += 1
          }
        }
      }
    }
    return wrong
  }

  /// What each FIB answers, by the plain structures.
  func answers(to address: IPv4Address) -> [RouteSummary?] {
    (0..<4 as Range<UInt8>).map { number in
      tables.definition(of: address, in: FibNumber(rawValue: number)).map {
        RouteSummary(tables[$0])
      }
    }
  }

  /// A prefix's first and last address and those beside it.
  static func edges(of key: RouteKey) -> [IPv4Address] {
    let first = key.destination.rawValue
    let last = first | ~key.mask.rawValue
    return [first, last, first &- 1, last &+ 1].map { IPv4Address(rawValue: $0) }
  }

  /// Each route is what it must be, in netstat's order, and nothing else is there.
  func check(_ seed: UInt64) {
    for number in 0..<4 {
      let fib = FibNumber(rawValue: UInt8(number))
      let indices = tables.routes(in: fib)
      #expect(indices.count == truth[number].count && tables.count(in: fib) == indices.count)
      let wrong = indices.filter { index in
        let route = tables[index]
        guard let right = truth[number][route.key] else { return true }
        return route.gateway != right.gateway || route.mtu != right.mtu || route.use != right.use
          || route.interface != right.interface || route.flags != right.flags
      }
      #expect(wrong.isEmpty, "FIB \(number), seed \(seed)")
      let keys = indices.map { tables[$0].key.destination }
      #expect(keys == keys.sorted(), "FIB \(number), seed \(seed)")
    }
  }
}

@Suite("random routes") struct RouteFuzzTests {
  @Test(arguments: 1...4 as ClosedRange<UInt64>) func theCompiledTableIsTheTrie(seed: UInt64) {
    var random = RandomSource(seed: seed)
    var model = RouteModel()
    var snapshot = model.clone()
    let rounds = 20
    for round in 0..<rounds {
      for _ in 0..<FuzzSize.routeOperations / rounds / 4 {
        model.change(&random)
        if random.chance(20) {
          let near = RouteModel.edges(of: random.key()) + [random.address()]
          #expect(model.disagreements(at: near) == 0, "seed \(seed)")
        }
      }
      // What was kept is as it was, whatever was compiled and changed on either side.
      snapshot.check(seed)
      let keys = (0..<FuzzSize.routeKeys / rounds / 16).map { _ in random.address() }
      #expect(model.disagreements(at: keys) == 0, "seed \(seed)")
      #expect(snapshot.disagreements(at: Array(keys.prefix(500))) == 0, "seed \(seed)")
      if round % 5 == 0 { snapshot = model.clone() }
    }
    model.check(seed)
    for number in 0..<4 {
      for key in model.truth[number].keys {
        #expect(model.disagreements(at: RouteModel.edges(of: key)) == 0, "seed \(seed)")
      }
    }
    purge(&model, seed)
  }

  /// A view says what the tables said when it was made, and knows whether they still say it.
  @Test(arguments: 1...4 as ClosedRange<UInt64>) func aViewStaysAsItWas(seed: UInt64) {
    var random = RandomSource(seed: seed)
    var model = RouteModel()
    for _ in 0..<1000 { model.change(&random) }
    for _ in 0..<40 {
      let addresses = (0..<40).map { _ in random.address() }
      let view = RouteView(model.tables)
      let right = addresses.map { model.answers(to: $0) }
      var other = model.clone()
      // Counting and compiling change no answer.
      for address in addresses {
        if let index = model.tables.find(address, in: .zero) { model.tables.countUse(of: index) }
      }
      #expect(view.isCurrent(model.tables) && view.isCurrent(other.tables), "seed \(seed)")
      for _ in 0..<random.next() % 3 { other.change(&random) }
      for (address, right) in zip(addresses, right) {
        #expect(view.answers(to: address) == right, "seed \(seed), \(address)")
        #expect(
          !view.isCurrent(other.tables) || other.answers(to: address) == right, "seed \(seed)")
      }
      for _ in 0..<random.next() % 20 { other.change(&random) }
      model = other.clone()
    }
  }

  /// Many routes go at once, as with an interface; then all the others.
  private func purge(_ model: inout RouteModel, _ seed: UInt64) {
    let gone = InterfaceIndex(rawValue: 1)
    model.tables.removeAll(in: FibNumber(rawValue: 2)) { $0.interface == gone }
    model.truth[2] = model.truth[2].filter { $0.value.interface != gone }
    model.check(seed)
    model.tables.removeAll(in: nil) { $0.mtu == 1400 }
    for number in 0..<4 {
      model.truth[number] = model.truth[number].filter { $0.value.mtu != 1400 }
    }
    model.check(seed)
    var random = RandomSource(seed: seed)
    #expect(model.disagreements(at: (0..<2000).map { _ in random.address() }) == 0)
    // Most go, and the few that stay are linked anew.
    let kept = Gateway.address(IPv4Address(10, 0, 0, 3))
    model.tables.removeAll(in: nil) { $0.gateway != kept }
    for number in 0..<4 {
      model.truth[number] = model.truth[number].filter { $0.value.gateway == kept }
    }
    model.check(seed)
    #expect(model.disagreements(at: (0..<2000).map { _ in random.address() }) == 0)
    for _ in 0..<500 { model.change(&random) }
    model.check(seed)
    model.tables.removeAll(in: nil) { _ in true }
    for number in 0..<4 { model.truth[number] = [:] }
    model.check(seed)
    #expect(model.disagreements(at: (0..<500).map { _ in random.address() }) == 0)
    #expect(model.tables.hops.count == 0)
  }
}

extension RouteView {
  /// What each FIB answers, put together of the answers they have in common.
  fileprivate func answers(to address: IPv4Address) -> [RouteSummary?] {
    var result = [RouteSummary?](repeating: nil, count: 4)
    var told: UInt16 = 0
    let own = FibNumber(rawValue: UInt8(address.rawValue & 3))
    forEachAnswer(to: address, own: own) { answer in
      #expect((told == 0) == (answer.fib == own) && told & answer.tables == 0)
      told |= answer.tables
      for fib in result.indices where answer.tables & (1 << UInt16(fib)) != 0 {
        result[fib] = answer.route
      }
    }
    #expect(told == 0xf)
    return result
  }
}
