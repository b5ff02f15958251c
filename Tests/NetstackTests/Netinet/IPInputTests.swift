// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("ip_input") struct IPInputTests {
  /// A packet with one fault, where it ends, and what else it counts besides `total`.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let id: TraceID
    let counter: String?
    let spoil: @Sendable (inout [UInt8]) -> Void

    init(
      _ name: String, _ id: TraceID, _ counter: String?,
      _ spoil: @escaping @Sendable (inout [UInt8]) -> Void
    ) {
      testDescription = name
      self.id = id
      self.counter = counter
      self.spoil = spoil
    }
  }

  @Test(arguments: [
    Case("nineteen bytes", .ipTooshortHdr, "tooshort") { $0.removeSubrange(19...) },
    Case("no bytes", .ipTooshortHdr, "tooshort") { $0 = [] },
    Case("version 6", .ipBadvers, "badvers") { $0[0] = 0x65 },
    Case("header length of 16", .ipBadhlen, "badhlen") { $0[0] = 0x44 },
    Case("header longer than the packet", .ipBadhlenTrunc, "badhlen") {
      $0[0] = 0x4f
      $0.removeSubrange(24...)
    },
    Case("loopback source from a wire", .ipBadaddr, "badaddr") { $0[12] = 127 },
    Case("loopback destination from a wire", .ipBadaddr, "badaddr") { $0[16] = 127 },
    Case("one bit of the checksum flipped", .ipBadsum, "badsum") { $0[10] ^= 1 },
    Case("length below the header's", .ipBadlen, "badlen") {
      ($0[2], $0[3]) = (0, 19)
      TestPacket.setChecksum(&$0)
    },
    Case("length beyond the packet", .ipTooshort, "tooshort") {
      $0[3] += 1
      TestPacket.setChecksum(&$0)
    },
  ]) func drops(_ test: Case) throws {
    var router = try TestRouter()
    var packet = TestPacket().bytes
    test.spoil(&packet)
    let run = router.receive(packet)
    #expect(run.ends.map(\.id) == [test.id])
    #expect(run.ends.map(\.verdict) == [.dropped])
    #expect(run.sent.isEmpty)
    var counted: [String: UInt64] = ["total": 1]
    if let counter = test.counter { counted[counter] = 1 }
    #expect(run.counted == counted)
  }

  @Test func aFaultCountsUnderTheFirstCheckOnly() throws {
    var router = try TestRouter()
    var packet = TestPacket().bytes
    packet[0] = 0x54
    packet[10] ^= 0xff
    #expect(router.receive(packet).counted == ["total": 1, "badvers": 1])
  }

  @Test func ignoresWhatFollowsTheLength() throws {
    var router = try TestRouter()
    let packet = TestPacket().bytes
    let run = router.receive(packet + [UInt8](repeating: 0xee, count: 20))
    #expect(run.sent.map(\.count) == [14 + packet.count])
  }

  @Test func dropsWhatIsForOthersUnlessItForwards() throws {
    var router = try TestRouter()
    router.kernel[.zero].sysctl[.ipForwarding] = 0
    let run = router.receive(TestPacket().bytes)
    #expect(run.ends.map(\.id) == [.ipCantforward])
    #expect(run.counted == ["total": 1, "cantforward": 1])
  }

  @Test func dropsLinkLocalDestinations() throws {
    var router = try TestRouter()
    let run = router.receive(TestPacket(destination: IPv4Address(169, 254, 1, 1)).bytes)
    #expect(run.ends.map(\.id) == [.ipLinklocal])
    #expect(run.counted == ["total": 1, "cantforward": 1])
  }

  @Test(arguments: [
    IPv4Address(10, 0, 0, 1), IPv4Address(10, 0, 1, 1), IPv4Address(10, 0, 0, 255),
    IPv4Address.broadcast, IPv4Address.any,
  ]) func delivers(to destination: IPv4Address) throws {
    var router = try TestRouter()
    let run = router.receive(TestPacket(destination: destination).bytes)
    #expect(run.counted["delivered"] == 1)
    #expect(run.counted["forward"] == nil)
  }

  @Test func checkInterfaceTakesOnlyTheArrivalsOwnAddress() throws {
    var router = try TestRouter()
    router.kernel[.zero].sysctl[.ipForwarding] = 0
    router.kernel[.zero].sysctl[.ipCheckInterface] = 1
    let other = router.receive(TestPacket(destination: IPv4Address(10, 0, 1, 1)).bytes)
    #expect(other.ends.map(\.id) == [.ipCantforward])
    let own = router.receive(TestPacket(destination: IPv4Address(10, 0, 0, 1)).bytes)
    #expect(own.counted["delivered"] == 1)
  }
}
