// SPDX-License-Identifier: BSD-2-Clause

import CProbe
import Netstack
import Wire

/// Sixteen forwarding tables of the same routes, one of a hundred by another next hop: what they
/// take, and what a copy of the machine costs.
struct FibFamily: Family {
  static let fibs = 16
  static let sizes = [10_000, 100_000, 1_000_000]
  /// What growth is told against.
  private static let smallest = 1000

  let settings: Settings
  let source: RouteSource

  init(_ settings: Settings, _ source: RouteSource) {
    (self.settings, self.source) = (settings, source)
  }

  private enum Kind: String, CaseIterable {
    case load, lookup, clone, change

    func summary(_ size: Int) -> String {
      let tables = "16 FIBs of \(size) routes that differ in 1 %"
      return switch self {
      case .load: "add a route to one of \(tables)"
      case .lookup: "look up in one after the other of \(tables)"
      case .clone: "copy a machine with \(tables)"
      case .change: "change a route right after a copy, and look it up; \(tables)"
      }
    }

    var growthLimit: Double? {
      switch self {
      case .load: nil
      case .lookup, .clone, .change: Scenario.farMemory
      }
    }
  }

  private func scenario(_ kind: Kind, _ size: Int) -> Scenario {
    Scenario(
      name: "fibs-\(kind.rawValue)-\(shortNumber(size))", summary: kind.summary(size),
      isGated: kind == .lookup, growthLimit: kind.growthLimit,
      bytesLimit: kind == .load ? 16_000_000 + 150 * size : nil, isHeavy: size > 100_000)
  }

  var scenarios: [Scenario] {
    source.sizes(FibFamily.sizes).flatMap { size in Kind.allCases.map { scenario($0, size) } }
  }

  func measure(_ chosen: Chosen, _ report: Report) {
    let sizes = source.sizes(FibFamily.sizes).filter { size in
      Kind.allCases.contains { chosen.contains(scenario($0, size).name) }
    }
    guard let largest = sizes.last else { return }
    let all = source.table(largest)
    let base = FibLab(RouteTable(all, count: FibFamily.smallest))
    for size in sizes {
      let lab = FibLab(RouteTable(all, count: size))
      for kind in Kind.allCases where chosen.contains(scenario(kind, size).name) {
        report.add(row(kind, scenario(kind, size), lab, base))
      }
    }
  }

  private func row(_ kind: Kind, _ scenario: Scenario, _ lab: FibLab, _ base: FibLab) -> Row {
    if kind == .load {
      let time = lab.nanosecondsPerRoute
      return Row(
        scenario: scenario,
        measurement: Measurement(
          nanoseconds: time, counts: probe_counts(), operations: lab.routeCount),
        bytes: lab.bytes, growth: time / base.nanosecondsPerRoute,
        peers: settings.hasPeers ? [("radix", lab.peer.nanosecondsPerRoute)] : [])
    }
    var subjects = [lab, base].map { lab -> any Subject in
      switch kind {
      case .load, .lookup: LookupWork(lab.router, lab.keys, fibs: FibFamily.fibs)
      case .clone: FibClones(lab)
      case .change: FibChanges(lab)
      }
    }
    let hasPeer = kind == .lookup && settings.hasPeers
    if hasPeer { subjects.append(lab.peer.work(lab.keys)) }
    let found = interleave(subjects, growthLimit: scenario.growthLimit)
    return Row(
      scenario: scenario, measurement: found[0], bytes: lab.bytes,
      growth: found[0].nanoseconds / found[1].nanoseconds,
      peers: hasPeer ? [("radix", found[2].nanoseconds)] : [])
  }
}

/// A machine with 16 tables.
final class FibLab {
  let bytes: Int
  let nanosecondsPerRoute: Double
  let routeCount: Int
  let keys: [UInt32]
  fileprivate let router: Router
  fileprivate let prefixes: [Prefix]
  fileprivate lazy var peer = FibPeer(prefixes)

  init(_ table: RouteTable) {
    prefixes = [Prefix(address: 0, length: 0, hop: 0)] + table.prefixes
    keys = Destinations.inside.keys(1 << 18, in: table)
    let before = probe_live_bytes()
    router = Router(Lab(networks: 0, hasFirewall: false, hasManyHops: true).boot())
    let start = probe_nanoseconds()
    routeCount = FibLab.load(prefixes, into: &router.kernel)
    nanosecondsPerRoute = Double(probe_nanoseconds() - start) / Double(routeCount)
    bytes = Int(probe_live_bytes() - before)
  }

  /// A table's next hop for a prefix; nil where it has no such route.
  static func hop(of prefix: Prefix, in fib: UInt8) -> UInt8? {
    guard fib > 0, prefix.length > 0 else { return prefix.hop }
    var draw = Draw(seed: UInt64(prefix.address) << 16 | UInt64(prefix.length) << 8 | UInt64(fib))
    let point = draw.below(1000)
    if point == 999 { return nil }
    return point < 10 ? (prefix.hop &+ 1 &+ fib) % UInt8(RouteTable.hops) : prefix.hop
  }

  /// Adds all routes, and has their look-ups ready.
  private static func load(_ prefixes: [Prefix], into kernel: inout Kernel) -> Int {
    var count = 0
    do throws(Errno) {
      for number in 0..<UInt8(FibFamily.fibs) {
        let fib = FibNumber(rawValue: number)
        for prefix in prefixes {
          guard let hop = hop(of: prefix, in: number) else { continue }
          count += 1
          try kernel.routeAdd(
            vnet: .zero, fib: fib, .through(hop: hop, prefix.address, length: prefix.length))
        }
        kernel[.zero].routes.compile(fib)
      }
    } catch {
      fail("each prefix is there once: \(error.message)")
    }
    return count
  }
}

/// Copies of the machine.
private final class FibClones: Subject {
  let operations = 10
  private let lab: FibLab

  init(_ lab: FibLab) { self.lab = lab }

  func run() {
    for _ in 0..<operations { copy(lab.router.kernel) }
  }

  private func copy(_ kernel: borrowing Kernel) {
    probe_start()
    let copy = kernel.clone()
    probe_stop()
    demand(copy.machine.now == kernel.machine.now, "a clone is whole")
  }
}

/// Changes of a route, each of a machine that has just been copied.
private final class FibChanges: Subject {
  let operations = 10
  private let lab: FibLab
  private var next = 1

  init(_ lab: FibLab) { self.lab = lab }

  func run() {
    for _ in 0..<operations {
      let prefix = lab.prefixes[next]
      next = next % (lab.prefixes.count - 1) + 1
      change(prefix, &lab.router.kernel)
    }
  }

  private func change(_ prefix: Prefix, _ kernel: inout Kernel) {
    let copy = kernel.clone()
    let hop = UInt8(next % RouteTable.hops)
    probe_start()
    do throws(Errno) {
      try kernel.routeChange(
        vnet: .zero, fib: .zero, .through(hop: hop, prefix.address, length: prefix.length))
    } catch {
      fail("a route that is there can be changed: \(error.message)")
    }
    let found = kernel[.zero].routes.find(IPv4Address(rawValue: prefix.address), in: .zero)
    probe_stop()
    demand(found != nil && copy.machine.now == kernel.machine.now, "the route is there")
  }
}

/// A tree for each table.
private final class FibPeer {
  private let trees: [RadixPeer]
  let nanosecondsPerRoute: Double

  init(_ prefixes: [Prefix]) {
    trees = (0..<UInt8(FibFamily.fibs)).map { fib in
      RadixPeer(
        prefixes.compactMap { prefix in
          var changed = prefix
          guard let hop = FibLab.hop(of: prefix, in: fib) else { return nil }
          changed.hop = hop
          return changed
        })
    }
    nanosecondsPerRoute =
      trees.reduce(0) { $0 + $1.nanosecondsPerRoute } / Double(FibFamily.fibs)
  }

  func work(_ keys: [UInt32]) -> any Subject {
    Work(operations: keys.count) { [trees] in
      var sum = 0
      for start in stride(from: 0, to: keys.count, by: Int(PROBE_KEYS)) {
        probe_start()
        for place in start..<start + Int(PROBE_KEYS) {
          sum &+= Int(trees[place & 15].hop(to: keys[place]))
        }
        probe_stop()
      }
      demand(sum != 0, "some next hop is not the first")
    }
  }
}
