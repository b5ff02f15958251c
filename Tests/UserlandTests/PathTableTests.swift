// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
@testable import Userland

/// The table of ways alone: its limits are far beyond what a lab does.
@Suite("Paths") struct PathTableTests {
  private func way(_ ids: [TraceID]) -> Way {
    var way = Way()
    for id in ids { way.append(id) }
    return way
  }

  /// A way that a number stands for: its digits are ids.
  private func way(_ number: Int) -> Way {
    var ids: [TraceID] = []
    var rest = number
    repeat {
      ids.append(TraceID.allCases[rest % 8])
      rest /= 8
    } while rest > 0
    return way(ids)
  }

  @Test func groupsByIdsAndVerdict() {
    var table = PathTable()
    table.enter(way([.outRoute, .outSent]), .sent, packet: 5)
    table.enter(way([.outSent, .outRoute]), .sent, packet: 6)
    table.enter(way([.outRoute, .outSent]), .held, packet: 7)
    table.enter(way([.outRoute, .outSent]), .sent, packet: 3)
    let rows = table.sorted
    #expect(rows.map(\.count) == [2, 1, 1])
    #expect(rows.map(\.first) == [3, 6, 7])
    #expect(rows.map(\.verdict) == [.sent, .sent, .held])
  }

  @Test func countsWhatIsBeyondItsLimit() {
    var table = PathTable()
    for number in 0..<PathTable.most + 10 { table.enter(way(number), .sent, packet: number + 1) }
    for number in 0..<PathTable.most { table.enter(way(number), .sent, packet: 9999) }
    #expect(table.sorted.count == PathTable.most)
    #expect(table.sorted.allSatisfy { $0.count == 2 })
    #expect(table.others == 10)
  }

  @Test func tellsLongWaysApartByAllOfTheirIds() {
    let long = [TraceID](repeating: .outRoute, count: 3 * PathTable.longest)
    var table = PathTable()
    table.enter(way(long + [.outSent]), .sent, packet: 1)
    table.enter(way(long + [.fwdTtl]), .sent, packet: 2)
    table.enter(way(long + [.outSent]), .sent, packet: 3)
    #expect(table.sorted.map(\.count) == [2, 1])
    #expect(table.sorted.allSatisfy { $0.isCut && $0.ids.count == PathTable.longest })
  }

  @Test func aWayInPiecesIsTheSameWay() {
    let ids = (0..<50).map { TraceID.allCases[$0 % 9] }
    var pieces = way(Array(ids[..<20]))
    pieces.append(way(Array(ids[20...])))
    #expect(pieces.hash == way(ids).hash)
    #expect(pieces.ids == ids)
  }
}
