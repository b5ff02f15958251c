// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Synchronization

/// Sums a state up in 64 bits (FNV-1a over words, mixed): the same for the same state in every
/// process and on every machine, as no address, no seed and no padding goes into it.
struct StateHasher {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325
  /// What is known of plain values.
  fileprivate var memo = StateMemo()

  mutating func combine(bits: UInt64) {
    value = (value ^ bits) &* 0x0000_0100_0000_01b3
    value ^= value >> 29
  }

  mutating func combine(bytes text: some Sequence<UInt8>) {
    var count: UInt64 = 0
    for byte in text {
      combine(bits: UInt64(byte))
      count += 1
    }
    combine(bits: count)
  }

  /// A table that says itself what it has.
  mutating func combine<Value: StateHashable & ~Copyable>(_ value: borrowing Value) {
    value.hash(into: &self)
  }

  mutating func combine<Element>(_ array: borrowing UniqueArray<Element>) {
    combine(bits: UInt64(array.count))
    for place in 0..<array.count { combine(array[place]) }
  }

  mutating func combine<Element: BitwiseCopyable>(_ array: borrowing UniqueArray<Element>) {
    combine(bits: UInt64(array.count))
    let isOwn = Element.self is any StateHashable.Type
    for place in 0..<array.count { combine(plain: array[place], isOwn: isOwn) }
  }

  mutating func combine<Element: FixedWidthInteger & BitwiseCopyable>(
    _ array: borrowing UniqueArray<Element>
  ) {
    combine(bits: UInt64(array.count))
    for place in 0..<array.count { combine(bits: UInt64(truncatingIfNeeded: array[place])) }
  }

  mutating func combine<Element: RawRepresentable>(_ array: [Element])
  where Element.RawValue: FixedWidthInteger {
    combine(bits: UInt64(array.count))
    for element in array { combine(bits: UInt64(truncatingIfNeeded: element.rawValue)) }
  }

  mutating func combine<let count: Int, Element: FixedWidthInteger & BitwiseCopyable>(
    _ array: InlineArray<count, Element>
  ) {
    for place in array.indices { combine(bits: UInt64(truncatingIfNeeded: array[place])) }
  }

  mutating func combine<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
    combine(bits: UInt64(truncatingIfNeeded: value))
  }

  mutating func combine<Value: StateHashable & BitwiseCopyable>(_ value: Value) {
    value.hash(into: &self)
  }

  mutating func combine(_ value: Bool) { combine(bits: value ? 1 : 0) }

  mutating func combine<Value: BitwiseCopyable>(_ value: Value) {
    combine(plain: value, isOwn: Value.self is any StateHashable.Type)
  }

  /// Plain data by its digest.
  ///
  /// - Parameter isOwn: Its type says itself what it has, and fast.
  mutating func combine<Value: BitwiseCopyable>(plain value: Value, isOwn: Bool) {
    if isOwn { return combine(any: value) }
    let digest = memo.digest(of: value) { value in
      var one = StateHasher()
      one.combine(any: value)
      return one.value
    }
    combine(bits: digest)
  }

  /// Data of any kind.
  mutating func combine<Value>(_ value: Value) { combine(any: value) }

  /// Plain data: every stored property, whatever there is, so that none can be forgotten.
  private mutating func combine<Value>(any value: Value) {
    switch value {
    case let value as any StateHashable: value.hash(into: &self)
    case let value as any FixedWidthInteger: combine(bits: UInt64(truncatingIfNeeded: value))
    case let value as String: combine(bytes: value.utf8)
    case let value as Bool: combine(bits: value ? 1 : 0)
    case let value as Double: combine(bits: value.bitPattern)
    default: combine(parts: value)
    }
  }

  private mutating func combine(parts value: Any) {
    let mirror = Mirror(reflecting: value)
    combine(bits: UInt64(mirror.children.count))
    if mirror.displayStyle == .set || mirror.displayStyle == .dictionary {
      // Their order is not part of the state.
      var sum: UInt64 = 0
      for child in mirror.children {
        var one = StateHasher()
        one.combine(any: child.value)
        sum &+= one.value
      }
      return combine(bits: sum)
    }
    if mirror.displayStyle == .enum {
      let name = mirror.children.first.map { $0.label ?? "" } ?? "\(value)"
      combine(bytes: name.utf8)
    }
    for child in mirror.children { combine(any: child.value) }
  }
}

/// What is part of the state and cannot be looked into by reflection.
protocol StateHashable: ~Copyable {
  func hash(into hasher: inout StateHasher)
}

extension Kernel {
  /// One number for the whole state: every table, counter, sysctl, packet and timer.
  package func stateHash() -> UInt64 {
    var hasher = StateHasher()
    memo.withLock { swap(&$0, &hasher.memo) }
    hasher.combine(self)
    memo.withLock { swap(&$0, &hasher.memo) }
    return hasher.value
  }
}
