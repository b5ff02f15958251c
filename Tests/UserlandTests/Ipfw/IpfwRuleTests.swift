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
    "count log tag 3 ip from any to any", "count tag 3 ip from any to any",
    "prob 0.5 deny ip from any to any", "pipe 1 ip from any to any", "allow keep-state",
    "allow ip from table(1) to any", "allow ip from any to any uid root",
    "allow ip6 from ::1 to any", "reass ip from any to any", "allow layer2",
  ]) func saysWhatIsNotThereYet(_ words: String) {
    #expect {
      try parse(words)
    } throws: { error in
      let said = (error as? Fault)?.resolved(program: "ipfw", usage: "", usageStatus: 64)
      return said?.status == 69 && said?.text.hasSuffix(": not in this fibsh yet\n") == true
    }
  }

  @Test(arguments: ["divert 8668", "tee natd", "netgraph 3", "nat 1"])
  func theKernelRefusesWhatItHasNoModuleFor(_ action: String) {
    #expect(throws: Fault.failed("getsockopt(IP_FW_ADD): Invalid argument", status: 69)) {
      try parse("\(action) ip from any to any")
    }
  }

  @Test func formats() throws {
    var rule = try parse("200 set 3 allow dst-port 80 in // web").rule
    (rule.packets, rule.bytes, rule.lastMatch) = (12, 1008, 1_262_304_000)
    var format = RuleFormat()
    format.isCompact = true
    #expect(line(rule, format) == "00200 allow dst-port 80 in // web")
    format.namesServices = true
    #expect(line(rule, format) == "00200 allow dst-port http in // web")
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
    ("allow xmit em1", 4 << 32, "xmit em1: is not"),
    ("allow frag", 0, "frag: offset is 0"),
    ("allow ip from any to me", 0x0808_0808, "8.8.8.8 is not a local address"),
    ("allow ip from any to not me", 0x0a00_0001, "10.0.0.1 is a local address"),
    ("allow ip from 10.0.0.0/8 to any", 0xc0a8_0101, "src-ip 10.0.0.0/8: is 192.168.1.1"),
    ("allow out", 1, "out: is in"),
    ("allow tcp from any to any", 17, "tcp: is udp"),
    ("allow icmptypes 0,8", 3, "icmptypes 0,8: type is 3"),
    ("allow ip from any to any ipttl 1-5", 64, "ipttl 1-5: is 64"),
    ("check-state", 4 << 32, "check-state: there is no state"),
  ]

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
        == "none of { recv em0 or icmptypes 8 }")
  }
}
