// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

extension Ipfw {
  /// `list` and `show`: all rules, or those with these numbers, and with `-d` the dynamic ones.
  func list(_ words: ArraySlice<String>) throws(Fault) {
    if isTest { return output.writeError("Testing only, list disabled\n") }
    let vnet = session.vnet
    let (rules, states) = try call("getsockopt(IP_FW_GET)", status: 71) { kernel throws(Errno) in
      (try kernel.firewallRules(vnet: vnet), try kernel.firewallStates(vnet: vnet))
    }
    let meant = rules.filter { set == nil || $0.set == set }
    let dynamic = showsDynamic ? states : []
    var format = format
    format.counterWidths = counterWidths(showsCounters ? meant : [], inSet(dynamic))
    let disabled = session.kernel.firewallDisabledSets(vnet: vnet)
    func show(_ rule: FirewallRule) {
      let isDisabled = disabled & (1 << UInt32(rule.set)) != 0
      if isDisabled && !format.showsSets { return }
      output.line(RulePrinter.line(rule, format, isDisabled: isDisabled))
    }
    if words.isEmpty {
      for rule in meant { show(rule) }
      guard !dynamic.isEmpty else { return }
      output.line("## Dynamic rules (\(dynamic.count)):")
      return write(inSet(dynamic), format)
    }
    var status: Int32 = 0
    /// Where the original's search for the last number's rules stopped.
    var stop: FirewallRule?
    for word in words {
      guard let (first, last) = Ipfw.numbers(word) else {
        warn("invalid rule number: \(word)")
        status = 64
        continue
      }
      stop = rules.first { $0.number > last }
      let found = meant.filter { $0.number >= first && $0.number <= last }
      for rule in found { show(rule) }
      if found.isEmpty {
        warn("rule \(first) does not exist")
        if status == 0 { status = 69 }
      }
    }
    if !dynamic.isEmpty {
      output.line("## Dynamic rules:")
      for (first, last) in words.compactMap({ Ipfw.numbers($0) }) {
        // The original asks for the number of the rule where it stopped, not for the state's.
        guard let stop, stop.number >= first, stop.number <= last else { continue }
        write(inSet(Array(dynamic.prefix { $0.rule <= first })), format)
      }
    }
    if status != 0 { throw .silent(status) }
  }

  /// Those of the chosen set, if there is one.
  private func inSet(_ states: [FirewallState]) -> [FirewallState] {
    states.filter { set == nil || $0.set == set }
  }

  /// The widths of the counters' columns; nil where there are no counters to show. Those that are over
  /// count too, shown or not.
  private func counterWidths(
    _ rules: [FirewallRule], _ states: [FirewallState]
  ) -> (packets: Int, bytes: Int)? {
    let counters = rules.map { ($0.packets, $0.bytes) } + states.map { ($0.packets, $0.bytes) }
    if counters.isEmpty { return nil }
    return (
      counters.map { "\($0.0)".count }.max() ?? 0, counters.map { "\($0.1)".count }.max() ?? 0
    )
  }

  private func write(_ states: [FirewallState], _ format: RuleFormat) {
    for state in states where showsExpired || state.isShown {
      output.line(StatePrinter.line(state, format))
    }
  }

  /// A number or two with a dash; what is missing counts as 0.
  private static func numbers(_ word: String) -> (first: UInt64, last: UInt64)? {
    var (first, rest) = CNumber.strtoul(Substring(word), radix: 10)
    var last = first
    if rest.first == "-" { (last, rest) = CNumber.strtoul(rest.dropFirst(), radix: 10) }
    return rest.isEmpty ? (first, last) : nil
  }
}

extension FirewallState {
  /// Whether it shows without `-e`.
  fileprivate var isShown: Bool {
    if case .parent = kind { true } else { remaining > 0 }
  }
}
