// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// `ipfw nat` (sbin/ipfw/nat.c, and `ipfw_main` for the words in front).
extension Ipfw {
  /// Does what a word behind `nat` says; false for one that means the same without it.
  func translate(_ command: String, _ words: ArraySlice<String>) throws(Fault) -> Bool {
    // `add` comes before them, and warns of its own short forms.
    if !command.isEmpty, "add".hasPrefix(command) { return false }
    if matches(command, "show") {
      try showNat(words)
    } else if matches(command, "config") {
      try configureNat(words)
    } else if command != "d", matches(command, "delete") {
      // `d` is `disable`, which comes before it.
      try deleteNat(words)
    } else {
      return false
    }
    return true
  }

  /// `nat N config`: makes an instance or changes it, and shows it.
  private func configureNat(_ words: ArraySlice<String>) throws(Fault) {
    let session = session
    let host = NatHost(
      resolve: resolve,
      interfaceAddress: { name throws(Fault) in try session.firstAddress(ofInterface: name) })
    let configuration = try NatParser.parse(words, host)
    let vnet = session.vnet
    if !isTest {
      try call("setsockopt(IP_FW_NAT_CFG)", status: 1) { kernel throws(Errno) in
        try kernel.natConfigure(vnet: vnet, configuration)
      }
    }
    if !isQuiet { try showNat(["config"] + words.prefix(1)) }
  }

  /// `nat show`, `nat show config`: all instances, or those in the last range of numbers.
  private func showNat(_ words: ArraySlice<String>) throws(Fault) {
    if isTest { return }
    var showsConfiguration = false
    var range: (first: UInt64, last: UInt64)?
    for word in words {
      if "config".hasPrefix(word) {
        showsConfiguration = true
        continue
      }
      let first = CNumber(word, base: 10)
      let last = first.rest.first == "-" ? CNumber(first.rest.dropFirst(), base: 10) : first
      guard last.isNumber, Int32(truncatingIfNeeded: last.unsigned) != 0 else {
        // What is no number is an error of strtoul(3), 0 is none.
        let error = last.isNumber ? "Undefined error: 0" : Errno.EINVAL.message
        throw .failed("invalid rule number: \(word): \(error)", status: 64)
      }
      range = (first.isNumber ? first.unsigned : 0, last.unsigned)
    }
    func isMeant(_ number: Int32, _ range: (first: UInt64, last: UInt64)) -> Bool {
      Int32(truncatingIfNeeded: range.first) <= number
        && number <= Int32(truncatingIfNeeded: range.last)
    }
    let vnet = session.vnet
    if showsConfiguration {
      let meant = range ?? (0, UInt64(FirewallRule.defaultNumber))
      let all = try call("getsockopt(IP_FW_GET_CONFIG)", status: 71) { kernel throws(Errno) in
        try kernel.natConfigurations(vnet: vnet)
      }
      for one in all where isMeant(one.number, meant) { output.line(one.command) }
    } else {
      let logs = try call("getsockopt(IP_FW_GET_LOG)", status: 71) { kernel throws(Errno) in
        try kernel.natLogs(vnet: vnet)
      }
      for log in logs where range.map({ isMeant(log.number, $0) }) ?? true {
        output.line("nat \(UInt32(bitPattern: log.number)): \(log.text)")
      }
    }
  }

  /// `nat N delete`: numbers one after the other; how the last one went is how all did.
  private func deleteNat(_ words: ArraySlice<String>) throws(Fault) {
    guard let first = words.first else {
      throw .failed("missing rule specification", status: 64)
    }
    var words = words
    if matches(first, "set") {
      if set != nil { throw .failed("invalid syntax", status: 65) }
      words.removeFirst()
    }
    var hasFailed = false
    for word in words {
      guard CNumber.hasDigit(word) else { break }
      let number = CNumber.atoi(word)
      let error = attempt { kernel, vnet throws(Errno) in
        try kernel.natDelete(vnet: vnet, number)
      }
      if let error {
        warn("rule \(UInt32(bitPattern: number)) not available: \(error.message)")
      }
      hasFailed = error != nil
    }
    if hasFailed { throw .silent(69) }
  }
}

extension Session {
  /// The first address of an interface, which must exist.
  fileprivate func firstAddress(ofInterface name: String) throws(Fault) -> IPv4Address? {
    guard let interface = findInterface(name) else {
      throw .failed("unknown interface name \(name)", status: 1)
    }
    return kernel[vnet].addresses.first(on: interface).map { kernel[vnet].addresses[$0].address }
  }
}
