// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

extension Ipfw {
  /// `add`: compiles, asks the kernel, and shows the rule.
  func add(_ words: ArraySlice<String>) throws(Fault) {
    let surroundings = RuleSurroundings(
      fibCount: session.fibCount,
      verboseLimit: session.kernel[session.vnet].sysctl.fwVerboseLimit,
      altqQueues: session.kernel.machine.options.altqQueues,
      resolve: resolve, warn: warn)
    var rule = try RuleParser.parse(words, surroundings)
    if !isTest {
      let vnet = session.vnet
      rule.number = try call("getsockopt(IP_FW_ADD)", status: 69) { kernel throws(Errno) in
        try kernel.firewallAdd(vnet: vnet, rule: rule)
      }
    }
    if !isQuiet { output.line(RulePrinter.line(rule, format)) }
  }

  /// `delete`: numbers one after the other; those that fail do not stop it.
  func delete(_ words: ArraySlice<String>) throws(Fault) {
    guard let first = words.first else {
      throw .failed("missing rule specification", status: 64)
    }
    var words = words
    let isSet = matches(first, "set")
    if isSet {
      if set != nil { throw .failed("invalid syntax", status: 65) }
      words.removeFirst()
    }
    var hasFailed = false
    for word in words {
      guard CNumber.hasDigit(word) else { break }
      let number = UInt16(truncatingIfNeeded: CNumber.atoi(word))
      // The set's number is checked by the kernel, which sees sixteen bits of it.
      let scope = isSet ? .set(UInt8(clamping: number)) : scope(number)
      if let error = attempt({ kernel, vnet throws(Errno) in
        try kernel.firewallDelete(vnet: vnet, scope)
      }) {
        // The original shows the argument of the call, where set and kind are in the high bytes.
        let kind: UInt32 = isSet ? 1 << 24 : set.map { 5 << 24 | UInt32($0) << 16 } ?? 0
        warn("rule \(UInt32(number) | kind): setsockopt(IP_FW_DEL): \(error.message)")
        hasFailed = true
      }
    }
    if hasFailed { throw .silent(69) }
  }

  /// `flush`, and `set N flush`, which is another way to write `delete set N`.
  func flush() throws(Fault) {
    if !isQuiet, let confirm, !confirm("Are you sure? [yn] ") { return }
    let set = set
    if let error = attempt({ kernel, vnet throws(Errno) in
      if let set {
        try kernel.firewallDelete(vnet: vnet, .set(set))
      } else {
        try kernel.firewallFlush(vnet: vnet)
      }
    }) {
      let call = set == nil ? "IP_FW_FW" : "IP_FW_DEL"
      throw .failed("setsockopt(\(call)): \(error.message)", status: 69)
    }
    if !isQuiet { output.line("Flushed all rules.") }
  }

  /// `zero` and `resetlog`.
  func zero(_ words: ArraySlice<String>, logOnly: Bool) throws(Fault) {
    let name = "setsockopt(IP_FW_\(logOnly ? "RESETLOG" : "ZERO"))"
    if words.isEmpty {
      // All rules are meant, whatever set stands in front.
      if let error = attempt({ kernel, vnet throws(Errno) in
        try kernel.firewallZero(vnet: vnet, .all, logOnly: logOnly)
      }) {
        throw .failed("\(name): \(error.message)", status: 69)
      }
      if !isQuiet { output.line(logOnly ? "Logging counts reset." : "Accounting cleared.") }
    }
    var hasFailed = false
    for word in words {
      guard CNumber.hasDigit(word) else {
        throw .failed("invalid rule number ``\(word)''", status: 64)
      }
      guard let number = UInt16(word) else {
        throw .failed("invalid rule number \(word)\n", status: 65)
      }
      // Number 0 is every rule to the kernel.
      let scope = number == 0 ? (set.map { .set($0) } ?? .all) : scope(number)
      if let error = attempt({ kernel, vnet throws(Errno) in
        try kernel.firewallZero(vnet: vnet, scope, logOnly: logOnly)
      }) {
        warn("rule \(number): \(name): \(error.message)")
        hasFailed = true
      } else if !isQuiet {
        output.line("Entry \(number) \(logOnly ? "logging count reset" : "cleared").")
      }
    }
    if hasFailed { throw .silent(69) }
  }

  /// Makes a call that may fail; only tested words never do.
  func attempt(
    _ body: (inout Kernel, VnetIndex) throws(Errno) -> Void
  ) -> Errno? {
    if isTest { return nil }
    do throws(Errno) {
      try body(&session.kernel, session.vnet)
      return nil
    } catch {
      return error
    }
  }
}
