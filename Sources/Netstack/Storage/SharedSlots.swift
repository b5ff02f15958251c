// SPDX-License-Identifier: BSD-2-Clause

/// A table whose entries keep their place, as `Slots`, in pages that its copies share.
package struct SharedSlots<Element: BitwiseCopyable>: ~Copyable {
  private var storage: SharedPages<Element>
  private var free: SharedPages<Int32>

  package init() {
    storage = SharedPages()
    free = SharedPages()
  }

  private init(copying other: borrowing SharedSlots) {
    storage = other.storage.clone()
    free = other.free.clone()
  }

  package func clone() -> SharedSlots { SharedSlots(copying: self) }

  /// Whether no entry of either was written since one was made of the other.
  @inline(__always)
  package func sharesPages(with other: borrowing SharedSlots) -> Bool {
    storage.sharesPages(with: other.storage)
  }

  /// Entries in use.
  package var count: Int { storage.count - free.count }

  /// Entries in use and free places.
  package var places: Int { storage.count }

  /// Puts an entry into a free place and returns its number.
  package mutating func insert(_ element: Element) -> Int32 {
    if let index = free.popLast() {
      storage[Int(index)] = element
      return index
    }
    storage.append(element)
    return Int32(storage.count - 1)
  }

  /// Gives a place back; what it had can be read until it is used again.
  package mutating func remove(_ index: Int32) { free.append(index) }

  /// Takes out the entries that a test picks, which is asked for free places, too; those with the
  /// lowest numbers are used again first.
  mutating func removeAll(where isGone: (Int32, Element) -> Bool) {
    free.removeAll()
    for index in (0..<Int32(storage.count)).reversed() where isGone(index, self[index]) {
      free.append(index)
    }
  }

  /// Takes all entries out.
  package mutating func removeAll() {
    storage.removeAll()
    free.removeAll()
  }

  package subscript(index: Int32) -> Element {
    @inline(__always) get { storage[Int(index)] }
    @inline(__always) _modify { yield &storage[Int(index)] }
  }

  /// Has an entry that will be read soon brought near, if there is one.
  @inline(__always)
  package func prefetch(_ index: Int32) { storage.prefetch(Int(index)) }

  /// Bytes, whoever shares them.
  package var bytes: Int { storage.bytes + free.bytes }
}

extension StateHasher {
  /// Of numbers of which most are 0 the others, so that one that was never written is a 0.
  mutating func combine<Element: FixedWidthInteger & BitwiseCopyable>(
    _ numbers: borrowing SharedPages<Element>
  ) {
    for index in 0..<numbers.count where numbers.value(at: index) != 0 {
      combine(bits: UInt64(index))
      combine(bits: UInt64(truncatingIfNeeded: numbers.value(at: index)))
    }
    combine(bits: .max)
  }
}

extension SharedPages: StateHashable {
  func hash(into hasher: inout StateHasher) {
    hasher.combine(count)
    let isOwn = Element.self is any StateHashable.Type
    for index in 0..<count { hasher.combine(plain: self[index], isOwn: isOwn) }
  }
}

extension SharedSlots: StateHashable {
  func hash(into hasher: inout StateHasher) {
    hasher.combine(storage)
    hasher.combine(free)
  }
}
