// SPDX-License-Identifier: BSD-2-Clause

import Testing
import Wire

// A look-up alone is no call.
@testable import Netstack

@Suite("ipfw tables") struct FirewallTablesTests {
  private typealias Entry = FirewallTables.Entry

  private func entry(_ text: String, _ length: UInt8, _ value: UInt32 = 0) throws -> Entry {
    Entry(try #require(IPv4Address(dottedQuad: text)), length: length, value: value)
  }

  @Test func theLongestPrefixDecides() throws {
    var tables = FirewallTables()
    for (network, length, value) in [
      ("10.0.0.0", UInt8(8), UInt32(8)), ("10.1.0.0", 16, 16), ("10.1.2.3", 32, 32),
      ("0.0.0.0", 0, 1),
    ] {
      let isNew = tables.add(try entry(network, length, value), to: 5)
      #expect(isNew)
    }
    for (address, value) in [
      ("10.9.9.9", UInt32(8)), ("10.1.9.9", 16), ("10.1.2.3", 32), ("11.0.0.0", 1),
    ] {
      let address = try #require(IPv4Address(dottedQuad: address))
      let found = (tables.lookup(5, address), tables.lookup(4, address))
      let compiled = (tables.find(5, address), tables.find(4, address))
      #expect(found == (value, nil) && compiled == (value, nil))
    }
    let outside = tables.lookup(128, .any)
    #expect(outside == nil)
  }

  /// C's tree ends at 255.255.255.255, where no network is looked for.
  @Test func theLastAddressHasOnlyItsOwnEntry() throws {
    var tables = FirewallTables()
    _ = tables.add(try entry("0.0.0.0", 0, 1), to: 5)
    _ = tables.add(try entry("255.255.255.0", 24, 2), to: 5)
    let last = try #require(IPv4Address(dottedQuad: "255.255.255.255"))
    let before = tables.lookup(5, last)
    let beforeCompiled = tables.find(5, last)
    _ = tables.add(try entry("255.255.255.255", 32, 3), to: 5)
    let after = tables.lookup(5, last)
    let afterCompiled = tables.find(5, last)
    #expect(before == nil && after == 3 && beforeCompiled == nil && afterCompiled == 3)
  }

  @Test func aNetworkIsThereOnce() throws {
    var tables = FirewallTables()
    // Bits behind the length do not make another network.
    let answers = [
      tables.add(try entry("10.1.2.3", 8, 1), to: 0),
      tables.add(try entry("10.0.0.0", 8, 2), to: 0),
      tables.add(try entry("10.0.0.0", 9, 3), to: 0),
      tables.remove(try entry("10.9.9.9", 8), from: 0),
      tables.remove(try entry("10.0.0.0", 8), from: 0),
    ]
    #expect(answers == [true, false, true, true, false])
    let left = tables.list(0)
    #expect(left == [try entry("10.0.0.0", 9, 3)])
  }

  @Test func aCloneGoesItsOwnWay() throws {
    var tables = FirewallTables()
    _ = tables.add(try entry("10.0.0.0", 8, 1), to: 0)
    let copy = tables.clone()
    tables.flush(0)
    let counts = (tables.list(0).count, copy.list(0).count)
    #expect(counts == (0, 1))
  }

  @Test func manyEntriesAreFoundAsByLookingAtAll() {
    var tables = FirewallTables()
    var random = RandomSource(seed: 1)
    var entries: [Entry] = []
    for _ in 0..<100_000 {
      let address = IPv4Address(rawValue: UInt32(truncatingIfNeeded: random.next()))
      let length = UInt8(random.next() % 25 + 8)
      let entry = Entry(address, length: length, value: UInt32(truncatingIfNeeded: random.next()))
      if tables.add(entry, to: 7) { entries.append(entry) }
    }
    let list = tables.list(7)
    entries.sort { ($0.network, $1.length) < ($1.network, $0.length) }
    #expect(list == entries)
    for index in stride(from: 0, to: entries.count, by: 4000) {
      let address = IPv4Address(rawValue: entries[index].network.rawValue | 1)
      let best = entries.filter { address & IPv4Prefix.mask(length: Int($0.length)) == $0.network }
        .max { $0.length < $1.length }
      let found = tables.lookup(7, address)
      let compiled = tables.find(7, address)
      #expect(found == best?.value && compiled == found)
    }
    for entry in entries where entry.length % 2 == 0 { _ = tables.remove(entry, from: 7) }
    let left = tables.list(7)
    #expect(left == entries.filter { $0.length % 2 == 1 })
  }
}
