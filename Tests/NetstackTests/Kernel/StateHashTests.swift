// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Testing
import Wire

@testable import Netstack  // What types say of themselves, and what is kept of values, is looked at.

@Suite("state hash") struct StateHashTests {
  /// A way to change the state.
  struct Change: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let make: @Sendable (inout Kernel) throws -> Void

    init(_ name: String, _ make: @escaping @Sendable (inout Kernel) throws -> Void) {
      (testDescription, self.make) = (name, make)
    }
  }

  private static let all = [
    Change("a sysctl of a stack") { try $0.setSysctl(.ipForwarding, to: 1, vnet: .zero) },
    Change("a sysctl of the machine") { try $0.setSysctl(.ipSourceroute, to: 1, vnet: .zero) },
    Change("the host's name") { try $0.setSysctl(.kernHostname, to: "r1", vnet: .zero) },
    Change("an address") { kernel in
      let request = AddressRequest(IPv4Address(10, 0, 1, 1), mask: IPv4Prefix.mask(length: 24))
      let card = try kernel.interface(vnet: .zero, named: "em1").index
      try kernel.addAddress(vnet: .zero, interface: card, request)
    },
    Change("an MTU") { kernel in
      let card = try kernel.interface(vnet: .zero, named: "em1").index
      try kernel.setMTU(vnet: .zero, interface: card, 1400)
    },
    Change("a description") { kernel in
      let card = try kernel.interface(vnet: .zero, named: "em1").index
      try kernel.setDescription(vnet: .zero, interface: card, "x")
    },
    Change("an interface") { try $0.createInterface(vnet: .zero, named: "gif0") },
    Change("a socket") { _ = try $0.socket(vnet: .zero, .udp) },
    Change("a route") { kernel in
      let message = RouteMessage(
        destination: IPv4Address(192, 0, 2, 0), mask: IPv4Prefix.mask(length: 24),
        gateway: .address(IPv4Address(127, 0, 0, 1)))
      try kernel.routeAdd(vnet: .zero, fib: .zero, message)
    },
    Change("a pipe") { kernel in
      var pipe = PipeSettings()
      pipe.number = 1
      try kernel.dummynetConfigure(pipe)
    },
    Change("a stack") { _ = $0.createVnet() },
    Change("time") { $0.advance(to: Instant(seconds: 2)) },
    Change("a neighbour") { kernel in
      let card = try kernel.interface(vnet: .zero, named: "em1").index
      try kernel.setNeighbor(
        Neighbor(IPv4Address(10, 0, 1, 2), EthernetAddress(rawValue: 0x0200_0000_00aa), on: card))
    },
    Change("a packet") { kernel in
      let card = try kernel.interface(vnet: .zero, named: "em1").index
      _ = kernel.receive(ReceivedFrame([UInt8](repeating: 0, count: 60), on: card))
    },
  ]

  @Test(
    "Each change of the state is another number, and a copy has the same",
    arguments: StateHashTests.all)
  func isSeen(_ change: Change) throws {
    var kernel = Kernel()
    let before = kernel.stateHash()
    #expect(before == Kernel().stateHash())
    try change.make(&kernel)
    let after = kernel.stateHash()
    #expect(after != before)
    #expect(kernel.clone().stateHash() == after)
    var other = Kernel()
    try change.make(&other)
    #expect(other.stateHash() == after)
  }

  /// Types that say themselves what they have must say it all.
  @Test func noPropertyIsForgotten() {
    func properties(_ value: Any) -> [String] {
      Mirror(reflecting: value).children.compactMap(\.label)
    }
    expect(properties(InterfaceDetails()), is: ["unit", "home", "description", "media"])
    expect(properties(InterfaceMedia.em), is: ["supported", "current", "offered"])
    func hash(_ details: InterfaceDetails) -> UInt64 {
      var hasher = StateHasher()
      hasher.combine(details)
      return hasher.value
    }
    let plain = InterfaceDetails()
    var described = plain
    described.description = "x"
    var wired = plain
    wired.media = .em
    var offered = wired
    offered.media?.offered = .IFM_ETHER
    let hashes = [
      hash(plain), hash(InterfaceDetails(unit: 1)),
      hash(InterfaceDetails(home: VnetIndex(rawValue: 1))), hash(described), hash(wired),
      hash(offered),
    ]
    expect(Set(hashes).count, is: hashes.count)
  }

  /// What is kept of values is known again by all bytes and the type.
  @Test func digestsAreKept() {
    var memo = StateMemo()
    var made = 0
    func digest<Value: BitwiseCopyable>(_ value: Value) -> UInt64 {
      memo.digest(of: value) { _ in
        made += 1
        return UInt64(made)
      }
    }
    expect(digest(SIMD4<UInt32>(1, 2, 3, 4)), is: 1)
    expect(digest(SIMD4<UInt32>(1, 2, 3, 5)), is: 2)
    expect(digest(SIMD2<UInt64>(0x2_0000_0001, 0x4_0000_0003)), is: 3)
    expect(digest(SIMD4<UInt32>(1, 2, 3, 4)), is: 1)
    expect(digest(SIMD2<UInt64>(0x2_0000_0001, 0x4_0000_0003)), is: 3)
    expect(made, is: 3)
  }

  /// A hash that is asked for again and again is that of a copy, which is asked for once.
  @Test func asksAgain() throws {
    var kernel = Kernel()
    var last = kernel.stateHash()
    for change in StateHashTests.all {
      try change.make(&kernel)
      let hash = kernel.stateHash()
      #expect(hash != last && hash == kernel.clone().stateHash(), "\(change.testDescription)")
      last = hash
    }
  }

  /// What a table copies in `clone` it must sum up too.
  @Test func noTableIsForgotten() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources/Netstack").standardized
    let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
    var found = 0
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift" else { continue }
      let text = try String(contentsOf: file, encoding: .utf8)
      for line in text.split(separator: "\n") {
        let words = line.trimmingPrefix { $0 == " " }.split(separator: " ", maxSplits: 2)
        guard words.count == 3, words[1] == "=" else { continue }
        let isCopied = words[0].hasPrefix("copy.") || words[2].hasPrefix("other.")
        // What is made of other parts says so.
        guard isCopied, !line.contains("// No state") else { continue }
        guard let name = words[0].split(separator: ".").last else { continue }
        // A packet's copy is no table.
        guard text.contains("StateHashable"), name != "header" else { continue }
        found += 1
        #expect(
          text.contains("combine(\(name))") || text.contains("combine(\(name)["),
          "\(file.lastPathComponent): \(name)")
      }
    }
    #expect(found > 100)
  }
}
