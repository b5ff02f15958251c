// SPDX-License-Identifier: BSD-2-Clause

import CProbe
import Netstack
import Wire

/// What a pass of the firewall costs, by number and kind of rules.
///
/// A packet is forwarded with the firewall on and off, and passes it twice, in and out: a pass is half
/// of the difference.
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
    /// One rule with a table of so many networks, each packet from one of them.
    case table
    /// One rule that keeps state, so many flows.
    case flows

    static let all: [Kind] =
      [.miss, .ports, .count] + FirewallFamily.seeds.indices.map { .seed($0) } + [.table, .flows]

    var name: String {
      switch self {
      case .miss: "miss"
      case .ports: "ports"
      case .count: "count"
      case .seed(let place): FirewallFamily.seeds[place].name
      case .table: "table"
      case .flows: "flows"
      }
    }

    var sizes: [Int] {
      switch self {
      case .miss, .ports, .count: [1, 100, 1000, 10_000]
      case .seed: [1, 100, 1000, 10_000]
      case .table: [1, 100_000]
      case .flows: [1, 10_000]
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
      case .table: "a pass of ipfw, a table of \(size) networks has the source"
      case .flows: "a pass of ipfw, \(size) flows have states"
      }
    }
  }

  let settings: Settings

  init(_ settings: Settings) { self.settings = settings }

  private static let seeds = [RuleSeed.acl, .fw, .ipc]

  private func scenario(_ kind: Kind, _ size: Int) -> Scenario {
    Scenario(
      name: "ipfw-\(kind.name)-\(shortNumber(size))", summary: kind.summary(size), isGated: true)
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
        let found = interleave(
          [
            lab.work(isOn: true), lab.work(isOn: false), base.work(isOn: true),
            base.work(isOn: false),
          ] + (settings.hasPeers ? lab.peers() : []))
        var pass = found[0]
        pass.nanoseconds = (found[0].nanoseconds - found[1].nanoseconds) / 2
        let smallestPass = (found[2].nanoseconds - found[3].nanoseconds) / 2
        var growth: Double? = pass.nanoseconds / smallestPass
        if kind == .count, size > 1 {
          growth = nil
          pass.nanoseconds = (pass.nanoseconds - smallestPass) / Double(size - 1)
        }
        let peers = found.dropFirst(4).map { peer in
          let share = kind == .count ? Double(size) : 1
          return ("rules", peer.nanoseconds / share)
        }
        report.add(
          Row(
            scenario: scenario(kind, size), measurement: pass,
            bytes: size == smallest ? nil : bytes, growth: growth, peers: peers))
      }
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
    case .seed(let seed): FirewallFamily.seeds[seed].rules(size)
    case .table, .flows: []
    }
  }

  /// A lab with the rules in front of the one that allows everything, and what they need.
  private func lab(_ kind: Kind, _ size: Int) -> FilteredLab {
    var lab = Lab(networks: 1, hasManyHops: true)
    let filters = filters(kind, size)
    var allows = false
    if case .seed = kind { allows = true }
    lab.rules = filters.enumerated().map { place, filter in
      filter.rule(number: UInt16(1 + place * 6), allows ? .allow : .count)
    }
    if kind == .table {
      lab.rules = [.inTable(.source)]
      lab.tableSize = size
    }
    if kind == .flows {
      lab.rules = [.checkState, .keepState]
      lab.states = size
    }
    let made = FilteredLab(lab, flows(kind, size))
    if !filters.isEmpty { made.compare(RulesPeer(filters, allows: allows)) }
    return made
  }

  private func flows(_ kind: Kind, _ size: Int) -> [Flow] {
    var draw = Draw(seed: 0xf10e)
    let usual = Flow(to: 0xc0a8_004d)
    switch kind {
    case .miss, .ports, .count: return [usual]
    case .seed(let seed):
      let rules = FirewallFamily.seeds[seed].rules(size)
      return (0..<1 << 14).map { _ in rules[draw.below(rules.count)].flow(&draw) }
    case .table:
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
}

/// A lab with rules, and packets for them.
private final class FilteredLab {
  private let router: Router
  private let flows: [Flow]
  private let operations: Int
  private var peer: RulesPeer?

  init(_ lab: Lab, _ flows: [Flow]) {
    router = Router(lab.boot())
    self.flows = flows
    // Enough for all flows, and few where a packet takes long.
    operations = lab.rules.count >= 1000 ? 1 << 13 : 1 << 15
    do throws(Errno) {
      // So that everything has a way.
      try router.kernel.routeAdd(vnet: .zero, fib: .zero, .through(hop: 0, 0, length: 0))
    } catch {
      fail("a default route can be added: \(error.message)")
    }
  }

  /// Takes a comparator, which must count the same packets, rule by rule.
  func compare(_ peer: RulesPeer) {
    self.peer = peer
    let flows = Array(flows.prefix(Traffic.block * 8))
    var traffic = Traffic(flows)
    let count = max(flows.count, Traffic.block)
    traffic.send(count, into: &router.kernel)
    _ = probe_take()
    do throws(Errno) {
      // A packet passes twice; the last rule is no part of the comparator.
      let ours = try router.kernel.firewallRules(vnet: .zero).dropLast().map { $0.packets / 2 }
      let its = peer.packets(flows).map { $0 * UInt64(count / flows.count) }
      demand(ours == its, "each rule counts what it counts in C")
      try router.kernel.firewallZero(vnet: .zero, .all)
    } catch {
      fail("the rules can be read: \(error.message)")
    }
  }

  /// What does the same in C.
  func peers() -> [any Subject] {
    peer.map { [$0.work(flows, operations: operations)] } ?? []
  }

  /// Forwards the packets with the firewall on or off.
  func work(isOn: Bool) -> any Subject {
    let forward = ForwardWork(router, Traffic(flows), operations: operations)
    return Work(operations: operations) { [router] in
      do throws(Errno) {
        try router.kernel.setSysctl(.ipFwEnable, to: isOn ? 1 : 0, vnet: .zero)
      } catch {
        fail("the firewall can be switched: \(error.message)")
      }
      forward.run()
    }
  }
}
