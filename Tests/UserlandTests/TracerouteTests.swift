// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Testing
import Userland

@Suite("traceroute") struct TracerouteTests {
  private static let long = String(repeating: "a", count: 65)

  /// Everything that traceroute refuses, with its words.
  @Test(arguments: [
    ("-f x 1.1.1.1", "\"x\" bad value for first ttl "),
    ("-M 0 1.1.1.1", "first ttl must be > 0"), ("-f 300 1.1.1.1", "first ttl must be <= 255"),
    ("-m 0 1.1.1.1", "max ttl must be > 0"), ("-m 256 1.1.1.1", "max ttl must be <= 255"),
    ("-m 0x1g 1.1.1.1", "\"0x1g\" bad value for max ttl "),
    ("-p 0 1.1.1.1", "port must be > 0"), ("-p 65536 1.1.1.1", "port must be <= 65535"),
    ("-q 0 1.1.1.1", "nprobes must be > 0"), ("-t -1 1.1.1.1", "tos must be >= 0"),
    ("-t 256 1.1.1.1", "tos must be <= 255"), ("-w 0 1.1.1.1", "wait time must be > 0"),
    ("-w 86401 1.1.1.1", "wait time must be <= 86400"),
    ("-z -1 1.1.1.1", "pause msecs must be >= 0"),
    ("-z 3600001 1.1.1.1", "pause msecs must be <= 3600000"),
    ("-P nosuch 1.1.1.1", "\"nosuch\" bad value for proto number "),
    ("-P 256 1.1.1.1", "proto number must be <= 255"),
    ("1.1.1.1 51", "packet length must be > 51"),
    ("1.1.1.1 32769", "packet length must be <= 32768"),
    ("-I 1.1.1.1 71", "packet length must be > 71"),
    ("-f 9 -m 3 1.1.1.1", "first ttl (9) may not be greater than max ttl (3)"),
    ("\(String(repeating: "-g 1.1.1.1 ", count: 9))1.1.1.1", "No more than 8 gateways"),
    ("foo", "unknown host foo"), ("-s foo 127.0.0.1", "unknown host foo"),
    ("-g foo 1.1.1.1", "unknown host foo"),
    (long, "hostname \"\(long.prefix(32))...\" is too long"),
    ("-i em9 1.1.1.1", "Can't find interface em9"),
    ("-i em0 1.1.1.1", "Can't find interface em0"),
    ("-i lo0 -s 127.0.0.2 1.1.1.1", "127.0.0.2 is not on interface lo0"),
    ("-s 127.0.0.2 1.1.1.1", "bind: Can't assign requested address"),
    ("1.1.1.1", "findsaddr: failed to connect to peer for src addr selection."),
  ]) func refuses(words: String, message: String) {
    let session = Session()
    #expect(
      answer("traceroute \(words)\necho $?", in: session) == "traceroute: \(message)\n1\n")
    #expect(session.kernel.sockets(vnet: session.vnet).isEmpty)
  }

  @Test func needsAnInterfaceThatIsUp() {
    #expect(
      answer("ifconfig lo0 down\ntraceroute 127.0.0.1")
        == "traceroute: Can't find any network interfaces\n")
  }

  @Test(arguments: ["", "-%", "-q", "1.1.1.1 60 3"]) func showsItsUsageAlone(words: String) throws {
    let usage = try #require(Commands.registry["traceroute"]).usageText
    #expect(usage.hasPrefix("Version 1.4a12+FreeBSD\nUsage: traceroute [-adDeFInrSvx]"))
    #expect(answer("traceroute \(words)\necho $?") == "\(usage)1\n")
  }

  @Test func warns() {
    let text = answer("traceroute -x -q 1 127.0.0.1")
    #expect(text.hasPrefix("traceroute: Warning: ip checksums disabled\ntraceroute to "))
    #expect(!answer("traceroute -x -x -q 1 127.0.0.1").contains("Warning"))
  }

  @Test(arguments: [
    ("-a", "traceroute: whois.radb.net: hostname nor servname provided, or not known\n"),
    ("-A 127.0.0.1", "traceroute: connect: Operation not supported\n"),
  ]) func findsNoServerOfSystems(option: String, error: String) {
    let text = answer("traceroute \(option) -q 1 127.0.0.1")
    #expect(
      text.hasPrefix(error + "traceroute: as_setup failed, AS# lookups disabled\ntraceroute to "))
    #expect(text.hasSuffix(" 1  localhost (127.0.0.1)  0.000 ms\n"))
  }

  @Test(arguments: [
    ("", 52), ("-I", 72), ("-P tcp", 64), ("-P gre", 52), ("-P ospf", 48), ("-g 127.0.0.1", 60),
  ]) func packetsAreAsShortAsCanBe(words: String, length: Int) {
    let text = answer("traceroute \(words) -q 1 -m 1 -w 1 127.0.0.1")
    #expect(text.hasPrefix("traceroute to 127.0.0.1 (127.0.0.1), 1 hops max, \(length) byte"))
  }

  @Test func takesTheTableOfItsProcess() {
    let text = answer(
      """
      sysctl -q net.add_addr_allfibs=0
      ifconfig em0 10.0.0.1/24
      arp -s 10.0.0.254 02:00:00:00:00:fe
      setfib 1 route -q add 10.9.0.0/16 -interface lo0
      traceroute -q 1 -m 1 -w 1 10.9.9.9; echo $?
      """)
    #expect(text.hasSuffix("failed to connect to peer for src addr selection.\n1\n"), "\(text)")
  }
}
