// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// Routes that flows hold (`rt_refcnt`), and lists of routes.
extension RoutingTables {
  /// Holds a route for a flow and returns the index by which the flow knows it from now on.
  mutating func hold(_ index: RouteIndex) -> RouteIndex {
    guard let index = live(index) else { preconditionFailure("what is held is there") }
    let number = holdNumber(of: index)
    if number > 0 {
      holds[number - 1].references += 1
      return RouteIndex(held: number - 1)
    }
    let new = holds.insert(RouteHold(index: index, references: 1))
    setHold(new + 1, of: index)
    return RouteIndex(held: new)
  }

  /// The index by which flows hold a route, or nil where none does.
  func held(_ index: RouteIndex) -> RouteIndex? {
    guard let index = live(index) else { return nil }
    let number = holdNumber(of: index)
    return number > 0 ? RouteIndex(held: number - 1) : nil
  }

  /// Gives back a flow's hold on a route (`RTFREE`); one that is in no table goes with the last.
  ///
  /// - Returns: The route where it is in its table.
  @discardableResult
  mutating func release(_ index: RouteIndex) -> RouteIndex? {
    guard case .held(let place) = index.place else {
      preconditionFailure("what is given back was held")
    }
    let route = live(index)
    holds[place].references -= 1
    guard holds[place].references == 0 else { return route }
    if let route { setHold(0, of: route) } else { hops.release(holds[place].hop) }
    holds.remove(place)
    return route
  }

  /// The route as its table has it; nil where it is in none.
  func live(_ index: RouteIndex) -> RouteIndex? {
    switch index.place {
    case .node(let place, let fib):
      return contains(fib) && trie[place].members & fib.member != 0 ? index : nil
    case .scattered(let place):
      for position in 0..<scatteredOrder.count where scatteredOrder[position] == place {
        return index
      }
      return nil
    case .held(let place): return holds[place].last == nil ? holds[place].index : nil
    }
  }

  /// Whether a route is in its table.
  func isUp(_ index: RouteIndex) -> Bool {
    hops[hop(of: index)].flags.contains(.RTF_UP)
  }

  /// How many flows hold a route.
  func references(of index: RouteIndex) -> Int32 {
    if case .held(let place) = index.place { return holds[place].references }
    let number = holdNumber(of: index)
    return number > 0 ? holds[number - 1].references : 0
  }

  /// What flows hold of a route that goes: it is not up.
  mutating func retire(_ index: RouteIndex, _ route: Rtentry) {
    let number = holdNumber(of: index)
    guard number > 0 else { return }
    var last = route
    last.flags.remove(.RTF_UP)
    holds[number - 1].hop = hops.intern(NextHop(last))
    holds[number - 1].last = last
    setHold(0, of: index)
  }

  private func holdNumber(of index: RouteIndex) -> Int32 {
    switch index.place {
    case .node(let place, let fib): fibs[Int(fib.rawValue)].holds.value(at: Int(place))
    case .scattered(let place): scattered[place].hold
    case .held(let place): place + 1
    }
  }

  private mutating func setHold(_ number: Int32, of index: RouteIndex) {
    switch index.place {
    case .node(let place, let fib): fibs[Int(fib.rawValue)].holds.set(number, at: Int(place))
    case .scattered(let place): scattered[place].hold = number
    case .held: preconditionFailure("a hold is not held")
    }
  }

  /// A table's routes in the order of `rn_walktree`, which netstat(1) shows: ascending by
  /// destination, for one destination the most specific first.
  package func routes(in fib: FibNumber) -> [RouteIndex] {
    var result: [RouteIndex] = []
    result.reserveCapacity(count(in: fib))
    forEach(in: fib) { result.append($0) }
    return result
  }

  /// Calls for each route of a table in that order.
  package func forEach(in fib: FibNumber, _ body: (RouteIndex) -> Void) {
    guard contains(fib) else { return }
    var waiting: [RouteIndex] = []
    for position in 0..<scatteredOrder.count where scattered[scatteredOrder[position]].fib == fib {
      waiting.append(RouteIndex(scattered: scatteredOrder[position]))
    }
    // The first one is taken last.
    waiting.sort { comesBefore(key(of: $1), key(of: $0)) }
    trie.forEach(root: 0, mask: fib.member) { place, node in
      if !waiting.isEmpty {
        let key = RouteKey(node)
        while let next = waiting.last, comesBefore(self.key(of: next), key) {
          body(waiting.removeLast())
        }
      }
      body(RouteIndex(place: place, fib))
    }
    for index in waiting.reversed() { body(index) }
  }

  private func comesBefore(_ a: RouteKey, _ b: RouteKey) -> Bool {
    a.destination == b.destination
      ? a.specificity > b.specificity : a.destination < b.destination
  }
}
