// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// Equal buffers in one block of memory, with a list of the free ones.
@safe struct PacketPool: ~Copyable, StateHashable {
  private let stride: Int
  private var capacity = 0
  private var free = UniqueArray<Int32>()
  /// How much of each buffer its packets may fill, as it was taken last.
  private var extents = UniqueArray<UInt32>()
  private(set) var base: UnsafeMutableRawPointer

  init(stride: Int) {
    self.stride = stride
    unsafe base = UnsafeMutableRawPointer.allocate(byteCount: 0, alignment: 16)
  }

  deinit { unsafe base.deallocate() }

  var inUse: Int { capacity - free.count }
  var unused: Int { free.count }

  /// Takes a buffer for `extent` bytes.
  mutating func take(_ extent: Int) -> Int {
    if let index = free.popLast() {
      extents[Int(index)] = UInt32(extent)
      return Int(index)
    }
    grow(to: max(16, capacity * 2))
    return take(extent)
  }

  /// The buffers that are taken next; there are two.
  @inline(__always)
  var nextTwo: (Int, Int) { (Int(free[free.count - 1]), Int(free[free.count - 2])) }

  /// Has them taken in the other order.
  @inline(__always)
  mutating func swapNextTwo() { free.swapAt(free.count - 1, free.count - 2) }

  /// The buffer that is taken next, if there is one.
  var next: Int? { free.isEmpty ? nil : Int(free[free.count - 1]) }

  /// What a buffer has in it, for tests: also what is given back already.
  func remains(of buffer: Int, upTo end: Int) -> [UInt8] {
    precondition(buffer >= 0 && buffer < capacity && end >= 0 && end <= stride, "a buffer's bytes")
    return unsafe [UInt8](UnsafeRawBufferPointer(start: base + buffer * stride, count: end))
  }

  mutating func give(_ index: Int) { free.append(Int32(index)) }

  /// What is in use: each buffer as far as its packets go, and the room in front of them, which is 0
  /// where nothing was ever written. Behind them is what others have left.
  func hash(into hasher: inout StateHasher) {
    hasher.combine(free)
    var isUsed = [Bool](repeating: true, count: capacity)
    for place in 0..<free.count { isUsed[Int(free[place])] = false }
    for index in isUsed.indices where isUsed[index] {
      let buffer = unsafe UnsafeRawBufferPointer(
        start: base + index * stride, count: Int(extents[index]))
      unsafe hasher.combine(bytes: buffer)
    }
  }

  func clone() -> PacketPool {
    var copy = PacketPool(stride: stride)
    copy.grow(to: capacity)
    unsafe copy.base.copyMemory(from: base, byteCount: capacity * stride)
    copy.free = free.clone()
    copy.extents = extents.clone()  // No state: what a buffer had is asked while it is in use.
    return copy
  }

  private mutating func grow(to newCapacity: Int) {
    let block = UnsafeMutableRawPointer.allocate(byteCount: newCapacity * stride, alignment: 16)
    unsafe block.copyMemory(from: base, byteCount: capacity * stride)
    unsafe (block + capacity * stride).initializeMemory(
      as: UInt8.self, repeating: 0, count: (newCapacity - capacity) * stride)
    unsafe base.deallocate()
    unsafe base = block
    // The last one listed is taken first: low numbers first.
    for index in (capacity..<newCapacity).reversed() { free.append(Int32(index)) }
    while extents.count < newCapacity { extents.append(0) }
    capacity = newCapacity
  }
}
