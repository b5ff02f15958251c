// SPDX-License-Identifier: BSD-2-Clause

import CProbe
import Netstack
import Wire

/// Forwarding and look-up by size of the routing table and kind of destination.
struct RouteFamily: Family {
  static let forwardSizes = [10, 100_000, 512_000, 1_000_000]
  static let fastSizes = [10, 1_000_000]
  static let lookupSizes = [16, 512_000, 1_000_000]
  static let loadSizes = [100_000, 512_000, 1_000_000]
  static let keyCount = 1 << 20

  let settings: Settings
  let source: RouteSource

  init(_ settings: Settings, _ source: RouteSource) {
    (self.settings, self.source) = (settings, source)
  }

  /// What is measured of a table.
  private enum Kind: String, CaseIterable {
    case forward
    case batch
    case fastForward = "fast-forward"
    case lookup
    case load

    var sizes: [Int] {
      switch self {
      case .forward, .batch: RouteFamily.forwardSizes
      case .fastForward: RouteFamily.fastSizes
      case .lookup: RouteFamily.lookupSizes
      case .load: RouteFamily.loadSizes
      }
    }

    /// How much longer an operation may take at the largest table than at the smallest.
    var growthLimit: Double {
      switch self {
      case .forward, .fastForward: 2 * Scenario.farMemory
      case .batch, .lookup: Scenario.farMemory
      case .load: 3
      }
    }

    func summary(_ size: Int, _ destinations: Destinations) -> String {
      let table = "\(size) routes, \(destinations.words)"
      return switch self {
      case .forward: "forward with \(table), ipfw off"
      case .batch: "forward in batches with \(table), ipfw off"
      case .fastForward: "ip_fastforward with \(table)"
      case .lookup: "only look up, \(table)"
      case .load: "add \(size) routes one by one"
      }
    }
  }

  private func scenario(_ kind: Kind, _ size: Int, _ destinations: Destinations) -> Scenario {
    let end = kind == .load ? "" : "-\(destinations.rawValue)"
    return Scenario(
      name: "\(kind.rawValue)-\(shortNumber(size))\(end)",
      summary: kind.summary(size, destinations), isGated: kind != .load,
      growthLimit: kind.growthLimit)
  }

  var scenarios: [Scenario] {
    Kind.allCases.flatMap { kind in
      source.sizes(kind.sizes).flatMap { size in
        kind == .load
          ? [scenario(kind, size, .inside)]
          : Destinations.allCases.map { scenario(kind, size, $0) }
      }
    }
  }

  func measure(_ chosen: Chosen, _ report: Report) {
    let sizes = Set(Kind.allCases.flatMap { source.sizes($0.sizes) }).sorted().filter { size in
      scenarios(of: size).contains { chosen.contains($0.name) }
    }
    guard let largest = sizes.last else { return }
    let all = source.table(largest)
    let smallest = RoutedLab(RouteTable(all, count: 10))
    let perRoute =
      chosen.names.contains { $0.hasPrefix("load-") }
      ? RoutedLab(RouteTable(all, count: 100_000)).nanosecondsPerRoute : 0
    for size in sizes {
      let lab = RoutedLab(RouteTable(all, count: size))
      for kind in Kind.allCases where source.sizes(kind.sizes).contains(size) {
        if kind == .load {
          let scenario = scenario(kind, size, .inside)
          guard chosen.contains(scenario.name) else { continue }
          report.add(lab.loadRow(scenario, smallest: perRoute))
        } else {
          measure(kind, size, lab, smallest, chosen, report)
        }
      }
    }
  }

  private func scenarios(of size: Int) -> [Scenario] {
    Kind.allCases.filter { source.sizes($0.sizes).contains(size) }.flatMap { kind in
      kind == .load
        ? [scenario(kind, size, .inside)]
        : Destinations.allCases.map { scenario(kind, size, $0) }
    }
  }

  /// Measures a table beside the smallest one, so that growth is of the same moments.
  private func measure(
    _ kind: Kind, _ size: Int, _ lab: RoutedLab, _ smallest: RoutedLab, _ chosen: Chosen,
    _ report: Report
  ) {
    for destinations in Destinations.allCases {
      let scenario = scenario(kind, size, destinations)
      guard chosen.contains(scenario.name) else { continue }
      let isFast = kind == .fastForward
      let subjects = [lab, smallest].map { lab -> any Subject in
        let keys = lab.keys(destinations)
        return kind == .lookup
          ? LookupWork(lab.router(isFast: false), keys)
          : ForwardWork(
            lab.router(isFast: isFast), Traffic(to: keys, isBatched: kind == .batch))
      }
      var peers = lab.peers(kind == .lookup ? .lookup : .forward, destinations)
      if !settings.hasPeers { peers = [] }
      let found = interleave(
        subjects + peers.map(\.subject), growthLimit: scenario.growthLimit)
      report.add(
        Row(
          scenario: scenario, measurement: found[0], bytes: lab.bytes,
          growth: found[0].nanoseconds / found[1].nanoseconds,
          peers: zip(peers, found.dropFirst(2)).map { ($0.name, $1.nanoseconds) }))
    }
  }
}

/// Look-ups alone, in one table or in one after the other.
final class LookupWork: Subject {
  var operations: Int { keys.count }
  private let router: Router
  private let keys: [UInt32]
  private let fibs: Int
  /// Taken from each answer, so that none can be left out.
  private var sum: Int64 = 0

  init(_ router: Router, _ keys: [UInt32], fibs: Int = 1) {
    (self.router, self.keys, self.fibs) = (router, keys, fibs)
  }

  func run() { sum &+= LookupWork.perform(router.kernel[.zero].routes, keys, fibs) }

  private static func perform(
    _ routes: borrowing RoutingTables, _ addresses: [UInt32], _ fibs: Int
  ) -> Int64 {
    let keys = addresses.span
    var sum: Int64 = 0
    for start in stride(from: 0, to: keys.count, by: Int(PROBE_KEYS)) {
      let part = keys.extracting(start..<min(start + Int(PROBE_KEYS), keys.count))
      probe_start()
      sum &+= routes.sumOfLookups(part, fibs: fibs)
      probe_stop()
    }
    return sum
  }
}
