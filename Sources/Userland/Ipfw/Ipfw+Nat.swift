// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

extension Ipfw {
  /// `nat N config ...`, `nat [N] show [config]` and `nat delete N` (sbin/ipfw/nat.c), as far as they
  /// get on a kernel without libalias. False for a word that means the same as without `nat`.
  func translate(_ command: String, _ words: ArraySlice<String>) throws(Fault) -> Bool {
    if set != nil || matches(command, "add") { return false }
    if matches(command, "show") {
      try showNat(words)
    } else if matches(command, "config") {
      try configureNat(words)
    } else if command != "d", matches(command, "delete") {
      try deleteNat(words)
    } else {
      return false
    }
    return true
  }

  private func showNat(_ words: ArraySlice<String>) throws(Fault) {
    if isTest { return }
    var what = "LOG"
    for word in words {
      if "config".hasPrefix(word) {
        what = "CONFIG"
        continue
      }
      var (number, rest) = CNumber.strtoul(Substring(word), radix: 10)
      if rest.first == "-" { (number, rest) = CNumber.strtoul(rest.dropFirst(), radix: 10) }
      guard UInt32(truncatingIfNeeded: number) != 0 else {
        throw .failed("invalid rule number: \(word): Invalid argument", status: 64)
      }
    }
    // The console names both calls the same.
    try callNat("GET_CFG", "getsockopt(IP_FW_GET_\(what))", status: 71)
  }

  private func deleteNat(_ words: ArraySlice<String>) throws(Fault) {
    if words.isEmpty { throw .failed("missing rule specification", status: 64) }
    var hasFailed = false
    for word in words {
      guard CNumber.hasDigit(word) else { break }
      if let error = attempt({ kernel, _ throws(Errno) in try kernel.firewallNat("DEL") }) {
        warn("rule \(CNumber.atoi(word)) not available: \(error.message)")
        hasFailed = true
      }
    }
    if hasFailed { throw .silent(69) }
  }

  private func configureNat(_ words: ArraySlice<String>) throws(Fault) {
    var words = words
    guard let id = words.popFirst(), CNumber.hasDigit(id) else {
      throw .failed("missing nat id", status: 65)
    }
    if words.isEmpty { throw .failed("missing option", status: 65) }
    while let word = words.popFirst() {
      switch word {
      case "ip":
        guard let address = words.popFirst() else { throw .failed("missing option", status: 65) }
        guard IPv4Address(inetAton: address) != nil else {
          throw .failed("bad ip address ``\(address)''", status: 65)
        }
      case "if":
        guard let name = words.popFirst() else { throw .failed("missing option", status: 65) }
        guard session.findInterface(name) != nil else {
          throw .failed("unknown interface name \(name)")
        }
      case "log", "deny_in", "same_ports", "unreg_only", "reset", "reverse", "proxy_only": break
      // What follows is for a kernel that translates.
      case "redirect_addr", "redirect_port", "redirect_proto": words = []
      default: throw .failed("unrecognised option ``\(word)''", status: 65)
      }
    }
    try callNat("CFG", "setsockopt(IP_FW_NAT_CFG)", status: 1)
  }

  private func callNat(_ call: String, _ name: String, status: Int32) throws(Fault) {
    if let error = attempt({ kernel, _ throws(Errno) in try kernel.firewallNat(call) }) {
      throw .failed("\(name): \(error.message)", status: status)
    }
  }
}
