// SPDX-License-Identifier: BSD-2-Clause

/// The fields of one counter structure, as an enum whose cases stand in print or structure order.
package protocol CounterName: RawRepresentable<UInt8>, CaseIterable, BitwiseCopyable, Sendable {
  /// The name of the block: what `netstat -s` prints before the colon.
  static var block: String { get }

  /// What the C structure's field name begins with, such as `ips_`.
  var prefix: String { get }
}

extension CounterName {
  /// The field's name in C, such as `ips_total` or `tcps_sc_added`.
  package var field: String {
    var field = prefix
    for character in "\(self)" {
      if character.isUppercase { field += "_" }
      field += character.lowercased()
    }
    return field
  }
}

/// A set of counters that can be listed, compared and cleared whatever protocol it belongs to.
package protocol StatisticsBlock: Sendable {
  init()

  /// The name of the block: what `netstat -s` prints before the colon.
  static var name: String { get }

  /// Every field with its value, in the order of the C structure.
  var fields: [(name: String, value: UInt64)] { get }
}

extension StatisticsBlock {
  /// The fields that differ from an earlier state; a difference below zero wraps, as the fields do.
  package func changes(since earlier: Self) -> [(name: String, delta: UInt64)] {
    zip(fields, earlier.fields).compactMap { now, before in
      now.value == before.value ? nil : (now.name, now.value &- before.value)
    }
  }

  /// Sets every counter to zero, as `netstat -z` does after printing.
  package mutating func clear() {
    self = Self()
  }
}

/// One protocol's counters, each a plain load and store away.
///
/// Fields are unsigned and wrap: `ips_delivered` is also counted down, as in FreeBSD.
package struct Counters<let size: Int, Name: CounterName>: BitwiseCopyable {
  private var values = InlineArray<size, UInt64>(repeating: 0)

  package init() {}

  package subscript(_ name: Name) -> UInt64 {
    get { values[Int(name.rawValue)] }
    set { values[Int(name.rawValue)] = newValue }
  }
}

extension Counters: StateHashable {
  func hash(into hasher: inout StateHasher) {
    hasher.combine(values)
  }
}

extension Counters: StatisticsBlock {
  package static var name: String { Name.block }

  package var fields: [(name: String, value: UInt64)] {
    Name.allCases.map { ($0.field, self[$0]) }
  }
}
