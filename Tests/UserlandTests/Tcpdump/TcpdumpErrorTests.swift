// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Testing
import Userland
import Wire

@testable import Userland

/// Every complaint of tcpdump, and its exit status.
@Suite("tcpdump's errors") struct TcpdumpErrorTests {
  private static let usage: String = TcpdumpOptions.usage

  private static let reading: String = "reading from file f, link-type EN10MB (Ethernet)\n"

  /// What the lines print, with the status of the last; f is a capture with one empty frame.
  private func run(_ line: String) -> (text: String, status: Int32) {
    let files = MemoryFiles([
      "f": [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0] + [UInt8](repeating: 0, count: 8)
        + [0xff, 0xff, 0, 0, 1, 0, 0, 0],
      "short": [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0] + [UInt8](repeating: 0, count: 8)
        + [0xff, 0xff, 0, 0, 1, 0, 0, 0] + [UInt8](repeating: 0, count: 8),
      "text": Array("nothing of the kind, but of some length\n".utf8),
      "filter": Array("icmp # and nothing else\n or foo".utf8),
    ])
    let transcript = Transcript()
    let shell = Interpreter(
      world: Session(), registry: Commands.registry, output: transcript.output(),
      host: files.host)
    shell.run(text: "ifconfig em1 10.0.0.1/24\nifconfig em2 down\n" + line)
    return (transcript.all, shell.status)
  }

  private static let refusals: [(String, String)] = [
    ("-Q", usage), ("-c", usage), ("-B 4", usage), ("-I", usage),
    ("-c 0", "tcpdump: invalid packet count 0\n"),
    ("-c x", "tcpdump: invalid packet count x\n"),
    ("-s -1", "tcpdump: invalid snaplen -1\n"),
    ("-s 65536", "tcpdump: invalid snaplen 65536\n"),
    ("-s 10x", "tcpdump: invalid snaplen 10x\n"),
    ("-C -1", "tcpdump: invalid file size -1\n"),
    ("-G -1", "tcpdump: invalid number of seconds -1\n"),
    ("-W -1", "tcpdump: invalid number of output files -1\n"),
    ("-i 0", "tcpdump: Invalid adapter index\n"),
    ("-i -1", "tcpdump: Invalid adapter index\n"),
    ("-i 99", "tcpdump: Invalid adapter index\n"),
    ("-y FOO", "tcpdump: invalid data link type FOO\n"),
    ("-T foo", "tcpdump: unknown packet type `foo'\n"),
    ("-T rtp", "tcpdump: packet type `rtp' is not decoded in this fibsh\n"),
    ("-E 3des:x", "tcpdump: -E: there is no cryptography in this fibsh\n"),
    ("-M x", "tcpdump: -M: there is no cryptography in this fibsh\n"),
    ("-C 1 -w g", "tcpdump: -C and -G: one file is written in this fibsh\n"),
    ("-r -", "tcpdump: -: captures are files in this fibsh\n"),
    (
      "-tttttt",
      "tcpdump: only -t, -tt, -ttt, -tttt and -ttttt are supported\n"
    ),
    (
      "-i em9",
      "tcpdump: em9: No such device exists\n(BIOCSETIF failed: Device not configured)\n"
    ),
    ("-y NULL -i em1", "tcpdump: NULL is not one of the DLTs supported by this device\n"),
    ("-y DOCSIS -i em1", "tcpdump: unsupported data link type DOCSIS\n"),
    ("-r nofile", "tcpdump: nofile: No such file or directory\n"),
    ("-r text", "tcpdump: bad dump file format\n"),
    ("-r f -f", reading + "tcpdump: -f and -r options are incompatible\n"),
    ("-r f foo", reading + "tcpdump: syntax error\n"),
    ("-r f 10.0.0.1", reading + "tcpdump: syntax error\n"),
    ("-r f ip and", reading + "tcpdump: syntax error\n"),
    ("-r f -w no/g", reading + "tcpdump: no/g: No such file or directory\n"),
    ("-r f -F nofile", reading + "tcpdump: can't open nofile: No such file or directory\n"),
    ("-r f -F filter", reading + "tcpdump: unknown host 'foo'\n"),
    ("-i em1 -w no/g", "tcpdump: no/g: No such file or directory\n"),
    ("-i em1 foo", "tcpdump: syntax error\n"),
  ]

  @Test(arguments: refusals) func refuses(_ words: String, _ text: String) {
    let found = run("tcpdump \(words)")
    #expect(found.text == text)
    #expect(found.status == 1)
  }

  @Test func endsWithTheErrorOfACutFile() {
    let found = run("tcpdump -r short")
    #expect(
      found.text.hasPrefix(
        "reading from file short, link-type EN10MB (Ethernet)\ntcpdump: pcap_loop: truncated dump"))
    #expect(found.status == 1)
  }

  private static let results: [(String, String)] = [
    ("-D", "1.em1\n2.lo0\n"), ("-D -c 0", "1.em1\n2.lo0\n"),
    (
      "-L -i em1",
      "Data link types (use option -y to set):\n  DOCSIS (DOCSIS) (printing not supported)\n"
        + "  EN10MB (Ethernet)\n"
    ),
    ("-L -i lo0", "Data link types (use option -y to set):\n  NULL (BSD loopback)\n"),
    ("-d -i em1", "(000) ret      #96\n"),
    ("-dd -s 0 -i em1", "{ 0x6, 0, 0, 0x0000ffff },\n"),
    ("-ddd -i em1", "1\n6 0 0 96\n"),
    (
      "-d -i em1 arp",
      "(000) ldh      [12]\n(001) jeq      #0x806           jt 2\tjf 3\n(002) ret      #96\n"
        + "(003) ret      #0\n"
    ),
    (
      "-m x -d -i em1",
      "tcpdump: ignoring option `-m x' (no libsmi support)\n(000) ret      #96\n"
    ),
    ("-i 2 -d", "(000) ret      #96\n"),
    ("-y en10mb -i em1 -d", "tcpdump: data link type en10mb\n(000) ret      #96\n"),
    ("-i em0 -d", "tcpdump: WARNING: em0: no IPv4 address assigned\n(000) ret      #96\n"),
    ("-r f", reading),
  ]

  @Test(arguments: results) func answers(_ words: String, _ text: String) {
    let found = run("tcpdump \(words)")
    #expect(found.text == text)
    #expect(found.status == 0)
  }

  @Test func needsAnInterfaceThatIsUp() {
    #expect(answer("tcpdump -d") == "tcpdump: no suitable device found\n")
  }

  /// Expressions and what libpcap 1.0.0 says of them.
  private static let badExpressions: [(String, String?)] = [
    ("host foo", "unknown host 'foo'"), ("src foo or bar", "unknown host 'foo'"),
    ("net foo", "unknown network 'foo'"), ("port foo", "unknown port 'foo'"),
    ("portrange a-b", "unknown port in range 'a-b'"),
    ("ip proto foo", "unknown protocol: foo"), ("ether host foo", "unknown ether host 'foo'"),
    ("gateway foo", "'gateway' not supported in this configuration"),
    ("icmp port ssh", "illegal qualifier of 'port'"),
    ("tcp port syslog", "port 'syslog' is udp"), ("udp port shell", "port 'shell' is tcp"),
    ("udp port telnet", nil),
    ("udp port imaps", nil),
    ("port 10.0.0.1", "'port' modifier applied to ip host"),
    ("ip[0:3] = 1", "data size must be 1, 2, or 4"),
    ("net 10.0.0.1/8", "non-network bits set in \"10.0.0.1/8\""),
    (
      "net 10.0.0.1 mask 255.0.0.0",
      "non-network bits set in \"10.0.0.1 mask 255.0.0.0\""
    ),
    ("net 10.0.0.0/33", "mask length must be <= 32"),
    ("host 10.0.0.0/8", "Mask syntax for networks only"),
    ("ip host 02:00:00:00:00:01", "ethernet address used in non-ether expression"),
    ("ip and arp", "expression rejects all packets"),
    ("inbound", "inbound/outbound not supported on linktype 1"),
    ("arp[0", "syntax error"), ("arp proto 5", "arp does not encapsulate another protocol"),
  ]

  @Test(arguments: badExpressions) func refusesExpressions(_ expression: String, _ message: String?)
  {
    let found: String?
    do throws(CaptureError) {
      _ = try CaptureFilter(expression, netmask: .any)
      found = nil
    } catch { found = error.description }
    #expect(found == message, "\(expression)")
  }

  private static let names: [(String, String?)] = [
    ("port ssh or http", "port 22 or 80"), ("tcp port ftp-data", "tcp port 20"),
    ("port syslog or 80", "udp port 514 or port 80"),
    ("port 80 or syslog", "port 80 or udp port 514"),
    ("src and dst port syslog and udp", "udp src and dst port 514 and udp"),
    ("portrange shell-600", "tcp portrange 514-600"), ("ip proto \\tcp", "ip proto 6"),
    ("ether proto \\ip", "ether proto \\ip"), ("tcp[tcpflags] & tcp-syn != 0", nil),
    ("ether host 2:0:0:0:0:1 or 2:0:0:0:0:2", nil), ("len > 5 and port 80", nil),
    ("net 10.0.0.0 mask 255.0.0.0", nil), ("not (host 10.0.0.1 or 10.0.0.2)", nil),
  ]

  @Test(arguments: names) func putsNumbersForNames(_ text: String, _ numbers: String?) throws {
    let found = try FilterNames.resolve(text, link: .ethernet)
    #expect(found == numbers ?? text)
    _ = try CaptureFilter(text)
  }
}
