// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Testing
import Userland

/// Command lines of random words: nothing they say may trap.
@Suite("Random words for the BSD tools") struct ToolFuzzTests {
  private static let tools = ["arp", "ifconfig", "ipfw", "netstat", "route", "setfib", "sysctl"]
  private static let values = [
    "em0", "em1", "em9", "lo0", "10.0.0.1/24", "10.0.0.9", "10.1", "default", "0", "-1", "1",
    "99999999999999999999", "4294967296", "0x", "0xffffff00", "255.255.255.255", "1/33", "1/64",
    "0/0", "a=b", "net.inet.ip.ttl=7", "net.inet.ip", "net.", "=", "", "/", "-", "--", "%", "é",
    "0:1:2:3:4:5", "auto", "create", "em", "gif", "gre0", "vlan", "vlan7", "tap0", "em0.5",
    "100baseTX",
    "full-duplex", "lan", "ether", "inet6", "add", "get", "delete", "change",
    "flush", "list", "all", "set", "nat", "show", "127", "-qS", "table(1)", "::1", "-aN", "-rnW",
    "-iabd", "-ss", "-d", "-s", "-a", "-S",
  ]

  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func nothingTraps(seed: UInt64) {
    var state = seed
    func next(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    let session = Session()
    let transcript = Transcript()
    let shell = Interpreter(
      world: session, registry: Commands.registry, output: transcript.output())
    for _ in 0..<1500 {
      let tool = Self.tools[next(Self.tools.count)]
      let keywords =
        Commands.registry[tool]?.grammar.keywords.flatMap { $0.rows.flatMap(\.words) } ?? []
      let words = (0..<next(6)).map { _ in
        let isKeyword = !keywords.isEmpty && next(2) == 0
        return isKeyword ? keywords[next(keywords.count)] : Self.values[next(Self.values.count)]
      }
      shell.run(words: [tool] + words)
    }
    let (status, answer) = shell.capture(words: ["netstat", "-rn"])
    #expect(status == 0 && answer.out.hasPrefix("Routing tables\n"), "seed \(seed)")
  }
}
