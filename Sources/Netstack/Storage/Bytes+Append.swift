// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

extension [UInt8] {
  /// Adds a copy of these bytes at the end.
  mutating func append(copying bytes: RawSpan) {
    unsafe bytes.withUnsafeBytes { source in
      unsafe source.withMemoryRebound(to: UInt8.self) { unsafe append(contentsOf: $0) }
    }
  }
}

/// Bytes that are added at the end and forgotten all at once; no array, so that nothing counts
/// references.
@safe struct ByteLog: ~Copyable {
  private(set) var count = 0
  private var capacity = 0
  private var base = UnsafeMutableRawPointer.allocate(byteCount: 0, alignment: 16)

  init() {}

  deinit { unsafe base.deallocate() }

  @inline(__always)
  mutating func append(_ bytes: RawSpan) {
    if capacity - count < bytes.byteCount { grow(to: max(2 * capacity, count + bytes.byteCount)) }
    let target = unsafe base + count
    unsafe bytes.withUnsafeBytes { source in
      if let start = source.baseAddress {
        unsafe target.copyMemory(from: start, byteCount: source.count)
      }
    }
    count += bytes.byteCount
  }

  /// A copy of some.
  func array(_ range: Range<Int>) -> [UInt8] {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "bytes that are there")
    return unsafe [UInt8](
      UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
  }

  /// Forgets all, keeping the memory.
  mutating func removeAll() { count = 0 }

  @inline(never)
  private mutating func grow(to newCapacity: Int) {
    let block = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 16)
    unsafe block.copyMemory(from: base, byteCount: count)
    unsafe base.deallocate()
    unsafe base = block
    capacity = newCapacity
  }
}
