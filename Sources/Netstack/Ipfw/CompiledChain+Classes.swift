// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// What an entry of a table says, in its first two bits.
private enum EntryKind {
  /// The class itself.
  static let mask: UInt32 = 3 << 30
  static let isClass: UInt32 = 0
  /// Where the table for the next eight bits begins.
  static let table: UInt32 = 1 << 30
  /// An interval, and behind four bits how many more there are to compare with.
  static let intervals: UInt32 = 2 << 30
}

/// From a number to its class: tables of eight bits a step, until few intervals are left.
extension CompiledChain {
  /// So many intervals more than one are compared with one by one.
  private static let mostCompared = 8
  /// From so many intervals on the first table of an address has 16 bits.
  private static let manyIntervals = 1024

  /// The class of a number.
  @inline(__always)
  func classOf(_ value: UInt32, _ field: Field) -> UInt32 {
    var shift = UInt32(field.shift)
    var entry =
      field.table < 0 ? field.entry : tables[Int(field.table) + Int(value >> shift)]
    while true {
      let rest = entry & ~EntryKind.mask
      if entry < EntryKind.table { return entry }
      if entry < EntryKind.intervals {
        shift &-= 8
        entry = tables[Int(rest) + Int((value >> shift) & 0xff)]
        continue
      }
      var place = Int(rest & 0x3ff_ffff)
      let last = place + Int(rest >> 26)
      while place < last, starts[place + 1] <= value { place += 1 }
      return classes[place]
    }
  }

  /// How the classes of a field are found whose intervals begin at a place.
  mutating func tableOf(_ field: PacketField, _ first: Int, absent: UInt32) -> Field {
    let count = starts.count - first
    var result = Field(field: field, shift: 0, table: -1, entry: 0, absent: absent)
    if field.bits > 8, count <= CompiledChain.mostCompared + 1 {
      result.entry = entry(first, more: count - 1)
      return result
    }
    switch field.bits {
    case 8: result.shift = 0
    case 16: result.shift = 8
    default: result.shift = count > CompiledChain.manyIntervals ? 16 : 24
    }
    let size = field.bits == 32 && result.shift == 16 ? 65_536 : 256
    var interval = first
    result.table = Int32(
      addTable(size, shift: UInt32(result.shift), from: 0, &interval))
    return result
  }

  private func entry(_ interval: Int, more: Int) -> UInt32 {
    more == 0 ? classes[interval] : EntryKind.intervals | UInt32(more) << 26 | UInt32(interval)
  }

  /// Makes a table for the numbers from one on; returns where it begins.
  ///
  /// - Parameter interval: That of the first number, and in the end that of the last.
  private mutating func addTable(
    _ size: Int, shift: UInt32, from low: UInt32, _ interval: inout Int
  ) -> Int {
    let table = tables.count
    for _ in 0..<size { tables.append(0) }
    for index in 0..<size {
      let first = low | UInt32(index) << shift
      let last = first | ((1 << shift) - 1)
      while interval + 1 < starts.count, starts[interval + 1] <= first { interval += 1 }
      var end = interval
      while end + 1 < starts.count, starts[end + 1] <= last { end += 1 }
      if end - interval <= CompiledChain.mostCompared {
        tables[table + index] = entry(interval, more: end - interval)
      } else {
        let inner = addTable(256, shift: shift - 8, from: first, &interval)
        tables[table + index] = EntryKind.table | UInt32(inner)
      }
      interval = end
    }
    return table
  }
}
