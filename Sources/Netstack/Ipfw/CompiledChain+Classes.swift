// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// From a number to its class.
///
/// The first eight bits choose an entry. For a number of 8 bits it is the class, and for one of 16 where the
/// table for the other eight begins. For one of 32 it is a tree of the intervals that begin in the 24 bits
/// that are left: nodes of sixteen ways, and leaves of eight intervals with their classes, so that what is seldom
/// looked at is one line of the cache. All trees of a field are equally high and no step depends on a
/// branch: the look-ups of a packet's fields overlap, where a deeper table here and there would stop them.
extension CompiledChain {
  /// The class of a number.
  @inline(__always)
  func classOf(_ value: UInt32, _ field: Field) -> UInt32 {
    let entry = tables[Int(field.table) &+ Int(value &>> UInt32(field.shift))]
    if field.shift == 0 { return entry }
    if field.shift == 8 { return tables[Int(entry &+ (value & 0xff))] }
    var next = entry
    for _ in 1..<field.height { next = child(of: next, value) }
    return leafClass(next, value)
  }

  /// The classes of 32 numbers, step by step: they wait for memory together.
  @inline(__always)
  func findClasses(_ numbers: Span<UInt32>, _ field: Field) -> InlineArray<32, UInt32> {
    var next = InlineArray<32, UInt32> {
      tables[Int(field.table) &+ Int(numbers[$0] &>> UInt32(field.shift))]
    }
    if field.shift == 0 { return next }
    if field.shift == 8 {
      for index in 0..<32 { next[index] = tables[Int(next[index] &+ (numbers[index] & 0xff))] }
      return next
    }
    for _ in 1..<field.height {
      for index in 0..<32 { next[index] = child(of: next[index], numbers[index]) }
    }
    for index in 0..<32 { next[index] = leafClass(next[index], numbers[index]) }
    return next
  }

  /// The next node on the way of a number.
  @inline(__always)
  private func child(of node: UInt32, _ value: UInt32) -> UInt32 {
    let node = nodes[Int(node)]
    // Numbers from here on are above it. The last lane of a node is no number, and adds nothing.
    var lanes = Node(repeating: Int32(value & 0xff_ffff) &+ 1)
    lanes[15] = 0
    // -1 for each number that is not above it: comparisons of vectors are not compiled into one.
    let isPassed = (node &- lanes) &>> Node(repeating: 31)
    return UInt32(bitPattern: node[15] &- isPassed.wrappedSum())
  }

  /// The class of a number in a leaf.
  @inline(__always)
  private func leafClass(_ leaf: UInt32, _ value: UInt32) -> UInt32 {
    let leaf = nodes[Int(leaf)]
    let above = SIMD8(repeating: Int32(value & 0xff_ffff) &+ 1)
    let isPassed = (leaf.lowHalf &- above) &>> SIMD8(repeating: 31)
    return UInt32(bitPattern: (isPassed & leaf.highHalf).wrappedSum())
  }

  /// How the classes of a field are found.
  mutating func addField(_ classes: JointClasses) {
    let (field, starts, numbers) = (classes.field, classes.starts, classes.numbers)
    var result = Field(
      field: field, shift: UInt8(field.bits - 8), height: 0, table: Int32(tables.count),
      absent: classes.absent, parts: classes.parts, partCount: UInt8(classes.shares.count),
      shares: Int32(shares.count))
    for number in 0..<classes.count {
      for share in classes.shares { shares.append(share[number]) }
    }
    let intervals = CompiledChain.intervals(starts, bits: field.bits)
    let most = intervals.map(\.count).max() ?? 1
    while result.shift == 24, result.height == 0 || CompiledChain.room(result.height) < most {
      result.height += 1
    }
    let table = tables.count
    for _ in 0..<256 { tables.append(0) }
    // Those of one class are the same everywhere.
    var known: [UInt32: UInt32] = [:]
    for (index, own) in intervals.enumerated() {
      let number = numbers[own.lowerBound]
      var entry = own.count == 1 ? known[number] : nil
      if entry == nil {
        switch result.shift {
        case 0: entry = number
        case 8: entry = addTable(index << 8, own, starts, numbers)
        default: entry = addTree(result.height, own, starts, numbers)
        }
        if own.count == 1 { known[number] = entry }
      }
      tables[table + index] = entry ?? number
    }
    fields.append(result)
  }

  /// The intervals that begin before the end of each 256th of the numbers and end behind its start.
  private static func intervals(_ starts: [UInt32], bits: Int) -> [Range<Int>] {
    var first = 0
    return (0..<256).map { index in
      let start = UInt32(index) << UInt32(bits - 8)
      let last = start | ((1 << UInt32(bits - 8)) - 1)
      while first + 1 < starts.count, starts[first + 1] <= start { first += 1 }
      let own = first
      while first + 1 < starts.count, starts[first + 1] <= last { first += 1 }
      return own..<first + 1
    }
  }

  /// The classes of 256 numbers.
  private mutating func addTable(
    _ start: Int, _ intervals: Range<Int>, _ starts: [UInt32], _ numbers: [UInt32]
  ) -> UInt32 {
    let table = UInt32(tables.count)
    var interval = intervals.lowerBound
    for value in start..<start + 256 {
      while interval + 1 < intervals.upperBound, Int(starts[interval + 1]) <= value {
        interval += 1
      }
      tables.append(numbers[interval])
    }
    return table
  }

  /// How many intervals a tree may have.
  private static func room(_ height: UInt8) -> Int { height == 0 ? 1 : 8 << (4 * (height - 1)) }

  /// A tree of intervals, level by level, so that the children of a node lie side by side.
  private mutating func addTree(
    _ height: UInt8, _ intervals: Range<Int>, _ starts: [UInt32], _ numbers: [UInt32]
  ) -> UInt32 {
    let root = nodes.count
    var level = [intervals]
    var first = root
    nodes.append(Node())
    for rest in (1..<height).reversed() {
      var next: [Range<Int>] = []
      let nextFirst = nodes.count
      for (index, own) in level.enumerated() {
        let most = CompiledChain.room(rest)
        let parts = (own.count + most - 1) / most
        var node = Node(repeating: .max)
        node[15] = Int32(nodes.count)
        for part in 0..<parts {
          let start = own.lowerBound + own.count * part / parts
          let end = own.lowerBound + own.count * (part + 1) / parts
          if part > 0 { node[part - 1] = Int32(starts[start] & 0xff_ffff) }
          next.append(start..<end)
          nodes.append(Node())
        }
        nodes[first + index] = node
      }
      (level, first) = (next, nextFirst)
    }
    for (index, own) in level.enumerated() {
      nodes[first + index] = CompiledChain.leaf(own, starts, numbers)
    }
    return UInt32(root)
  }

  /// Where up to eight intervals begin, and how the class of each differs from the one before: the sum of those
  /// that begin at or below a number is its class.
  private static func leaf(
    _ intervals: Range<Int>, _ starts: [UInt32], _ numbers: [UInt32]
  ) -> Node {
    var leaf = Node(lowHalf: SIMD8(repeating: .max), highHalf: .zero)
    var last: UInt32 = 0
    for (lane, interval) in intervals.enumerated() {
      // The first may begin before the leaf does.
      leaf[lane] = lane == 0 ? 0 : Int32(starts[interval] & 0xff_ffff)
      leaf[8 + lane] = Int32(bitPattern: numbers[interval] &- last)
      last = numbers[interval]
    }
    return leaf
  }
}
