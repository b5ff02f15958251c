// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("ip_reass") struct IPReassemblyTests {
  /// Fragments and what happens between them; each fragment is filled with its own number.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let steps: [String]
    let ends: [String]
    let counts: String
    /// Whose bytes the datagram has, a digit for eight of them; nil where there is none.
    var data: String?
    var tos: UInt8 = 0

    init(
      _ testDescription: String, _ steps: [String], _ ends: [String], _ counts: String,
      data: String? = nil, tos: UInt8 = 0
    ) {
      self.testDescription = testDescription
      self.steps = steps
      self.ends = ends
      self.counts = counts
      self.data = data
      self.tos = tos
    }
  }

  private static func held(_ number: Int) -> String { "#\(number) HELD reass.held" }
  /// These fragments are in the datagram, which goes on as the last packet.
  private static func joined(_ numbers: [Int], as last: Int) -> [String] {
    numbers.map { "#\($0) CONSUMED reass.done" } + ["#\(last) DROPPED raw.noproto"]
  }

  @Test(arguments: [
    Case(
      "R1: no packet may have fragments", ["maxfragpackets 0", "0+16"],
      ["#1 DROPPED reass.disabled"], "fragments 1, fragdropped 1"),
    Case(
      "R1: no fragment is allowed in a packet", ["maxfragsperpacket 0", "0+16"],
      ["#1 DROPPED reass.disabled"], "fragments 1, fragdropped 1"),
    Case(
      "R2: another id is another datagram", ["0+16", "16:8#0101"], [held(1), held(2)],
      "fragments 2"),
    Case(
      "R4: MF and no data", ["0+0"], ["#1 DROPPED reass.badlen"], "fragdropped 1, toosmall 1"),
    Case(
      "R4: MF and no multiple of 8", ["8+12"], ["#1 DROPPED reass.badlen"],
      "fragdropped 1, toosmall 1"),
    Case(
      "R4: a bad length takes one off the count of the others, which wraps",
      ["16:8", "0+5", "0+5", "tick 30000"],
      [
        held(1), "#2 DROPPED reass.badlen", "#3 DROPPED reass.badlen", "#1 DROPPED reass.timeout",
      ], "fragments 1, fragdropped 2, fragtimeout 255, toosmall 2"),
    Case(
      "R4: where it has not wrapped, the count is too low",
      ["16:8", "0+5", "tick 30000"],
      [held(1), "#2 DROPPED reass.badlen", "#1 DROPPED reass.timeout"],
      "fragments 1, fragdropped 1, toosmall 1"),
    Case(
      "R6: no memory", ["memory 1", "0+16"], ["#1 DROPPED reass.nomem"],
      "fragments 1, fragdropped 1"),
    Case(
      "R8: congestion was met, but the first fragment is of no ECN transport",
      ["0+8", "8:8/3"], [held(1), "#2 DROPPED reass.ecn"], "fragments 2, fragdropped 1"),
    Case(
      "R8: congestion is marked in the header", ["0+8/2", "8:8/3"],
      [held(1)] + joined([1], as: 2), "fragments 2, reassembled 1", data: "12", tos: 3),
    Case(
      "R8: congestion that the first fragment met stays", ["0+8/3", "8:8/2"],
      [held(1)] + joined([1], as: 2), "fragments 2, reassembled 1", data: "12", tos: 3),
    Case(
      "R8: no ECN behind ECN", ["0+8/1", "8:8"], [held(1), "#2 DROPPED reass.ecn"],
      "fragments 2, fragdropped 1"),
    Case(
      "R8: ECN behind no ECN is taken", ["0+8", "8:8/2"], [held(1)] + joined([1], as: 2),
      "fragments 2, reassembled 1", data: "12"),
    Case(
      "R8: the lowest fragment is the first, not the oldest",
      ["16:8", "0+8/2", "8+8"], [held(1), held(2), "#3 DROPPED reass.ecn"],
      "fragments 3, fragdropped 1"),
    Case(
      "R10: all of it is there", ["0+16", "8+8"], [held(1), "#2 DROPPED reass.dup"],
      "fragments 2, fragdropped 1"),
    Case(
      "R10: the same once more", ["8:8", "8:8"], [held(1), "#2 DROPPED reass.dup"],
      "fragments 2, fragdropped 1"),
    Case(
      "R10: what was there first stays at the front", ["0+16", "8:16"],
      [held(1)] + joined([1], as: 2), "fragments 2, reassembled 1", data: "112"),
    Case(
      "R11: what is new wins behind", ["8:16", "0+16"], [held(1)] + joined([1], as: 2),
      "fragments 2, reassembled 1", data: "221"),
    Case(
      "R10, R11: behind what was there first, what is new covers others",
      ["8+8", "16+8", "32:8", "8+24", "0+8"],
      [
        held(1), held(2), held(3), "#2 DROPPED reass.superseded", held(4),
      ] + joined([1, 4, 3], as: 5), "fragments 5, fragdropped 1, reassembled 1", data: "51443"),
    Case(
      "R11: a fragment that covers two and trims a third",
      ["8+8", "16+8", "24:16", "0+32"],
      [
        held(1), held(2), held(3), "#1 DROPPED reass.superseded", "#2 DROPPED reass.superseded",
      ] + joined([3], as: 4), "fragments 4, fragdropped 2, reassembled 1", data: "44443"),
    Case(
      "R12: three of which two are allowed", ["maxfragsperpacket 2", "0+8", "16+8", "32+8"],
      [
        held(1), held(2), "#1 DROPPED reass.toomany", "#2 DROPPED reass.toomany",
        "#3 DROPPED reass.toomany",
      ], "fragments 3, fragdropped 3"),
    Case(
      "R12: one more than allowed may complete", ["maxfragsperpacket 2", "0+8", "16:8", "8+8"],
      [held(1), held(2)] + joined([1, 2], as: 3), "fragments 3, reassembled 1", data: "132"),
    Case(
      "R12: -1 is no limit but the lowest", ["maxfragsperpacket -1", "0+8", "16:8"],
      [held(1), "#1 DROPPED reass.toomany", "#2 DROPPED reass.toomany"],
      "fragments 2, fragdropped 2"),
    Case(
      "R12: the highest fragment says that more follow", ["0+8", "8+8"], [held(1), held(2)],
      "fragments 2"),
    Case(
      "R12: a fragment in the middle may say that it is the last", ["0+8", "8:8", "16:8"],
      [held(1)] + joined([1], as: 2) + [held(3)], "fragments 3, reassembled 1", data: "12"),
    Case(
      "R13: one byte too long", ["0+32768", "32768+32744", "65512:4"],
      [
        held(1), held(2), "#1 DROPPED reass.toolong", "#2 DROPPED reass.toolong",
        "#3 DROPPED reass.toolong",
      ], "fragments 3, fragdropped 3, toolong 1"),
    Case(
      "R14: the longest", ["0+32768", "32768+32744", "65512:3"],
      [held(1), held(2)] + joined([1, 2], as: 3), "fragments 3, reassembled 1"),
    Case(
      "R14: an empty last fragment", ["16:0", "0+16"], [held(1)] + joined([1], as: 2),
      "fragments 2, reassembled 1", data: "22"),
    Case(
      "an offset that is trimmed over the top wraps, and nothing fits any more",
      ["65528+16", "65520+16", "0+8", "tick 30000"],
      [
        held(1), held(2), held(3), "#3 DROPPED reass.timeout", "#2 DROPPED reass.timeout",
        "#1 DROPPED reass.timeout",
      ], "fragments 3, fragtimeout 3"),
  ]) func takes(_ test: Case) throws {
    var lab = InterfaceLab.base
    let earlier = lab.kernel.machine.tally.entered
    var fill: UInt8 = 1
    for step in test.steps {
      try lab.reassemble(step, fill: fill)
      if step.first?.isNumber == true { fill += 1 }
    }
    let ends = lab.numberedEnds(behind: earlier)
    let (counts, delivered) = (lab.fragmentCounts, lab.delivered)
    #expect(ends == test.ends)
    #expect(counts == test.counts)
    if let data = test.data {
      let datagram = try #require(delivered.first)
      let units = stride(from: IPv4Header.size, to: datagram.count, by: 8).map { datagram[$0] }
      #expect(units.map(String.init).joined() == data)
      #expect(datagram[1] == test.tos)
    }
    let tally = lab.kernel.machine.tally
    #expect(tally.entered == tally.ended)
    #expect(lab.kernel.machine.store.buffersInUse == Int(tally.held))
  }

  /// How a datagram is cut: the length of each fragment.
  static let cuts = [
    [8, 1], [8, 8, 8], [16, 8, 24, 3], [8, 8, 8, 8, 0], [1480, 1480, 1480, 20],
  ]

  @Test(arguments: cuts) func everyOrderGivesTheDatagram(_ cut: [Int]) throws {
    let data = (0..<cut.reduce(0, +)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
    var fragments: [Fragment] = []
    var offset = 0
    for (place, count) in cut.enumerated() {
      let isLast = place == cut.count - 1
      var fragment = Fragment(
        offset: offset, data: Array(data[offset..<offset + count]), moreFollow: !isLast)
      // The record route of the first; the others have none.
      if place == 0 { fragment.options = [7, 7, 8, 1, 2, 3, 4, 0] }
      fragments.append(fragment)
      offset += count
    }
    var lab = InterfaceLab.base
    for order in permutations(of: fragments) {
      lab.forget()
      for fragment in order { try lab.receive(fragment) }
      let datagram = try #require(lab.delivered.first)
      #expect(lab.delivered.count == 1)
      guard let header = IPv4Header(datagram.span.bytes) else {
        Issue.record("a datagram of \(datagram.count) bytes")
        return
      }
      #expect(header.headerLength == 28 && header.fragment == 0)
      #expect(Int(header.totalLength) == 28 + data.count)
      #expect(Array(datagram.dropFirst(28)) == data)
    }
    let tally = lab.kernel.machine.tally
    #expect(tally.held == 0 && tally.entered == tally.ended)
    #expect(lab.kernel.machine.store.buffersInUse == 0)
    let (counts, orders) = (lab.fragmentCounts, permutations(of: fragments).count)
    #expect(counts == "fragments \(orders * cut.count), reassembled \(orders)")
  }

  private func permutations(of fragments: [Fragment]) -> [[Fragment]] {
    guard fragments.count > 1 else { return [fragments] }
    return fragments.indices.flatMap { place in
      var rest = fragments
      let first = rest.remove(at: place)
      return permutations(of: rest).map { [first] + $0 }
    }
  }

  @Test func theFirstFragmentsInterfaceAndTableArePassedOn() throws {
    var lab = InterfaceLab.base
    var last = ReceivedFrame(
      Fragment(offset: 8, data: [1], moreFollow: false).frame(to: .zero),
      on: try lab.index("em1"))
    last.fib = FibNumber(rawValue: 1)
    last.skipsEtherInput = true
    var first = ReceivedFrame(
      Fragment(offset: 0, data: [UInt8](repeating: 0, count: 8), moreFollow: true)
        .frame(to: .zero), on: try lab.index("em0"))
    first.skipsEtherInput = true
    let number = lab.kernel.receive(first, tracer: &lab.recorder)
    lab.kernel.receive(last, tracer: &lab.recorder)
    let joined = lab.recorder.entries.contains { entry in
      if case .reassembled(number, 2, 29) = entry.event { true } else { false }
    }
    #expect(joined)
  }

  @Test func aCloneGoesItsOwnWay() throws {
    var lab = InterfaceLab.base
    try lab.reassemble("0+8", fill: 1)
    var twin = InterfaceLab.base
    twin.kernel = lab.kernel.clone()
    try twin.reassemble("8:8", fill: 2)
    let (before, after) = (lab.kernel[.zero].reassembly.count, twin.kernel[.zero].reassembly.count)
    #expect(before == 1 && after == 0)
    try lab.reassemble("8:8", fill: 3)
    let (own, others) = (lab.delivered, twin.delivered)
    #expect(own.first?.last == 3 && others.first?.last == 2)
  }
}
