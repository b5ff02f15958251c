// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The longest matches of tries, compiled for look-ups: an array of 8 bits of the address, then of
/// 10, 6, 6 and 2. Where nine ranges are enough they stand in a line instead of further arrays.
///
/// It is compiled slot by slot (18 bits of the address) when somebody asks for one, and a change
/// only forgets the slots that it may concern. So what is not asked for takes no memory and no time;
/// whoever may not change the table asks the trie for a slot that is not compiled. Nothing of it is
/// state: it can be forgotten at any time.
///
/// Arrays are whole, not compressed by bit vectors: a look-up then counts no bits, for which the
/// x86-64 that Swift packages are built for has no instruction.
struct LookupTable: ~Copyable {
  /// A word of an array: what is known of a range of addresses.
  struct Entry: Equatable, BitwiseCopyable {
    let rawValue: UInt32

    /// Not compiled.
    static let unknown = Entry(rawValue: 0)
    /// No prefix but perhaps the root's, which is never compiled: a default route changes often.
    static let root = Entry(rawValue: 1)

    @inline(__always) init(rawValue: UInt32) { self.rawValue = rawValue }
    /// The node of a trie.
    init(place: Int32) { rawValue = UInt32(place) + 2 }
    init(line: Int) { rawValue = 0x8000_0000 | UInt32(line) }
    init(block: Int) { rawValue = 0xc000_0000 | UInt32(block) }

    /// The trie's node, where it is neither unknown nor the root.
    @inline(__always) var place: Int32 { Int32(bitPattern: rawValue &- 2) }
    /// It says all for its range.
    @inline(__always) var isFinal: Bool { rawValue < 0x8000_0000 }
    @inline(__always) var isBlock: Bool { rawValue >= 0xc000_0000 }
    @inline(__always) var cell: Int { Int(rawValue & 0x3fff_ffff) }
  }

  /// A range of a slot: up to the next one all addresses have this entry.
  struct Range: BitwiseCopyable {
    var start: UInt16
    var entry: Entry
  }

  /// Runs of cells: an array of 1,024 words, one of 64, and a line.
  enum Run: Int {
    case page, block, line

    var cells: Int {
      switch self {
      case .page: 64
      case .block: 4
      case .line: 1
      }
    }
  }

  private let pin = Pin()
  /// 256 words for each row: what each first byte leads to.
  var tops: UniqueArray<UInt32>
  var cells = SharedPages<LookupCell>()
  /// By the first cell of a line or block that slots lead to: how many do, and whether a block has
  /// more than final entries.
  var owners = SharedPages<UInt32>()
  static let hasChildren: UInt32 = 0x8000_0000
  /// Free runs by kind, chained by their first words.
  private var free = InlineArray<3, UInt32>(repeating: noCell)
  private static let noCell: UInt32 = .max
  /// The ranges of the slot that is being compiled.
  var ranges = UniqueArray<Range>()

  init(rows: Int) {
    tops = UniqueArray(repeating: 0, count: rows * 256)
    // A line that is nobody's.
    _ = allocate(.line)
  }

  private init(copying other: borrowing LookupTable) {
    tops = other.tops.clone()
    cells = other.cells.clone()
    owners = other.owners.clone()
    free = other.free
  }

  func clone() -> LookupTable { LookupTable(copying: self) }

  /// Bytes, whoever shares them.
  var bytes: Int { tops.capacity * 4 + cells.bytes + owners.bytes }

  /// Makes one more row and returns its number.
  mutating func addRow() -> Int {
    for _ in 0..<256 { tops.append(0) }
    return tops.count / 256 - 1
  }

  /// What is known of an address.
  @inline(__always)
  func entry(_ address: UInt32, row: Int) -> Entry {
    let top = Entry(rawValue: tops[row << 8 | Int(address >> 24)])
    if top.isFinal { return top }
    let slot = word(Int(address >> 14 & 0x3ff), top)
    if slot.isBlock {
      let middle = word(Int(address >> 8 & 0x3f), slot)
      if middle.isFinal { return middle }
      guard middle.isBlock else { return range(address & 0xff, middle) }
      let last = word(Int(address >> 2 & 0x3f), middle)
      return last.isFinal ? last : range(address & 3, last)
    }
    // What a load from far away brings is a bad thing to guess a branch from: without a line a line
    // is searched in vain.
    let isLine = !slot.isFinal
    let found = range(address & 0x3fff, isLine ? slot : Entry(line: 0))
    return isLine ? found : slot
  }

  @inline(__always)
  func word(_ number: Int, _ array: Entry) -> Entry {
    Entry(rawValue: cells.word(number, ofRunAt: array.cell))
  }

  @inline(__always)
  private func range(_ key: UInt32, _ line: Entry) -> Entry {
    Entry(rawValue: cells.range(of: key, inLineAt: line.cell))
  }

  // MARK: Forgetting

  /// Forgets what depends on whether a table has a prefix.
  mutating func forget(_ prefix: UInt32, length: UInt8, row: Int) {
    guard length > 0 else { return }
    let first = row << 8 | Int(prefix >> 24)
    guard length > 8 else {
      for top in first..<first + 1 << (8 - Int(length)) where tops[top] != 0 { forget(top: top) }
      return
    }
    let top = Entry(rawValue: tops[first])
    guard top.isBlock else { return tops[first] = 0 }
    let slot = Int(prefix >> 14 & 0x3ff)
    for number in slot..<slot + 1 << max(18 - Int(length), 0) { forget(slot: number, top) }
  }

  /// Forgets a row.
  mutating func forget(row: Int) {
    for top in row << 8..<(row + 1) << 8 where tops[top] != 0 { forget(top: top) }
  }

  private mutating func forget(top: Int) {
    let entry = Entry(rawValue: tops[top])
    tops[top] = 0
    guard entry.isBlock else { return }
    for slot in 0..<1024 { forget(slot: slot, entry) }
    release(entry.cell, .page)
  }

  private mutating func forget(slot: Int, _ top: Entry) {
    let entry = word(slot, top)
    guard entry != .unknown else { return }
    cells.setWord(slot, ofRunAt: top.cell, to: 0)
    guard !entry.isFinal else { return }
    owners[entry.cell] -= 1
    if owners[entry.cell] & ~LookupTable.hasChildren == 0 { destroy(entry) }
  }

  /// Frees a line or a block with all below it.
  private mutating func destroy(_ entry: Entry) {
    guard entry.isBlock else { return release(entry.cell, .line) }
    if owners[entry.cell] & LookupTable.hasChildren != 0 {
      for number in 0..<64 {
        let child = word(number, entry)
        if !child.isFinal { destroy(child) }
      }
    }
    release(entry.cell, .block)
  }

  private mutating func release(_ cell: Int, _ run: Run) {
    cells.setWord(0, ofRunAt: cell, to: free[run.rawValue])
    free[run.rawValue] = UInt32(cell)
  }

  /// A run of cells, cut off a larger one where none is free. What it had is still in it.
  mutating func allocate(_ run: Run) -> Int {
    let first = free[run.rawValue]
    if first != LookupTable.noCell {
      free[run.rawValue] = cells.word(0, ofRunAt: Int(first))
      return Int(first)
    }
    guard let larger = Run(rawValue: run.rawValue - 1) else {
      cells.grow(to: cells.count + run.cells)
      owners.grow(to: cells.count)
      return cells.count - run.cells
    }
    let whole = allocate(larger)
    for part in stride(from: whole + larger.cells - run.cells, to: whole, by: -run.cells) {
      release(part, run)
    }
    return whole
  }
}
