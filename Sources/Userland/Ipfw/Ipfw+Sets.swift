// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

extension Ipfw {
  /// `set show`, `swap`, `move`, `disable` and `enable` (`ipfw_sets_handler`).
  func changeSets(_ words: ArraySlice<String>) throws(Fault) {
    guard let word = words.first else { throw .failed("set needs command", status: 64) }
    let rest = Array(words.dropFirst())
    if matches(word, "show") {
      showSets()
    } else if matches(word, "swap") {
      try swapSets(rest)
    } else if matches(word, "move") {
      try moveToSet(rest)
    } else if matches(word, "disable") || matches(word, "enable") {
      try switchSets(Array(words))
    } else {
      throw .failed("invalid set command \(word)\n", status: 64)
    }
  }

  private func showSets() {
    let disabled = session.kernel.firewallDisabledSets(vnet: session.vnet)
    let sets = 0..<FirewallRule.reservedSet
    let off = sets.filter { disabled & (1 << UInt32($0)) != 0 }
    let on = sets.filter { disabled & (1 << UInt32($0)) == 0 }
    let parts = [("disable", off), ("enable", on)].filter { !$0.1.isEmpty }
      .map { name, sets in "\(name) " + sets.map { "\($0)" }.joined(separator: " ") }
    output.line(parts.joined(separator: " "))
  }

  private func swapSets(_ words: [String]) throws(Fault) {
    guard words.count >= 2 else { throw .failed("set swap needs 2 set numbers\n", status: 64) }
    let first = try setNumber(words[0], bits: 16, "invalid set number \(words[0])\n")
    let second = try setNumber(words[1], bits: 8, "invalid set number \(words[1])\n")
    try change { kernel, vnet throws(Errno) in
      try kernel.firewallSwap(vnet: vnet, first, second)
    }
  }

  private func moveToSet(_ words: [String]) throws(Fault) {
    let isRule = words.first.map { matches($0, "rule") } ?? false
    let words = Array(words.dropFirst(isRule ? 1 : 0))
    guard words.count == 3, matches(words[1], "to") else {
      throw .failed("syntax: set move [rule] X to Y\n", status: 64)
    }
    let wrong = "invalid source number \(words[0])\n"
    var scope = Kernel.FirewallScope.all
    if isRule {
      let number = UInt16(truncatingIfNeeded: CNumber.atoi(words[0]))
      guard CNumber.hasDigit(words[0]), number != FirewallRule.defaultNumber else {
        throw .failed(wrong, status: 65)
      }
      scope = .number(number)
    } else {
      scope = .set(try setNumber(words[0], bits: 16, wrong))
    }
    // The original names the word in front of the bad one.
    let set = try setNumber(words[2], bits: 8, "invalid dest. set \(words[1])\n")
    try change { kernel, vnet throws(Errno) in
      try kernel.firewallMove(vnet: vnet, scope, to: set)
    }
  }

  /// Numbers behind `disable` and `enable`, which may take turns.
  private func switchSets(_ words: [String]) throws(Fault) {
    var (disable, enable): (UInt32, UInt32) = (0, 0)
    var isEnabling = false
    for word in words {
      if CNumber.hasDigit(word) {
        let number = CNumber.atoi(word)
        guard (0...Int32(FirewallRule.reservedSet)).contains(number) else {
          throw .failed("invalid set number \(number)\n", status: 65)
        }
        if isEnabling { enable |= 1 << UInt32(number) } else { disable |= 1 << UInt32(number) }
      } else if matches(word, "disable") {
        isEnabling = false
      } else if matches(word, "enable") {
        isEnabling = true
      } else {
        throw .failed("invalid set command \(word)\n", status: 65)
      }
    }
    guard disable & enable == 0 else {
      throw .failed("cannot enable and disable the same set\n", status: 65)
    }
    try change { kernel, vnet throws(Errno) in
      try kernel.firewallSets(vnet: vnet, disable: disable, enable: enable)
    }
  }

  /// The number of a set, of which the original keeps so many bits before it looks.
  private func setNumber(_ word: String, bits: Int32, _ wrong: String) throws(Fault) -> UInt8 {
    let number = CNumber.atoi(word) & (1 << bits - 1)
    guard CNumber.hasDigit(word), let set = UInt8(exactly: number),
      set <= FirewallRule.reservedSet
    else { throw .failed(wrong, status: 65) }
    return set
  }

  /// Makes a call about sets, whose failure is told but is none.
  private func change(
    _ body: (inout Kernel, VnetIndex) throws(Errno) -> Void
  ) throws(Fault) {
    if let error = attempt(body) {
      warn("set enable/disable: setsockopt(IP_FW_DEL): \(error.message)")
    }
  }

  /// `enable` and `disable`: sysctl leaves by another name (`ipfw_sysctl_handler`). A wrong word is
  /// told, but is no failure.
  func enable(_ word: String?, _ isEnabling: Bool) throws(Fault) {
    guard let word else { return warn("missing keyword to enable/disable\n") }
    let leaves: [(String, SysctlKey)] = [
      ("firewall", .ipFwEnable), ("one_pass", .ipFwOnePass), ("verbose", .ipFwVerbose),
      ("dyn_keepalive", .ipFwDynKeepalive),
    ]
    guard let (_, leaf) = leaves.first(where: { matches(word, $0.0) }) else {
      // No leaf of this kernel shows debugging; ALTQ is pf(4)'s to switch.
      if matches(word, "debug") { return }
      if matches(word, "altq") { return try switchAltq() }
      return warn("unrecognize enable/disable keyword: \(word)\n")
    }
    if isTest { return }
    let vnet = session.vnet
    _ = try? session.kernel[vnet].sysctl.set(leaf, to: isEnabling ? 1 : 0)
  }

  private func switchAltq() throws(Fault) {
    guard session.kernel.machine.options.altqQueues == nil else { return }
    throw .failed(
      "altq support opening pf(4) control device: No such file or directory", status: 69)
  }
}
