// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Testing
import Userland

@Suite("ping") struct PingTests {
  /// Everything that ping refuses before it sends, with its words and its status.
  @Test(arguments: [
    ("-c 0 1.1.1.1", "ping: invalid count of packets to transmit: `0'", 64),
    ("-c 1x 1.1.1.1", "ping: invalid count of packets to transmit: `1x'", 64),
    (
      "-c 9223372036854775808 1.1.1.1",
      "ping: invalid count of packets to transmit: `9223372036854775808'", 64
    ),
    ("-i x 1.1.1.1", "ping: invalid timing interval: `x'", 64),
    ("-i 3000000 1.1.1.1", "ping: invalid timing interval: `3000000'", 64),
    ("-s x 1.1.1.1", "ping: invalid packet size: `x'", 64),
    ("-s 70000 1.1.1.1", "ping: packet size too large: 70000 > 65507", 64),
    ("-R -s 65468 1.1.1.1", "ping: packet size too large: 65468 > 65467", 64),
    ("-Mm -s 65507 1.1.1.1", "ICMP_MASKREQ\nping: packet size too large: 65507 > 65503", 64),
    ("-qMt -s 65507 1.1.1.1", "ping: packet size too large: 65507 > 65495", 64),
    ("-G x 1.1.1.1", "ping: invalid packet size: `x'", 64),
    ("-g x 1.1.1.1", "ping: invalid packet size: `x'", 64),
    ("-h 0 1.1.1.1", "ping: invalid increment size: `0'", 64),
    ("-m 256 1.1.1.1", "ping: invalid TTL: `256'", 64),
    ("-T 256 224.0.0.1", "ping: invalid multicast TTL: `256'", 64),
    ("-t 0 1.1.1.1", "ping: invalid timeout: `0'", 64),
    ("-t 9999 1.1.1.1", "ping: invalid timeout: `9999' > 3600", 64),
    ("-W x 1.1.1.1", "ping: invalid timing interval: `x'", 64),
    ("-z 256 1.1.1.1", "ping: invalid TOS: `256'", 64),
    ("-I em0 224.0.0.1", "ping: invalid multicast interface: `em0'", 64),
    (
      "-I 10.9.9.9 224.0.0.1", "ping: setsockopt IP_MULTICAST_IF: Can't assign requested address",
      71
    ),
    ("-M x 1.1.1.1", "ping: invalid message: `x'", 64),
    ("-M m -M t 1.1.1.1", "ping: ICMP_TSTAMP and ICMP_MASKREQ are exclusive.", 64),
    ("-l x 1.1.1.1", "ping: invalid preload value: `x'", 64),
    ("-f -i 1 1.1.1.1", "ping: -f and -i: incompatible options", 64),
    ("-f 224.0.0.1", "ping: -f flag cannot be used with multicast destination", 64),
    ("-L 1.1.1.1", "ping: -I, -L, -T flags cannot be used with unicast destination", 64),
    ("-T 3 1.1.1.1", "ping: -I, -L, -T flags cannot be used with unicast destination", 64),
    ("-p xyz 1.1.1.1", "ping: patterns must be specified as hex digits", 64),
    ("-S foo 1.1.1.1", "ping: cannot resolve foo: Unknown host", 68),
    ("-S 10.9.9.9 1.1.1.1", "ping: bind: Can't assign requested address", 1),
    ("foo", "ping: cannot resolve foo: Unknown host", 68),
    (
      "-g 9 -G 9 1.1.1.1", "ping: Maximum packet size must be greater than the minimum packet size",
      64
    ),
    ("-G 9 -s 8 1.1.1.1", "ping: Packet size and ping sweep are mutually exclusive", 64),
    ("-g 9 1.1.1.1", "ping: Maximum sweep size must be specified", 64),
    ("-P maybe 1.1.1.1", "ping: invalid security policy", 1),
    ("-P 'in none' 1.1.1.1", "ping: ipsec policy cannot be configured: Protocol not available", 78),
  ]) func refuses(words: String, message: String, status: Int) {
    let session = Session()
    #expect(answer("ping \(words)\necho $?", in: session) == "\(message)\n\(status)\n")
    #expect(session.kernel.sockets(vnet: session.vnet).isEmpty)
  }

  @Test(arguments: ["", "1.1.1.1 -c 1", "-c"]) func showsItsUsage(words: String) throws {
    let usage = try #require(Commands.registry["ping"]).usageText
    #expect(usage.split(separator: "\n").count == 8)
    let message = words == "-c" ? "ping: option requires an argument -- c\n" : ""
    #expect(answer("ping \(words)\necho $?") == "\(message)\(usage)64\n")
  }

  /// What the kernel answers to sending, in sendto's words; the packet counts as sent.
  @Test(arguments: [
    ("", "ping -c 1 -W 1 10.9.9.9", "No route to host"),
    ("ipfw -q add deny icmp from any to any", "ping -c 1 -W 1 127.0.0.1", "Permission denied"),
    ("ifconfig em0 10.0.0.1/24", "ping -c 1 -W 1 -D -s 2000 10.0.0.9", "Message too long"),
    ("", "ping -c 1 -W 1 -r 10.9.9.9", "Network is unreachable"),
    ("", "ping -c 1 -W 1 -s -100 127.0.0.1", "Invalid argument"),
  ]) func saysWhatSendingReturns(setup: String, line: String, error: String) {
    let text = answer("\(setup)\n\(line)\necho $?")
    #expect(text.contains("\nping: sendto: \(error)\n\n---"), "\(text)")
    #expect(text.hasSuffix("1 packets transmitted, 0 packets received, 100.0% packet loss\n2\n"))
  }

  @Test func theFormIsTheHandbooks() throws {
    let lines = answer("ping -c5 127.0.0.1").split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 11)
    #expect(lines[1] == "64 bytes from 127.0.0.1: icmp_seq=0 ttl=64 time=0.000 ms")
    #expect(lines[6] == "" && lines[7] == "--- 127.0.0.1 ping statistics ---")
  }

  @Test func aBellRingsForAnswersAndForMissingOnes() {
    #expect(answer("ping -a -c 1 127.0.0.1").contains("\n\u{7}64 bytes"))
    let missing = answer("ifconfig em0 10.0.0.1/24; ping -A -c 3 -W 1 10.0.0.9")
    #expect(missing.count { $0 == "\u{7}" } == 2)
  }

  @Test func twoAtOnceKeepTheirAnswersApart() {
    let session = Session()
    let text = answer(
      "ping -c 2 127.0.0.1 > /dev/null & ping -c 3 127.0.0.1; wait", in: session)
    #expect(text.contains("3 packets transmitted, 3 packets received, 0.0% packet loss"))
    #expect(!text.contains("DUP"))
    #expect(session.kernel.sockets(vnet: session.vnet).isEmpty)
  }

  @Test func roundTripTimesAreRoundedAsPrintfDoes() {
    let text = answer(
      """
      ipfw -q pipe 1 config delay 1
      ipfw -q pipe 2 config delay 2
      ipfw -q add pipe 1 icmp from any to any icmptypes 8 out
      ipfw -q add prob 0.5 pipe 2 icmp from any to any icmptypes 0 out
      ping -q -c 9 127.0.0.1
      """)
    let line = text.split(separator: "\n").last.map(String.init) ?? ""
    let numbers = line.split { $0 == " " || $0 == "/" }.compactMap { Double($0) }
    #expect(numbers.count == 4 && numbers[0] < numbers[1] && numbers[1] < numbers[2], "\(line)")
  }
}
