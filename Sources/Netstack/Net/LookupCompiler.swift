// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// Compiling slots of a look-up table.
extension LookupTable {
  /// What a slot is compiled of.
  struct Source: BitwiseCopyable {
    let row: Int
    /// The trie's root.
    let root: Int32
    /// The bit of the table among the members of the trie's nodes.
    let member: UInt16
    /// Rows are the bits of the same trie, so that two may have the same slot.
    let sharesRows: Bool
  }

  /// Where a walk down to a length ended.
  private struct Place: BitwiseCopyable {
    /// The longest prefix of the table that has all of the part.
    var best = Entry.root
    /// The part itself where it has more inside, or what lies inside; -1 for nothing.
    var below: Int32 = -1
    /// Tables that have the same of all prefixes passed.
    var peers: UInt16
  }

  /// Compiles what is unknown of an address and says what is then known.
  @inline(never)
  mutating func compile(
    _ address: UInt32, _ source: Source, _ trie: borrowing PrefixTrie
  ) -> Entry {
    let first = source.row << 8 | Int(address >> 24)
    if tops[first] == 0 { compile(top: first, address, source, trie) }
    let top = Entry(rawValue: tops[first])
    if top.isBlock, word(Int(address >> 14 & 0x3ff), top) == .unknown {
      compile(slot: address, top, source, trie)
    }
    return entry(address, row: source.row)
  }

  /// Compiles all that is unknown of a row.
  mutating func compileAll(_ source: Source, _ trie: borrowing PrefixTrie) {
    for first in 0..<256 as Swift.Range<UInt32> {
      let number = source.row << 8 | Int(first)
      if tops[number] == 0 { compile(top: number, first << 24, source, trie) }
      let top = Entry(rawValue: tops[number])
      guard top.isBlock else { continue }
      for slot in 0..<1024 as Swift.Range<UInt32> where word(Int(slot), top) == .unknown {
        compile(slot: first << 24 | slot << 14, top, source, trie)
      }
    }
  }

  /// A first byte without longer prefixes is one range; else its slots are compiled by need.
  private mutating func compile(
    top: Int, _ address: UInt32, _ source: Source, _ trie: borrowing PrefixTrie
  ) {
    let place = locate(address, length: 8, source, trie)
    guard place.below >= 0 else { return tops[top] = place.best.rawValue }
    let cell = allocate(.page)
    for part in cell..<cell + Run.page.cells { cells[part] = LookupCell() }
    tops[top] = Entry(block: cell).rawValue
  }

  private mutating func compile(
    slot address: UInt32, _ top: Entry, _ source: Source, _ trie: borrowing PrefixTrie
  ) {
    let slot = Int(address >> 14 & 0x3ff)
    let place = locate(address, length: 18, source, trie)
    var entry = place.best
    if place.below >= 0 {
      ranges.removeAll(keepingCapacity: true)
      addRange(at: 0, entry)
      let peers = fill(place.below, entry, place.peers, source, trie)
      let end = LookupTable.end(trie[place.below])
      if end < 1 << 14 { addRange(at: end, entry) }
      entry =
        sharedSlot(slot, address, peers, source)
        ?? build(0..<ranges.count, from: 0, bits: 14)
      if !entry.isFinal { owners[entry.cell] += 1 }
    }
    cells.setWord(slot, ofRunAt: top.cell, to: entry.rawValue)
  }

  /// The same slot of another row with the same prefixes, where it is compiled and no single range.
  private func sharedSlot(
    _ slot: Int, _ address: UInt32, _ peers: UInt16, _ source: Source
  ) -> Entry? {
    guard source.sharesRows else { return nil }
    var left = peers & ~source.member
    while left != 0 {
      let row = left.trailingZeroBitCount
      left &= left &- 1
      guard row << 8 < tops.count else { break }
      let top = Entry(rawValue: tops[row << 8 | Int(address >> 24)])
      guard top.isBlock else { continue }
      let entry = word(slot, top)
      if !entry.isFinal { return entry }
    }
    return nil
  }

  /// Walks down to the prefix of an address that is so long.
  private func locate(
    _ address: UInt32, length: UInt8, _ source: Source, _ trie: borrowing PrefixTrie
  ) -> Place {
    var place = Place(peers: source.sharesRows ? .max : source.member)
    var next = source.root
    while next >= 0 {
      let node = trie[next]
      if node.length > length || (node.length == length && node.hasChildren) {
        let isInside = (node.prefix ^ address) & ~(UInt32.max >> UInt32(length)) == 0
        if isInside { place.below = next }
        break
      }
      guard node.covers(address) else { break }
      if next != source.root {
        let isMember = node.members & source.member != 0
        place.peers &= isMember ? node.members : ~node.members
        if isMember { place.best = Entry(place: next) }
      }
      next = node.child(for: address)
    }
    return place
  }

  /// Appends the ranges of a node and all below it; says which of `peers` have the same prefixes.
  private mutating func fill(
    _ place: Int32, _ covering: Entry, _ peers: UInt16, _ source: Source,
    _ trie: borrowing PrefixTrie
  ) -> UInt16 {
    let node = trie[place]
    let isMember = node.members & source.member != 0
    let own = isMember ? Entry(place: place) : covering
    var peers = peers & (isMember ? node.members : ~node.members)
    let end = LookupTable.end(node)
    addRange(at: node.prefix & 0x3fff, own)
    peers = fill(child: node.zero, of: end, own, peers, source, trie)
    return fill(child: node.one, of: end, own, peers, source, trie)
  }

  /// The same for a node's child, with what follows it up to the node's end.
  private mutating func fill(
    child: Int32, of end: UInt32, _ covering: Entry, _ peers: UInt16, _ source: Source,
    _ trie: borrowing PrefixTrie
  ) -> UInt16 {
    guard child >= 0 else { return peers }
    let peers = fill(child, covering, peers, source, trie)
    let childEnd = LookupTable.end(trie[child])
    if childEnd < end { addRange(at: childEnd, covering) }
    return peers
  }

  /// Where a node's range ends in its slot.
  private static func end(_ node: PrefixTrie.Node) -> UInt32 {
    node.prefix & 0x3fff + 1 << (32 - UInt32(min(node.length, 32)))
  }

  /// From here on up to what is added next, addresses have an entry.
  private mutating func addRange(at start: UInt32, _ entry: Entry) {
    if let last = ranges.indices.last {
      if ranges[last].entry == entry { return }
      if ranges[last].start == UInt16(start) {
        ranges.removeLast()
        return addRange(at: start, entry)
      }
    }
    ranges.append(Range(start: UInt16(start), entry: entry))
  }

  /// Makes the entry for a part of the slot: `bits` of the address after `start`.
  private mutating func build(
    _ part: Swift.Range<Int>, from start: UInt16, bits: UInt16
  ) -> Entry {
    guard part.count > 1 else { return ranges[part.lowerBound].entry }
    guard part.count > LookupCell.mostRanges else { return line(part, from: start) }
    let cell = allocate(.block)
    owners[cell] = 0
    let below = bits - 6
    var first = part.lowerBound
    for number in 0..<64 {
      let from = start + UInt16(number) << below
      let end = UInt32(from) + 1 << UInt32(below)
      while first + 1 < part.upperBound, ranges[first + 1].start <= from { first += 1 }
      var last = first + 1
      while last < part.upperBound, UInt32(ranges[last].start) < end { last += 1 }
      let entry = build(first..<last, from: from, bits: below)
      if !entry.isFinal { owners[cell] |= LookupTable.hasChildren }
      cells.setWord(number, ofRunAt: cell, to: entry.rawValue)
    }
    return Entry(block: cell)
  }

  private mutating func line(_ part: Swift.Range<Int>, from start: UInt16) -> Entry {
    let cell = allocate(.line)
    owners[cell] = 0
    cells[cell] = LookupCell(
      count: part.count,
      start: { ranges[part.lowerBound + $0].start &- start },
      word: { ranges[part.lowerBound + $0].entry.rawValue })
    return Entry(line: cell)
  }
}
