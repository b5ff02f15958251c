// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The longest matches of tries, compiled for look-ups: a word for the first 18 bits of the address,
/// then runs of cells for 6, 6 and 2 bits, where longer prefixes make them necessary.
///
/// It is compiled slot by slot (18 bits of the address) when somebody asks for one, and a change
/// only forgets the slots that it may concern. So what is not asked for takes no memory and no time;
/// whoever may not change the table asks the trie for a slot that is not compiled. Nothing of it is
/// state: it can be forgotten at any time.
struct LookupTable: ~Copyable {
  /// What is known of a range of addresses.
  struct Entry: Equatable, BitwiseCopyable {
    let rawValue: UInt32

    /// Not compiled.
    static let unknown = Entry(rawValue: 0)
    /// No prefix but perhaps the root's, which is never compiled: a default route changes often. Where
    /// a trie has one root, it is that node.
    static let root = Entry(place: 0)

    @inline(__always) init(rawValue: UInt32) { self.rawValue = rawValue }
    /// The node of a trie.
    init(place: Int32) { rawValue = UInt32(place) + 1 }
    init(cell: Int) { rawValue = 0x8000_0000 | UInt32(cell) }

    /// The trie's node; -1 where nothing is known.
    @inline(__always) var place: Int32 { Int32(bitPattern: rawValue &- 1) }
    /// It says all for its range.
    @inline(__always) var isFinal: Bool { rawValue < 0x8000_0000 }
    /// The run that says more; where it says all, the first one, which says 0 of everything.
    @inline(__always) var cell: Int { Int(rawValue & 0x7fff_ffff & ~finalBits) }
    /// The value where it says all, or 0.
    @inline(__always) var finalValue: UInt32 { rawValue & finalBits }
    /// All bits where it says all, or none.
    @inline(__always) private var finalBits: UInt32 {
      ~UInt32(bitPattern: Int32(bitPattern: rawValue) >> 31)
    }
  }

  /// A range of a slot: up to the next one all addresses have this entry.
  struct Range: BitwiseCopyable {
    var start: UInt16
    var entry: Entry
  }

  /// Bits of an address that number its slot, and those that number a page of slots.
  static let slotBits: UInt8 = 18
  static let pageBits: UInt8 = 8
  private static let pageSize = SharedPages<UInt32>.pageSize

  /// The slots of a trie.
  struct Row: ~Copyable {
    /// A word for each slot; those of pages that are not there are unknown.
    var slots = SharedPages<UInt32>()
    /// A slot of a page that said the same of all its slots when it was made; others that say so, too,
    /// are the same page. So a small table has a small part of the processor's caches.
    var plain: Int?

    init() { slots.grow(to: 1 << 18) }

    private init(copying other: borrowing Row) {
      slots = other.slots.clone()
      plain = other.plain
    }

    func clone() -> Row { Row(copying: self) }

    func isPage(of slot: Int, all entry: Entry) -> Bool {
      guard slots.hasPage(of: slot) else { return false }
      for slot in slot..<slot + LookupTable.pageSize where slots[slot] != entry.rawValue {
        return false
      }
      return true
    }
  }

  private let pin = Pin()
  private var rows = UniqueArray<Row>()
  private var cells = SharedPages<LookupCell>()
  /// By the first cell of a run that slots lead to: how many do.
  private var owners = SharedPages<UInt8>()
  /// Free runs by length, chained by their first words; the last one is 0, a cell that stays.
  private var free = InlineArray<18, UInt32>(repeating: 0)
  /// The ranges of the slot that is being compiled.
  var ranges = UniqueArray<Range>()

  init(rows: Int) {
    for _ in 0..<rows { _ = addRow() }
    // Whatever is searched in the first run is unknown.
    cells.grow(to: 1)
    cells.writeRun(at: 0, starts: 1, words: InlineArray(repeating: 0))
  }

  private init(copying other: borrowing LookupTable) {
    for row in 0..<other.rows.count { rows.append(other.rows[row].clone()) }
    cells = other.cells.clone()
    owners = other.owners.clone()
    free = other.free
  }

  func clone() -> LookupTable { LookupTable(copying: self) }

  /// Bytes, whoever shares them.
  var bytes: Int {
    var sum = cells.bytes + owners.bytes
    for row in 0..<rows.count { sum += rows[row].slots.bytes }
    return sum
  }

  var rowCount: Int { rows.count }

  /// Makes one more row and returns its number.
  mutating func addRow() -> Int {
    rows.append(Row())
    return rows.count - 1
  }

  /// What is known of an address.
  @inline(__always)
  func entry(_ address: UInt32, row: Int) -> Entry {
    let slot = self[slot: address, row]
    if slot.isFinal { return slot }
    let entry = part(address >> 8, of: slot)
    return entry.isFinal ? entry : inner(address, entry)
  }

  /// The same of 32 addresses, each asked for by its number. They wait for memory together, first
  /// for their slots, then for what the slots lead to.
  @inline(__always)
  func entriesTogether(
    row: Int, _ address: (Int) -> UInt32, _ take: (_ number: Int, _ entry: Entry) -> Void
  ) {
    // What a load from far away brings is a bad thing to guess a branch from: where the slot says all,
    // the first run is searched in vain.
    cells.wordsTogether(
      run: { number in
        let slot = self[slot: address(number), row]
        return (slot.cell, slot.finalValue)
      }, part: { address($0) >> 8 }
    ) { number, word in
      let entry = Entry(rawValue: word)
      take(number, entry.isFinal ? entry : inner(address(number), entry))
    }
  }

  /// The same below the first 24 bits, where few prefixes are.
  @inline(never)
  private func inner(_ address: UInt32, _ outer: Entry) -> Entry {
    let entry = part(address >> 2, of: outer)
    return entry.isFinal ? entry : part(address & 3, of: entry)
  }

  @inline(__always)
  private func part(_ number: UInt32, of run: Entry) -> Entry {
    Entry(rawValue: cells.word(ofPart: number, inRunAt: run.cell))
  }

  /// The slot of an address in a row.
  subscript(slot address: UInt32, row: Int) -> Entry {
    @inline(__always) get {
      Entry(rawValue: rows[row].slots.knownValue(at: Int(address >> 14)))
    }
    set {
      if !newValue.isFinal { owners[newValue.cell] += 1 }
      rows[row].slots.set(newValue.rawValue, at: Int(address >> 14))
    }
  }

  /// Sets all slots of the page of an address, of which none leads to a run, to the same entry.
  mutating func fillPage(of address: UInt32, row: Int, with entry: Entry) {
    let first = Int(address >> 14) & ~(LookupTable.pageSize - 1)
    if let plain = rows[row].plain, rows[row].isPage(of: plain, all: entry) {
      rows[row].slots.sharePage(of: first, with: plain)
    } else {
      for slot in first..<first + LookupTable.pageSize {
        rows[row].slots[slot] = entry.rawValue
      }
      rows[row].plain = first
    }
  }

  // MARK: Forgetting

  /// Forgets what depends on whether a table has a prefix.
  mutating func forget(_ prefix: UInt32, length: UInt8, row: Int) {
    guard length > 0 else { return }
    let first = Int(prefix >> 14)
    forget(first..<first + 1 << max(18 - Int(length), 0), row)
  }

  /// Forgets a row.
  mutating func forget(row: Int) { forget(0..<1 << 18, row) }

  private mutating func forget(_ range: Swift.Range<Int>, _ row: Int) {
    var first = range.lowerBound
    while first < range.upperBound {
      let end = min((first | (LookupTable.pageSize - 1)) + 1, range.upperBound)
      if rows[row].slots.hasPage(of: first) {
        let isWhole = end - first == LookupTable.pageSize
        for slot in first..<end {
          let entry = Entry(rawValue: rows[row].slots[slot])
          if !entry.isFinal { disown(entry) }
          if !isWhole, entry != .unknown { rows[row].slots[slot] = 0 }
        }
        if isWhole { rows[row].slots.forgetPage(of: first) }
      }
      first = end
    }
  }

  private mutating func disown(_ entry: Entry) {
    owners[entry.cell] -= 1
    if owners[entry.cell] == 0 { release(entry) }
  }

  // MARK: Runs

  /// Makes a run.
  mutating func makeRun(starts: UInt64, words: borrowing InlineArray<64, UInt32>) -> Entry {
    let cell = allocate(LookupCell.cells(words: starts.nonzeroBitCount))
    cells.writeRun(at: cell, starts: starts, words: words)
    owners[cell] = 0
    return Entry(cell: cell)
  }

  /// Frees a run with all below it.
  private mutating func release(_ run: Entry) {
    let count = cells.words(inRunAt: run.cell)
    for number in 0..<count {
      let entry = Entry(rawValue: cells.word(number, inRunAt: run.cell))
      if !entry.isFinal { release(entry) }
    }
    release(run.cell, LookupCell.cells(words: count))
  }

  private mutating func release(_ cell: Int, _ length: Int) {
    cells[cell].words[0] = free[length]
    free[length] = UInt32(cell)
  }

  /// So many cells in one page. What they had is still in them.
  private mutating func allocate(_ length: Int) -> Int {
    let cell = Int(free[length])
    if cell > 0 {
      free[length] = cells[cell].words[0]
      return cell
    }
    let left = -cells.count & (SharedPages<LookupCell>.pageSize - 1)
    if left < length, left > 0 {
      let rest = cells.count
      cells.grow(to: rest + left)
      release(rest, left)
    }
    cells.grow(to: cells.count + length)
    owners.grow(to: cells.count)
    return cells.count - length
  }
}
