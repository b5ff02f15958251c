// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Testing
import Userland

@Suite("ipfw(8)") struct IpfwCommandTests {
  /// A session of ipfw commands; each answer is stdout and stderr in order, and the status.
  private final class Lab {
    let session: Session

    init(_ rules: [String] = [], libalias: Bool = true) {
      var options = SessionOptions()
      options.kernel.libalias = libalias
      options.kernel.firewallDefaultsToAccept = false
      session = Session(options)
      for rule in rules { _ = run("-q add \(rule)") }
    }

    func run(
      _ line: String, files: [String: String] = [:], isSandbox: Bool = false
    ) -> (text: String, status: Int32) {
      run(words: line.split(separator: " ").map(String.init), files: files, isSandbox: isSandbox)
    }

    /// The preprocessor `sed` takes its arguments out of the file; `stop` fails behind it.
    func run(
      words: [String], files: [String: String] = [:], isSandbox: Bool = false
    ) -> (text: String, status: Int32) {
      let transcript = Transcript()
      var host = Host()
      host.read = { path throws(HostError) in Array((files[path] ?? "").utf8) }
      host.filter = { words, path throws(HostError) in
        let ends: [String: Filtered.End] = [
          "sed": .exited(status: 0), "stop": .exited(status: 3), "die": .killed(signal: 9),
        ]
        guard let end = ends[words[0]] else { throw HostError("No such file or directory") }
        let text = words.dropFirst().reduce(files[path] ?? "") { $0.replacing($1, with: "") }
        return Filtered(output: Array(text.utf8), end: end)
      }
      let interpreter = Interpreter(
        world: session, registry: Registry([Commands.ipfw]), output: transcript.output(),
        host: host)
      interpreter.allowsHostPrograms = !isSandbox
      let status = interpreter.run(
        words: ["ipfw"] + words, output: transcript.output(), input: .empty)
      return (transcript.all, status)
    }
  }

  private static let rules = [
    "100 allow ip from any to any via lo0", "200 set 1 deny ip from 10.0.0.0/8 to any in via em0",
    "300 count icmp from any to any",
  ]
  private let usage =
    "ipfw: usage: ipfw [options]\ndo \"ipfw -h\" or \"man ipfw\" for details\n"
  private static let last = "65535 deny ip from any to any\n"

  @Test func listsAllOrSome() {
    let lab = Lab(Self.rules)
    let lines = Self.rules.map { "00" + $0.replacing("set 1 ", with: "") + "\n" }
    #expect(lab.run("list").text == lines.joined() + Self.last)
    #expect(lab.run("list 100-200").text == lines[0] + lines[1])
    #expect(lab.run("set 1 list").text == lines[1])
    let (text, status) = lab.run("list 300 999 x")
    #expect(
      text == lines[2] + "ipfw: rule 999 does not exist\nipfw: invalid rule number: x\n")
    #expect(status == 64)
    #expect(lab.run("-a list 300").text == "00300 0 0 count icmp from any to any\n")
    #expect(lab.run("l").text.hasPrefix("ipfw: DEPRECATED: 'l' matched 'list' as a sub-string\n"))
  }

  @Test func addsAsAsked() {
    let lab = Lab()
    #expect(
      lab.run("add count tcp from any to me 22").text
        == "00100 count tcp from any to me dst-port 22\n")
    #expect(lab.run("7 add deny in").text == "00007 deny ip from any to any in\n")
    #expect(lab.run("-n add deny in").text == "00000 deny ip from any to any in\n")
    #expect(lab.run("-q add deny out") == ("", 0))
    #expect(lab.run("list").text.split(separator: "\n").count == 4)
    #expect(lab.run("add setfib 16 in") == ("ipfw: fib too large.\n\n", 65))
    #expect(
      lab.run("add allow in fib 16") == ("ipfw: getsockopt(IP_FW_ADD): Invalid argument\n", 69))
  }

  @Test func deletesFlushesAndClears() {
    let lab = Lab(Self.rules)
    #expect(
      lab.run("delete 100 999 300")
        == ("ipfw: rule 999: setsockopt(IP_FW_DEL): Invalid argument\n", 69))
    #expect(lab.run("zero 200") == ("Entry 200 cleared.\n", 0))
    #expect(lab.run("zero") == ("Accounting cleared.\n", 0))
    #expect(lab.run("zero 7") == ("ipfw: rule 7: setsockopt(IP_FW_ZERO): Invalid argument\n", 69))
    #expect(lab.run("delete") == ("ipfw: missing rule specification\n", 64))
    #expect(lab.run("delete x") == ("", 0))
    #expect(lab.run("flush") == ("Flushed all rules.\n", 0))
    #expect(lab.run("list").text == Self.last)
  }

  @Test func switchesSets() {
    let lab = Lab(Self.rules)
    #expect(lab.run("set disable 1 2") == ("", 0))
    #expect(lab.run("set show").text.hasPrefix("disable 1 2 enable 0 3 4"))
    #expect(!lab.run("list").text.contains("00200"))
    #expect(lab.run("-S list").text.contains("# DISABLED 00200 set 1 deny"))
    #expect(lab.run("set move rule 200 to 5") == ("", 0))
    #expect(lab.run("set swap 5 6") == ("", 0))
    #expect(lab.run("-S list 200").text.hasPrefix("00200 set 6 "))
    #expect(lab.run("set disable 99") == ("ipfw: invalid set number 99\n\n", 65))
    #expect(lab.run("set") == ("ipfw: set needs command\n", 64))
    #expect(lab.run("set move 1") == ("ipfw: syntax: set move [rule] X to Y\n\n", 64))
  }

  @Test func onlyASingleArgumentIsSplit() {
    let lab = Lab()
    #expect(lab.run(words: ["-q add 100 allow ip from any to 10.0.0.1, 10.0.0.2 # two"]) == ("", 0))
    #expect(
      lab.run(words: ["list 100"]).text == "00100 allow ip from any to 10.0.0.1,10.0.0.2\n")
    #expect(lab.run(words: ["-q", "list 100"]) == ("ipfw: bad command `list 100'\n", 64))
    #expect(lab.run(words: [" # nothing"]).status == 64)
  }

  @Test func aSetOfAnOtherRuleIsNone() {
    let lab = Lab(Self.rules)
    #expect(lab.run("set 5 delete 100") == ("", 0))
    #expect(
      lab.run("set 5 delete 101")
        == ("ipfw: rule 84213861: setsockopt(IP_FW_DEL): Invalid argument\n", 69))
    // Sets are cut to eight bits, or sixteen, before they are looked at.
    #expect(lab.run("set swap 65537 256") == ("", 0))
    #expect(lab.run("-S list 100").text.hasPrefix("00100 set 1 "))
    #expect(lab.run("set swap 0 40") == ("ipfw: invalid set number 40\n\n", 65))
  }

  @Test func wrongWords() {
    let lab = Lab()
    #expect(lab.run("") == (usage, 64))
    #expect(lab.run("-z list") == ("ipfw: illegal option -- z\n" + usage, 64))
    #expect(lab.run("-q") == ("ipfw: bad arguments, for usage summary ``ipfw''\n", 64))
    #expect(lab.run("frob") == ("ipfw: bad command `frob'\n", 64))
    #expect(lab.run("enable frob") == ("ipfw: unrecognize enable/disable keyword: frob\n\n", 0))
    #expect(lab.run("set 1 add allow in") == ("ipfw: bad command `add'\n", 64))
    #expect(lab.run("-n list") == ("Testing only, list disabled\n", 0))
    #expect(
      lab.run("disable altq")
        == (
          "ipfw: altq support opening pf(4) control device: No such file or directory\n", 69
        ))
    #expect(lab.run("pipe") == ("ipfw: missing command\n", 64))
    #expect(lab.run("pipe 1 frob") == ("ipfw: bad command `frob'\n", 64))
    #expect(lab.run("sched 1 show") == ("ipfw: bad command `sched'\n", 64))
    #expect(lab.run("config 1") == ("ipfw: bad command `config'\n", 64))
  }

  @Test func disablesTheFirewall() {
    let lab = Lab()
    #expect(lab.run("disable firewall") == ("", 0))
    let isEnabled = lab.session.kernel[.zero].sysctl.fwEnable
    #expect(!isEnabled)
  }

  @Test(arguments: ["netgraph 3", "ngtee 4", "nat 5"])
  func theKernelRefusesWhatItHasNoModuleFor(_ action: String) {
    #expect(
      Lab(libalias: false).run("add \(action) ip from any to any")
        == ("ipfw: getsockopt(IP_FW_ADD): Invalid argument\n", 69))
  }

  @Test func theConsoleTellsWhyARuleIsRefused() {
    let lab = Lab()
    let networks = (0..<16).map { "10.0.\($0).0/24" }.joined(separator: ",")
    for rule in ["from table(128) to any", "from \(networks) to any", "from any to any 2-3 fib 99"]
    {
      #expect(lab.run("add allow ip \(rule)").status == 69)
    }
    #expect(
      lab.session.kernel.machine.messages == [
        "ipfw: invalid table number 128", "ipfw: opcode 2 size 33 wrong",
        "ipfw: invalid fib number 99",
      ])
  }

  @Test func keepsTables() {
    let lab = Lab()
    for entry in ["10.0.0.0/8 100", "192.168.1.1", "172.16.5.9/12 10.0.0.9", "10.0.0.0/16 0x10"] {
      #expect(lab.run("table 1 add \(entry)") == ("", 0))
    }
    let list = "10.0.0.0/16 16\n10.0.0.0/8 100\n172.16.0.0/12 167772169\n192.168.1.1/32 0\n"
    #expect(lab.run("table 1 list") == (list, 0))
    #expect(lab.run("-i table 1 list").text.contains("172.16.0.0/12 10.0.0.9\n"))
    #expect(
      lab.run("table 1 add 192.168.1.1")
        == ("ipfw: setsockopt(IP_FW_TABLE_ADD): File exists\n", 71))
    #expect(lab.run("-q table 1 add 192.168.1.1 7") == ("", 0))
    #expect(lab.run("table 2 add 0.0.0.0/0 5") == ("", 0))
    #expect(
      lab.run("table all list").text
        == "---table(1)---\n" + list.replacing("1/32 0", with: "1/32 7")
        + "---table(2)---\n0.0.0.0/0 5\n")
    #expect(lab.run("table 1 delete 10.0.0.0/8") == ("", 0))
    #expect(
      lab.run("table 1 delete 10.0.0.0/8")
        == ("ipfw: setsockopt(IP_FW_TABLE_DEL): No such process\n", 71))
    #expect(lab.run("-q table 1 delete 10.0.0.0/8") == ("", 0))
    #expect(lab.run("table 1 flush") == ("", 0))
    #expect(lab.run("table all list").text == "---table(2)---\n0.0.0.0/0 5\n")
    #expect(lab.run("table all flush") == ("", 0))
    #expect(lab.run("table all list") == ("", 0))
    // A length is eight bits wide.
    #expect(lab.run("table 3 add 1.2.3.4/256") == ("", 0))
    #expect(lab.run("table 3 list").text == "0.0.0.0/0 0\n")
    #expect(lab.run("table 1 add 1.2.3.4/40") == ("ipfw: bad width ``40''\n", 65))
    #expect(lab.run("table 1 add") == ("ipfw: IP address required\n", 64))
  }

  @Test func translationNeedsAModule() {
    let lab = Lab(libalias: false)
    #expect(lab.run("nat") == ("ipfw: missing command\n", 64))
    #expect(
      lab.run("nat 1 config ip 1.2.3.4 log")
        == ("ipfw: setsockopt(IP_FW_NAT_CFG): Invalid argument\n", 1))
    #expect(lab.run("nat 1 config") == ("ipfw: missing option\n", 65))
    #expect(lab.run("nat config if em0") == ("ipfw: missing nat id\n", 65))
    #expect(lab.run("nat 1 config if em9") == ("ipfw: unknown interface name em9\n", 1))
    #expect(lab.run("nat 1 config frob") == ("ipfw: unrecognised option ``frob''\n", 65))
    #expect(
      lab.run("nat show config")
        == ("ipfw: getsockopt(IP_FW_GET_CONFIG): Invalid argument\n", 71))
    #expect(lab.run("nat delete 1") == ("ipfw: rule 1 not available: Invalid argument\n", 69))
    #expect(
      lab.session.kernel.machine.messages.first
        == "IP_FW_NAT_CFG: ipfw_nat not present, please load it")
  }

  @Test func readsAFileLineByLine() {
    let lab = Lab()
    let file =
      "# rules\nadd 100 allow ip from any to any  # all\n\nadd 200 nothing\nadd 300 deny in\n"
    let (text, status) = lab.run("-q /etc/rules", files: ["/etc/rules": file])
    #expect(text == "Line 4: invalid action nothing\n\n")
    #expect(status == 65)
    #expect(lab.run("list").text == "00100 allow ip from any to any\n" + Self.last)
    let options = "add 400 allow in\n-q add 500 deny out\nadd 600 deny out\n"
    #expect(
      lab.run("/etc/rules", files: ["/etc/rules": options])
        == ("00400 allow ip from any to any in\n", 0))
    #expect(
      lab.run("-a /etc/rules", files: ["/etc/rules": options])
        == (
          "ipfw: illegal option -- a\nipfw: bad arguments, for usage summary ``ipfw''\n", 64
        ))
  }

  @Test func readsAFileThroughAPreprocessor() {
    let lab = Lab()
    let files = ["/rules": "add 100 count log ip from any to any -q\n", "/none": ""]
    #expect(
      lab.run("-q -p sed log -q /rules", files: files)
        == ("", 0))
    #expect(lab.run("list").text == "00100 count ip from any to any\n" + Self.last)
    let failures: [(line: String, text: String, status: Int32)] = [
      (
        "-p stop -q /rules",
        "00100 count log ip from any to any\n"
          + "Line 1: preprocessor exited with status 3\n", 69
      ),
      ("-qpdie /none", "ipfw: preprocessor exited with signal 9\n", 69),
      (
        "-p m4 -D x, y /rules",
        "ipfw: execvp(m4) failed: No such file or directory\n"
          + "ipfw: preprocessor exited with status 71\n", 69
      ),
      ("-p /rules", "ipfw: no filename argument\n", 64),
      ("-p sed list", "ipfw: illegal option -- p\n" + usage, 64),
    ]
    for failure in failures {
      #expect(lab.run(failure.line, files: files) == (failure.text, failure.status))
    }
    #expect(
      lab.run("-p sed /rules", files: files, isSandbox: true)
        == ("ipfw: -p sed: host programs need --exec\n", 69))
  }
}
