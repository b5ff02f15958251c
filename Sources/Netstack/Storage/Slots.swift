// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// A table whose entries keep their place: freed places are used again, lowest first to last freed.
///
/// Indices are typed by the owner; nothing here moves an entry, so an index is as good as a pointer
/// until its entry is removed.
package struct Slots<Element: BitwiseCopyable>: ~Copyable, StateHashable {
  private var storage = UniqueArray<Element>()
  private var free = UniqueArray<Int32>()

  package init() {}

  /// Entries in use.
  package var count: Int { storage.count - free.count }

  /// Puts an entry into a free place and returns its number.
  package mutating func insert(_ element: Element) -> Int32 {
    if let index = free.popLast() {
      storage[Int(index)] = element
      return index
    }
    storage.append(element)
    return Int32(storage.count - 1)
  }

  /// Gives a place back. The owner must hold no more links to it.
  package mutating func remove(_ index: Int32) { free.append(index) }

  package subscript(index: Int32) -> Element {
    @inline(__always) _read { yield storage[Int(index)] }
    @inline(__always) _modify { yield &storage[Int(index)] }
  }

  /// Changes entries wherever they are; free places hold old ones, which may be changed too.
  package mutating func updateAll(_ body: (inout Element) -> Void) {
    for index in storage.indices { body(&storage[index]) }
  }

  package func clone() -> Slots {
    var copy = Slots()
    copy.storage = storage.clone()
    copy.free = free.clone()
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(storage)
    hasher.combine(free)
  }
}
