// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Netstack
import Shell
import Testing
import Userland
import Wire

/// The network of the policy routing demo, on a fresh machine.
func policyRouter(isFast: Bool = false) -> Session {
  let session = Session()
  _ = answer(
    """
    ifconfig em0 inet 10.1.0.1/16
    ifconfig em1 inet 198.51.100.2/24
    ifconfig em2 inet 203.0.113.2/24
    arp -s 10.1.0.7 02:00:00:00:00:07
    arp -s 203.0.113.1 02:00:00:00:02:01
    sysctl net.inet.ip.forwarding=1 net.inet.ip.fastforwarding=\(isFast ? 1 : 0)
    route add default 198.51.100.1
    setfib 1 route add default 203.0.113.1
    ipfw -q add 100 deny tcp from any to any 25
    ipfw -q add 200 setfib 1 udp from any to any 53
    ipfw -q add 300 divert 9 udp from any to any 97
    ipfw -q add 310 tee 9 udp from any to any 98 in
    ipfw -q add 320 reass ip from any to any in
    sock divert 9
    """, in: session)
  return session
}

/// Packets that end in many ways.
private let packets = [
  "udp from 10.1.0.7 5000 to 8.8.8.8 53 recv em0",
  "udp from 10.1.0.7 5000 to 8.8.8.8 99 recv em0",
  "udp from 10.1.0.7 5000 to 8.8.8.8 97 recv em0",
  "udp from 10.1.0.7 5000 to 8.8.8.8 98 recv em0",
  "udp from 10.1.0.7 5000 to 8.8.8.8 99 mf len 8 recv em0",
  "send udp from 10.1.0.1 1 to 8.8.8.8 97",
  "udp from 10.1.0.7 5000 to 8.8.8.8 53 ttl 1 recv em0",
  "udp from 10.1.0.7 5000 to 8.8.8.8 53 len 4000 recv em0",
  "udp from 10.1.0.7 5000 to 8.8.8.8 53 len 4000 df recv em0",
  "tcp from 10.1.0.7 5000 to 8.8.8.8 25 tcpflags syn recv em0",
  "icmp from 10.1.0.7 to 10.1.0.1 recv em0",
  "icmp from 10.1.0.7 to 8.8.8.8 icmptype 3 ttl 1 recv em0",
  "udp from 10.1.0.7 5000 to 10.1.0.1 9 recv em0",
  "udp from 10.1.0.7 5000 to 10.1.255.255 9 dst bcast recv em0",
  "udp from 10.1.0.7 5000 to 224.0.0.5 9 recv em0",
  "udp from 10.1.0.7 5000 to 8.8.8.8 53 badsum recv em0",
  "arp request from 10.1.0.9 to 10.1.0.1 recv em0",
  "hex 4500 recv em0",
  "frame 00 recv em0",
  "send udp to 8.8.8.8 53 fib 1",
  "send icmp from 10.1.0.1 to 10.1.0.1",
  "send udp from 10.1.0.1 1 to 10.1.255.255 9",
  "send udp from 10.1.0.1 1 to 10.1.255.255 9 broadcast",
]

@Suite("trace") struct TraceTests {
  @Test(arguments: packets) func leavesNoMark(_ packet: String) {
    let session = policyRouter()
    let before = state(of: session)
    let first = answer("trace -j \(packet)", in: session)
    #expect(answer("trace -j \(packet)", in: session) == first)
    #expect(state(of: session) == before)
    #expect(answer("inject -j \(packet)", in: session) == first)
    #expect(state(of: session) != before)
  }

  private func state(of session: Session) -> String {
    let tally = session.kernel.machine.tally
    let counters = answer("netstat -s; netstat -in; arp -an; ipfw -a list; clock", in: session)
    return "\(tally) \(counters)"
  }

  @Test(arguments: packets, ["", "-v", "-vv"]) func isAtMost100Wide(
    _ packet: String, _ level: String
  ) {
    let text = [false, true].map { isFast in
      answer("trace \(level) \(packet)", in: policyRouter(isFast: isFast))
    }
    #expect(text.allSatisfy { !$0.isEmpty })
    for line in text.joined().split(separator: "\n") {
      #expect(line.utf8.count <= 100, "\(line)")
      #expect(line.last != " ")
    }
  }

  @Test(arguments: packets, [false, true])
  func endsEveryPacketOnce(_ packet: String, isFast: Bool) {
    let session = policyRouter(isFast: isFast)
    let before = session.kernel.machine.tally
    let lines = answer("inject -q \(packet)", in: session).split(separator: "\n")
    let after = session.kernel.machine.tally
    #expect(UInt64(lines.count) == after.entered - before.entered)
    #expect(after.entered == after.ended)
    #expect(lines.allSatisfy { $0.hasPrefix("#") && $0.contains(" id ") })
  }

  /// The members that Docs/Tracing.md promises, by event.
  private static let members: [String: [String: Any.Type]] = [
    "bytes": ["moment": String.self, "bytes": String.self],
    "made": ["parent": String.self, "birth": String.self],
    "frame": ["if": String.self, "dst": String.self, "src": String.self, "type": String.self],
    "input": [:],
    "check": ["id": String.self, "value": Int.self, "bound": Int.self],
    "waypoint": ["id": String.self, "value": Int.self, "bound": Int.self],
    "netisr": ["id": String.self, "proto": String.self, "cpu": Int.self],
    "counter": ["counter": String.self, "delta": Int.self],
    "pfil": ["dir": String.self],
    "layer2": ["dir": String.self, "if": String.self],
    "behind": ["rule": Int.self],
    "one-pass": ["rule": Int.self],
    "divert": ["port": Int.self, "rule": Int.self],
    "socket": [
      "socket": Int.self, "proto": Int.self, "local": String.self, "foreign": String.self,
      "fib": Int.self,
    ],
    "reinject": ["socket": Int.self, "rule": Int.self, "dir": String.self],
    "rule": ["rule": Int.self, "text": String.self, "match": Bool.self],
    "firewall": ["return": String.self],
    "fib": ["from": Int.self, "fib": Int.self, "too_late": Bool.self],
    "route": ["fib": Int.self, "dst": String.self, "id": String.self],
    "other-fibs": ["fibs": Int.self, "fib": Int.self, "dst": String.self],
    "ttl": ["ip_ttl": [Int].self],
    "source": ["src": String.self],
    "mtu": ["len": Int.self, "mtu": Int.self],
    "arp": ["if": String.self, "nh": String.self],
    "reply": ["icmp": String.self, "made": Bool.self],
    "carp": ["if": String.self, "from": String.self, "to": String.self, "reason": String.self],
    "reassembled": [
      "id": String.self, "first": String.self, "fragments": Int.self, "len": Int.self,
    ],
    "discarded": ["id": String.self],
    "end": ["verdict": String.self, "id": String.self],
  ]

  @Test(arguments: packets, [false, true])
  func keepsTheSchema(_ packet: String, isFast: Bool) throws {
    var ended: Set<String> = []
    for line in answer("trace -j \(packet)", in: policyRouter(isFast: isFast)).split(
      separator: "\n")
    {
      let json = try JSONSerialization.jsonObject(with: Data(line.utf8))
      let object = try #require(json as? [String: Any])
      let number = try #require(object["pkt"] as? String)
      #expect(object["v"] as? Int == 1)
      if object["summary"] as? Bool == true {
        #expect(ended.insert(number).inserted)
        #expect(Verdict.allCases.map(\.word).contains(object["verdict"] as? String ?? ""))
        #expect(TraceID(text: object["id"] as? String ?? "") != nil)
        #expect(object["fib"] is Int && object["out"] is [[String: Any]])
        #expect(object["counters"] is [String: Int] && object["changed"] is [String: [Any]])
      } else {
        let event = try #require(object["event"] as? String)
        let members = try #require(Self.members[event], "unknown event \(event)")
        #expect(object["n"] is Int && object["t"] is Int && object["vnet"] is Int)
        if event != "made" && event != "counter" { #expect(object["fn"] is String, "\(line)") }
        if let id = object["id"] as? String { #expect(TraceID(text: id) != nil) }
        for (name, type) in members {
          let value = try #require(object[name], "\(event) has no \(name)")
          #expect(Self.is(value, type), "\(event): \(name) is \(value)")
        }
      }
    }
    #expect(!ended.isEmpty)
  }

  private static func `is`(_ value: Any, _ type: Any.Type) -> Bool {
    if type == String.self { return value is String }
    if type == Int.self { return value is Int }
    if type == Bool.self { return value is Bool }
    return value is [Int]
  }

  @Test func explainsEveryID() {
    let ids = Commands.topics.filter { $0.name.hasPrefix("trace ") }
    #expect(ids.count == TraceID.allCases.count)
    for id in TraceID.allCases {
      #expect(answer("help trace \(id.text)").contains("\n  \(id.function): "))
    }
  }

  @Test func documentsEveryID() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Docs/Tracing.md")
    var text = try String(contentsOf: file, encoding: .utf8)
    if ProcessInfo.processInfo.environment["FIBSH_UPDATE"] == "1" {
      text = text.components(separatedBy: "| id |")[0] + TraceID.documentation()
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(text.hasSuffix(TraceID.documentation()))
  }
}

@Suite("Globs") struct GlobTests {
  @Test(arguments: [
    ("*", "", true), ("a*c", "abc", true), ("a*c", "abd", false), ("a?c", "abc", true),
    ("a?c", "ac", false), ("[ab]x", "bx", true), ("[!ab]x", "bx", false), ("[a-c]", "b", true),
    ("\\*", "*", true), ("\\*", "x", false), ("[", "[", true), ("*a*b*", "xxaxxbxx", true),
    ("*a*b*", "xxbxxaxx", false), ("", "x", false),
  ]) func matches(_ pattern: String, _ text: String, _ isMatch: Bool) {
    #expect(Glob(pattern).matches(text) == isMatch)
  }
}

@Suite("Session") struct SessionTests {
  @Test(arguments: [
    ("net.fibs", "3", 3), ("net.fibs", "0", 1), ("net.fibs", "99", 16), ("ROUTETABLES", "2", 2),
  ]) func bootsWithTunables(_ name: String, _ value: String, _ fibs: Int) throws {
    let session = Session(try SessionOptions(tunables: [(name, value)]))
    #expect(session.fibCount == fibs)
    #expect(answer("sysctl -n net.fibs", in: session) == "\(fibs)\n")
  }

  @Test(arguments: [("net.fibz", "3"), ("net.fibs", "x"), ("IPFIREWALL", "yes")])
  func refusesBadTunables(_ name: String, _ value: String) {
    #expect(throws: Fault.self) { try SessionOptions(tunables: [(name, value)]) }
  }

  @Test func tellsTheConsoleEachMessageOnce() {
    let session = Session()
    let packet = "inject -q send icmp to 127.0.0.1; "
    _ = answer("ipfw add 100 count log icmp from any to any; " + packet, in: session)
    let line = "ipfw: 100 Count ICMP:8.0 127.0.0.1 127.0.0.1 out via lo0"
    #expect(session.takeMessages().first == line)
    #expect(session.takeMessages().isEmpty)
    // A trace happens to a copy, which has no console.
    _ = answer("trace -q send icmp to 127.0.0.1", in: session)
    #expect(session.takeMessages().isEmpty)
    // More than the buffer holds: all that it still has.
    _ = answer(String(repeating: packet, count: 2200), in: session)
    let messages = session.takeMessages()
    #expect((3072...4096).contains(messages.count))
    let shown = answer("dmesg", in: session)
    #expect(shown.hasPrefix(messages.joined(separator: "\n")), "\(messages.count)")
  }

  @Test func tellsOfStatesInJSON() {
    let shown = answer(
      """
      ipfw -q add 100 allow udp from any to any keep-state
      inject -q send udp from 127.0.0.1 9 to 127.0.0.1 9
      trace -j send udp from 127.0.0.1 9 to 127.0.0.1 9
      """)
    #expect(shown.contains(#""match":false,"why":"a state was found"}"#))
  }

  @Test func namesItsFib() {
    let session = Session()
    #expect(session.prompt == "fibsh# ")
    let prompt = session.withFib(FibNumber(rawValue: 1)) { session.prompt }
    #expect(prompt == "fibsh(fib1)# ")
    #expect(session.prompt == "fibsh# ")
  }
}
