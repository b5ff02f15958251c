// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The tables of addresses that rules look packets up in (`tables` of `struct ip_fw_chain`).
package struct FirewallTables: ~Copyable {
  init() {}

  /// The value of the longest prefix that has an address, or nil (`lookup_table`).
  func lookup(_ table: UInt16, _ address: IPv4Address) -> UInt32? { nil }

  func clone() -> FirewallTables { FirewallTables() }
}
