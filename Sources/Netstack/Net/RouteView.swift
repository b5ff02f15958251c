// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// A stack's routes as they are at a moment, for whoever asks later what the tables answered then.
///
/// It shares its pages with the tables, so that making it copies nothing. The first change of a route
/// gives the tables pages of their own: who still shares them has the same routes, and no number of
/// changes need be kept. What is counted through routes is in other pages.
struct RouteView: ~Copyable {
  /// A table's answer: a node of the trie, the place of a scattered route below 0, or none.
  private struct Answer: BitwiseCopyable, Equatable {
    static let none = Answer(place: .max, hop: NextHopIndex(rawValue: -1))
    var place: Int32
    var hop: NextHopIndex
  }

  private let fibCount: Int
  private let hops: NextHopTable
  private let trie: PrefixTrie
  private let variants: SharedSlots<RouteVariant>
  /// The routes whose mask is no prefix, the most specific first. They are few, if there are any.
  private var scattered: UniqueArray<ScatteredRoute>

  init(_ routes: borrowing RoutingTables) {
    fibCount = routes.fibCount
    hops = routes.hops.clone()
    trie = routes.trie.clone()
    variants = routes.variants.clone()
    scattered = UniqueArray()
    for position in 0..<routes.scatteredOrder.count {
      scattered.append(routes.scattered[routes.scatteredOrder[position]])
    }
  }

  /// Whether the tables have just these routes.
  @inline(__always)
  func isCurrent(_ routes: borrowing RoutingTables) -> Bool {
    trie.sharesPages(with: routes.trie) && hops.sharesPages(with: routes.hops)
      && variants.sharesPages(with: routes.variants)
      && scattered.count == routes.scatteredOrder.count
      && (scattered.isEmpty || hasScattered(of: routes))
  }

  @inline(never)
  private func hasScattered(of routes: borrowing RoutingTables) -> Bool {
    for position in scattered.indices {
      let (mine, other) = (scattered[position], routes.scattered[routes.scatteredOrder[position]])
      guard mine.key == other.key, mine.fib == other.fib, mine.hop == other.hop else {
        return false
      }
    }
    return true
  }

  /// What all tables answer: first the packet's own, then the others, those with one answer together.
  func forEachAnswer(
    to destination: IPv4Address, own: FibNumber, _ body: (FibAnswer) -> Void
  ) {
    let found = answers(to: destination)
    var told = own.member
    body(FibAnswer(tables: told, fib: own, route: summary(found[Int(own.rawValue)])))
    for fib in 0..<fibCount where told & (1 << UInt16(fib)) == 0 {
      var alike: UInt16 = 1 << UInt16(fib)
      for later in fib + 1..<max(fibCount, fib + 1)
      where told & (1 << UInt16(later)) == 0 && isSame(found[fib], found[later]) {
        alike |= 1 << UInt16(later)
      }
      told |= alike
      let number = FibNumber(rawValue: UInt8(fib))
      body(FibAnswer(tables: alike, fib: number, route: summary(found[fib])))
    }
  }

  /// The answers of all tables, by one way down the trie.
  private func answers(to destination: IPv4Address) -> InlineArray<16, Answer> {
    var found = InlineArray<16, Answer>(repeating: .none)
    trie.forEachMatch(destination.rawValue, root: 0) { place, node in
      var left = node.members
      while left != 0 {
        let fib = left.trailingZeroBitCount
        let hop = variants.hop(from: node.more, else: node.value, for: 1 << UInt16(fib))
        found[fib] = Answer(place: place, hop: hop)
        left &= left &- 1
      }
    }
    for position in scattered.indices.reversed() {
      let route = scattered[position]
      guard destination & route.key.mask == route.key.destination else { continue }
      let fib = Int(route.fib.rawValue)
      if let best = key(found[fib]), best.specificity > route.key.specificity { continue }
      found[fib] = Answer(place: ~Int32(position), hop: route.hop)
    }
    return found
  }

  /// Most tables share the route itself, and another node of the trie has another key.
  private func isSame(_ one: Answer, _ other: Answer) -> Bool {
    if one == other { return true }
    guard one.place == other.place || one.place < 0 && other.place < 0 else { return false }
    return summary(one) == summary(other)
  }

  private func summary(_ answer: Answer) -> RouteSummary? {
    key(answer).map { RouteSummary($0, hops[answer.hop]) }
  }

  private func key(_ answer: Answer) -> RouteKey? {
    if answer == .none { return nil }
    return answer.place < 0 ? scattered[Int(~answer.place)].key : RouteKey(trie[answer.place])
  }
}

/// What some tables, a bit for each, say of a destination.
struct FibAnswer: BitwiseCopyable {
  var tables: UInt16
  /// The first of them.
  var fib: FibNumber
  var route: RouteSummary?
}
