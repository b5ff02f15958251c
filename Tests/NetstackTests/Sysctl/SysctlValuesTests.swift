// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing

/// `#expect` for members of a value that cannot be copied, which the macro would try.
private func expect<Value: Equatable>(
  _ actual: Value, _ expected: Value, at location: SourceLocation = #_sourceLocation
) {
  #expect(actual == expected, sourceLocation: location)
}

@Suite("sysctl values") struct SysctlValuesTests {
  @Test func startAtTheDefaults() {
    let vnet = VnetSysctls()
    expect(vnet.forwarding, false)
    expect(vnet.redirect, true)
    expect(vnet.ttl, 64)
    expect(vnet.icmplim, 200)
    expect(vnet.arpMaxAge, 1200)
    expect(vnet.fwAutoincStep, 100)
    expect(vnet[text: .icmpReplySrc]?.isEmpty, true)
    let machine = MachineSysctls()
    expect(machine.processOptions, 1)
    expect(machine.isrDirect, true)
    expect(machine.isrDirectForce, true)
    expect(machine.maxfragpackets, 800)
    expect(machine[text: .kernOstype], "FreeBSD")
    expect(machine[text: .kernOsrelease], "8.0-RELEASE")
    expect(machine[text: .fibs], nil)
  }

  /// Limits that may only grow.
  private static let growing = [
    "kern.ipc.maxsockets", "kern.ipc.nmbclusters", "kern.ipc.nmbjumbop", "kern.ipc.nmbjumbo9",
    "kern.ipc.nmbjumbo16",
  ]

  @Test func someLimitsOnlyGrow() throws {
    var machine = MachineSysctls()
    for name in Self.growing {
      let key = try #require(SysctlTree.node(named: name)?.key)
      let old = machine[key]
      #expect(throws: Errno.EINVAL) { try machine.set(key, to: old) }
      try machine.set(key, to: old + 1)
      expect(machine[key], old + 1)
    }
  }

  @Test func aSecurelevelOnlyRises() throws {
    var machine = MachineSysctls()
    try machine.set(.kernSecurelevel, to: 1)
    #expect(throws: Errno.EPERM) { try machine.set(.kernSecurelevel, to: 0) }
    expect(machine[.kernSecurelevel], 1)
  }

  @Test func someNumbersArePulledIntoTheirBounds() throws {
    var machine = MachineSysctls()
    for (given, kept) in [(0, 1), (7, 7), (-1, -1)] as [(Int64, Int64)] {
      try machine.set(.sctpHbMaxBurst, to: given)
      expect(machine[.sctpHbMaxBurst], kept)
    }
    try machine.set(.sctpCmtOnOff, to: 9)
    expect(machine[.sctpCmtOnOff], 1)
  }

  @Test func everyWritableNumberReadsBack() throws {
    var vnet = VnetSysctls()
    var machine = MachineSysctls()
    for row in SysctlTree.rows {
      guard let key = row.key, case .number(let initial) = row.initial,
        row.access != .readOnly, row.access != .readOnlyTunable,
        !Self.growing.contains(row.name), key != .flowtableNmbflows
      else { continue }
      if row.scope == .vnet {
        expect(vnet[key], initial)
        try vnet.set(key, to: initial)
        expect(vnet[key], initial)
      } else {
        expect(machine[key], initial)
        try machine.set(key, to: initial)
        expect(machine[key], initial)
      }
    }
  }

  @Test func flagsAndNumbersFollowTheirLeaf() throws {
    var vnet = VnetSysctls()
    try vnet.set(.ipForwarding, to: -1)
    try vnet.set(.ipTtl, to: 257)
    try vnet.set(.icmpMaskfake, to: 0x00ff_ffff)
    expect(vnet.forwarding, true)
    expect(vnet.ttl, 1)
    expect(vnet.maskfake, 0x00ff_ffff)
  }

  @Test func numbersAreCutToTheirCType() throws {
    var vnet = VnetSysctls()
    try vnet.set(.icmpIcmplim, to: 0x1_0000_0005)
    expect(vnet.icmplim, 5)
    try vnet.set(.icmpIcmplim, to: 0xffff_ffff)
    expect(vnet.icmplim, -1)
    try vnet.set(.icmpMaskfake, to: -1)
    expect(vnet[.icmpMaskfake], 0xffff_ffff)
    var machine = MachineSysctls()
    try machine.set(.udpMaxdgram, to: -1)
    expect(machine[.udpMaxdgram], -1)
  }

  @Test(arguments: [
    (SysctlKey.ipMaxfragpackets, Int64(-2)), (.ipRandomIdPeriod, 511), (.ipRandomIdPeriod, 32769),
    (.ipIntrQueueMaxlen, 0), (.ipIntrQueueMaxlen, 10241), (.routeNetisrMaxqlen, 0),
    (.tcpMsl, 0), (.tcpKeepidle, -5),
  ]) func machineHandlersRefuse(_ key: SysctlKey, _ value: Int64) {
    var machine = MachineSysctls()
    let before = machine[key]
    #expect(throws: Errno.EINVAL) { try machine.set(key, to: value) }
    expect(machine[key], before)
  }

  @Test(arguments: [
    (SysctlKey.igmpGsrdelay, Int64(-2)), (.igmpGsrdelay, 60), (.igmpDefaultVersion, 0),
    (.igmpDefaultVersion, 4), (.flowtableNmbflows, 4095), (.tcpMssdflt, 215),
  ]) func vnetHandlersRefuse(_ key: SysctlKey, _ value: Int64) {
    var vnet = VnetSysctls()
    let before = vnet[key]
    #expect(throws: Errno.EINVAL) { try vnet.set(key, to: value) }
    expect(vnet[key], before)
  }

  @Test(arguments: [
    (SysctlKey.ipMaxfragpackets, Int64(-1)), (.ipRandomIdPeriod, 512), (.ipRandomIdPeriod, 32768),
    (.ipIntrQueueMaxlen, 1), (.ipIntrQueueMaxlen, 10240),
  ]) func handlersAcceptTheirLimits(_ key: SysctlKey, _ value: Int64) throws {
    var machine = MachineSysctls()
    try machine.set(key, to: value)
    expect(machine[key], value)
  }

  @Test(arguments: [SysctlKey.ipFragpackets, .ipOutputFlowtableSize, .ipFwStaticCount])
  func readOnlyLeavesRefuseWrites(_ key: SysctlKey) {
    var vnet = VnetSysctls()
    #expect(throws: Errno.EPERM) { try vnet.set(key, to: 1) }
  }

  @Test func readOnlyStringsRefuseWrites() {
    var machine = MachineSysctls()
    #expect(throws: Errno.EPERM) { try machine.set(.kernOstype, to: "Other") }
    expect(machine[text: .kernOstype], "FreeBSD")
  }

  @Test(arguments: [
    (SysctlKey.ipFwEnable, 2, true), (.ipFwEnable, 3, false),
    (.ipPortrangeReservedhigh, 0, true), (.ipPortrangeReservedhigh, 1, false),
    (.ipForwarding, 3, true),
  ]) func securelevelProtects(_ key: SysctlKey, _ level: Int, _ isAllowed: Bool) {
    var vnet = VnetSysctls()
    do throws(Errno) {
      try vnet.set(key, to: 1, securelevel: level)
      #expect(isAllowed)
    } catch {
      #expect(!isAllowed && error == .EPERM)
    }
  }

  @Test func writingOnePortBoundClampsAll() throws {
    var vnet = VnetSysctls()
    vnet[.ipPortrangeLowlast] = 4000
    try vnet.set(.ipPortrangeFirst, to: 80)
    expect(vnet[.ipPortrangeFirst], 1024)
    expect(vnet[.ipPortrangeLowlast], 1023)
    try vnet.set(.ipPortrangeHilast, to: 70000)
    expect(vnet[.ipPortrangeHilast], 65535)
    try vnet.set(.ipPortrangeLowfirst, to: 0)
    expect(vnet[.ipPortrangeLowfirst], 1)
  }

  @Test func settingTheIDPeriodRestartsItsStatistics() throws {
    var machine = MachineSysctls()
    machine[.ipRandomIdTotal] = 9
    machine[.ipRandomIdCollisions] = 2
    try machine.set(.ipRandomIdPeriod, to: 8192)
    expect(machine[.ipRandomIdTotal], 0)
    expect(machine[.ipRandomIdCollisions], 0)
  }

  @Test func firewallSwitchBecomesOne() throws {
    var vnet = VnetSysctls()
    try vnet.set(.ipFwEnable, to: 7)
    expect(vnet[.ipFwEnable], 1)
    try vnet.set(.ipFwEnable, to: 0)
    expect(vnet.fwEnable, false)
  }

  @Test func stringsHaveRoomForTheirBuffer() throws {
    var vnet = VnetSysctls()
    try vnet.set(.icmpReplySrc, to: String(repeating: "e", count: 15))
    expect(vnet[text: .icmpReplySrc]?.count, 15)
    #expect(throws: Errno.EINVAL) {
      try vnet.set(.icmpReplySrc, to: String(repeating: "e", count: 16))
    }
    try vnet.set(.icmpReplySrc, to: "em1")
    expect(vnet[text: .icmpReplySrc], "em1")
  }

  @Test func kindsAreNotMixed() {
    var vnet = VnetSysctls()
    #expect(throws: Errno.EINVAL) { try vnet.set(.ipTtl, to: "64") }
    #expect(throws: Errno.EINVAL) { try vnet.set(.icmpReplySrc, to: 1) }
    #expect(throws: Errno.EINVAL) { try vnet.set(.ipStats, to: 0) }
  }
}
