// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("ipfw_ctl") struct FirewallCallsTests {
  /// What a call throws, or nil.
  private func errno(
    _ lab: inout FirewallLab, _ call: (inout Kernel) throws(Errno) -> Void
  ) -> Errno? {
    do throws(Errno) {
      try call(&lab.kernel)
      return nil
    } catch {
      return error
    }
  }

  private func numbers(_ lab: borrowing FirewallLab) -> [UInt16] { lab.counters.map(\.number) }

  @Test func numbersFollowTheHighest() {
    var lab = FirewallLab()
    expect(lab.add(.rule(0, .allow)), is: .success(100))
    expect(lab.add(.rule(5, .allow)), is: .success(5))
    expect(lab.add(.rule(0, .deny)), is: .success(200))
    expect(lab.add(.rule(65434, .deny)), is: .success(65434))
    expect(lab.add(.rule(0, .deny)), is: .success(65534))
    // No room: the same number again.
    expect(lab.add(.rule(0, .count)), is: .success(65534))
    expect(numbers(lab), is: [5, 100, 200, 65434, 65534, 65534, 65535])
    expect(lab.kernel[.zero].sysctl[.ipFwStaticCount], is: 7)
  }

  /// A step that is out of range is changed, and shows so.
  @Test(arguments: [(Int64(5000), Int64(1000)), (0, 1), (-7, 1), (3, 3)])
  func theStepStaysInItsRange(_ wanted: Int64, _ step: Int64) {
    var lab = FirewallLab([.rule(500, .count)])
    lab.kernel[.zero].sysctl[.ipFwAutoincStep] = wanted
    expect(lab.add(.rule(7, .allow)), is: .success(7))
    expect(lab.kernel[.zero].sysctl[.ipFwAutoincStep], is: step)
    expect(lab.add(.rule(0, .allow)), is: .success(500 + UInt16(step)))
  }

  @Test func equalNumbersKeepTheirOrder() throws {
    let lab = FirewallLab([.rule(100, .count), .rule(100, .deny), .rule(100, .allow)])
    let rules = try lab.kernel.firewallRules(vnet: .zero)
    #expect(rules.map(\.action) == [.count, .deny, .allow, .deny])
  }

  @Test func theDefaultRulesNumberIsTakenButNotLinked() {
    var lab = FirewallLab()
    expect(lab.add(.rule(65535, .allow)), is: .success(65535))
    expect(numbers(lab), is: [65535])
    expect(lab.kernel[.zero].sysctl[.ipFwStaticCount], is: 2)
  }

  @Test func refusesPartsThatDoNotFit() {
    var lab = FirewallLab()
    func rule(_ match: Match, words: Int) -> FirewallRule {
      var rule = FirewallRule.rule(100, .allow, match)
      rule.words = Array(repeating: 0, count: words)
      return rule
    }
    let lists: [(WordRange) -> Match] = [
      { .networks(.source, $0) }, { .address6(.source, $0) }, { .mac($0) }, { .icmp6Types($0) },
      { .networks6(.destination, $0) },
    ]
    for list in lists {
      // Five words are no whole entries of any of these, and eight are of some.
      expect(lab.add(rule(list(WordRange(start: 0, count: 5)), words: 5)), is: .failure(.EINVAL))
      for range in [(0, 168), (1, 168), (-1, 168), (0, -8)] {
        let range = WordRange(start: range.0, count: range.1)
        expect(lab.add(rule(list(range), words: 167)), is: .failure(.EINVAL))
      }
    }
    expect(lab.add(rule(.flowIDs(WordRange(start: 0, count: 254)), words: 254)), is: .success(100))
    expect(
      lab.add(rule(.flowIDs(WordRange(start: 0, count: 255)), words: 255)), is: .failure(.EINVAL))
    expect(lab.add(.rule(100, .allow, .table(.source, 128, value: nil))), is: .failure(.EINVAL))
    for action in [RuleAction.netgraph(1), .ngtee(1), .nat(1)] {
      expect(lab.add(.rule(100, action)), is: .failure(.EINVAL))
    }
  }

  @Test func refusesWhatTheKernelCannotDo() {
    var lab = FirewallLab(forward: false)
    expect(lab.add(.rule(100, .setfib(4))), is: .failure(.EINVAL))
    expect(lab.add(.rule(100, .allow, .fib(99))), is: .failure(.EINVAL))
    expect(
      lab.kernel.machine.messages.suffix(2),
      is: [
        "ipfw: invalid fib number 4", "ipfw: invalid fib number 99",
      ])
    expect(lab.add(.rule(100, .forward(.loopback, port: 0))), is: .failure(.EINVAL))
    let many = FirewallRule.rule(
      100, .allow, .ports(.source, WordRange(start: 0, count: 31)),
      words: [UInt32](repeating: 0, count: 31))
    expect(lab.add(many), is: .failure(.EINVAL))
    let stray = FirewallRule.rule(100, .allow, .ports(.source, WordRange(start: 0, count: 3)))
    expect(lab.add(stray), is: .failure(.EINVAL))
    expect(numbers(lab), is: [65535])
  }

  @Test func deletesByNumberAndSet() {
    var lab = FirewallLab([.rule(100, .count), .rule(100, .allow), .rule(200, .deny)])
    var inSet = FirewallRule.rule(300, .allow)
    inSet.set = 31
    _ = lab.add(inSet)
    expect(
      errno(&lab) { k throws(Errno) in try k.firewallDelete(vnet: .zero, .number(100)) }, is: nil)
    expect(numbers(lab), is: [200, 300, 65535])
    expect(
      errno(&lab) { k throws(Errno) in try k.firewallDelete(vnet: .zero, .number(100)) },
      is: .EINVAL)
    expect(
      errno(&lab) { k throws(Errno) in try k.firewallDelete(vnet: .zero, .number(65535)) },
      is: .EINVAL)
    expect(errno(&lab) { k throws(Errno) in try k.firewallFlush(vnet: .zero) }, is: nil)
    expect(numbers(lab), is: [300, 65535])
    expect(errno(&lab) { k throws(Errno) in try k.firewallDelete(vnet: .zero, .set(31)) }, is: nil)
    expect(numbers(lab), is: [65535])
  }

  @Test func setsAreSwitchedMovedAndSwapped() throws {
    var first = FirewallRule.rule(100, .allow)
    first.set = 1
    var lab = FirewallLab([first, .rule(200, .deny)])
    try lab.kernel.firewallSets(vnet: .zero, disable: 1 << 1 | 1 << 31, enable: 0)
    expect(lab.kernel.firewallDisabledSets(vnet: .zero), is: 1 << 1)
    try expect(lab.ask(.udp).matched, is: [200])
    try lab.kernel.firewallSwap(vnet: .zero, 0, 1)
    try expect(lab.ask(.udp).matched, is: [100])
    try lab.kernel.firewallMove(vnet: .zero, .number(200), to: 7)
    try expect(lab.kernel.firewallRules(vnet: .zero).map(\.set), is: [0, 7, 31])
  }

  @Test func zeroClearsCounters() throws {
    var lab = FirewallLab([.rule(100, .count), .rule(200, .allow)])
    _ = try lab.ask(.udp)
    try lab.kernel.firewallZero(vnet: .zero, .number(100), logOnly: true)
    expect(lab.counters.map(\.packets), is: [1, 1, 0])
    try lab.kernel.firewallZero(vnet: .zero, .number(100))
    expect(lab.counters.map(\.packets), is: [0, 1, 0])
    expect(
      errno(&lab) { k throws(Errno) in try k.firewallZero(vnet: .zero, .number(150)) }, is: .EINVAL)
    try lab.kernel.firewallZero(vnet: .zero, .all)
    expect(lab.counters.allSatisfy { $0.bytes == 0 }, is: true)
  }

  @Test func aKernelWithoutFirewallHasNoOption() {
    var kernel = Kernel(.generic)
    var found: Errno?
    do throws(Errno) {
      _ = try kernel.firewallRules(vnet: .zero)
      try kernel.firewallFlush(vnet: .zero)
    } catch {
      found = error
    }
    #expect(found == .ENOPROTOOPT)
  }

  @Test func aCloneSharesNothing() throws {
    var rule = FirewallRule.rule(100, .allow, .comment)
    rule.comment = "why"
    var lab = FirewallLab([rule])
    let copy = lab.kernel.clone()
    try lab.kernel.firewallFlush(vnet: .zero)
    #expect(try copy.firewallRules(vnet: .zero).map(\.comment) == ["why", nil])
  }
}
