// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// Sums a state up in 64 bits (FNV-1a over words, mixed): the same for the same state in every
/// process and on every machine, as no address, no seed and no padding goes into it.
struct StateHasher {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

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

  mutating func combine<Element: FixedWidthInteger>(
    _ array: borrowing UniqueArray<Element>
  ) {
    combine(bits: UInt64(array.count))
    for place in 0..<array.count { combine(bits: UInt64(truncatingIfNeeded: array[place])) }
  }

  mutating func combine<let count: Int, Element: FixedWidthInteger>(
    _ array: InlineArray<count, Element>
  ) {
    for place in array.indices { combine(bits: UInt64(truncatingIfNeeded: array[place])) }
  }

  /// Plain data: every stored property, whatever there is, so that none can be forgotten.
  mutating func combine<Value>(_ value: Value) {
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
        one.combine(child.value)
        sum &+= one.value
      }
      return combine(bits: sum)
    }
    if mirror.displayStyle == .enum {
      let name = mirror.children.first.map { $0.label ?? "" } ?? "\(value)"
      combine(bytes: name.utf8)
    }
    for child in mirror.children { combine(child.value) }
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
    hasher.combine(self)
    return hasher.value
  }
}
