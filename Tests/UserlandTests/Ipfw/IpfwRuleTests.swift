// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Testing
import Userland
import Wire

@Suite("ipfw rules") struct IpfwRuleTests {
  private func parse(
    _ words: String, verboseLimit: Int = 0
  ) throws(Fault) -> (rule: FirewallRule, said: [String]) {
    let said = Said()
    let surroundings = RuleSurroundings(
      fibCount: 16, verboseLimit: verboseLimit, resolve: { $0 == "localhost" ? .loopback : nil },
      warn: { said.lines.append($0) })
    let rule = try RuleParser.parse(
      words.split(separator: " ").map(String.init), surroundings)
    return (rule, said.lines)
  }

  private final class Said { var lines: [String] = [] }

  /// The number that the kernel would give.
  private func line(_ rule: FirewallRule, _ format: RuleFormat = RuleFormat()) -> String {
    var rule = rule
    if rule.number == 0 { rule.number = 100 }
    return RulePrinter.line(rule, format)
  }

  @Test(arguments: RecordedRules.accepted)
  func printsARuleAsRecorded(_ words: String, _ wanted: String) throws {
    let (rule, said) = try parse(words)
    #expect(line(rule) == wanted)
    #expect(said.isEmpty)
  }

  @Test(arguments: RecordedRules.refused)
  func refusesWordsAsRecorded(_ words: String, _ status: Int32, _ message: String) throws {
    let session = Session(SessionOptions())
    let transcript = Transcript()
    let interpreter = Interpreter(
      world: session, registry: Registry([Commands.ipfw]), output: transcript.output())
    let words = ["ipfw", "add"] + words.split(separator: " ").map(String.init)
    let found = interpreter.run(words: words, output: transcript.output(), input: .empty)
    #expect(transcript.error == "ipfw: " + message)
    #expect(found == status)
  }

  /// Lines that say all of their rule; the original prints some that it cannot read again.
  static let faithful = RecordedRules.accepted.map(\.line).filter { line in
    line.count { $0 == "{" } == line.count { $0 == "}" } && !line.hasSuffix("icmptypes")
      && ["/24}", "tcpflags \n", "tcp udp"].allSatisfy { !(line + "\n").contains($0) }
  }

  @Test(arguments: faithful) func printsTheSameAgain(_ text: String) throws {
    let rule = try parse(text).rule
    #expect(line(rule) == text)
  }

  @Test func shortenedWordsAreTold() throws {
    let (rule, said) = try parse("allow al fro m t a")
    #expect(line(rule) == "00100 allow ip from me to any")
    #expect(
      said
        == [("al", "all"), ("fro", "from"), ("m", "me"), ("t", "to"), ("a", "any")].map {
          "DEPRECATED: '\($0.0)' matched '\($0.1)' as a sub-string"
        })
  }

  @Test(arguments: [
    (0, "deny log ip from any to any", "00100 deny log ip from any to any"),
    (25, "deny log ip from any to any", "00100 deny log logamount 25 ip from any to any"),
    (25, "deny log logamount 0 ip from any to any", "00100 deny log ip from any to any"),
    (-1, "deny log ip from any to any", "00100 deny log logamount -1 ip from any to any"),
    (7, "check-state log", "00100 check-state log logamount 7"),
    (0, "deny log logamount 9 in", "00100 deny log logamount 9 ip from any to any in"),
    (0, "deny log ip from any to any { in or", "00100 deny log ip from any to any { in or"),
    (0, "count log // why", "00100 count log ip from any to any // why"),
  ]) func aRuleWithoutLogamountTakesTheKernelsLimit(
    _ limit: Int, _ words: String, _ wanted: String
  ) throws {
    #expect(line(try parse(words, verboseLimit: limit).rule) == wanted)
  }

  @Test func logIsSaidOnce() throws {
    #expect(throws: Fault.failed("log cannot be specified more than once", status: 65)) {
      try parse("deny log logamount 5 log ip from any to any")
    }
    // Right behind it, the same word is the beginning of `logamount`.
    let (rule, said) = try parse("deny log log 3 ip from any to any")
    #expect(line(rule) == "00100 deny log logamount 3 ip from any to any")
    #expect(said == ["DEPRECATED: 'log' matched 'logamount' as a sub-string"])
  }

  @Test func logamountIsShortened() throws {
    let (rule, said) = try parse("deny log loga 5 ip from any to any")
    #expect(line(rule) == "00100 deny log logamount 5 ip from any to any")
    #expect(said == ["DEPRECATED: 'loga' matched 'logamount' as a sub-string"])
  }

  @Test(arguments: [
    ("allow ip6 from fe80::1 to any", "allow ip6 from fe80::1 to any"),
    ("allow ip from fe80::/10,::1 to me6", "allow ip from fe80::/10,::1 to me6"),
    ("allow ipv6 from me to any 80", "allow ip6 from me6 to any dst-port 80"),
    // What only has lists of any looks like me to the original.
    ("allow ip from ::/0 to any", "allow ip from me6 to any"),
    ("allow ip6 from any to any flow-id 1,0x10", "allow flow-id 1,16 "),
    (
      "allow ext6hdr esp,frag,ah",
      "allow ip from any to any extension header: fragmentation,authentication header,"
        + "encapsulated security payload"
    ),
    ("deny not icmp6types 0,201", "deny ip from any to any ip6 icmp6types 0,201"),
    ("unreach6 1 ip6 from any to any", "unreach6 admin-prohib ip6 from any to any"),
    ("unreach6 77 ip6 from any to any", "unreach6 77 ip6 from any to any"),
    ("reset6 ip6 from any to any", "reset6 ip6 from any to any"),
    ("allow not keep-state in", "allow ip from any to any in not keep-state"),
    ("allow not limit src-addr 3 out", "allow ip from any to any out limit src-addr 3"),
    ("prob 0.3333333 deny in", "prob 0.333333 deny ip from any to any in"),
    ("count untag 7 log ip from any to any", "count log untag 7 ip from any to any"),
    ("allow mac-type foo not in", "allow ip from any to any out"),
    ("allow 41 from ::1 to any", "allow ipv6 from ::1 to any"),
  ]) func showsWhatItTook(_ words: String, _ wanted: String) throws {
    #expect(line(try parse(words).rule) == "00100 " + wanted)
  }

  @Test(arguments: [
    ("allow 41 from 1.2.3.4 to any", 65, "bad address \"1.2.3.4\""),
    ("allow ip from ::1/129,::2 to any", 65, "bad width \"129,::2''"),
    ("allow ip from not ::/0 to any", 65, "not any never matches"),
    ("allow ip from ::1,::2 to any", 68, "hostname ``'' unknown"),
    ("allow ip6 from any to any flow-id", 65, "invalid ipv6 flow number (null)"),
    ("allow ip6 from any to any flow-id 1x", 65, "invalid ipv6 flow number x"),
    ("allow ip6 from any to any flow-id 0x100000", 65, "flow number out of range "),
    ("allow ext6hdr foo", 65, "invalid option for ipv6 exten header"),
    ("allow ext6hdr", 64, "ext6hdr requires list of headers"),
    ("allow mac-type any", 65, "invalid mac type any"),
    ("prob 1.5 allow in", 65, "illegal match prob. 1.5"),
    ("allow limit src-addr", 64, "limit: missing argument"),
  ]) func saysWhatIsWrong(_ words: String, _ status: Int32, _ message: String) {
    #expect(throws: Fault.failed(message, status: status)) { try parse(words) }
  }

  @Test func formats() throws {
    var rule = try parse("200 set 3 allow dst-port 80 in // web").rule
    (rule.packets, rule.bytes, rule.lastMatch) = (12, 1008, 1_262_304_000)
    var format = RuleFormat()
    format.isCompact = true
    #expect(line(rule, format) == "00200 allow dst-port 80 in // web")
    format.namesServices = true
    // Nobody serves the protocol that is none.
    #expect(line(rule, format) == "00200 allow dst-port 80 in // web")
    let named = line(try parse("allow udp from any to any 53 mac-type arp").rule, format)
    #expect(named == "00100 allow udp from any to any dst-port domain mac-type arp")
    format.isCommentOnly = true
    #expect(line(rule, format) == "00200 allow // web")
    format = RuleFormat()
    format.showsSets = true
    format.time = .text
    format.counterWidths = (5, 6)
    #expect(
      line(rule, format)
        == "00200    12   1008 Fri Jan  1 00:00:00 2010 set 3 allow ip from any to any dst-port 80 in // web"
    )
    rule.lastMatch = 0
    format.counterWidths = nil
    #expect(line(rule, format).hasPrefix("00200                         set 3 allow"))
    format.time = .number
    #expect(line(rule, format).hasPrefix("00200          0 set 3 allow"))
  }

  static let reasons: [(words: String, value: UInt64, wanted: String)] = [
    ("allow udp from any to any 53", 54, "dst-port 53: is 54"),
    ("allow udp from any to any 53", 3 << 32 | 1, "dst-port 53: is icmp"),
    ("allow udp from any to any 53", 2 << 32 | 1480, "dst-port 53: is a fragment, offset 1480"),
    ("allow tcp from any to any setup", 0x12, "setup: flags are S."),
    ("allow recv em1", 1, "recv em1: is em0"),
    ("allow xmit em1", 4 << 32, "xmit em1: is none"),
    ("allow frag", 0, "frag: offset is 0"),
    ("allow ip from any to me", 0x0808_0808, "8.8.8.8 is not a local address"),
    ("allow ip from any to not me", 0x0a00_0001, "10.0.0.1 is a local address"),
    ("allow ip from 10.0.0.0/8 to any", 0xc0a8_0101, "src-ip 10.0.0.0/8: is 192.168.1.1"),
    ("allow out", 1, "out: is in"),
    ("allow tcp from any to any", 17, "tcp: is udp"),
    ("allow icmptypes 0,8", 3, "icmptypes 0,8: type is 3"),
    ("allow ip from any to any ipttl 1-5", 64, "ipttl 1-5: is 64"),
    ("check-state", 4 << 32, "check-state: there is no state"),
    ("allow mac-type arp", 0x86dd, "mac-type 0x0806: is 0x86dd"),
    ("allow not layer2", 4 << 32, "not layer2: is not"),
  ]

  /// Values that are more than a number.
  static let facts: [(words: String, meaning: PacketValue.Meaning, wanted: String)] = [
    (
      "allow ip from table(1) to any", .noEntry(IPv4Address(10, 0, 0, 5)),
      "src-ip table(1): no entry for 10.0.0.5"
    ),
    ("allow ip from any to table(1,5)", .value(7), "dst-ip table(1,5): value is 7"),
    ("allow ip from any to any tagged 5", .tags(count: 2, [7, 9, 0]), "tagged 5: tags are 7,9"),
    ("allow ip from any to any tagged 5", .tags(count: 1, [7, 0, 0]), "tagged 5: tag is 7"),
    (
      "allow ip from any to any tagged 1-3", .tags(count: 9, [7, 8, 9]),
      "tagged 1-3: tags are 7,8,9 and more"
    ),
    ("allow ip from any to any tagged 5", .tags(count: 0, .zero), "tagged 5: no tags"),
    (
      "allow ip from any to any mac any 00:11:22:33:44:55",
      .station(.source, EthernetAddress(0, 0x11, 0x22, 0, 0, 1)),
      "MAC any 00:11:22:33:44:55: source is 00:11:22:00:00:01"
    ),
    ("allow ip from any to any mac-type 0x86dd", .value(0x800), "mac-type 0x86dd: is 0x0800"),
    ("allow ip from any to any mac-type 0x86dd", .noFrame, "mac-type 0x86dd: is no frame"),
    ("allow ip from any to any not layer2", .value(1), "not layer2: is a frame"),
    ("allow tcp from any to any uid root", .value(5), "uid root: is 5"),
    ("allow tcp from any to any jail 3", .noSocket, "jail 3: no socket"),
    ("allow ip from any to any diverted-output", .value(1), "diverted-output: came back as input"),
    ("allow ip from any to any diverted", .value(0), "diverted: never was"),
    (
      "allow ip from any to any ext6hdr frag", .value(2),
      "extension header: fragmentation: headers are hop options"
    ),
    ("allow ip from any to any dst-ip6 fe80::/10", .notIPv6, "dst-ip6 fe80::/10: is not IPv6"),
    ("allow ip from any to any dst-ip6 fe80::/10", .nothing, "dst-ip6 fe80::/10: is outside"),
    ("allow ip from any to any ipoptions rr", .nothing, "ipoptions rr: options are broken"),
  ]

  @Test(arguments: facts) func saysWhatThePacketHas(
    _ words: String, _ meaning: PacketValue.Meaning, _ wanted: String
  ) throws {
    let rule = try parse(words).rule
    let value = PacketValue(meaning)
    #expect(value.meaning == meaning)
    let place = UInt16(rule.instructions.count - 1)
    #expect(
      RulePrinter.whyNot(rule, failed: place, value: value.rawValue) { _ in "" } == wanted)
  }

  @Test func aProbabilityAndAFrameHaveTheirWords() throws {
    let rule = try parse("prob 0.25 allow ip from any to any").rule
    let half = PacketValue(.value(1 << 30)).rawValue
    #expect(
      RulePrinter.whyNot(rule, failed: 0, value: half) { _ in "" }
        == "prob 0.250000: drew 0.500000")
    let tee = try parse("tee 5 ip from any to any").rule
    let frame = PacketValue(.frame).rawValue
    #expect(RulePrinter.whyNot(tee, failed: 0, value: frame) { _ in "" } == "tee: not for frames")
  }

  /// The last instruction of each rule is the one that failed; check-state has none.
  @Test(arguments: reasons) func saysWhyNot(
    _ words: String, _ value: UInt64, _ wanted: String
  ) throws {
    let rule = try parse(words).rule
    let place = UInt16(max(rule.instructions.count - 1, 0))
    #expect(
      RulePrinter.whyNot(rule, failed: place, value: value) { "em\($0.rawValue - 1)" } == wanted)
  }

  @Test func aBlockFailsAsAWhole() throws {
    let rule = try parse("allow ip from any to any { recv em0 or icmptypes 8 }").rule
    #expect(
      RulePrinter.whyNot(rule, failed: 1, value: 0) { _ in "" }
        == "none of { recv em0 or icmptypes 8: type is 0 }")
  }
}
