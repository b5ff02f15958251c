// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Testing
import Userland

/// What follows from the declarations of the BSD tools: completion, usage, manual, examples.
@Suite("Grammar of the BSD tools") struct ToolGrammarTests {
  private static let tools = ["arp", "ifconfig", "netstat", "route", "setfib", "sysctl"]

  private func candidates(_ words: [String], _ partial: String) -> [String] {
    Commands.registry.candidates(for: words, partial: partial, Session()) { _ in [] }.map(\.text)
  }

  @Test(arguments: [
    (["ifconfig"], "em", ["em0", "em1", "em2", "em3"]),
    (["ifconfig", "em0"], "links", ["linkstate"]),
    (["ifconfig", "em0", "linkstate"], "u", ["up", "unknown"]),
    (["ifconfig", "em0", "mtu", "1400"], "br", ["broadcast"]),
    (["ifconfig", "em0", "media"], "100baseT", ["100baseTX", "100baseT4", "100baseT2"]),
    (
      ["ifconfig", "em0", "media", "100baseTX", "mediaopt"], "f",
      ["full-duplex", "flag0", "flag1", "flag2"]
    ),
    (["ifconfig", "vlan5", "create", "vlan", "5", "vlandev"], "em1", ["em1"]),
    (["ifconfig", "gif0"], "tun", ["tunnel"]),
    (["ifconfig", "em0"], "-g", ["-group"]),
    (["route"], "de", ["delete", "del"]),
    (["route", "add", "default"], "-netm", ["-netmask"]),
    (["route", "add", "10.0.0.0/8", "-ifp"], "em3", ["em3"]),
    (["arp", "-i"], "lo", ["lo0"]),
    (["netstat", "-f"], "inet", ["inet", "inet6"]),
    (["netstat", "-p"], "ic", ["icmp", "icmp6"]),
    (["setfib"], "15", ["15"]),
    (["setfib", "1"], "netst", ["netstat"]),
    (["setfib", "1", "ifconfig"], "lo", ["lo0", "lo"]), (["ifconfig"], "gif", ["gif"]),
    (["sysctl"], "net.inet.ip.forw", ["net.inet.ip.forwarding"]),
  ]) func completes(words: [String], partial: String, expected: [String]) {
    #expect(candidates(words, partial) == expected)
  }

  @Test(arguments: tools) func examplesWork(name: String) throws {
    let command = try #require(Commands.registry[name])
    #expect(!command.examples.isEmpty)
    let session = Session()
    _ = answer("ifconfig em0 10.0.0.1/24", in: session)
    for example in command.examples {
      let files = MemoryFiles(["routes.txt": Array("10.9.1.0/24 7\n".utf8)])
      let text = files.answer("\(example.line); echo $?", in: session).all
      let lines = text.split(separator: "\n")
      #expect(lines.last == "0", "\(example.line)")
    }
  }

  @Test(arguments: tools) func wrongLettersPrintTheUsage(name: String) throws {
    let command = try #require(Commands.registry[name])
    let text = answer("\(name) -%; echo $?")
    let status = name == "route" ? 64 : 1
    #expect(text == "\(name): illegal option -- %\n\(command.usageText)\(status)\n")
  }

  @Test(arguments: tools) func manualNamesEveryOption(name: String) throws {
    let command = try #require(Commands.registry[name])
    let page = command.page.rendered(width: 80)
    for option in command.grammar.options ?? [] { #expect(page.contains("-\(option.letter)")) }
    #expect(page.contains(command.summary))
  }
}
