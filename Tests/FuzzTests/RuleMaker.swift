// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// Writes rules of ipfw(8) that are right, over the whole of their grammar.
struct RuleMaker {
  var random: RandomSource
  /// The protocol that the names of ports are looked up for has them.
  private var hasServices = true

  init(seed: UInt64) { random = RandomSource(seed: seed) }

  /// The words behind `add`.
  mutating func rule() -> [String] {
    var words: [String] = []
    if random.chance(20) { words += ["set", "\(number(0...31))"] }
    // As many places as are shown.
    if random.chance(10) { words += ["prob", "0.\(number(100_000...999_999))"] }
    let action = self.action()
    words += action + parameters()
    if action == ["check-state"] { return words }
    let kind = random.pick([4, 4, 4, 6])
    hasServices = true
    let body = random.chance(85) ? body(kind) : []
    var options = options()
    // At the beginning these are protocols.
    if body.isEmpty, options.prefix(3).contains(where: { $0.hasPrefix("ip") }) {
      options.insert("out", at: 0)
    }
    words += body + options
    if (body + options).isEmpty { words.append("in") }
    if random.chance(10) { words += ["//", "a", random.pick(["note", "{", "not", "24/7"])] }
    return words
  }

  /// As `rule()`, with words lost, doubled, exchanged, cut, and put in.
  mutating func brokenRule() -> [String] {
    var words = rule()
    for _ in 0..<number(1...3) {
      guard !words.isEmpty else { break }
      let place = number(0...words.count - 1)
      switch number(0...5) {
      case 0: words.remove(at: place)
      case 1: words.insert(words[place], at: place)
      case 2: words.swapAt(place, number(0...words.count - 1))
      case 3: words[place] = String(words[place].dropLast(number(1...4)))
      case 4: words[place] += random.pick([",", "-", "/", "x", ":", "{", "}", "!", "é"])
      default: words.insert(random.pick(RuleMaker.trouble), at: place)
      }
    }
    return words
  }

  private static let trouble = [
    "", "!", "not", "or", "{", "}", "(", "|", "//", "-1", "0", "65535", "65536", "4294967296",
    "99999999999999999999", "0x", "1e999", "nan", "any", "me", "me6", "table(", "table(-1,-1)",
    "table(1", "::", "::/0", "::1/129", "1.2.3.4/-1", "1.2.3.4/33", "0.0.0.0/0",
    "10.0.0.0/24{}", "10.0.0.0/24{9-1}", "10.0.0.0/31{0,1}", "tablearg", "logamount", "é", "\\",
    "flow-id", "ext6hdr", "limit", "MAC", "keep-state", "1-2-3", ",", "1,,2",
    Array(repeating: "1", count: 70).joined(separator: ","),
    Array(repeating: "1.2.3.4", count: 40).joined(separator: ","),
    Array(repeating: "::2", count: 12).joined(separator: ","),
  ]

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &random)
  }

  private mutating func list(_ most: Int, _ make: (inout RuleMaker) -> String) -> String {
    (0..<number(1...most)).map { _ in make(&self) }.joined(separator: ",")
  }

  private mutating func ranges(_ most: Int = 65_535) -> String {
    list(4) { maker in
      let first = maker.number(0...most)
      return maker.random.chance(30) ? "\(first)-\(maker.number(0...most))" : "\(first)"
    }
  }

  private mutating func argument() -> String {
    random.chance(15) ? "tablearg" : "\(number(1...65_534))"
  }

  private mutating func action() -> [String] {
    switch number(0...17) {
    case 0...4: [random.pick(["allow", "accept", "pass", "permit", "deny", "drop", "count"])]
    case 5: ["reject"]
    case 6: [random.pick(["reset", "reset6"])]
    case 7: ["unreach", random.pick(["net", "host", "filter-prohib", "\(number(0...255))"])]
    case 8: ["unreach6", random.pick(["no-route", "address", "\(number(0...255))"])]
    case 9: ["check-state"]
    case 10: ["skipto", argument()]
    case 11: [random.pick(["pipe", "queue"]), argument()]
    case 12: [random.pick(["divert", "tee"]), random.pick([argument(), "natd"])]
    case 13: [random.pick(["netgraph", "ngtee"]), argument()]
    case 14: ["fwd", address(4) + (random.chance(50) ? ",\(number(1...65_535))" : "")]
    case 15: ["fwd", random.pick(["tablearg", "tablearg,80"])]
    case 16: ["setfib", "\(number(0...15))"]
    default: ["reass"]
    }
  }

  private mutating func parameters() -> [String] {
    var parameters: [[String]] = []
    if random.chance(15) {
      parameters.append(random.chance(50) ? ["log"] : ["log", "logamount", "\(number(0...99))"])
    }
    if random.chance(10) { parameters.append([random.pick(["tag", "untag"]), argument()]) }
    if random.chance(5) { parameters.append(["altq", "q\(number(1...2))"]) }
    return parameters.shuffled(using: &random).flatMap { $0 }
  }

  private mutating func body(_ kind: Int) -> [String] {
    var words: [String] = []
    if kind == 6 {
      words = [random.pick(["ip6", "ipv6"])]
    } else {
      words = block { maker in
        // Number 41, and what is cut to it, would make the addresses IPv6's.
        [maker.random.pick(["tcp", "udp", "icmp", "\(maker.number(42...296))"])]
      }
      if random.chance(30) { words = [random.pick(["ip", "all", "ip4"])] }
    }
    hasServices = ["tcp", "udp", "ip", "all", "ip4"].contains(words[0])
    for end in ["from", "to"] {
      words.append(end)
      if random.chance(30) {
        words.append("any")
      } else {
        words += block { [$0.place(kind)] }
      }
      if random.chance(30) { words += (random.chance(20) ? ["not"] : []) + [ports()] }
    }
    return words
  }

  /// One thing, or several of which one is enough, each turned round now and then.
  private mutating func block(_ make: (inout RuleMaker) -> [String]) -> [String] {
    func one(_ maker: inout RuleMaker) -> [String] {
      (maker.random.chance(15) ? ["not"] : []) + make(&maker)
    }
    guard random.chance(20) else { return one(&self) }
    var words = ["{"] + one(&self)
    for _ in 0..<number(1...2) { words += ["or"] + one(&self) }
    return words + ["}"]
  }

  /// A single address.
  private mutating func address(_ kind: Int) -> String {
    guard kind == 6 else { return "\(random.pick(PacketMaker.addresses.filter { $0 != .any }))" }
    return random.pick([
      "::1", "fe80::\(number(1...9999))", "2001:db8::\(number(0...255)).\(number(0...255)).1.2",
      "::ffff:10.0.0.\(number(0...255))", "1:2:3:4:5:6:7:8", "ff02::1:ff00:0",
    ])
  }

  /// What may stand behind `from` and `to`, but any.
  private mutating func place(_ kind: Int) -> String {
    if kind == 6 {
      if random.chance(15) { return "me6" }
      return list(3) { $0.address(6) + ($0.random.chance(60) ? "/\($0.number(1...128))" : "") }
    }
    switch number(0...9) {
    case 0, 1: return "me"
    case 2: return "table(\(number(0...127)))"
    case 3: return "table(\(number(0...127)),\(number(0...99)))"
    case 4:
      let hosts = list(6) { maker in
        let host = maker.number(0...255)
        return maker.random.chance(30) ? "\(host)-\(maker.number(host...255))" : "\(host)"
      }
      return "10.0.0.0/24{\(hosts)}"
    case 5: return address(4) + ":255.0.255.0"
    default:
      return list(4) { $0.address(4) + ($0.random.chance(60) ? "/\($0.number(1...32))" : "") }
    }
  }

  private mutating func ports() -> String {
    hasServices && random.chance(15) ? random.pick(["http,ssh", "domain", "ftp\\-data"]) : ranges()
  }

  private mutating func options() -> [String] {
    var words: [String] = []
    for _ in 0..<random.pick([0, 0, 1, 1, 2, 4]) { words += block { $0.option() } }
    if random.chance(15) {
      let state = random.chance(50) ? ["keep-state"] : limit()
      words = random.chance(50) ? words + state : state + words
    }
    return words
  }

  private mutating func limit() -> [String] {
    let parts = ["src-addr", "src-port", "dst-addr", "dst-port"]
    return ["limit"] + (random.chance(80) ? [random.pick(parts + ["all"])] : Array(parts.prefix(2)))
      + [argument()]
  }

  private mutating func flags(_ names: [String]) -> String {
    list(3) { ($0.random.chance(30) ? "!" : "") + $0.random.pick(names) }
  }

  private mutating func mac() -> String {
    let address = (0..<6).map { _ in String(random.byte(), radix: 16) }.joined(separator: ":")
    return random.pick([
      "any", address, "\(address)/\(number(0...48))", "\(address)&ff:0:ff:0:ff:0",
    ])
  }

  private mutating func option() -> [String] {
    let interface = random.pick(["em0", "em1", "em*", "lo0", "em[0-3]", "10.0.0.1", "ng?"])
    switch number(0...31) {
    case 0, 1: return [random.pick(["in", "out"])]
    case 2, 3: return [random.pick(["recv", "xmit", "via"]), interface]
    case 4: return ["fib", "\(number(0...15))"]
    case 5: return [random.pick(["verrevpath", "versrcreach", "antispoof", "ipsec"])]
    case 6:
      hasServices = false
      return ["proto", random.pick(["tcp", "udp", "gre", "253"])]
    case 7: return [random.pick(["src-ip", "dst-ip"]), place(4)]
    case 8: return [random.pick(["src-ip6", "dst-ip6"]), place(6)]
    case 9: return [random.pick(["src-port", "dst-port"]), ports()]
    case 10: return [random.pick(["frag", "fragment"])]
    case 11: return [random.pick(["iplen", "ipid", "ipttl", "tcpdatalen"]), ranges(1500)]
    case 12: return ["ipversion", "\(number(0...6))"]
    case 13: return ["ipprecedence", "\(number(0...7))"]
    case 14:
      return [
        "iptos",
        flags(["lowdelay", "throughput", "reliability", "mincost", "congestion"]),
      ]
    case 15: return ["ipoptions", flags(["ssrr", "lsrr", "rr", "ts"])]
    case 16: return [random.pick(["ip4", "ip6", "ipv4", "ipv6"])]
    case 17: return ["icmptypes", list(4) { "\($0.number(0...31))" }]
    case 18: return ["icmp6types", list(4) { "\($0.number(0...201))" }]
    case 19: return [random.pick(["setup", "established", "estab"])]
    case 20, 21: return ["tcpflags", flags(["syn", "fin", "ack", "psh", "rst", "urg"])]
    case 22: return ["tcpoptions", flags(["mss", "window", "sack", "ts", "cc"])]
    case 23: return [random.pick(["tcpseq", "tcpack"]), "\(random.next() >> 32)"]
    case 24: return ["tcpwin", "\(number(0...65_535))"]
    case 25: return [random.pick(["layer2", "bridged"])]
    case 26: return ["MAC", mac(), mac()]
    case 27:
      return [
        "mac-type", random.pick(["arp", "ip,ipv6", "0x0800-0x0806", "\(number(0...65_535))"]),
      ]
    case 28: return [random.pick(["diverted", "diverted-loopback", "diverted-output"])]
    case 29: return ["tagged", random.chance(50) ? argument() : ranges()]
    case 30:
      return random.pick([["uid", "root"], ["gid", "wheel"], ["jail", "\(number(0...9))"]])
    default: return ["ext6hdr", list(3) { $0.random.pick(["frag", "hopopt", "ah", "rthdr2"]) }]
    }
  }
}
