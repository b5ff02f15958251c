// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Userland
import Wire

/// What happens to the rules that packets of the express lane pass.
enum LaneRuleChange {
  case add(number: UInt16, [String])
  case flush
  case table(FirewallTables.Entry)
  case tableFlush
  case sets(disable: UInt32)
  /// Whether rules are walked, or compiled.
  case compiled(Int64)

  init(_ random: inout RandomSource) {
    switch Int.random(in: 0..<16, using: &random) {
    case 0...9:
      let number = UInt16.random(in: 1...900, using: &random)
      self = .add(number: number, random.pick(LaneRuleChange.rules))
    case 10, 11: self = .flush
    case 12:
      let address = IPv4Address(10, 0, random.pick([0, 1, 2]), 2)
      self = .table(.init(address, length: random.pick([24, 32, 8, 0]), value: 7))
    case 13: self = .tableFlush
    case 14: self = .sets(disable: random.pick([0, 1 << 3]))
    default: self = .compiled(random.pick([0, 1, 2]))
    }
  }

  /// Most let packets pass; some ask what the way out changes, or have more come of them than a count.
  private static let rules = [
    "allow ip from any to any", "allow ip from any to any in", "allow ip from any to any out",
    "allow ip from table(1) to any", "deny udp from table(1) to any 53",
    "count ip from table(1) to any", "set 3 allow ip from any to any via em1",
    "allow udp from any to any", "allow tcp from any to any established", "allow ip from any to me",
    "allow ip from any to any recv em0 xmit em1", "allow ip from any to any ipttl 63",
    "allow ip from any to any ipttl 2-64 out", "deny ip from any to any ipttl 1",
    "deny ip from any to any iplen 400-600", "allow ip from { 10.0.0.0/24 or table(1) } to any",
    "deny ip from 10.0.1.2 to any", "deny icmp from any to any icmptypes 3,8",
    "deny ip from any to any frag", "deny ip from any to any fib 1", "count ip from any to any",
    "count udp from any to any out", "skipto 500 ip from any to any in",
    "set 3 count tcp from any to any",
    "allow log udp from any to any", "allow tag 5 ip from any to any in",
    "prob 0.5 allow ip from any to any",
    "check-state", "check-state", "allow udp from any to any keep-state",
    "allow ip from any to any keep-state", "allow tcp from any to any setup keep-state",
    "count ip from any to any keep-state", "allow ip from any to any limit src-addr 4",
    "setfib 1 ip from any to 8.8.8.8",
    "fwd 10.0.2.2 tcp from any to any", "allow ip from any to any verrevpath",
    "allow ip from any to any tagged 5", "reject ip from any to 172.16.0.0/16 out",
  ].map { $0.split(separator: " ").map(String.init) }
}

extension Kernel {
  /// Does it; what the kernel refuses is part of the test.
  mutating func perform(_ change: LaneRuleChange) {
    switch change {
    case .add(let number, let words):
      let surroundings = RuleSurroundings(fibCount: 16, altqQueues: [], warn: { _ in })
      guard var rule = try? RuleParser.parse(words, surroundings) else { return }
      rule.number = number
      _ = try? firewallAdd(vnet: .zero, rule: rule)
    case .flush: try? firewallFlush(vnet: .zero)
    case .table(let entry): try? firewallTableAdd(vnet: .zero, 1, entry)
    case .tableFlush: try? firewallTableFlush(vnet: .zero, 1)
    case .sets(let disable): try? firewallSets(vnet: .zero, disable: disable, enable: ~disable)
    case .compiled(let way): try? setSysctl(.ipFwCompiled, to: way, vnet: .zero)
    }
  }
}
