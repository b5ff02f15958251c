// SPDX-License-Identifier: BSD-2-Clause

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

/// What sets of rules of one kind have in common: shares, in the manner of ClassBench's seeds (Taylor
/// and Turner, 2007), which were taken from filters in use. Made after what is published of them.
struct RuleSeed {
  let name: String
  let words: String
  /// Lengths of source and destination together, and the share of each pair.
  let lengths: [(source: UInt8, destination: UInt8, share: Int)]
  let sourcePorts: [(PortClass, share: Int)]
  let destinationPorts: [(PortClass, share: Int)]
  let protocols: [(proto: UInt8?, share: Int)]

  /// Any port; from 1024 on; below; some range; one port.
  enum PortClass { case wc, hi, lo, ar, em }

  /// Lists that guard hosts and networks: exact destinations and their ports.
  static let acl = RuleSeed(
    name: "acl", words: "like an access list",
    lengths: [
      (0, 32, 6), (0, 24, 4), (8, 32, 3), (16, 32, 6), (16, 24, 6), (20, 24, 5), (22, 32, 6),
      (23, 24, 6), (24, 32, 12), (24, 24, 8), (25, 27, 6), (27, 27, 4), (28, 32, 5), (30, 30, 4),
      (32, 0, 3), (32, 24, 5), (32, 32, 11),
    ],
    sourcePorts: [(.wc, 98), (.em, 2)],
    destinationPorts: [(.wc, 24), (.em, 64), (.ar, 10), (.hi, 2)],
    protocols: [(6, 74), (17, 13), (1, 5), (nil, 8)])

  /// Firewalls: much is any address, ports matter at both ends.
  static let fw = RuleSeed(
    name: "fw", words: "like a firewall",
    lengths: [
      (0, 32, 20), (0, 24, 8), (0, 16, 4), (0, 0, 4), (32, 0, 16), (24, 0, 6), (16, 0, 4),
      (8, 24, 4), (16, 16, 4), (24, 24, 7), (24, 32, 7), (32, 24, 4), (32, 32, 12),
    ],
    sourcePorts: [(.wc, 70), (.hi, 9), (.lo, 2), (.ar, 3), (.em, 16)],
    destinationPorts: [(.wc, 36), (.hi, 8), (.lo, 2), (.ar, 10), (.em, 44)],
    protocols: [(6, 60), (17, 28), (1, 5), (47, 1), (nil, 6)])

  /// Chains of hosts that route for others: pairs of hosts and of networks.
  static let ipc = RuleSeed(
    name: "ipc", words: "like an IP chain",
    lengths: [
      (0, 32, 6), (0, 24, 3), (32, 0, 6), (24, 0, 3), (8, 16, 2), (16, 16, 4), (16, 24, 6),
      (19, 24, 4), (24, 16, 4), (24, 24, 11), (24, 32, 12), (26, 26, 4), (28, 28, 4),
      (32, 24, 10), (32, 32, 21),
    ],
    sourcePorts: [(.wc, 74), (.hi, 4), (.lo, 1), (.ar, 3), (.em, 18)],
    destinationPorts: [(.wc, 46), (.hi, 4), (.lo, 1), (.ar, 6), (.em, 43)],
    protocols: [(6, 52), (17, 32), (1, 7), (nil, 9)])

  /// A set of so many rules, no two alike.
  ///
  /// As in ClassBench's sets what is narrower comes first, so that no rule hides one behind it and
  /// those of the same lengths lie together.
  func rules(_ count: Int, isMixed: Bool = false) -> [FilterRule] {
    var draw = Draw(seed: 0xc1a5 &+ UInt64(name.utf8.first ?? 0))
    // Networks come again and again: at several lengths, and at both ends.
    let sites = (0..<max(8, count / 6)).map { _ in RuleSeed.site(&draw) }
    var taken = Set<FilterRule>()
    var rules: [FilterRule] = []
    while rules.count < count {
      let pair = pick(lengths, by: \.share, &draw)
      var rule = FilterRule()
      rule.source = network(pair.source, sites, &draw)
      rule.destination = network(pair.destination, sites, &draw)
      rule.proto = pick(protocols, by: \.share, &draw).proto
      if rule.proto == 6 || rule.proto == 17 {
        rule.sourcePorts = ports(pick(sourcePorts, by: \.share, &draw).0, &draw)
        rule.destinationPorts = ports(pick(destinationPorts, by: \.share, &draw).0, &draw)
      }
      // What is for nearly everything would hide all rules behind it.
      let isBroad = pair.source == 0 && pair.destination == 0
      guard !isBroad || rule.destinationPorts.count < 8, taken.insert(rule).inserted else {
        continue
      }
      rules.append(rule)
    }
    return isMixed ? rules : rules.sorted { $0.scope < $1.scope }
  }

  private func network(_ length: UInt8, _ sites: [UInt32], _ draw: inout Draw) -> Prefix {
    guard length > 0 else { return FilterRule.anyNetwork }
    var address = sites[draw.below(sites.count)]
    // A neighbour of the site, or the site.
    if draw.chance(50) { address ^= UInt32(draw.below(1 << 10)) }
    return Prefix(address: address & ~0 << UInt32(32 - length), length: length, hop: 0)
  }

  private static func site(_ draw: inout Draw) -> UInt32 {
    while true {
      let address = UInt32(truncatingIfNeeded: draw.next())
      // The /8 around it is as good.
      if RouteTable.isUnicast(address) { return address }
    }
  }

  private static let wellKnown: [UInt16] = [
    80, 443, 53, 25, 22, 21, 23, 110, 143, 123, 161, 1521, 1433, 3306, 389, 135, 139, 445, 1723,
    5631, 8080, 2049, 514, 179,
  ]

  private func ports(_ kind: PortClass, _ draw: inout Draw) -> ClosedRange<UInt16> {
    switch kind {
    case .wc: return FilterRule.anyPort
    case .hi: return 1024...UInt16.max
    case .lo: return 0...1023
    case .em:
      let port =
        draw.chance(70)
        ? RuleSeed.wellKnown[draw.below(RuleSeed.wellKnown.count)]
        : UInt16(1 + draw.below(65_535))
      return port...port
    case .ar:
      let low = UInt16(1 + draw.below(60_000))
      return low...low + UInt16(1 + draw.below(draw.chance(80) ? 40 : 5000))
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
