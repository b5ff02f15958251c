// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// The tables of addresses that rules look packets up in (`tables` of `struct ip_fw_chain`).
package struct FirewallTables: ~Copyable, StateHashable {
  /// How many there are (`IPFW_TABLES_MAX`, `net.inet.ip.fw.tables_max`).
  package static let count = 128

  /// A network and its value (`ipfw_table_entry`).
  package struct Entry: Hashable, BitwiseCopyable, Sendable {
    package var network: IPv4Address
    package var length: UInt8
    package var value: UInt32

    /// Bits of the address behind the length are cut off.
    package init(_ address: IPv4Address, length: UInt8, value: UInt32 = 0) {
      network = address & IPv4Prefix.mask(length: Int(length))
      (self.length, self.value) = (length, value)
    }
  }

  private var entries = Slots<Entry>()
  /// A root for each table.
  private var trie = RouteTrie(roots: FirewallTables.count)

  init() {}

  private init(copying other: borrowing FirewallTables) {
    entries = other.entries.clone()
    trie = other.trie.clone()
  }

  func clone() -> FirewallTables { FirewallTables(copying: self) }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(entries)
    hasher.combine(trie)
  }

  /// The value of the longest prefix that has an address, or nil (`lookup_table`).
  @inline(__always)
  func lookup(_ table: UInt16, _ address: IPv4Address) -> UInt32? {
    guard table < FirewallTables.count else { return nil }
    // 255.255.255.255 is where C's tree ends: of what is there only an entry for itself is found.
    let found =
      address.rawValue == .max
      ? trie.find(.max, length: 32, root: Int32(table))
      : trie.match(address.rawValue, root: Int32(table))
    return found < 0 ? nil : entries[found].value
  }

  /// Adds an entry; false if the table has its network (`add_table_entry`).
  mutating func add(_ entry: Entry, to table: UInt16) -> Bool {
    let root = Int32(table)
    guard trie.find(entry.network.rawValue, length: entry.length, root: root) < 0 else {
      return false
    }
    trie.insert(
      entries.insert(entry), entry.network.rawValue, length: entry.length, root: root)
    return true
  }

  /// Takes an entry's network out; false if the table has it not (`del_table_entry`).
  mutating func remove(_ entry: Entry, from table: UInt16) -> Bool {
    let root = Int32(table)
    let place = trie.find(entry.network.rawValue, length: entry.length, root: root)
    guard place >= 0 else { return false }
    trie.remove(entry.network.rawValue, length: entry.length, root: root)
    entries.remove(place)
    return true
  }

  /// Empties a table (`flush_table`).
  mutating func flush(_ table: UInt16) {
    for place in trie.values(root: Int32(table)) {
      let entry = entries[place]
      trie.remove(entry.network.rawValue, length: entry.length, root: Int32(table))
      entries.remove(place)
    }
  }

  /// A table's entries by address, the longer prefix of an address first (`dump_table`).
  func list(_ table: UInt16) -> [Entry] {
    trie.values(root: Int32(table)).map { entries[$0] }.sorted {
      ($0.network.rawValue, $1.length) < ($1.network.rawValue, $0.length)
    }
  }
}
