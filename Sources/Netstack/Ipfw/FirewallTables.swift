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

  private let pin = Pin()
  /// A root for each table; a prefix with an entry has one member.
  private var trie = PrefixTrie(roots: FirewallTables.count)
  /// The values once more, by the places of their nodes: a look-up reads a number, not a node.
  private var values = SharedPages<UInt32>()
  /// The tables that packets were looked up in have a row each.
  private var compiled = LookupTable(rows: 0)
  private var rows = InlineArray<128, Int16>(repeating: -1)

  init() {}

  private init(copying other: borrowing FirewallTables) {
    trie = other.trie.clone()
    values = other.values.clone()  // No state: the trie has them.
    compiled = other.compiled.clone()  // No state: made of the trie.
    rows = other.rows  // No state either.
  }

  func clone() -> FirewallTables { FirewallTables(copying: self) }

  func hash(into hasher: inout StateHasher) { hasher.combine(trie) }

  /// The value of the longest prefix that has an address, or nil (`lookup_table`).
  ///
  /// 255.255.255.255 is where C's tree ends: of what is there only an entry for itself is found.
  func lookup(_ table: UInt16, _ address: IPv4Address) -> UInt32? {
    guard table < FirewallTables.count else { return nil }
    let root = Int32(table)
    let place =
      address.rawValue == .max
      ? trie.find(.max, length: 32, root: root)
      : trie.match(address.rawValue, root: root, mask: 1)
    return place < 0 || trie[place].members == 0 ? nil : trie[place].value
  }

  /// The same, and makes the next look-up of an address nearby fast.
  @inline(__always)
  mutating func find(_ table: UInt16, _ address: IPv4Address) -> UInt32? {
    guard table < FirewallTables.count, address.rawValue != .max else {
      return lookup(table, address)
    }
    let entry = entry(table, address)
    guard entry == .root else { return values.value(at: Int(entry.place)) }
    // The root is a network of length 0.
    let root = trie[Int32(table)]
    return root.members == 0 ? nil : root.value
  }

  /// Whether a table has a network with an address: does not touch the network itself.
  @inline(__always)
  mutating func has(_ table: UInt16, _ address: IPv4Address) -> Bool {
    guard address.rawValue != .max else { return lookup(table, address) != nil }
    return entry(table, address) != .root || trie[Int32(table)].members != 0
  }

  /// The sum of the values of some addresses: look-ups alone, as rules make them that use the value,
  /// for what measures them. One that the table has not counts as 32 bits of ones.
  package mutating func sumOfLookups(_ table: UInt16, _ addresses: Span<UInt32>) -> UInt64 {
    var sum: UInt64 = 0
    for place in addresses.indices {
      sum &+= UInt64(find(table, IPv4Address(rawValue: addresses[place])) ?? .max)
    }
    return sum
  }

  @inline(__always)
  private mutating func entry(_ table: UInt16, _ address: IPv4Address) -> LookupTable.Entry {
    let row = Int(rows[Int(table)])
    let entry = row < 0 ? .unknown : compiled.entry(address.rawValue, row: row)
    return entry == .unknown ? compile(table, address) : entry
  }

  @inline(never)
  private mutating func compile(_ table: UInt16, _ address: IPv4Address) -> LookupTable.Entry {
    if rows[Int(table)] < 0 { rows[Int(table)] = Int16(compiled.addRow()) }
    let source = LookupTable.Source(
      row: Int(rows[Int(table)]), root: Int32(table), member: 1, sharesRows: false)
    return compiled.compile(address.rawValue, source, trie)
  }

  private mutating func forget(_ entry: Entry, in table: UInt16) {
    let row = Int(rows[Int(table)])
    if row >= 0 { compiled.forget(entry.network.rawValue, length: entry.length, row: row) }
  }

  /// Adds an entry; false if the table has its network (`add_table_entry`).
  mutating func add(_ entry: Entry, to table: UInt16) -> Bool {
    let place = trie.insert(entry.network.rawValue, length: entry.length, root: Int32(table))
    guard trie[place].members == 0 else { return false }
    trie[place].members = 1
    trie[place].value = entry.value
    values.set(entry.value, at: Int(place))
    forget(entry, in: table)
    return true
  }

  /// Takes an entry's network out; false if the table has it not (`del_table_entry`).
  mutating func remove(_ entry: Entry, from table: UInt16) -> Bool {
    let root = Int32(table)
    let place = trie.find(entry.network.rawValue, length: entry.length, root: root)
    guard place >= 0, trie[place].members != 0 else { return false }
    trie[place].members = 0
    trie[place].value = 0
    trie.remove(entry.network.rawValue, length: entry.length, root: root)
    forget(entry, in: table)
    return true
  }

  /// Empties a table (`flush_table`).
  mutating func flush(_ table: UInt16) {
    trie.removeAll(root: Int32(table))
    let row = Int(rows[Int(table)])
    if row >= 0 { compiled.forget(row: row) }
  }

  /// A table's entries by address, the longer prefix of an address first (`dump_table`).
  func list(_ table: UInt16) -> [Entry] {
    var entries: [Entry] = []
    trie.forEach(root: Int32(table), mask: 1) { _, node in
      entries.append(
        Entry(IPv4Address(rawValue: node.prefix), length: node.length, value: node.value))
    }
    return entries
  }
}
