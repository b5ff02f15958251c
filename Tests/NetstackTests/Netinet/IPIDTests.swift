// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("ip_id") struct IPIDTests {
  /// The ids of so many packets sent one after the other.
  private func ids(_ count: Int, _ lab: inout OptionLab) throws -> [UInt16] {
    lab.recorder.removeAll()
    let packet = LocalPacket(echoRequest(to: "10.0.1.2", []), socket: .cooked)
    for _ in 0..<count { try lab.kernel.send(packet, tracer: &lab.recorder) }
    return lab.packets.compactMap { IPv4Header($0.span.bytes)?.identification }
  }

  private func number(_ key: SysctlKey, _ lab: borrowing OptionLab) -> Int64? {
    guard case .number(let value) = lab.kernel.sysctl(key, vnet: .zero, fib: .zero) else {
      return nil
    }
    return value
  }

  @Test func countsFromTheClockAtBoot() throws {
    var lab = try OptionLab()
    let first = try ids(3, &lab)
    #expect(first == [0x7c80, 0x7c81, 0x7c82])
    #expect(number(.ipRandomIdTotal, lab) == 0)
  }

  @Test func randomIDsAreNeverZeroAndDoNotComeAgainSoon() throws {
    let period = 512
    var lab = try OptionLab([.ipRandomId: 1, .ipRandomIdPeriod: Int64(period)])
    let drawn = try ids(2000, &lab)
    #expect(drawn.count == 2000)
    #expect(!drawn.contains(0))
    for start in stride(from: 0, through: drawn.count - period, by: 100) {
      #expect(Set(drawn[start..<start + period]).count == period)
    }
    #expect(drawn != drawn.sorted())
    #expect(number(.ipRandomIdTotal, lab) == 2000)
    let collisions = number(.ipRandomIdCollisions, lab) ?? 0
    #expect(collisions > 0 && collisions < 200)
  }

  @Test func writingThePeriodForgetsTheHistory() throws {
    var lab = try OptionLab([.ipRandomId: 1])
    _ = try ids(50, &lab)
    try lab.kernel.setSysctl(.ipRandomIdPeriod, to: 512, vnet: .zero)
    #expect(number(.ipRandomIdTotal, lab) == 0)
    #expect(number(.ipRandomIdCollisions, lab) == 0)
    let drawn = try ids(600, &lab)
    #expect(Set(drawn[..<512]).count == 512)
    #expect(number(.ipRandomIdTotal, lab) == 600)
  }

  @Test func theCounterGoesOnWhereItWas() throws {
    var lab = try OptionLab()
    _ = try ids(2, &lab)
    try lab.kernel.setSysctl(.ipRandomId, to: 1, vnet: .zero)
    _ = try ids(2, &lab)
    try lab.kernel.setSysctl(.ipRandomId, to: 0, vnet: .zero)
    let next = try ids(1, &lab)
    #expect(next == [0x7c82])
  }

  @Test func aCloneDrawsTheSameIDs() throws {
    var lab = try OptionLab([.ipRandomId: 1])
    _ = try ids(5, &lab)
    let copy = lab.kernel.clone()
    let drawn = try ids(5, &lab)
    lab.kernel = copy
    let again = try ids(5, &lab)
    #expect(again == drawn)
  }
}
