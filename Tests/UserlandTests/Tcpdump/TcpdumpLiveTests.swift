// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Testing
import Userland

@Suite("tcpdump on an interface") struct TcpdumpLiveTests {
  private static let network = """
    ifconfig em0 10.0.0.1/24
    neighbor em0 10.0.0.9 02:00:00:00:00:09
    arp -s 10.0.0.9 02:00:00:00:00:09

    """

  private static func statistics(_ captured: Int, _ received: Int) -> String {
    "\(captured) packets captured\n\(received) packets received by filter\n"
      + "0 packets dropped by kernel\n"
  }

  @Test func goesOnAsAJobWhileAScriptDoes() {
    let lines = """
      tcpdump -tni em0 icmp > dump &
      inject -q send icmp to 10.0.0.9 | true
      kill %1
      inject -q send icmp to 10.0.0.9 > other
      """
    let files = MemoryFiles()
    let text = files.answer(Self.network + lines.replacing(" | true", with: " > other"))
    #expect(
      String(decoding: files.files["dump"] ?? [], as: UTF8.self) == """
        IP 10.0.0.1 > 10.0.0.9: ICMP echo request, id 0, seq 0, length 64
        IP 10.0.0.9 > 10.0.0.1: ICMP echo reply, id 0, seq 0, length 64


        """)
    #expect(text.error.hasSuffix(Self.statistics(2, 2)), "\(text.error)")
  }

  @Test func twoJobsSeeTheSamePackets() {
    let lines = """
      tcpdump -tni em0 > one &
      tcpdump -tnqi em0 udp > two &
      inject -q send udp to 10.0.0.9 9 > other
      kill %1 %2
      """
    let files = MemoryFiles()
    _ = files.answer(Self.network + lines)
    let counts = ["one", "two"].map { (files.files[$0] ?? []).count { $0 == 10 } }
    #expect(counts == [3, 2])
  }

  @Test func endsByItselfAfterTheCount() {
    let text = MemoryFiles().answer(
      Self.network + "tcpdump -tnc 1 -i em0 -- inject -q send icmp to 10.0.0.9")
    #expect(text.out.hasSuffix("length 64\n"))
    #expect(text.error.hasSuffix(Self.statistics(1, 2)), "\(text.error)")
  }

  @Test func endsInABatchWhenNothingComes() {
    let text = MemoryFiles().answer(Self.network + "tcpdump -ni em0\nclock")
    #expect(text.out.hasPrefix("\nup 61.000 s"), "\(text.out)")
    #expect(text.error.hasSuffix(Self.statistics(0, 0)))
  }

  @Test func endsWithItsInterface() {
    let lines = """
      ifconfig em7 create
      ifconfig em7 up
      tcpdump -ni em7 &
      ifconfig em7 destroy
      """
    let text = MemoryFiles().answer(lines)
    #expect(
      text.error.hasSuffix(
        "tcpdump: pcap_loop: read: Device not configured\n" + Self.statistics(0, 0)),
      "\(text.error)")
  }

  @Test func writesWhatItThenReads() {
    let lines = """
      tcpdump -s 20 -w dump -i em0 -- inject -q send icmp to 10.0.0.9
      tcpdump -nr dump
      """
    let text = MemoryFiles().answer(Self.network + lines)
    #expect(text.out.hasSuffix("14:13:20.000100 IP [|ip]\n"), "\(text.out)")
    #expect(text.error.contains("tcpdump: listening on em0"))
  }

  @Test func asksForPromiscuousModeUnlessP() {
    let foreign = "inject -q icmp from 10.0.0.7 to 10.0.0.8 dst 02:00:00:00:00:77 recv em0"
    let lines = """
      tcpdump -tni em0 -- \(foreign)
      tcpdump -tnpi em0 -- \(foreign)
      tcpdump -ni em0 &
      ifconfig em0
      kill %1
      dmesg
      """
    let text = MemoryFiles().answer(Self.network + lines)
    #expect(text.error.contains(Self.statistics(1, 1)))
    #expect(text.error.contains(Self.statistics(0, 0)))
    #expect(text.out.contains("flags=8943<UP,BROADCAST,RUNNING,PROMISC,SIMPLEX,MULTICAST>"))
    let message = "em0: promiscuous mode "
    #expect(
      text.out.hasSuffix(
        "\(message)enabled\n\(message)disabled\n\(message)enabled\n\(message)disabled\n"))
  }

  /// A simplex card hears its own broadcasts; what this host sends to itself shows on lo0 alone.
  @Test func showsWhatComesBack() {
    let lines = """
      tcpdump -tn -i em0 -- inject -q send icmp to 10.0.0.255
      tcpdump -tn -i lo0 -- inject -q send udp to 10.0.0.1 9
      """
    let text = MemoryFiles().answer(Self.network + lines)
    #expect(text.error.contains(Self.statistics(2, 2)))
    #expect(text.out.contains("> 10.0.0.1.9: UDP, length 1\n"))
  }

  @Test func namesPorts() {
    let text = MemoryFiles().answer(
      Self.network + "tcpdump -t -i em0 -- inject -q send udp to 10.0.0.9 53 from 10.0.0.1 40000")
    #expect(text.out.contains("IP 10.0.0.1.40000 > 10.0.0.9.domain: UDP, length 1\n"))
    #expect(text.out.contains("ICMP 10.0.0.9 udp port domain unreachable, length 36\n"))
  }
}
