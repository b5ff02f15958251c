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

  /// Where a walk down to the slot of an address ended.
  private struct Place: BitwiseCopyable {
    /// The longest prefix of the table that has all of the slot.
    var best = Entry.root
    /// The node of the slot's prefix where it has more inside, or what lies inside; -1 for nothing.
    var below: Int32 = -1
    /// All addresses that have so many bits in common with the slot have what it has.
    var alike = LookupTable.slotBits
    /// Tables that have the same of all prefixes passed.
    var peers: UInt16
  }

  /// Compiles what is unknown of an address and says what is then known.
  @inline(never)
  mutating func compile(
    _ address: UInt32, _ source: Source, _ trie: borrowing PrefixTrie
  ) -> Entry {
    if self[slot: address, source.row] == .unknown { compile(slot: address, source, trie) }
    return entry(address, row: source.row)
  }

  /// Compiles all that is unknown of a row.
  mutating func compileAll(_ source: Source, _ trie: borrowing PrefixTrie) {
    for address in stride(from: 0, through: UInt32.max, by: 1 << 14) {
      if self[slot: address, source.row] == .unknown { compile(slot: address, source, trie) }
    }
  }

  /// Compiles a slot; where there is nothing far and wide, its neighbours too.
  private mutating func compile(
    slot address: UInt32, _ source: Source, _ trie: borrowing PrefixTrie
  ) {
    let place = locate(address, source, trie)
    if place.below < 0 {
      guard place.alike > LookupTable.pageBits else {
        return fillPage(of: address, row: source.row, with: place.best)
      }
      let count: UInt32 = 1 << UInt32(min(LookupTable.slotBits - place.alike, 6))
      let first = address >> 14 & ~(count - 1)
      for number in first..<first + count { self[slot: number << 14, source.row] = place.best }
      return
    }
    ranges.removeAll(keepingCapacity: true)
    addRange(at: 0, place.best)
    let peers = fill(place.below, place.best, place.peers, source, trie)
    let end = LookupTable.end(trie[place.below])
    if end < 1 << 14 { addRange(at: end, place.best) }
    self[slot: address, source.row] =
      sharedSlot(address, peers, source) ?? build(0..<ranges.count, from: 0, bits: 14)
  }

  /// The same slot of another row with the same prefixes, where it is compiled and no single range.
  private func sharedSlot(_ address: UInt32, _ peers: UInt16, _ source: Source) -> Entry? {
    guard source.sharesRows else { return nil }
    var left = peers & ~source.member
    while left != 0 {
      let row = left.trailingZeroBitCount
      guard row < rowCount else { break }
      let entry = self[slot: address, row]
      if !entry.isFinal { return entry }
      left &= left &- 1
    }
    return nil
  }

  /// Walks down to the slot of an address.
  private func locate(
    _ address: UInt32, _ source: Source, _ trie: borrowing PrefixTrie
  ) -> Place {
    let length = LookupTable.slotBits
    var place = Place(peers: source.sharesRows ? .max : source.member)
    var next = source.root
    while next >= 0 {
      let node = trie[next]
      let agreement = (node.prefix ^ address).leadingZeroBitCount
      if agreement < min(node.length, length) {
        place.alike = UInt8(agreement) + 1
        break
      }
      if node.length > length || (node.length == length && node.hasChildren) {
        place.below = next
        break
      }
      if next != source.root {
        let isMember = node.members & source.member != 0
        place.peers &= isMember ? node.members : ~node.members
        if isMember { place.best = Entry(place: next) }
      }
      place.alike = min(node.length + 1, length)
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
    let below = max(bits, 6) - 6
    var starts: UInt64 = 0
    var words = InlineArray<64, UInt32>(repeating: 0)
    var (number, count, first): (UInt16, Int, Int) = (0, 0, part.lowerBound)
    while number < 1 << (bits - below) {
      let from = start + number << below
      var last = first + 1
      while last < part.upperBound, ranges[last].start < from + 1 << below { last += 1 }
      starts |= 1 << UInt64(number)
      words[count] = build(first..<last, from: from, bits: below).rawValue
      count += 1
      if last - first > 1 {
        number += 1
      } else {
        // One range goes on up to the part where the next one starts.
        guard last < part.upperBound else { break }
        number = (ranges[last].start - start) >> below
      }
      let isNew = last < part.upperBound && ranges[last].start == start + number << below
      first = isNew ? last : last - 1
    }
    return makeRun(starts: starts, words: words)
  }
}
