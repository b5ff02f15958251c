// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// A route of FIB 0 that differs from others by its key only.
private func route(_ key: RouteKey, fib: UInt8 = 0) -> Rtentry {
  Rtentry(
    key: key, gateway: .address(.loopback), flags: .RTF_UP, fib: FibNumber(rawValue: fib),
    interface: .none, address: AddressIndex(rawValue: 0), mtu: 1500)
}

/// A key as people write it: `10/8` as a network, without length as a host, with a mask after `&`.
private func key(_ text: String) -> RouteKey {
  let parts = text.split(whereSeparator: { "/&".contains($0) })
  guard let address = IPv4Address(dottedQuad: parts[0]) else {
    preconditionFailure("a test's addresses are valid: \(text)")
  }
  guard parts.count == 2 else { return RouteKey(host: address) }
  if let length = Int(parts[1]) {
    return RouteKey(network: address, mask: IPv4Prefix.mask(length: length))
  }
  guard let mask = IPv4Address(dottedQuad: parts[1]) else {
    preconditionFailure("a test's masks are valid: \(text)")
  }
  return RouteKey(network: address, mask: mask)
}

@Suite("Routing tables") struct RoutingTablesTests {
  /// What is in the table, in the order it is added; then addresses and the key each must find.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let keys: [String]
    let answers: [(address: String, key: String?)]

    init(_ name: String, _ keys: [String], _ answers: [(String, String?)]) {
      testDescription = name
      self.keys = keys
      self.answers = answers.map { ($0.0, $0.1) }
    }
  }

  @Test(arguments: [
    Case("an empty table has no answer", [], [("0.0.0.0", nil), ("255.255.255.255", nil)]),
    Case(
      "the default route takes everything, the ends too", ["0.0.0.0/0"],
      [("0.0.0.0", "0.0.0.0/0"), ("255.255.255.255", "0.0.0.0/0"), ("10.1.2.3", "0.0.0.0/0")]),
    Case(
      "the longest prefix wins, whatever the order of adding",
      ["172.16.0.0/24", "172.16.0.0/12", "172.16.0.0/30", "172.16.0.0/16", "172.16.0.0/28"],
      [
        ("172.16.0.1", "172.16.0.0/30"), ("172.16.0.9", "172.16.0.0/28"),
        ("172.16.0.77", "172.16.0.0/24"), ("172.16.1.1", "172.16.0.0/16"),
        ("172.31.0.1", "172.16.0.0/12"), ("172.32.0.1", nil), ("172.15.255.255", nil),
      ]),
    Case(
      "a host is preferred to the network of 32 bits", ["172.16.1.1/32", "172.16.1.1"],
      [("172.16.1.1", "172.16.1.1"), ("172.16.1.0", nil), ("172.16.1.2", nil)]),
    Case(
      "a host added first is preferred as well", ["172.16.1.1", "172.16.1.1/32"],
      [("172.16.1.1", "172.16.1.1")]),
    Case(
      "two halves cover the default", ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"],
      [
        ("0.0.0.0", "0.0.0.0/1"), ("127.255.255.255", "0.0.0.0/1"), ("128.0.0.0", "128.0.0.0/1"),
        ("255.255.255.255", "128.0.0.0/1"),
      ]),
    Case(
      "hosts at the ends of the address space", ["0.0.0.0", "255.255.255.255", "0.0.0.0/0"],
      [
        ("0.0.0.0", "0.0.0.0"), ("0.0.0.1", "0.0.0.0/0"), ("255.255.255.255", "255.255.255.255"),
        ("255.255.255.254", "0.0.0.0/0"),
      ]),
    Case(
      "a mask with a hole", ["172.16.0.0&255.255.0.255"],
      [("172.16.9.0", "172.16.0.0&255.255.0.255"), ("172.16.9.1", nil)]),
    Case(
      "a mask with a hole beats the prefix of its ones in front, not a longer one",
      ["172.16.0.0/16", "172.16.0.5&255.255.0.255", "172.16.8.0/21", "172.16.1.5"],
      [
        ("172.16.1.5", "172.16.1.5"), ("172.16.2.5", "172.16.0.5&255.255.0.255"),
        ("172.16.2.6", "172.16.0.0/16"), ("172.16.9.5", "172.16.8.0/21"),
      ]),
  ])
  func findsTheMostSpecific(_ test: Case) throws {
    var tables = RoutingTables(fibs: 1)
    for text in test.keys { _ = tables.insert(route(key(text))) }
    for answer in test.answers {
      let address = try #require(IPv4Address(dottedQuad: answer.address))
      let found = tables.lookup(address, in: .zero)
      let compiled = tables.find(address, in: .zero)
      #expect(compiled == found)
      #expect(found.map { tables[$0].key } == answer.key.map { key($0) }, "\(answer.address)")
    }
    #expect(tables.count(in: .zero) == test.keys.count)
  }

  @Test func listsInNetstatOrder() {
    let order = [
      "0.0.0.0/1", "0.0.0.0/0", "10.0.0.0/24", "10.0.0.0/8", "10.0.0.1", "10.0.0.1/32",
      "127.0.0.1", "172.16.0.0/17", "172.16.0.0&255.255.0.255", "172.16.0.0&255.255.4.0",
      "172.16.0.0/16", "192.168.1.0/24", "224.0.0.0/4",
    ].map { key($0) }
    for seed in 1...4 as ClosedRange<UInt64> {
      var random = RandomSource(seed: seed)
      var tables = RoutingTables(fibs: 1)
      for key in order.shuffled(using: &random) { _ = tables.insert(route(key)) }
      #expect(tables.routes(in: .zero).map { tables[$0].key } == order, "seed \(seed)")
    }
  }

  @Test func keepsFibsApart() {
    let one = FibNumber(rawValue: 1)
    let subnet = key("10.1.0.0/16")
    let holed = key("10.1.0.0&255.255.0.255")
    var tables = RoutingTables(fibs: 2)
    let first = tables.insert(route(subnet))
    let second = tables.insert(route(subnet, fib: 1))
    let third = tables.insert(route(holed, fib: 1))
    let address = IPv4Address(10, 1, 2, 0)
    #expect(tables.lookup(address, in: .zero) == first)
    #expect(tables.lookup(address, in: one) == third)
    #expect(tables.exact(holed, in: .zero) == nil)
    #expect(tables.exact(subnet, in: one) == second)
    #expect(tables.remove(first).key == subnet)
    #expect(tables.lookup(address, in: .zero) == nil)
    #expect(tables.routes(in: one) == [third, second])
    #expect(tables.count(in: .zero) == 0 && tables.count(in: one) == 2)
  }

  @Test func answersNothingForTablesThatAreNot() {
    var tables = RoutingTables(fibs: 1)
    _ = tables.insert(route(key("0.0.0.0/0")))
    for number in [1, 15, 255] as [UInt8] {
      let fib = FibNumber(rawValue: number)
      #expect(tables.lookup(.loopback, in: fib) == nil)
      #expect(tables.exact(key("0.0.0.0/0"), in: fib) == nil)
      #expect(tables.routes(in: fib).isEmpty && tables.count(in: fib) == 0)
    }
  }

  @Test func clonesShareNothing() {
    var tables = RoutingTables(fibs: 1)
    let kept = tables.insert(route(key("10.0.0.0/8")))
    let holed = tables.insert(route(key("10.0.0.0&255.0.0.255")))
    var copy = tables.clone()
    copy[kept].mtu = 9000
    copy.remove(holed)
    _ = copy.insert(route(key("10.1.0.0/16")))
    let address = IPv4Address(10, 1, 2, 0)
    #expect(tables.lookup(address, in: .zero) == holed)
    #expect(tables[kept].mtu == 1500 && tables.count(in: .zero) == 2)
    #expect(copy.lookup(address, in: .zero).map { copy[$0].key } == key("10.1.0.0/16"))
    #expect(copy[kept].mtu == 9000 && copy.count(in: .zero) == 2)
  }

  /// Routes come and go at random; every answer is compared with a scan over all of them.
  @Test(arguments: 1...12 as ClosedRange<UInt64>) func agreesWithAScan(seed: UInt64) {
    var random = RandomSource(seed: seed)
    var tables = RoutingTables(fibs: 2)
    var truth: [RouteIndex: Rtentry] = [:]
    for step in 0..<600 {
      let fib = UInt8.random(in: 0...1, using: &random)
      let entry = route(randomKey(&random), fib: fib)
      let known = tables.exact(entry.key, in: entry.fib)
      let expected = truth.first { $0.value.key == entry.key && $0.value.fib == entry.fib }?.key
      #expect(known == expected, "\(entry.key), seed \(seed)")
      if let known {
        tables.remove(known)
        truth[known] = nil
      } else {
        truth[tables.insert(entry)] = entry
      }
      guard step % 6 == 0 else { continue }
      for _ in 0..<8 { check(randomAddress(&random), fib, &tables, truth, seed) }
    }
    for index in truth.keys.sorted(by: { $0.rawValue < $1.rawValue }) { tables.remove(index) }
    #expect(tables.count(in: .zero) == 0)
    #expect(tables.lookup(randomAddress(&random), in: .zero) == nil)
  }

  private func check(
    _ address: IPv4Address, _ fib: UInt8, _ tables: inout RoutingTables,
    _ truth: [RouteIndex: Rtentry], _ seed: UInt64
  ) {
    let matching = truth.filter {
      $0.value.fib.rawValue == fib && address & $0.value.key.mask == $0.value.key.destination
    }
    let best = matching.max { rank($0.value.key).lexicographicallyPrecedes(rank($1.value.key)) }
    let found = tables.lookup(address, in: FibNumber(rawValue: fib))
    #expect(found == best?.key, "\(address) in FIB \(fib), seed \(seed)")
    // Once more with what is compiled.
    let compiled = tables.find(address, in: FibNumber(rawValue: fib))
    #expect(compiled == best?.key, "\(address) in FIB \(fib), seed \(seed)")
  }

  /// How specific a key is: host, ones in front, bytes that count, the mask itself.
  private func rank(_ key: RouteKey) -> [UInt32] {
    let mask = key.mask.rawValue
    var ones: UInt32 = 0
    while ones < 32, mask & (0x8000_0000 >> ones) != 0 { ones += 1 }
    var bytes: UInt32 = 4
    while bytes > 0, mask & (0xff << (8 * (4 - bytes))) == 0 { bytes -= 1 }
    return [key.isHost ? 1 : 0, ones, bytes, mask]
  }

  /// Few different bits, so that prefixes nest, meet and repeat.
  private func randomAddress(_ random: inout RandomSource) -> IPv4Address {
    let octets: [UInt8] = [0, 1, 10, 127, 128, 255]
    func octet(_ random: inout RandomSource) -> UInt8 {
      octets[Int.random(in: 0..<octets.count, using: &random)]
    }
    return IPv4Address(octet(&random), octet(&random), octet(&random), octet(&random))
  }

  private func randomKey(_ random: inout RandomSource) -> RouteKey {
    let address = randomAddress(&random)
    switch Int.random(in: 0..<8, using: &random) {
    case 0: return RouteKey(host: address)
    case 1: return RouteKey(network: address, mask: .broadcast)
    case 2: return RouteKey(network: address, mask: randomAddress(&random))
    default:
      let length = Int.random(in: 0...32, using: &random)
      return RouteKey(network: address, mask: IPv4Prefix.mask(length: length))
    }
  }
}
