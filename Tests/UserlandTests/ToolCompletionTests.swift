// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Testing
import Userland

/// What TAB offers at each position of the tools' lines, with what the words mean.
@Suite("Completion of the tools") struct ToolCompletionTests {
  /// A router with two tables, rules, a pipe and a neighbour.
  private static func lab() -> Session {
    let session = Session()
    let said = answer(
      """
      ifconfig em0 10.1.0.1/16
      ifconfig em1 198.51.100.2/24
      ifconfig em2 linkstate down
      arp -s 10.1.0.7 02:00:00:00:00:07
      setfib 1 route -q add default 198.51.100.1
      ipfw -q add 100 setfib 1 ip from 10.1.0.0/16 to any in
      ipfw -q add 200 allow tcp from any to me 22
      ipfw pipe 7 config bw 1Mbit/s
      jail -c name=r1 vnet persist
      """, in: session)
    #expect(said == "")
    return session
  }

  private func candidates(_ line: String) -> [Candidate] {
    var words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    let partial = words.removeLast()
    return Commands.registry.candidates(for: words, partial: partial, Self.lab()) { _ in
      [Candidate("file")]
    }
  }

  @Test(arguments: [
    ("ipfw d", "disable delete"),
    ("ipfw add se", "setfib set"),
    ("ipfw add 100 den", "deny"),
    ("ipfw add 100 set 3 coun", "count"),
    ("ipfw add prob 0.5 coun", "count"),
    ("ipfw add skipto ", "100 200 65535"),
    ("ipfw add pipe ", "7"),
    ("ipfw add fwd ", "10.1.0.7"),
    ("ipfw add unreach filt", "filter-prohib"),
    ("ipfw add check-state ", ""),
    ("ipfw add deny lo", "log"),
    ("ipfw add deny log logamount 5 tcpse", "tcpseq"),
    ("ipfw add deny tcp ", "from"),
    ("ipfw add deny { tcp or udp } ", "from"),
    ("ipfw add deny tcp from ", "any me table( 10.1.0.1 198.51.100.2 127.0.0.1 not"),
    ("ipfw add deny tcp from not m", "me"),
    ("ipfw add deny tcp from any ", "to"),
    ("ipfw add deny tcp from any 1024-65535 ", "to"),
    ("ipfw add deny tcp from any to m", "me"),
    ("ipfw add deny tcp from any to me 22 set", "setup"),
    ("ipfw add deny tcp from any to me 22 setup ke", "keep-state"),
    ("ipfw add deny ip from any to any via em", "em0 em1 em2 em3"),
    ("ipfw add deny ip from any to any fib 1", "1 10 11 12 13 14 15"),
    ("ipfw add deny tcp from any to any tcpflags sy", "syn"),
    ("ipfw add deny ip from any to any limit src", "src-addr src-port"),
    ("ipfw add deny proto tc", "tcp"),
    ("ipfw delete ", "100 200 65535 set"),
    ("ipfw -a list 1", "100"),
    ("ipfw enable fi", "firewall"),
    ("ipfw set ", "show enable disable move swap"),
    ("ipfw set 3 fl", "flush"),
    ("ipfw table ", "all"),
    ("ipfw table 1 ", "add delete flush list"),
    ("ipfw pipe ", "7 config delete show list flush"),
    ("ipfw pipe 7 ", "config delete show list flush"),
    ("ipfw pipe show ", "7"),
    ("ipfw pipe 7 config b", "bw bandwidth burst buckets"),
    ("ipfw pipe 7 config bw 1Mbit/s del", "delay"),
    ("ipfw queue 1 config pipe ", "7"),
    ("ipfw nat ", "config delete show"),
    ("ipfw nat 1 config i", "ip if"),
    ("ipfw nat 1 config if em", "em0 em1 em2 em3"),
    ("ipfw nat 1 config if em1 same", "same_ports"),
    ("route ", "add change delete del get show flush load monitor"),
    ("route load ", "-gateway file"), ("route load -gateway 10.0.0.0 x ", ""),
    ("route -n ad", "add"),
    ("route add ", "default"),
    ("route add -ne", "-net -netmask"),
    ("route add default ", "10.1.0.7"),
    ("route add -net 10.2 -interface ", "em0 em1 em2 em3 lo0"),
    ("route delete 10", "10.1.0.0/16 10.1.0.1"),
    ("setfib 1 route delete ", "default 10.1.0.0/16 127.0.0.1 198.51.100.0/24"),
    ("route get default -if", "-iface -ifp -ifa"),
    ("route flush ", "-inet"),
    ("ifconfig em", "em0 em1 em2 em3"),
    ("ifconfig em0 des", "description descr destroy"),
    ("setfib 3 ipfw tab", "table"),
    ("sysctl net.inet.ip.fw.dyn_k", "net.inet.ip.fw.dyn_keepalive"),
    ("sysctl net.inet.i", "net.inet.ip. net.inet.icmp. net.inet.igmp."),
    ("netstat -I e", "em0 em1 em2 em3"),
    ("tcpdump -r ", "file"),
    ("inject udp from 10.1.0.7 tt", "ttl"),
    ("inject udp from 10.1.0.7 5000 to 8.8.8.8 53 recv em", "em0 em1 em2 em3"),
    ("jexec ", "r1"),
    ("jexec r1 ifc", "ifconfig"),
    ("jexec r1 ifconfig l", "lo0 lo link lladdr"),
    ("jail -r ", "r1"),
    ("jls -j ", "r1"),
    ("ifconfig em0 vnet ", "r1"),
    ("ifconfig em0 -vnet ", "r1"),
    ("show ", "vnets netisr"),
    ("help ipfw keep", "keep-state"),
    ("help fib", "fibs"),
    ("man -", "-k"),
  ]) func offers(line: String, expected: String) {
    // route(8)'s modifiers may stand everywhere; they are looked at where a dash was typed.
    let isDashed = line.split(separator: " ", omittingEmptySubsequences: false).last?.first == "-"
    let found = candidates(line).map(\.text)
      .filter { isDashed || !$0.hasPrefix("-") || expected.contains($0) }
    #expect(found.joined(separator: " ") == expected)
  }

  @Test(arguments: [
    ("ifconfig em0", "em0", "up, 10.1.0.1/16"),
    ("ifconfig em2", "em2", "down, no carrier"),
    ("setfib 1", "1", "4 routes"),
    ("ipfw list 100", "100", "setfib 1 ip from 10.1.0.0/16 to any in"),
    ("route delete 10.1.0.0", "10.1.0.0/16", "by em0"),
    ("setfib 1 route delete def", "default", "by 198.51.100.1 on em1"),
    ("sysctl net.inet.ip.ttl", "net.inet.ip.ttl", "Maximum TTL on IP packets"),
    ("ipfw add den", "deny", "The packet is discarded."),
    ("route ad", "add", "Add a route."),
    ("ifconfig em0 ali", "alias", "The address is one more."),
    ("arp -d 10.1.0.7", "10.1.0.7", ""),
  ]) func saysWhatItMeans(line: String, word: String, help: String) throws {
    let found = try #require(candidates(line).first { $0.text == word })
    #expect(found.help == help)
  }

  @Test(
    arguments: [
      ("sysctl net.inet.ip.forwardng=1", "net.inet.ip.forwarding"),
      ("sysctl ip.forwarding", "net.inet.ip.forwarding"),
      ("sysctl net.inet.ip.forward", "net.inet.ip.forwarding"),
      ("ipfw add alow ip from any to any", "allow"),
      ("ipfw add allow ip form any to any", "from"),
      ("route ad default 10.1.0.7", nil),
      ("route dlete default", "delete"),
      ("route add -intreface 10.2.0.0 em0", "-interface"),
      ("ifconfig emo up", "em0"),
      ("ifconfig em9 up", nil),
      ("ifconfig em0 alais 10.3.0.1/32", "alias"),
      ("setfib 1 netsat -rn", "netstat"),
      ("setfib 1 ifconfig emo", "em0"),
      ("netstat -p tpc", "tcp"),
      ("arp -d 10.9.0.9", nil),
      ("inject udp form 10.1.0.7 to 10.1.0.1 recv em0", "from"),
    ] as [(String, String?)]) func terminalsSuggest(line: String, near: String?)
  {
    let transcript = Transcript()
    let shell = Interpreter(
      world: Self.lab(), registry: Commands.registry, output: transcript.output(columns: 80))
    shell.run(text: line)
    #expect(shell.status != 0)
    let hint = near.map { "did you mean \($0)?\n" } ?? ""
    #expect(transcript.error.hasSuffix(hint))
    #expect(transcript.error.contains("did you mean") == (near != nil))
    // The tool's own words come first, to the letter.
    #expect(transcript.all == answer(line, in: Self.lab()) + hint)
  }
}
