// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The tables' socket options. All say `EINVAL` for a table there is not, and `ENOPROTOOPT` where the
/// kernel has no firewall.
extension Kernel {
  /// Adds an entry to a table (`IP_FW_TABLE_ADD`).
  ///
  /// - Throws: `EEXIST` if the table has its network.
  package mutating func firewallTableAdd(
    vnet: VnetIndex, _ table: UInt16, _ entry: FirewallTables.Entry
  ) throws(Errno) {
    try needTable(table, entry)
    guard vnets[Int(vnet.rawValue)].firewall.tables.add(entry, to: table) else { throw .EEXIST }
  }

  /// Takes an entry's network out of a table (`IP_FW_TABLE_DEL`).
  ///
  /// - Throws: `ESRCH` if the table has it not.
  package mutating func firewallTableDelete(
    vnet: VnetIndex, _ table: UInt16, _ entry: FirewallTables.Entry
  ) throws(Errno) {
    try needTable(table, entry)
    guard vnets[Int(vnet.rawValue)].firewall.tables.remove(entry, from: table) else {
      throw .ESRCH
    }
  }

  /// Empties a table (`IP_FW_TABLE_FLUSH`).
  package mutating func firewallTableFlush(vnet: VnetIndex, _ table: UInt16) throws(Errno) {
    try needTable(table)
    vnets[Int(vnet.rawValue)].firewall.tables.flush(table)
  }

  /// A table's entries by address, the longer prefix of an address first (`IP_FW_TABLE_LIST`).
  package func firewallTable(
    vnet: VnetIndex, _ table: UInt16
  ) throws(Errno) -> [FirewallTables.Entry] {
    try needTable(table)
    return vnets[Int(vnet.rawValue)].firewall.tables.list(table)
  }

  private func needTable(_ table: UInt16, _ entry: FirewallTables.Entry? = nil) throws(Errno) {
    try needFirewall()
    guard table < FirewallTables.count, entry?.length ?? 0 <= 32 else { throw .EINVAL }
  }
}
