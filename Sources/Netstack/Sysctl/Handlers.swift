// SPDX-License-Identifier: BSD-2-Clause

extension SysctlValues {
  /// Writes a number as sysctl(3) does: with the access and range checks of the leaf's handler.
  ///
  /// - Throws: `EPERM` if the leaf cannot be written, `EINVAL` if its handler refuses the value or
  ///   the leaf is no number.
  package mutating func set(
    _ key: SysctlKey, to value: Int64, securelevel: Int = -1
  ) throws(Errno) {
    let row = SysctlTree[key]
    try Self.checkAccess(row, securelevel)
    guard row.kind != .string && row.kind != .opaque else { throw .EINVAL }
    let value = row.kind.stored(value)
    guard accepts(value, for: key) else { throw .EINVAL }
    if key == .kernSecurelevel, value < self[key] { throw .EPERM }
    let old = self[key]
    self[key] = row.clamped(value)
    settle(after: key, from: old)
  }

  /// Writes a string as sysctl(3) does.
  ///
  /// - Throws: `EPERM` if the leaf cannot be written, `EINVAL` if it is no string or has no room.
  package mutating func set(
    _ key: SysctlKey, to text: String, securelevel: Int = -1
  ) throws(Errno) {
    try Self.checkAccess(SysctlTree[key], securelevel)
    guard self[text: key] != nil, text.utf8.count < Self.room(for: key) else { throw .EINVAL }
    if key == .kernTimecounterHardware {
      let choices = self[text: .kernTimecounterChoice] ?? ""
      guard choices.split(separator: " ").contains(where: { $0.hasPrefix(text + "(") }) else {
        throw .EINVAL
      }
    }
    self[text: key] = text
  }

  /// The bytes that a string may have, with its NUL.
  private static func room(for key: SysctlKey) -> Int {
    switch key {
    case .icmpReplySrc: 16  // IFNAMSIZ
    case .kernHostuuid: 64  // HOSTUUIDLEN
    case .kernBootfile, .kernCorefile: 1024  // MAXPATHLEN
    default: 256  // MAXHOSTNAMELEN
    }
  }

  private static func checkAccess(_ row: SysctlNode, _ securelevel: Int) throws(Errno) {
    switch row.access {
    case .readOnly, .readOnlyTunable: throw .EPERM
    case .readWrite: break
    case .secure: if securelevel > 0 { throw .EPERM }
    case .secure3: if securelevel >= 3 { throw .EPERM }
    }
  }

  /// The range checks of the leaves whose handler refuses values.
  private func accepts(_ value: Int64, for key: SysctlKey) -> Bool {
    switch key {
    case .ipMaxfragpackets:
      value >= -1
    case .debugFailPoint:
      value >= 0
    case .ipRandomIdPeriod:
      (512...32768).contains(value)
    case .kernIpcSomaxconn:
      (1...65535).contains(value)
    case .kernIpcMaxsockbuf:
      value < 0 || value >= 256 + 2048  // An mbuf and a cluster; the type is unsigned.
    case .kernIpcMaxsockets, .kernIpcNmbclusters, .kernIpcNmbjumbop, .kernIpcNmbjumbo9,
      .kernIpcNmbjumbo16:
      value > self[key]
    case .ipIntrQueueMaxlen, .routeNetisrMaxqlen, .linkEpairNetisrMaxqlen:
      value >= 1 && value <= Int64(UInt32(truncatingIfNeeded: self[.isrMaxqlimit]))
    case .igmpGsrdelay:
      (-1...59).contains(value)
    case .igmpDefaultVersion:
      (1...3).contains(value)
    case .flowtableNmbflows:
      value > self[key]
    case .ipFwCompiled: (0...2).contains(value)
    case .tcpMssdflt, .tcpV6mssdflt:
      value >= 216  // TCP_MINMSS
    case .tcpKeepidle, .tcpKeepintvl, .tcpKeepinit, .tcpDelacktime, .tcpRexmitSlop,
      .tcpRexmitMin, .tcpMsl, .tcpFinwait2Timeout, .tcpInflightRttthresh:
      value >= 1  // Milliseconds, kept as ticks; less than a tick is refused.
    default:
      true
    }
  }

  /// What handlers do to values once a leaf is written.
  private mutating func settle(after key: SysctlKey, from old: Int64) {
    switch key {
    case .ipFwEnable, .securityJailSetHostnameAllowed, .securityJailSocketUnixiprouteOnly,
      .securityJailSysvipcAllowed, .securityJailAllowRawSockets, .securityJailChflagsAllowed,
      .securityJailMountAllowed:
      self[key] = self[key] == 0 ? 0 : 1
    case .linkBridgeIpfw:
      self[key] = self[key] == 0 ? 0 : 1
      // Once switched on it is the only filter.
      guard old == 0, self[key] == 1 else { break }
      for filter in [SysctlKey.linkBridgePfilOnlyip, .linkBridgePfilBridge, .linkBridgePfilMember] {
        self[filter] = 0
      }
    case .ipRandomIdPeriod:
      self[.ipRandomIdTotal] = 0
      self[.ipRandomIdCollisions] = 0
    case .ipPortrangeLowfirst, .ipPortrangeLowlast, .ipPortrangeFirst, .ipPortrangeLast,
      .ipPortrangeHifirst, .ipPortrangeHilast:
      clampPortRanges()
    default:
      break
    }
  }

  /// Pulls all six bounds into their ranges, whichever was written (in_pcb.c).
  private mutating func clampPortRanges() {
    for key in [SysctlKey.ipPortrangeLowfirst, .ipPortrangeLowlast] {
      self[key] = min(max(self[key], 1), 1023)
    }
    for key in [
      SysctlKey.ipPortrangeFirst, .ipPortrangeLast, .ipPortrangeHifirst, .ipPortrangeHilast,
    ] {
      self[key] = min(max(self[key], 1024), 65535)
    }
  }
}
