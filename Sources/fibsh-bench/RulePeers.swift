// SPDX-License-Identifier: BSD-2-Clause

import CProbe
import Wire

/// The comparator that tries rules one by one.
@safe final class RulesPeer {
  private let rules = unsafe peer_rules_new()
  private let count: Int

  init(_ filters: [FilterRule], allows: Bool) {
    count = filters.count
    for filter in filters {
      var rule = peer_rule(
        source: filter.source.address, source_mask: filter.source.mask,
        destination: filter.destination.address, destination_mask: filter.destination.mask,
        source_low: filter.sourcePorts.lowerBound, source_high: filter.sourcePorts.upperBound,
        destination_low: filter.destinationPorts.lowerBound,
        destination_high: filter.destinationPorts.upperBound,
        protocol: filter.proto.map { Int16($0) } ?? -1, allows: allows ? 1 : 0)
      unsafe peer_rules_add(rules, &rule)
    }
  }

  deinit { unsafe peer_rules_free(rules) }

  /// How many packets each rule counts when these pass once.
  func packets(_ flows: [Flow]) -> [UInt64] {
    unsafe peer_rules_zero(rules)
    unsafe peer_rules_run(rules, flows.map(\.peer), flows.count, 0, flows.count)
    return (0..<count).map { unsafe peer_rules_packets(rules, $0) }
  }

  /// Passes of so many packets.
  func work(_ flows: [Flow], operations: Int) -> any Subject {
    let peers = flows.map(\.peer)
    var first = 0
    return Work(operations: operations) { [self] in
      unsafe peer_rules_run(rules, peers, peers.count, first, operations)
      first += operations
    }
  }
}

/// The comparator that finds flows by a hash.
@safe final class StatesPeer {
  private let states = unsafe peer_states_new(65_536)

  deinit { unsafe peer_states_free(states) }

  /// Passes of so many packets.
  func work(_ flows: [Flow], operations: Int) -> any Subject {
    let peers = flows.map(\.peer)
    let distinct = Set(flows.map { UInt64($0.source) << 16 | UInt64($0.sourcePort) }).count
    var first = 0
    return Work(operations: operations) { [self] in
      let count = unsafe peer_states_run(states, peers, peers.count, first, operations)
      first += operations
      demand(first < flows.count || count == distinct, "\(count) flows in C, not \(distinct)")
    }
  }
}

extension Flow {
  fileprivate var peer: peer_flow {
    peer_flow(
      source: source, destination: destination, source_port: sourcePort,
      destination_port: destinationPort, protocol: proto)
  }
}
