// SPDX-License-Identifier: BSD-2-Clause

import CProbe
import Netstack
import Wire

/// What a pass of the firewall costs, by number and kind of rules, and what a change of them.
struct FirewallFamily: Family {
  /// What the rules are, and what the packets.
  private enum Kind: Hashable {
    /// No rule's address is the packets'.
    case miss
    /// All have the packets' addresses, none the port.
    case ports
    /// All match, and count.
    case count
    /// Rules in the manner of ClassBench, packets drawn from them.
    case seed(Int)
    /// The same with so many packets that none comes again before it is forgotten.
    case fresh(Int)
    /// Such packets as a batch has them.
    case batch(Int)
    /// The whole path of such packets of an access list, in batches.
    case path
    /// Such rules in any order.
    case mixed
    /// One rule with a table of so many networks, each packet from one of them.
    case table
    /// The look-ups in that table alone, without a packet.
    case hit
    /// One rule that keeps state, so many flows.
    case flows
    /// A rule is added to so many in the manner of ClassBench, and a packet passes.
    case change

    static let all: [Kind] =
      [.miss, .ports, .count]
      + FirewallFamily.seeds.indices.flatMap { [.seed($0), .fresh($0), .batch($0)] } + [
        .path, .mixed, .table, .hit, .flows, .change,
      ]

    var name: String {
      switch self {
      case .miss: "miss"
      case .ports: "ports"
      case .count: "count"
      case .seed(let place): FirewallFamily.seeds[place].name
      case .fresh(let place): FirewallFamily.seeds[place].name + "-fresh"
      case .batch(let place): FirewallFamily.seeds[place].name + "-batch"
      case .path: "path"
      case .mixed: "mixed"
      case .table: "table"
      case .hit: "table-hit"
      case .flows: "flows"
      case .change: "change"
      }
    }

    var sizes: [Int] {
      switch self {
      case .miss, .ports, .count: [1, 100, 1000, 10_000]
      case .seed, .mixed: [1, 100, 1000, 10_000]
      case .fresh, .batch, .path: [1, 10_000]
      case .table, .hit: [1, 100_000]
      case .flows: [1, 10_000]
      case .change: [1, 1000, 10_000]
      }
    }

    /// How much longer a pass may take at the largest size than at the smallest.
    var growthLimit: Double? {
      switch self {
      case .miss, .ports: 6
      case .seed, .fresh, .batch, .path, .mixed, .table, .hit: Scenario.farMemory
      case .flows: 4
      case .count, .change: nil
      }
    }

    func summary(_ size: Int) -> String {
      switch self {
      case .miss: "a pass of ipfw, \(size) rules whose address misses"
      case .ports: "a pass of ipfw, \(size) rules whose addresses hit and whose port misses"
      case .count:
        size == 1 ? "a pass of ipfw, one rule that counts" : "one of \(size) rules that count"
      case .seed(let place):
        "a pass of ipfw, \(size) rules \(FirewallFamily.seeds[place].words) (after ClassBench)"
      case .fresh(let place):
        "a pass of ipfw, \(size) rules \(FirewallFamily.seeds[place].words), new packets"
      case .batch(let place):
        "a pass of ipfw, \(size) rules \(FirewallFamily.seeds[place].words), new packets in batches"
      case .path: "forward new packets in batches through \(size) rules like an access list"
      case .mixed: "a pass of ipfw, \(size) rules like an access list in any order"
      case .table: "a pass of ipfw, a table of \(size) networks has the source"
      case .hit: "look up an address that a table of \(size) networks has"
      case .flows: "a pass of ipfw, \(size) flows have states"
      case .change: "add a rule in front of \(size), and the first packet"
      }
    }
  }

  let settings: Settings

  init(_ settings: Settings) { self.settings = settings }

  private static let seeds = [RuleSeed.acl, .fw, .ipc]

  private func scenario(_ kind: Kind, _ size: Int) -> Scenario {
    Scenario(
      name: "ipfw-\(kind.name)-\(shortNumber(size))", summary: kind.summary(size),
      isGated: kind != .change,
      growthLimit: kind.growthLimit)
  }

  var scenarios: [Scenario] {
    Kind.all.flatMap { kind in kind.sizes.map { scenario(kind, $0) } }
  }

  func measure(_ chosen: Chosen, _ report: Report) {
    for kind in Kind.all {
      let sizes = kind.sizes.filter { chosen.contains(scenario(kind, $0).name) }
      guard !sizes.isEmpty, let smallest = kind.sizes.first else { continue }
      let base = lab(kind, smallest)
      for size in sizes {
        let before = probe_live_bytes()
        let lab = size == smallest ? base : self.lab(kind, size)
        let bytes = Int(probe_live_bytes() - before)
        let peers = settings.hasPeers && kind != .change ? lab.peers() : []
        let found = interleave(
          [lab, base].map { subject(kind, $0) } + peers, growthLimit: kind.growthLimit)
        var pass = found[0]
        var growth: Double? = pass.nanoseconds / found[1].nanoseconds
        if kind == .count, size > 1 {
          growth = nil
          pass.nanoseconds = (pass.nanoseconds - found[1].nanoseconds) / Double(size - 1)
        }
        let peerTimes = found.dropFirst(2).map { peer in
          let share = kind == .count ? Double(size) : 1
          return (lab.peerName, peer.nanoseconds / share)
        }
        report.add(
          Row(
            scenario: scenario(kind, size), measurement: pass,
            bytes: size == smallest ? nil : bytes, growth: growth, peers: peerTimes))
      }
    }
  }

  private func subject(_ kind: Kind, _ lab: FilteredLab) -> any Subject {
    switch kind {
    case .change: lab.changes()
    case .hit: lab.lookups()
    case .fresh: lab.work(warmUp: 1 << 19)
    case .path: lab.path(warmUp: 1 << 19)
    case .batch: lab.work(warmUp: 1 << 19, inBatches: true)
    default: lab.work()
    }
  }

  /// The rules as they are told the comparator, too; none where it has no such thing.
  private func filters(_ kind: Kind, _ size: Int) -> [FilterRule] {
    switch kind {
    case .miss:
      (0..<size).map { place in
        var filter = FilterRule()
        filter.source = Prefix(address: 0x0102_0000 &+ UInt32(place), length: 32, hop: 0)
        return filter
      }
    case .ports:
      (0..<size).map { place in
        var filter = FilterRule()
        filter.proto = 17
        filter.source = Prefix(address: 0x0a00_0000, length: 24, hop: 0)
        filter.destination = Prefix(address: 0xc0a8_0000, length: 16, hop: 0)
        let port = UInt16(1000 + place)
        filter.destinationPorts = port...port
        return filter
      }
    case .count: Array(repeating: FilterRule(), count: size)
    case .seed(let seed), .fresh(let seed), .batch(let seed):
      FirewallFamily.seeds[seed].rules(size)
    case .mixed: RuleSeed.acl.rules(size, isMixed: true)
    case .path, .change: RuleSeed.acl.rules(size)
    case .table, .hit, .flows: []
    }
  }

  /// A lab with the rules in front of the one that allows everything, and what they need.
  private func lab(_ kind: Kind, _ size: Int) -> FilteredLab {
    var lab = Lab(networks: 1, hasManyHops: true)
    let filters = filters(kind, size)
    var allows = false
    switch kind {
    case .seed, .fresh, .batch, .path, .mixed, .change: allows = true
    default: break
    }
    lab.rules = filters.enumerated().map { place, filter in
      filter.rule(number: UInt16(2 + place * 6), allows ? .allow : .count)
    }
    if kind == .table || kind == .hit {
      lab.rules = [.inTable(.source)]
      lab.tableSize = size
    }
    if kind == .flows {
      lab.rules = [.checkState, .keepState]
      lab.states = size
    }
    lab.hasDefaultRoute = kind == .path
    let made = FilteredLab(lab, flows(kind, size))
    switch kind {
    case .table, .hit: made.compareTable(size)
    case .flows: made.compareStates(size)
    case .path: break
    default: made.compare(RulesPeer(filters, allows: allows))
    }
    return made
  }

  private func flows(_ kind: Kind, _ size: Int) -> [Flow] {
    var draw = Draw(seed: 0xf10e)
    let usual = Flow(to: 0xc0a8_004d)
    switch kind {
    case .miss, .ports, .count: return [usual]
    case .seed(let seed):
      return FirewallFamily.packets(FirewallFamily.seeds[seed].rules(size), &draw)
    case .fresh(let seed), .batch(let seed):
      return FirewallFamily.packets(
        FirewallFamily.seeds[seed].rules(size), &draw, count: 1 << 21)
    case .path:
      return FirewallFamily.packets(RuleSeed.acl.rules(size), &draw, count: 1 << 21)
    case .mixed, .change: return FirewallFamily.packets(RuleSeed.acl.rules(size), &draw)
    case .table, .hit:
      return (0..<1 << 16).map { _ in
        var flow = usual
        flow.source = Lab.tableNetwork(UInt32(draw.below(size))) | UInt32(1 + draw.below(254))
        return flow
      }
    case .flows:
      return (0..<size).map { _ in
        var flow = usual
        flow.source = 0x1400_0000 | UInt32(draw.below(1 << 24))
        flow.sourcePort = UInt16(1024 + draw.below(60_000))
        return flow
      }
    }
  }

  /// Packets that the rules were made for.
  private static func packets(
    _ rules: [FilterRule], _ draw: inout Draw, count: Int = 1 << 14
  ) -> [Flow] {
    (0..<count).map { _ in rules[draw.below(rules.count)].flow(&draw) }
  }
}
