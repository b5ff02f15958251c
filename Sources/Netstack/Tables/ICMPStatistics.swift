// SPDX-License-Identifier: BSD-2-Clause

/// The fields of `struct icmpstat` (netinet/icmp_var.h) apart from the histograms, in its order.
package enum ICMPCounter: UInt8, CounterName {
  case error, oldshort, oldicmp
  case badcode, tooshort, checksum, badlen, reflect
  case bmcastecho, bmcasttstamp, badaddr, noroute

  package static var block: String { "icmp" }
  package var prefix: String { "icps_" }
}

/// `struct icmpstat`: the counters and how many messages of each type went out and came in.
package struct ICMPStatistics: BitwiseCopyable, StateHashable {
  private var counters = Counters<12, ICMPCounter>()

  /// Messages made, by type (`icps_outhist`).
  package private(set) var outhist = InlineArray<41, UInt64>(repeating: 0)

  /// Messages received, by type (`icps_inhist`).
  package private(set) var inhist = InlineArray<41, UInt64>(repeating: 0)

  package init() {}

  func hash(into hasher: inout StateHasher) {
    hasher.combine(counters)
    hasher.combine(outhist)
    hasher.combine(inhist)
  }

  package subscript(_ name: ICMPCounter) -> UInt64 {
    get { counters[name] }
    set { counters[name] = newValue }
  }

  /// Counts a message made; types above 40 (`ICMP_MAXTYPE`) have no place in the histogram.
  package mutating func countOutput(type: UInt8) {
    if Int(type) < outhist.count { outhist[Int(type)] &+= 1 }
  }

  /// Counts a message received; types above 40 (`ICMP_MAXTYPE`) have no place in the histogram.
  package mutating func countInput(type: UInt8) {
    if Int(type) < inhist.count { inhist[Int(type)] &+= 1 }
  }
}

extension ICMPStatistics: StatisticsBlock {
  package static var name: String { ICMPCounter.block }

  package var fields: [(name: String, value: UInt64)] {
    ICMPCounter.allCases.flatMap { counter in
      var fields = [(name: counter.field, value: self[counter])]
      if counter == .oldicmp { fields += Self.fields("icps_outhist", outhist) }
      if counter == .reflect { fields += Self.fields("icps_inhist", inhist) }
      return fields
    }
  }

  private static func fields(
    _ name: String, _ histogram: InlineArray<41, UInt64>
  ) -> [(name: String, value: UInt64)] {
    histogram.indices.map { ("\(name)[\($0)]", histogram[$0]) }
  }
}

extension ICMPStatistics {
  /// The block as `netstat -s` prints it, heading first; `-s -s` suppresses zero lines.
  ///
  /// - Parameter maskReplies: net.inet.icmp.maskrepl, which the last line reports.
  package func netstatLines(suppressZero: Bool, maskReplies: Bool) -> [String] {
    func part(_ range: Range<Int>) -> [String] {
      ICMPCounter.rendered(ICMPCounter.lines[range], suppressZero: suppressZero) { self[$0] }
    }
    return ["\(Self.name):"]
      + part(0..<2) + Self.lines("Output", outhist)
      + part(2..<8) + Self.lines("Input", inhist)
      + part(8..<ICMPCounter.lines.count)
      + ["\tICMP address mask responses are \(maskReplies ? "enabled" : "disabled")"]
  }

  private static func lines(_ title: String, _ histogram: InlineArray<41, UInt64>) -> [String] {
    let counted = histogram.indices.filter { histogram[$0] != 0 }
    guard !counted.isEmpty else { return [] }
    return ["\t\(title) histogram:"]
      + counted.map { "\t\t\(typeNames[$0] ?? "#\($0)"): \(histogram[$0])" }
  }

  /// What netstat calls the ICMP types; those without a name are printed by number.
  private static let typeNames: [Int: String] = [
    0: "echo reply", 3: "destination unreachable", 4: "source quench", 5: "routing redirect",
    8: "echo", 9: "router advertisement", 10: "router solicitation", 11: "time exceeded",
    12: "parameter problem", 13: "time stamp", 14: "time stamp reply", 15: "information request",
    16: "information request reply", 17: "address mask request", 18: "address mask reply",
    30: "icmp traceroute", 31: "datagram conversion error", 32: "mobile host redirect",
    33: "IPv6 where-are-you", 34: "IPv6 i-am-here", 35: "mobile registration req",
    36: "mobile registration reply", 37: "domain name request", 38: "domain name reply",
    39: "icmp SKIP", 40: "icmp photuris",
  ]
}

extension ICMPCounter: PrintedCounter {
  package static let lines: [StatisticsLine<ICMPCounter>] = [
    .init(1, "<1> call{s} to icmp_error", .error),
    .init(1, "<1> error{s} not generated in response to an icmp message", .oldicmp),
    .init(1, "<1> message{s} with bad code fields", .badcode),
    .init(1, "<1> message{s} less than the minimum length", .tooshort),
    .init(1, "<1> message{s} with bad checksum", .checksum),
    .init(1, "<1> message{s} with bad length", .badlen),
    .init(1, "<1> multicast echo requests ignored", .bmcastecho),
    .init(1, "<1> multicast timestamp requests ignored", .bmcasttstamp),
    .init(1, "<1> message response{s} generated", .reflect),
    .init(1, "<1> invalid return address{|es}", .badaddr),
    .init(1, "<1> no return route{s}", .noroute),
  ]
}
