// SPDX-License-Identifier: BSD-2-Clause

import Glibc
import Netstack
import Wire

/// A rule of a filter as ClassBench makes them: two networks, two ranges of ports, a protocol.
struct FilterRule: Hashable {
  var source = FilterRule.anyNetwork
  var destination = FilterRule.anyNetwork
  var sourcePorts = FilterRule.anyPort
  var destinationPorts = FilterRule.anyPort
  /// nil for every protocol.
  var proto: UInt8?

  static let anyNetwork = Prefix(address: 0, length: 0, hop: 0)
  static let anyPort: ClosedRange<UInt16> = 0...UInt16.max

  /// How much it is for, where it can be compared: by the bits of the addresses that are left open,
  /// then those of the source, then by ports and protocol.
  fileprivate var scope: UInt64 {
    let open = UInt64(64 - source.length - destination.length)
    let ports = UInt64(sourcePorts.count - 1) << 17 | UInt64(destinationPorts.count - 1) << 1
    return open << 48 | UInt64(32 - source.length) << 40 | ports | (proto == nil ? 1 : 0)
  }

  /// As ipfw(8) writes it.
  func rule(number: UInt16, _ action: RuleAction) -> FirewallRule {
    var rule = FirewallRule(action)
    rule.number = number
    if let proto { rule.instructions.append(Instruction(.proto(UInt16(proto)))) }
    rule.add(source, .source)
    rule.add(sourcePorts, .source)
    rule.add(destination, .destination)
    rule.add(destinationPorts, .destination)
    return rule
  }

  /// A packet that the rule matches.
  func flow(_ draw: inout Draw) -> Flow {
    var flow = Flow(
      source: FilterRule.address(in: source, &draw), to: FilterRule.address(in: destination, &draw))
    flow.sourcePort = UInt16.random(in: sourcePorts, using: &draw)
    flow.destinationPort = UInt16.random(in: destinationPorts, using: &draw)
    flow.proto = proto ?? (draw.chance(70) ? IPProtocol.tcp : .udp).rawValue
    return flow
  }

  private static func address(in prefix: Prefix, _ draw: inout Draw) -> UInt32 {
    while true {
      let address =
        prefix.address | UInt32(truncatingIfNeeded: draw.next()) & ~prefix.mask
      if RouteTable.isUnicast(address) { return address }
    }
  }
}

extension FirewallRule {
  fileprivate mutating func add(_ network: Prefix, _ end: PacketEnd) {
    switch network.length {
    case 0: break
    case 32:
      instructions.append(Instruction(.address(end, IPv4Address(rawValue: network.address))))
    default:
      instructions.append(Instruction(.networks(end, WordRange(start: words.count, count: 2))))
      words += [network.address, network.mask]
    }
  }

  fileprivate mutating func add(_ ports: ClosedRange<UInt16>, _ end: PacketEnd) {
    guard ports != FilterRule.anyPort else { return }
    instructions.append(Instruction(.ports(end, WordRange(start: words.count, count: 1))))
    words.append(NumberRange(ports.lowerBound, ports.upperBound).word)
  }
}

/// What sets of rules of one kind have in common: shares, in the manner of ClassBench (Taylor and Turner,
/// 2007), whose seeds were taken from filters in use.
///
/// The shares are those of sets of 10,000 rules that ClassBench's generator made of its seeds acl1, fw1 and
/// ipc1, with the smoothness that such sets are published with: lengths of 1, 30 and 31 bits come of it. What
/// matters besides lengths is how often the same comes again: such a set has few different ports, whatever its
/// size, and an access list of 10,000 rules some 700 destinations, of which one is in each eighth rule.
struct RuleSeed {
  let name: String
  let words: String
  /// Lengths of source and destination together, and the share of each pair.
  let lengths: [(source: UInt8, destination: UInt8, share: Int)]
  let sources: AddressPool
  let destinations: AddressPool
  let sourcePorts: [(PortClass, share: Int)]
  let destinationPorts: [(PortClass, share: Int)]
  /// How many ports stand alone in rules.
  let portCount: Int
  let protocols: [(proto: UInt8?, share: Int)]

  /// Any port; from 1024 on; some range; one port.
  enum PortClass { case wc, hi, ar, em }

  /// Where the addresses of one end come from: so many of a hundred rules have one of their own, and those
  /// lie in so many networks.
  struct AddressPool {
    let percent: Double
    let networksPercent: Double
    /// The number of the address is a draw between 0 and 1 to this power: the higher, the more often the same.
    let skew: Double
  }

  /// Lists that guard hosts and networks: exact destinations and their ports.
  static let acl = RuleSeed(
    name: "acl", words: "like an access list",
    lengths: [
      (22, 16, 1), (23, 8, 2), (23, 16, 3), (23, 28, 1), (23, 31, 1), (23, 32, 7), (24, 16, 2),
      (24, 31, 3), (24, 32, 2), (25, 32, 1), (28, 23, 1), (30, 22, 2), (30, 23, 2), (30, 32, 4),
      (31, 21, 1), (31, 22, 4), (31, 23, 4), (31, 25, 2), (31, 31, 9), (31, 32, 28), (32, 21, 2),
      (32, 22, 7), (32, 23, 1), (32, 24, 3), (32, 25, 2), (32, 30, 8), (32, 31, 26), (32, 32, 59),
      (0, 32, 1), (32, 1, 3), (8, 32, 1),
    ],
    sources: AddressPool(percent: 32, networksPercent: 2.4, skew: 1.6),
    destinations: AddressPool(percent: 2.6, networksPercent: 2.4, skew: 2.8),
    sourcePorts: [(.wc, 1)],
    destinationPorts: [(.wc, 20), (.em, 65), (.ar, 13), (.hi, 2)],
    portCount: 73,
    protocols: [(6, 87), (17, 2), (1, 3), (nil, 8)])

  /// Firewalls: much is any address, ports matter at both ends.
  static let fw = RuleSeed(
    name: "fw", words: "like a firewall",
    lengths: [
      (0, 0, 2), (0, 1, 2), (0, 30, 11), (0, 31, 38), (0, 32, 29), (1, 0, 2), (1, 31, 14),
      (1, 32, 28), (16, 0, 1), (21, 0, 2), (21, 1, 1), (22, 0, 1), (23, 0, 1), (25, 0, 1),
      (28, 0, 4), (28, 1, 2), (28, 28, 1), (28, 32, 2), (30, 0, 4), (31, 0, 9), (31, 1, 4),
      (31, 32, 2), (32, 0, 8), (32, 1, 7), (32, 21, 1), (32, 28, 2), (32, 31, 2), (32, 32, 4),
    ],
    sources: AddressPool(percent: 80, networksPercent: 60, skew: 1.1),
    destinations: AddressPool(percent: 150, networksPercent: 140, skew: 1.4),
    sourcePorts: [(.wc, 76), (.hi, 8), (.em, 16)],
    destinationPorts: [(.wc, 29), (.hi, 8), (.ar, 1), (.em, 62)],
    portCount: 40,
    protocols: [(6, 57), (17, 33), (1, 4), (47, 5), (nil, 1)])

  /// Chains of hosts that route for others: pairs of hosts and of networks.
  static let ipc = RuleSeed(
    name: "ipc", words: "like an IP chain",
    lengths: [
      (0, 25, 3), (0, 31, 4), (0, 32, 3), (1, 32, 4), (16, 16, 3), (16, 25, 3), (23, 0, 3),
      (23, 16, 3), (23, 24, 5), (23, 25, 5), (23, 32, 7), (24, 16, 3), (24, 23, 3), (24, 24, 4),
      (24, 25, 4), (24, 31, 4), (24, 32, 5), (25, 23, 3), (25, 24, 3), (25, 28, 3), (25, 31, 4),
      (25, 32, 5), (31, 25, 3), (31, 32, 8), (32, 24, 3), (32, 25, 4), (32, 31, 5), (32, 32, 14),
      (21, 24, 6), (24, 1, 3), (16, 32, 6), (28, 31, 4),
    ],
    sources: AddressPool(percent: 7, networksPercent: 3, skew: 1.6),
    destinations: AddressPool(percent: 16, networksPercent: 6, skew: 1.5),
    sourcePorts: [(.wc, 81), (.ar, 2), (.em, 17)],
    destinationPorts: [(.wc, 56), (.hi, 6), (.ar, 2), (.em, 36)],
    portCount: 45,
    protocols: [(6, 28), (17, 38), (1, 1), (nil, 33)])

  /// A set of so many rules, no two alike.
  ///
  /// As in ClassBench's sets what is narrower comes first, so that no rule hides one behind it and
  /// those of the same lengths lie together.
  func rules(_ count: Int, isMixed: Bool = false) -> [FilterRule] {
    var draw = Draw(seed: 0xc1a5 &+ UInt64(name.utf8.first ?? 0))
    let sourceAddresses = RuleSeed.addresses(sources, count, &draw)
    let destinationAddresses = RuleSeed.addresses(destinations, count, &draw)
    let ports = RuleSeed.wellKnown + (0..<portCount).map { _ in UInt16(1 + draw.below(65_535)) }
    var taken = Set<FilterRule>()
    var rules: [FilterRule] = []
    while rules.count < count {
      let pair = pick(lengths, by: \.share, &draw)
      var rule = FilterRule()
      rule.source = network(pair.source, sourceAddresses, sources.skew, &draw)
      rule.destination = network(pair.destination, destinationAddresses, destinations.skew, &draw)
      rule.proto = pick(protocols, by: \.share, &draw).proto
      if rule.proto == 6 || rule.proto == 17 {
        rule.sourcePorts = range(pick(sourcePorts, by: \.share, &draw).0, ports, &draw)
        rule.destinationPorts = range(pick(destinationPorts, by: \.share, &draw).0, ports, &draw)
      }
      // What is for nearly everything would hide all rules behind it.
      let isBroad = pair.source <= 1 && pair.destination <= 1
      guard !isBroad || rule.destinationPorts.count < 8, taken.insert(rule).inserted else {
        continue
      }
      rules.append(rule)
    }
    return isMixed ? rules : rules.sorted { $0.scope < $1.scope }
  }

  private func network(
    _ length: UInt8, _ addresses: [UInt32], _ skew: Double, _ draw: inout Draw
  ) -> Prefix {
    guard length > 0 else { return FilterRule.anyNetwork }
    // As often 0 as 1: both halves are asked for.
    if length == 1 {
      return Prefix(address: draw.chance(50) ? 0 : 1 << 31, length: length, hop: 0)
    }
    let address = addresses[RuleSeed.skewed(addresses.count, skew, &draw)]
    return Prefix(address: address & ~0 << UInt32(32 - length), length: length, hop: 0)
  }

  /// A number below a bound, low ones more often.
  private static func skewed(_ bound: Int, _ skew: Double, _ draw: inout Draw) -> Int {
    let point = Double(draw.below(1 << 30) + 1) / Double(1 << 30)
    return min(Int(pow(point, skew) * Double(bound)), bound - 1)
  }

  private static func addresses(_ pool: AddressPool, _ count: Int, _ draw: inout Draw) -> [UInt32] {
    let networks = (0..<max(4, Int(Double(count) * pool.networksPercent / 100))).map { _ in
      site(&draw) & 0xffff_ff00
    }
    return (0..<max(16, Int(Double(count) * pool.percent / 100))).map { _ in
      networks[draw.below(networks.count)] | UInt32(draw.below(256))
    }
  }

  private static func site(_ draw: inout Draw) -> UInt32 {
    while true {
      let address = UInt32(truncatingIfNeeded: draw.next())
      // The /8 around it is as good.
      if RouteTable.isUnicast(address) { return address }
    }
  }

  private static let wellKnown: [UInt16] = [
    80, 25, 53, 22, 161, 123, 1433, 69, 514, 21, 443, 23, 110, 143, 1521, 389, 135, 139, 445, 1723,
    5631, 8080, 2049, 179,
  ]

  /// Ranges that are asked for.
  private static let ranges: [ClosedRange<UInt16>] = [
    1600...1649, 1300...1349, 1300...1350, 7500...7599, 20...23, 20...21, 109...110,
    33_434...33_600, 2200...2210, 1645...1646, 1700...1750, 32_200...32_207, 5001...65_535,
  ]

  private func range(
    _ kind: PortClass, _ ports: [UInt16], _ draw: inout Draw
  ) -> ClosedRange<UInt16> {
    switch kind {
    case .wc: return FilterRule.anyPort
    case .hi: return 1024...UInt16.max
    case .em:
      let port = ports[RuleSeed.skewed(portCount, 2, &draw)]
      return port...port
    case .ar: return RuleSeed.ranges[draw.below(RuleSeed.ranges.count)]
    }
  }

  private func pick<Choice>(
    _ choices: [Choice], by share: KeyPath<Choice, Int>, _ draw: inout Draw
  ) -> Choice {
    var point = draw.below(choices.reduce(0) { $0 + $1[keyPath: share] })
    for choice in choices {
      point -= choice[keyPath: share]
      if point < 0 { return choice }
    }
    fail("the point lies below the sum")
  }
}
