// SPDX-License-Identifier: BSD-2-Clause

import CProbe
import Netstack
import Wire

/// A lab with rules, and packets for them.
final class FilteredLab {
  private let router: Router
  private let flows: [Flow]
  /// How many packets of a sample pass, and how many the comparator has, which may take long for one.
  private let operations = 1 << 16
  private let peerOperations: Int
  /// What does the same in C, made when it is asked for.
  private var peer: (() -> any Subject)?
  private(set) var peerName = ""

  init(_ lab: Lab, _ flows: [Flow]) {
    router = Router(lab.boot())
    self.flows = flows
    peerOperations = lab.rules.count >= 1000 ? 1 << 13 : 1 << 15
  }

  /// Takes a comparator, which must count the same packets, rule by rule.
  func compare(_ rules: RulesPeer) {
    peerName = "rules"
    peer = { [flows, peerOperations] in rules.work(flows, operations: peerOperations) }
    // The last rule is no part of the comparator.
    let (counts, sent) = counts(of: flows)
    let its = rules.packets(sent)
    demand(Array(counts.dropLast()) == its, "each rule counts what it counts in C")
  }

  /// The comparator is a tree with the table's networks.
  func compareTable(_ size: Int) {
    let tree = RadixPeer(
      (0..<UInt32(size)).map { Prefix(address: Lab.tableNetwork($0), length: 24, hop: 0) })
    peerName = "radix"
    peer = { [flows] in tree.work(flows.map(\.source)) }
    let (counts, sent) = counts(of: flows)
    let its = sent.filter { tree.hop(to: $0.source) == 0 }.count
    demand(counts[0] == UInt64(its), "the table has the networks that the tree has")
  }

  /// The comparator finds the flows by a hash.
  func compareStates(_ size: Int) {
    peerName = "states"
    peer = { [flows, peerOperations] in StatesPeer().work(flows, operations: peerOperations) }
    // The states belong to the lab.
    let blocks = (flows.count + Traffic.block - 1) / Traffic.block
    PassWork(router, flows, operations: blocks * Traffic.block).run()
    _ = probe_take()
  }

  /// What the rules count of some of the packets, and these.
  private func counts(of flows: [Flow]) -> (counts: [UInt64], sent: [Flow]) {
    let sent = (0..<Traffic.block * 8).map { flows[$0 % flows.count] }
    PassWork(router, sent, operations: sent.count).run()
    _ = probe_take()
    do throws(Errno) {
      let counts = try router.kernel.firewallRules(vnet: .zero).map(\.packets)
      try router.kernel.firewallZero(vnet: .zero, .all)
      return (counts, sent)
    } catch {
      fail("the rules can be read: \(error.message)")
    }
  }

  /// What does the same in C.
  func peers() -> [any Subject] { peer.map { [$0()] } ?? [] }

  /// The packets pass.
  ///
  /// - Parameter warmUp: How many of them pass before, so that what is remembered has its size.
  func work(warmUp: Int = 0, inBatches: Bool = false) -> any Subject {
    if warmUp > 0 {
      PassWork(router, flows, operations: warmUp, inBatches: inBatches).run()
      _ = probe_take()
    }
    return PassWork(router, flows, operations: operations, inBatches: inBatches)
  }

  /// The packets are forwarded, in batches.
  func path(warmUp: Int) -> any Subject {
    ForwardWork(router, Traffic(flows, isBatched: true), operations: warmUp).run()
    _ = probe_take()
    return ForwardWork(router, Traffic(flows, isBatched: true))
  }

  /// The table is asked for the packets' sources.
  func lookups() -> any Subject { TableWork(router, flows.map(\.source)) }

  /// A rule is added, and the first packet passes.
  func changes() -> any Subject { RuleChanges(router, flows) }
}

/// Passes of packets through the firewall, with nothing around them.
final class PassWork: Subject {
  let operations: Int
  private let router: Router
  private let flows: [Flow]
  private let inBatches: Bool
  private var next = 0
  private var packet = Array(Frames.transit().dropFirst(EthernetHeader.size))

  init(_ router: Router, _ flows: [Flow], operations: Int, inBatches: Bool = false) {
    (self.router, self.flows, self.inBatches) = (router, flows, inBatches)
    self.operations = operations
  }

  func run() {
    for _ in 0..<operations / Traffic.block { pass(Traffic.block, &router.kernel) }
  }

  /// Has the next packets pass.
  private func pass(_ count: Int, _ kernel: inout Kernel) {
    var staged = stage(count, &kernel)
    var passed = 0
    probe_start()
    if inBatches {
      kernel.firewallPasses(&staged, vnet: .zero, .in, on: Lab.input) { _, verdict in
        if verdict == .pass { passed += 1 }
      }
    } else {
      for place in 0..<count {
        if kernel.firewallPass(&staged, place, vnet: .zero, .in, on: Lab.input) == .pass {
          passed += 1
        }
      }
    }
    probe_stop()
    kernel.unstage(&staged)
    demand(passed == count, "all pass")
  }

  /// Puts the next packets into the machine's memory, while the meter rests.
  fileprivate func stage(_ count: Int, _ kernel: inout Kernel) -> StagedPackets {
    var staged = StagedPackets()
    for _ in 0..<count {
      var words = packet.mutableSpan
      var bytes = unsafe words.mutableBytes
      Traffic.write(flows[next], into: &bytes, at: 0)
      next = next + 1 == flows.count ? 0 : next + 1
      demand(
        kernel.stage(packet, receivedOn: Lab.input, in: &staged), "there is memory for a packet")
    }
    return staged
  }
}

/// Look-ups in the lab's table alone, of addresses that it has.
private final class TableWork: Subject {
  var operations: Int { keys.count }
  private let router: Router
  private let keys: [UInt32]

  init(_ router: Router, _ keys: [UInt32]) { (self.router, self.keys) = (router, keys) }

  func run() {
    let sum = TableWork.perform(&router.kernel[.zero].firewall.tables, keys)
    let wanted = keys.reduce(0) { $0 &+ UInt64(($1 &- Lab.tableNetwork(0)) / 256) }
    demand(sum == wanted, "each address has the value of its network")
  }

  private static func perform(_ tables: inout FirewallTables, _ addresses: [UInt32]) -> UInt64 {
    let keys = addresses.span
    var sum: UInt64 = 0
    for start in stride(from: 0, to: keys.count, by: Int(PROBE_KEYS)) {
      let part = keys.extracting(start..<min(start + Int(PROBE_KEYS), keys.count))
      probe_start()
      sum &+= tables.sumOfLookups(1, part)
      probe_stop()
    }
    return sum
  }
}

/// Rules that are added in front, each with a packet that passes then.
private final class RuleChanges: Subject {
  let operations = 10
  private let router: Router
  private let work: PassWork
  private let rule: FirewallRule

  init(_ router: Router, _ flows: [Flow]) {
    self.router = router
    work = PassWork(router, flows, operations: 1)
    var filter = FilterRule()
    filter.source = Prefix(address: 0x0102_0304, length: 32, hop: 0)
    rule = filter.rule(number: 1, .count)
  }

  func run() {
    for _ in 0..<operations { change(&router.kernel) }
  }

  private func change(_ kernel: inout Kernel) {
    var staged = work.stage(2, &kernel)
    do throws(Errno) {
      probe_start()
      let number = try kernel.firewallAdd(vnet: .zero, rule: rule)
      let first = kernel.firewallPass(&staged, 0, vnet: .zero, .in, on: Lab.input)
      probe_stop()
      try kernel.firewallDelete(vnet: .zero, .number(number))
      let second = kernel.firewallPass(&staged, 1, vnet: .zero, .in, on: Lab.input)
      demand(first == .pass && second == .pass, "both pass")
    } catch {
      fail("a rule can be added and deleted: \(error.message)")
    }
    kernel.unstage(&staged)
  }
}
