// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing

/// `debug.fail_point`: so many of the next allocations fail, and no others.
@Suite("debug.fail_point") struct FailPointTests {
  private let expiring = TestPacket(ttl: 1).bytes

  private func left(_ router: borrowing TestRouter) -> SysctlValue {
    router.kernel.sysctl(.debugFailPoint, vnet: .zero, fib: .zero)
  }

  @Test func anErrorWithoutMemoryIsNotMade() throws {
    var router = try TestRouter()
    try router.kernel.setSysctl(.debugFailPoint, to: 1, vnet: .zero)
    let first = router.receive(expiring)
    #expect(first.ends.map(\.verdict) == [.dropped] && first.sent.isEmpty)
    #expect(first.ends.first?.suppressedBy == .icmpSupNomem)
    #expect(left(router) == .number(0))
    #expect(router.receive(expiring).icmp == ICMPKind(11, 0))
  }

  @Test func aCloneFailsAsOften() throws {
    var router = try TestRouter()
    try router.kernel.setSysctl(.debugFailPoint, to: 2, vnet: .zero)
    let twin = router.kernel.clone()
    _ = router.receive(expiring)
    #expect(left(router) == .number(1))
    #expect(twin.sysctl(.debugFailPoint, vnet: .zero, fib: .zero) == .number(2))
  }

  @Test func aNumberBelowNoneIsRefused() throws {
    var router = try TestRouter()
    #expect(throws: Errno.EINVAL) {
      try router.kernel.setSysctl(.debugFailPoint, to: -1, vnet: .zero)
    }
    #expect(left(router) == .number(0))
  }

  /// A header in two buffers is gathered with a buffer more (`m_pullup`); I3 and I6, X3 and X6.
  @Test(arguments: [
    (10, 0, TraceID.ipToosmall), (22, 0, .ipBadhlenTrunc), (10, 1, .ffToosmall),
    (22, 1, .ffBadhlenTrunc),
  ]) func aHeaderIsNotGathered(_ split: Int, _ fast: Int64, _ id: TraceID) throws {
    var router = try TestRouter()
    try router.kernel.setSysctl(.ipFastforwarding, to: fast, vnet: .zero)
    try router.kernel.setSysctl(.debugFailPoint, to: 1, vnet: .zero)
    let run = router.receive(TestPacket(options: [1, 1, 1, 0]).bytes, split: split)
    #expect(run.ends.map(\.id) == [id])
    let counter = id == .ipToosmall || id == .ffToosmall ? "toosmall" : "badhlen"
    #expect(run.counted[counter] == 1)
  }
}
