// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("ip_fragment") struct IPFragmentTests {
  /// A packet that em0 receives and em1 is too narrow for.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var mtu: Int
    var count: Int
    var field: UInt16 = 0
    var options: [UInt8] = []
    /// Length and offset field of each fragment, in hexadecimal.
    var fragments: [String]
  }

  @Test(arguments: [
    Case(
      testDescription: "as long as the MTU allows, in eights", mtu: 100, count: 200,
      fragments: ["100 2000", "100 200a", "60 0014"]),
    Case(
      testDescription: "a rest of nothing makes no fragment", mtu: 100, count: 160,
      fragments: ["100 2000", "100 000a"]),
    Case(
      testDescription: "a fragment is cut where it lies, and more follow the last too", mtu: 100,
      count: 96, field: 0x2010, fragments: ["100 2010", "36 201a"]),
    Case(
      testDescription: "the reserved bit stays", mtu: 100, count: 96, field: 0x8000,
      fragments: ["100 a000", "36 800a"]),
    Case(
      testDescription: "an offset that outgrows its bits runs into the flags", mtu: 100,
      count: 240, field: 0x1fff, fragments: ["100 3fff", "100 2009", "100 2013"]),
    Case(
      testDescription: "only the first has options that are not to be copied", mtu: 100,
      count: 144, options: [7, 7, 4, 0, 0, 0, 0, 0],
      fragments: ["100 2000", "92 0009"]),
    Case(
      testDescription: "all have an option that is", mtu: 100, count: 144,
      options: [0x94, 4, 0, 0], fragments: ["96 2000", "96 0009"]),
    Case(
      testDescription: "long ones are cut at buffers, then at pages", mtu: 5000, count: 8980,
      fragments: ["4076 2000", "4116 21fb", "848 03fb"]),
    Case(
      testDescription: "three clusters fit", mtu: 7000, count: 8980,
      fragments: ["6124 2000", "2896 02fb"]),
    Case(
      testDescription: "a page and a header do not fit", mtu: 8200, count: 8980,
      fragments: ["8196 2000", "824 03fe"]),
    Case(
      testDescription: "a page exactly is not longer than a page", mtu: 4120, count: 8980,
      fragments: ["4116 2000", "4116 2200", "808 0400"]),
  ]) func cuts(_ test: Case) throws {
    var router = try TestRouter()
    try router.kernel.setMTU(vnet: .zero, interface: router.cards[1], test.mtu)
    // A route has the MTU that its interface had when it was made.
    try router.addRoute(IPv4Address(192, 168, 1, 0), length: 24, gateway: IPv4Address(10, 0, 1, 2))
    let packet = TestPacket(
      fragment: test.field, options: test.options,
      payload: (0..<test.count).map { UInt8(truncatingIfNeeded: $0) })
    let run = router.receive(packet.bytes)
    var rest: [UInt8] = []
    let fragments = run.sent.map { frame in
      let bytes = Array(frame.dropFirst(EthernetHeader.size))
      guard let header = IPv4Header(bytes.span.bytes) else { return "short" }
      rest += bytes.dropFirst(header.headerLength)
      let digits = String(header.fragment, radix: 16)
      let zeros = String(repeating: "0", count: 4 - digits.count)
      return "\(header.totalLength) \(zeros)\(digits)"
    }
    #expect(fragments == test.fragments)
    #expect(rest == packet.payload)
    #expect(run.counted["ofragments"] == UInt64(test.fragments.count))
  }
}
