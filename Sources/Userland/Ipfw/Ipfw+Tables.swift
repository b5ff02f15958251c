// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

extension Ipfw {
  /// `table N|all add|delete|flush|list` (`ipfw_table_handler`).
  func changeTables(_ words: ArraySlice<String>) throws(Fault) {
    var words = words
    var tables: ClosedRange<UInt16>?
    if let word = words.first, CNumber.hasDigit(word) {
      let number = UInt16(truncatingIfNeeded: CNumber.atoi(word))
      tables = number...number
    } else if let word = words.first, matches(word, "all") {
      tables = 0...UInt16(FirewallTables.count - 1)
    }
    guard let tables else {
      throw .failed("table number or 'all' keyword required", status: 64)
    }
    words.removeFirst()
    let last = FirewallTables.count - 1
    guard tables.lowerBound <= last else {
      throw .failed(
        "The table number exceeds the maximum allowed value (\(last))", status: 64)
    }
    guard let command = words.popFirst() else {
      throw .failed("table needs command", status: 64)
    }
    let isAll = tables.count > 1
    if isAll, !matches(command, "list"), !matches(command, "flush") {
      throw .failed("table number required", status: 64)
    }
    if matches(command, "add") || matches(command, "delete") {
      try changeTable(tables.lowerBound, isAdding: command.first == "a", words)
    } else if matches(command, "flush") {
      for table in tables { try flushTable(table) }
    } else if matches(command, "list") {
      for table in tables { try listTable(table, hasHeader: isAll) }
    } else {
      throw .failed("invalid table command \(command)", status: 64)
    }
  }

  /// `add ADDRESS[/LENGTH] [VALUE]` and `delete ADDRESS[/LENGTH]`. With `-q` what is there is replaced,
  /// and what is not need not be.
  private func changeTable(
    _ table: UInt16, isAdding: Bool, _ words: ArraySlice<String>
  ) throws(Fault) {
    var words = words
    guard let word = words.popFirst() else { throw .failed("IP address required", status: 64) }
    let host = word.prefix { $0 != "/" }
    var length: UInt8 = 32
    if host.endIndex < word.endIndex {
      let text = word[host.endIndex...].dropFirst()
      length = UInt8(truncatingIfNeeded: CNumber.atoi(text))
      guard length <= 32 else { throw .failed("bad width ``\(text)''", status: 65) }
    }
    let address = try lookUp(String(host))
    let value = isAdding ? try words.first.map(tableValue) ?? 0 : 0
    let entry = FirewallTables.Entry(address, length: length, value: value)
    let name = "setsockopt(IP_FW_TABLE_\(isAdding ? "ADD" : "DEL"))"
    let error = attempt { kernel, vnet throws(Errno) in
      if isAdding {
        try kernel.firewallTableAdd(vnet: vnet, table, entry)
      } else {
        try kernel.firewallTableDelete(vnet: vnet, table, entry)
      }
    }
    guard let error else { return }
    guard isQuiet, error == (isAdding ? .EEXIST : .ESRCH) else {
      throw .failed("\(name): \(error.message)", status: 71)
    }
    guard isAdding else { return }
    if let error = attempt({ kernel, vnet throws(Errno) in
      try kernel.firewallTableDelete(vnet: vnet, table, entry)
      try kernel.firewallTableAdd(vnet: vnet, table, entry)
    }) {
      throw .failed("\(name): \(error.message)", status: 71)
    }
  }

  /// A value: a number, or an address.
  private func tableValue(_ word: String) throws(Fault) -> UInt32 {
    if CNumber.hasDigit(word), !word.contains(".") {
      return UInt32(truncatingIfNeeded: CNumber(word).unsigned)
    }
    return try lookUp(word).rawValue
  }

  /// An address by its number or name.
  private func lookUp(_ host: String) throws(Fault) -> IPv4Address {
    guard let address = IPv4Address(inetAton: host) ?? resolve(host) else {
      throw .failed("hostname ``\(host)'' unknown", status: 68)
    }
    return address
  }

  private func flushTable(_ table: UInt16) throws(Fault) {
    if let error = attempt({ kernel, vnet throws(Errno) in
      try kernel.firewallTableFlush(vnet: vnet, table)
    }) {
      throw .failed("setsockopt(IP_FW_TABLE_FLUSH): \(error.message)", status: 71)
    }
  }

  private func listTable(_ table: UInt16, hasHeader: Bool) throws(Fault) {
    var entries: [FirewallTables.Entry] = []
    if let error = attempt({ kernel, vnet throws(Errno) in
      entries = try kernel.firewallTable(vnet: vnet, table)
    }) {
      throw .failed("getsockopt(IP_FW_TABLE_GETSIZE): \(error.message)", status: 71)
    }
    if hasHeader, !entries.isEmpty { output.line("---table(\(table))---") }
    for entry in entries {
      let value =
        showsValuesAsAddresses ? "\(IPv4Address(rawValue: entry.value))" : "\(entry.value)"
      output.line("\(entry.network)/\(entry.length) \(value)")
    }
  }
}
