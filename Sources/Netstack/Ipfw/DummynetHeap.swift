// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// A moment of dummynet's clock, or a virtual time of its scheduler (`dn_key`); it may wrap.
typealias DummynetKey = UInt64

/// A heap of queues or pipes, the least key on top (`struct dn_heap`, netinet/ip_dummynet.h).
///
/// Which of several equal keys comes first is part of the model: it follows from the order of the
/// swaps, which is the original's.
struct DummynetHeap: ~Copyable, StateHashable {
  struct Entry: BitwiseCopyable {
    var key: DummynetKey
    /// A place in the table of queues, or of pipes.
    var object: Int32
  }

  private(set) var entries = UniqueArray<Entry>()
  /// The room that the original would have made, which two sysctls show (`size`).
  private(set) var size: Int32 = 0
  /// Whether the queues know their place, so that one can be taken from the middle (`offset`).
  let isIndexed: Bool

  init(isIndexed: Bool = false) { self.isIndexed = isIndexed }

  var isEmpty: Bool { entries.isEmpty }
  var count: Int { entries.count }
  /// The entry with the least key, if any.
  var top: Entry? { entries.isEmpty ? nil : entries[0] }

  /// Whether the top is due by then.
  func isDue(_ key: DummynetKey) -> Bool { !isEmpty && entries[0].key.isAtMost(key) }

  /// Puts an object in (`heap_insert`).
  mutating func insert(
    _ key: DummynetKey, _ object: Int32, _ queues: inout Slots<DummynetQueue>
  ) {
    if entries.count == Int(size) { size += DummynetHeap.increment }
    entries.append(Entry(key: key, object: object))
    bubbleUp(from: entries.count - 1, &queues)
  }

  /// Takes the top out (`heap_extract` without an object).
  mutating func removeTop(_ queues: inout Slots<DummynetQueue>) {
    if !isEmpty { remove(at: 0, &queues) }
  }

  /// Takes a queue out of the middle, if it is there (`heap_extract` with an object).
  mutating func remove(_ queue: Int32, _ queues: inout Slots<DummynetQueue>) {
    let place = Int(queues[queue].heapPosition)
    guard place >= 0, place < entries.count, entries[place].object == queue else { return }
    remove(at: place, &queues)
  }

  /// Takes the queues of a flow set out (`fs_remove_from_heap`).
  mutating func removeAll(of flowSet: Int32, _ queues: inout Slots<DummynetQueue>) {
    removeAll(&queues) { object, queues in queues[object].flowSet == flowSet }
  }

  /// Takes a pipe out (`pipe_remove_from_heap`).
  mutating func removeAll(ofPipe pipe: Int32, _ queues: inout Slots<DummynetQueue>) {
    removeAll(&queues) { object, _ in object == pipe }
  }

  /// Takes everything out, but keeps the room.
  mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

  /// Gives the room back (`heap_free`).
  mutating func free() {
    removeAll()
    size = 0
  }

  func clone() -> DummynetHeap {
    var copy = DummynetHeap(isIndexed: isIndexed)
    copy.entries = entries.clone()
    copy.size = size
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(entries)
    hasher.combine(size)
    hasher.combine(isIndexed)
  }

  private mutating func removeAll(
    _ queues: inout Slots<DummynetQueue>,
    where isMeant: (Int32, borrowing Slots<DummynetQueue>) -> Bool
  ) {
    var (place, isFound) = (0, false)
    while place < entries.count {
      if isMeant(entries[place].object, queues) {
        entries[place] = entries[entries.count - 1]
        _ = entries.popLast()
        isFound = true
      } else {
        place += 1
      }
    }
    guard isFound else { return }
    for place in 0..<entries.count { bubbleUp(from: place, &queues) }
  }

  /// Closes the hole by the lesser children, and fills what is left with the last entry.
  private mutating func remove(at place: Int, _ queues: inout Slots<DummynetQueue>) {
    let last = entries.count - 1
    if isIndexed { queues[entries[place].object].heapPosition = -1 }
    var father = place
    var child = 2 * father + 1
    while child <= last {
      if child != last, entries[child + 1].key.isBefore(entries[child].key) { child += 1 }
      entries[father] = entries[child]
      note(father, &queues)
      father = child
      child = 2 * child + 1
    }
    if father != last {
      entries[father] = entries[last]
      _ = entries.popLast()
      bubbleUp(from: father, &queues)
    } else {
      _ = entries.popLast()
    }
  }

  private mutating func bubbleUp(from place: Int, _ queues: inout Slots<DummynetQueue>) {
    var son = place
    while son > 0 {
      let father = (son - 1) / 2
      if entries[father].key.isBefore(entries[son].key) { break }
      entries.swapAt(son, father)
      note(son, &queues)
      son = father
    }
    note(son, &queues)
  }

  @inline(__always)
  private func note(_ place: Int, _ queues: inout Slots<DummynetQueue>) {
    if isIndexed { queues[entries[place].object].heapPosition = Int32(place) }
  }

  /// `HEAP_INCREMENT` and one.
  private static let increment: Int32 = 16
}

/// Keys are compared by their difference, as they may wrap.
extension DummynetKey {
  /// `DN_KEY_LT`.
  @inline(__always)
  func isBefore(_ other: DummynetKey) -> Bool { Int64(bitPattern: self &- other) < 0 }

  /// `DN_KEY_LEQ`.
  @inline(__always)
  func isAtMost(_ other: DummynetKey) -> Bool { Int64(bitPattern: self &- other) <= 0 }

  /// `MAX64`.
  @inline(__always)
  func later(_ other: DummynetKey) -> DummynetKey { isBefore(other) ? other : self }
}
