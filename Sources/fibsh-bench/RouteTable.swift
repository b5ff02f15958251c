// SPDX-License-Identifier: BSD-2-Clause

import Glibc
import Wire

/// Numbers that look random and are the same in each run (SplitMix64).
struct Draw: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }

  /// A number below a bound.
  mutating func below(_ bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// True so many times of a hundred.
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}

/// A route of a generated table.
struct Prefix: Hashable, BitwiseCopyable {
  let address: UInt32
  let length: UInt8
  /// The number of its next hop, below `RouteTable.hops`.
  var hop: UInt8

  var mask: UInt32 { length == 0 ? 0 : ~0 << UInt32(32 - length) }
}

/// Routes as the Internet has them: shares of lengths, networks inside of others, runs of
/// neighbours, next hops that are inherited.
///
/// Each number of routes is the beginning of the same endless list.
struct RouteTable {
  /// How many next hops there are.
  static let hops = 250

  private(set) var prefixes: [Prefix] = []

  /// How many of 100,000 routes have a length.
  private static let shares: [(length: UInt8, share: Int)] = [
    (24, 62_400), (22, 11_200), (23, 9900), (21, 5200), (20, 4400), (19, 2500), (18, 1320),
    (16, 1340), (17, 800), (15, 190), (25, 160), (14, 110), (26, 100), (27, 80), (13, 56),
    (28, 50), (29, 50), (32, 40), (30, 30), (12, 29), (31, 2), (11, 11), (10, 4), (8, 2), (9, 1),
  ]

  /// A generated table.
  init(_ count: Int) {
    var draw = Draw(seed: 0x1f1b)
    let lengths = RouteTable.shares.flatMap { Array(repeating: $0.length, count: $0.share) }
    var taken = Set<UInt64>(minimumCapacity: count)
    var last = [Prefix?](repeating: nil, count: 33)
    prefixes.reserveCapacity(count)
    while prefixes.count < count {
      let length = lengths[draw.below(lengths.count)]
      let mask = ~UInt32(0) << UInt32(32 - length)
      var hop = UInt8(draw.below(RouteTable.hops))
      var address = UInt32(truncatingIfNeeded: draw.next())
      let way = draw.below(100)
      if way < 40, let before = last[Int(length)] {
        // A neighbour of the one before.
        address = before.address &+ 1 << UInt32(32 - length)
        if draw.chance(70) { hop = before.hop }
      } else if way < 55, let outer = outer(than: length, &draw) {
        address = outer.address | address & ~outer.mask
        if draw.chance(40) { hop = outer.hop }
      }
      address &= mask
      let prefix = Prefix(address: address, length: length, hop: hop)
      guard RouteTable.isUnicast(prefix.address),
        taken.insert(UInt64(address) << 8 | UInt64(length)).inserted
      else { continue }
      last[Int(length)] = prefix
      prefixes.append(prefix)
    }
  }

  /// The first routes of another table.
  init(_ other: RouteTable, count: Int) { prefixes = Array(other.prefixes.prefix(count)) }

  /// The routes of a file, in any order: the first so many are spread as all are.
  init(file path: String) throws(UsageError) {
    let bytes = try readFile(path)
    var taken = Set<UInt64>()
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      let ends = words.first?.split(separator: "/") ?? []
      guard words.count == 2, ends.count == 2, let address = IPv4Address(dottedQuad: ends[0]),
        let length = UInt8(ends[1]), length <= 32, let number = UInt32(words[1])
      else { throw UsageError(text: "\(path): no route: \(String(decoding: line, as: UTF8.self))") }
      let mask = length == 0 ? 0 : ~UInt32(0) << UInt32(32 - length)
      let prefix = Prefix(
        address: address.rawValue & mask, length: length,
        hop: UInt8(number % UInt32(RouteTable.hops)))
      guard length > 0, RouteTable.isUnicast(prefix.address),
        taken.insert(UInt64(prefix.address) << 8 | UInt64(length)).inserted
      else { continue }
      prefixes.append(prefix)
    }
    guard !prefixes.isEmpty else { throw UsageError(text: "\(path): no routes") }
    var draw = Draw(seed: 0xf11e)
    prefixes.shuffle(using: &draw)
  }

  /// A shorter prefix that is there already; nil where a few guesses find none.
  private func outer(than length: UInt8, _ draw: inout Draw) -> Prefix? {
    guard !prefixes.isEmpty else { return nil }
    for _ in 0..<6 {
      let guess = prefixes[draw.below(prefixes.count)]
      if guess.length < length { return guess }
    }
    return nil
  }

  /// Whether packets to an address are forwarded; the lab's own networks are left out.
  static func isUnicast(_ address: UInt32) -> Bool {
    let net = address >> 24
    return net != 0 && net != 10 && net != 127 && net < 224 && address >> 16 != 0xa9fe
  }
}

/// Where the routes of scenarios come from.
struct RouteSource {
  /// What was named on the command line; nil for the generator.
  private let file: RouteTable?

  init(_ settings: Settings) throws(UsageError) {
    file = try settings.routes.map { path throws(UsageError) in try RouteTable(file: path) }
  }

  /// The sizes of those wanted that there are, and last all of a file that has fewer.
  func sizes(_ wanted: [Int]) -> [Int] {
    guard let file, let largest = wanted.last, file.prefixes.count < largest else { return wanted }
    return wanted.filter { $0 < file.prefixes.count } + [file.prefixes.count]
  }

  /// So many routes.
  func table(_ count: Int) -> RouteTable {
    file.map { RouteTable($0, count: count) } ?? RouteTable(count)
  }
}

/// Where packets go.
enum Destinations: String, CaseIterable {
  /// Any unicast address.
  case uniform
  /// Inside of a route, each route as often.
  case inside
  /// 65,536 flows inside of routes, some much more often than others (Zipf, exponent 1).
  case zipf

  var words: String {
    switch self {
    case .uniform: "to any address"
    case .inside: "to addresses inside of routes"
    case .zipf: "of 65,536 flows, some much more frequent"
    }
  }

  /// So many addresses.
  func keys(_ count: Int, in table: RouteTable) -> [UInt32] {
    var draw = Draw(seed: 0xdead)
    switch self {
    case .uniform:
      return (0..<count).map { _ in Destinations.anywhere(&draw) }
    case .inside:
      return (0..<count).map { _ in Destinations.inside(table, &draw) }
    case .zipf:
      let flows = (0..<65_536).map { _ in Destinations.inside(table, &draw) }
      var sums: [Double] = []
      var sum = 0.0
      for rank in 1...flows.count {
        sum += 1 / Double(rank)
        sums.append(sum)
      }
      return (0..<count).map { _ in
        let point = Double(draw.next() >> 11) / Double(1 << 53) * sum
        return flows[sums.firstPlace { $0 > point }]
      }
    }
  }

  private static func anywhere(_ draw: inout Draw) -> UInt32 {
    while true {
      let address = UInt32(truncatingIfNeeded: draw.next())
      if RouteTable.isUnicast(address) { return address }
    }
  }

  private static func inside(_ table: RouteTable, _ draw: inout Draw) -> UInt32 {
    while true {
      let prefix = table.prefixes[draw.below(table.prefixes.count)]
      let address = prefix.address | UInt32(truncatingIfNeeded: draw.next()) & ~prefix.mask
      if RouteTable.isUnicast(address) { return address }
    }
  }
}

extension [Double] {
  /// The first place where a condition holds that holds from there on, or the last.
  fileprivate func firstPlace(where holds: (Double) -> Bool) -> Int {
    var (low, high) = (0, count - 1)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// The bytes of a file.
func readFile(_ path: String) throws(UsageError) -> [UInt8] {
  let descriptor = unsafe open(path, O_RDONLY)
  guard descriptor >= 0 else { throw UsageError(text: "\(path): cannot be opened") }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 20)
  while true {
    let count = unsafe read(descriptor, &block, block.count)
    guard count > 0 else { return bytes }
    bytes += block[..<count]
  }
}
