// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("icmp_error and icmp_input") struct ICMPTests {
  /// An echo request, its checksum right.
  private static func echo(_ data: [UInt8] = [1, 2, 3, 4]) -> [UInt8] {
    var message: [UInt8] = [8, 0, 0, 0, 0x12, 0x34, 0, 1] + data
    let sum = InternetChecksum.checksum(of: message.span.bytes)
    (message[2], message[3]) = (UInt8(sum >> 8), UInt8(sum & 0xff))
    return message
  }

  @Test func answersAnEchoRequest() throws {
    var router = try TestRouter()
    let run = router.receive(
      TestPacket(destination: IPv4Address(10, 0, 0, 1), proto: 1, payload: ICMPTests.echo()).bytes)
    #expect(run.icmp == ICMPKind(0, 0))
    #expect(run.sent.first.map { Array($0[38...]) } == [0x12, 0x34, 0, 1, 1, 2, 3, 4])
    #expect(router.kernel[.zero].statistics.icmp[.reflect] == 1)
  }

  @Test func countsAWrongChecksum() throws {
    var router = try TestRouter()
    var message = ICMPTests.echo()
    message[2] ^= 1
    let run = router.receive(
      TestPacket(destination: IPv4Address(10, 0, 0, 1), proto: 1, payload: message).bytes)
    #expect(run.sent.isEmpty)
    #expect(router.kernel[.zero].statistics.icmp[.checksum] == 1)
  }

  @Test func keepsSilentToABroadcastPing() throws {
    var router = try TestRouter()
    let packet = TestPacket(
      destination: IPv4Address(10, 0, 0, 255), proto: 1, payload: ICMPTests.echo())
    #expect(router.receive(packet.bytes, to: .broadcast).sent.isEmpty)
    #expect(router.kernel[.zero].statistics.icmp[.bmcastecho] == 1)
    router.kernel[.zero].sysctl[.icmpBmcastecho] = 1
    #expect(router.receive(packet.bytes, to: .broadcast).icmp == ICMPKind(0, 0))
  }

  @Test func quotesHeaderAndEightBytes() throws {
    var router = try TestRouter()
    let packet = TestPacket(
      ttl: 1, payload: TestPacket.udp(port: 9, [UInt8](repeating: 7, count: 99)))
    let run = router.receive(packet.bytes)
    #expect(run.sent.first.map { Array($0[42...]) } == Array(packet.bytes.prefix(28)))
  }

  /// A packet whose time is over, and why no error answers it.
  struct Silence: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let packet: TestPacket
    let reason: TraceID
  }

  @Test(arguments: [
    Silence(
      testDescription: "a later fragment", packet: TestPacket(ttl: 1, fragment: 5),
      reason: .icmpSupFrag),
    Silence(
      testDescription: "an ICMP error",
      packet: TestPacket(ttl: 1, proto: 1, payload: [3, 0, 0, 0, 0, 0, 0, 0]),
      reason: .icmpSupIcmp),
    Silence(
      testDescription: "less than eight bytes", packet: TestPacket(ttl: 1, payload: [1, 2, 3]),
      reason: .icmpSupShort),
    Silence(
      testDescription: "a TCP header that lies",
      packet: TestPacket(ttl: 1, proto: 6, payload: [UInt8](repeating: 0x10, count: 20)),
      reason: .icmpSupBadtcp),
  ]) func keepsSilent(_ test: Silence) throws {
    var router = try TestRouter()
    let run = router.receive(test.packet.bytes)
    #expect(run.sent.isEmpty)
    #expect(run.ends.map(\.id) == [.fwdTtl])
    #expect(run.ends.map(\.suppressedBy) == [test.reason])
    #expect(router.kernel[.zero].statistics.icmp[.error] == 1)
  }

  @Test func sendsOneErrorFewerThanTheLimit() throws {
    var router = try TestRouter()
    router.kernel[.zero].sysctl[.icmpIcmplim] = 3
    let packet = TestPacket(destination: IPv4Address(10, 0, 0, 1)).bytes
    let answers = (0..<5).map { _ in router.receive(packet).sent.count }
    #expect(answers == [1, 1, 0, 0, 0])
  }
}
