// SPDX-License-Identifier: BSD-2-Clause

import Testing

@testable import Netstack  // The rows are internal: no call shows their order.

@Suite("Trace ids") struct TraceIDTests {
  @Test func rowsStandInCaseOrder() {
    #expect(TraceID.rows.map(\.id) == TraceID.allCases)
    #expect(TraceID.allCases.map { Int($0.rawValue) } == Array(TraceID.allCases.indices))
  }

  @Test func textsAreUniqueAndFoundAgain() {
    #expect(Set(TraceID.allCases.map(\.text)).count == TraceID.allCases.count)
    for id in TraceID.allCases {
      #expect(TraceID(text: id.text) == id)
    }
    #expect(TraceID(text: "ip.nosuch") == nil)
  }

  @Test(arguments: TraceID.allCases) func caseNameIsTheTextInCamelCase(_ id: TraceID) {
    let words = id.text.split { $0 == "." || $0 == "/" }
    let name = words.dropFirst().reduce(String(words[0])) {
      $0 + $1.prefix(1).uppercased() + $1.dropFirst()
    }
    #expect(name == "\(id)")
  }

  @Test(arguments: TraceID.allCases) func saysWhereAndWhat(_ id: TraceID) {
    #expect(!id.function.isEmpty)
    #expect(!id.counterText.isEmpty)
    #expect(id.summary.hasSuffix("."))
    #expect(!id.summary.contains("|"))
  }

  /// Fields of ipstat that the text names but `drop` does not raise, because ip_reass has counted
  /// them before, or because they are counted down.
  private static let countedElsewhere: [TraceID: Set<String>] = [
    .reassNomem: ["ips_fragments"], .reassEcn: ["ips_fragments"], .reassDup: ["ips_fragments"],
    .reassToolong: ["ips_toolong"],
    .rawNoproto: ["ips_delivered"], .fwDivertNoport: ["ips_delivered"],
  ]

  @Test(arguments: TraceID.allCases) func raisesTheCountersOfItsText(_ id: TraceID) {
    let raised = [id.ipCounter, id.secondIPCounter].compactMap { $0?.field }
    guard id.kind == .drop || id.kind == .reply else {
      #expect(raised.isEmpty)
      return
    }
    let named = Set(id.counterText.split(separator: ", ").map(String.init))
      .filter { $0.hasPrefix("ips_") }
    #expect(Set(raised) == named.subtracting(Self.countedElsewhere[id] ?? []))
    #expect(raised.count == Set(raised).count)
  }

  @Test(arguments: [
    (TraceID.ipBadsum, IPCounter.badsum), (.outDf, .cantfrag), (.outBadaddr, .badaddr),
    (.outNorouteMcast, .noroute), (.outQfull, .odropped), (.ipCantforward, .cantforward),
    (.fwdBaddst, .cantforward), (.ffBadhlen, .badlen), (.optBadTsOvf, .badoptions),
    (.reassTimeout, .fragtimeout), (.rawNoproto, .noproto),
  ]) func hasTheCounterOfTheOriginal(_ id: TraceID, _ counter: IPCounter) {
    #expect(id.ipCounter == counter)
  }

  @Test(arguments: [
    TraceID.fwdTtl, .fwdNoroute, .ffOptReject, .outBcastPerm, .ethNovlan, .udpBadsum, .icmpBadsum,
  ]) func countsNothingInIpstat(_ id: TraceID) {
    #expect(id.ipCounter == nil)
  }

  @Test(arguments: TraceID.allCases) func namesASysctlThatExists(_ id: TraceID) {
    guard let name = id.sysctl else { return }
    #expect(SysctlTree.node(named: name)?.key != nil)
  }

  @Test func documentationHasALineForEachID() {
    let lines = TraceID.documentation().split(separator: "\n")
    #expect(lines.count == TraceID.allCases.count + 2)
    #expect(
      lines.contains(
        "| ip.badsum | ip_input | drop | ips_badsum | The header checksum is wrong. |  |  |"))
  }
}
