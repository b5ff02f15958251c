// SPDX-License-Identifier: BSD-2-Clause

import Netstack

/// Situations of bridges: em2 and em3 in one, a station behind each.
extension Situation {
  static let bridges = bridgeWay + bridgeLearning + bridgeFlood + bridgeFilters + bridgeTree

  private static let bridge =
    "ifconfig em2 up; ifconfig em3 up; ifconfig bridge0 create addm em2 addm em3 up"
  private static let left = "02aa00000001"
  private static let right = "02bb00000002"
  /// A packet without data from 10.5.0.1 to 10.5.0.2, and one of 120 bytes.
  private static let packet = "0800450000140001000040fd65e00a0500010a050002"
  private static let long =
    "0800450000780001000040fd657c0a0500010a050002" + String(repeating: "00", count: 100)
  private static let longDF =
    "0800450000780001400040fd257c0a0500010a050002" + String(repeating: "00", count: 100)

  private static func frame(
    _ destination: String, _ source: String, _ rest: String = packet, on card: String = "em2",
    isShown: Bool = true
  ) -> String {
    "inject \(isShown ? "-j" : "-q") frame \(destination)\(source)\(rest) recv \(card)"
  }

  /// The station on the right is known.
  private static let known = frame(left, right, on: "em3", isShown: false)
  private static let across = frame(right, left)
  private static let everybody = "ffffffffffff"

  private static let bridgeWay = [
    Situation(.ethBridge, bridge, across),
    Situation(.brMonitor, bridge, "ifconfig bridge0 monitor", across),
    Situation(.brOwn, bridge, frame(right, "020000000003")),
    Situation(.brOurs, bridge, frame("020000000003", left)),
    Situation(.brKnown, bridge, known, across),
    Situation(.brUnknown, bridge, across),
    Situation(.brGroup, bridge, frame(everybody, left)),
    Situation(.brSameside, bridge, known, frame(right, left, on: "em3")),
    Situation(.brReserved, bridge, frame("0180c2000001", left)),
    Situation(
      .brPrivate, bridge, "ifconfig bridge0 private em2 private em3", known, across),
    Situation(.brDown, bridge, known, "ifconfig em3 down", across),
    Situation(.brSent, bridge, known, across),
  ]

  private static let bridgeLearning = [
    Situation(.brLearned, bridge, across),
    Situation(.brSeen, bridge, across, across),
    Situation(.brMoved, bridge, known, frame(left, right)),
    Situation(
      .brStays, bridge, "ifconfig bridge0 static em3 02:bb:00:00:00:02", frame(left, right)),
    Situation(.brBadsource, bridge, frame(right, "030000000001")),
    Situation(.brFull, bridge, "ifconfig bridge0 maxaddr 0", across),
    Situation(
      .brLimit, bridge, "ifconfig bridge0 ifmaxaddr em2 1", across, frame(right, "02aa00000009")),
    Situation(
      .brRefused, bridge, "ifconfig bridge0 ifmaxaddr em2 1", across,
      frame(right, "02aa00000009")),
  ]

  private static let bridgeFlood = [
    Situation(.brSkipSource, bridge, across),
    Situation(.brSkipPrivate, bridge, "ifconfig bridge0 private em2 private em3", across),
    Situation(.brSkipBlocked, bridge, "ifconfig bridge0 stp em3", across),
    Situation(.brSkipDiscover, bridge, "ifconfig bridge0 -discover em3", across),
    Situation(.brSkipDown, bridge, "ifconfig em3 down", across),
    Situation(
      .brNomem, bridge, "sysctl debug.fail_point=1", frame(everybody, left)),
    Situation(.brNobody, bridge, "ifconfig bridge0 deletem em3", across),
    Situation(.brCopied, bridge, across),
  ]

  private static let layer2 =
    "sysctl net.link.bridge.ipfw=1; ipfw add pipe 1 ip from any to any layer2 out; "
    + "ipfw pipe 1 config delay 100"

  private static let bridgeFilters = [
    Situation(.brPfil, bridge, across),
    Situation(.brNotip, bridge, frame(right, left, "99990000")),
    Situation(.brToosmall, bridge, frame(right, left, "080045000014")),
    Situation(
      .brBadvers, bridge, frame(right, left, "08005500001400010000401156cc0a0500010a050002")),
    Situation(
      .brBadhlen, bridge, frame(right, left, "08004400001400010000401167cc0a0500010a050002")),
    Situation(
      .brBadsum, bridge, frame(right, left, "08004500001400010000401166cd0a0500010a050002")),
    Situation(
      .brBadlen, bridge, frame(right, left, "08004500000a00010000401166d60a0500010a050002")),
    Situation(
      .brTooshort, bridge, frame(right, left, "08004500002800010000401166b80a0500010a050002")),
    Situation(.brBadip6, bridge, frame(right, left, "86dd60000000")),
    Situation(.brFwDeny, bridge, "ipfw add deny ip from any to 10.5.0.2", across),
    Situation(.brFwHold, bridge, layer2, across),
    Situation(
      .brLeft, bridge, layer2, known, frame(right, left, isShown: false),
      "ifconfig bridge0 deletem em3", "sleep -j 1"),
    Situation(.brDf, bridge, known, "ifconfig em3 mtu 72", frame(right, left, longDF)),
    Situation(.brFragsent, bridge, known, "ifconfig em3 mtu 72", frame(right, left, long)),
    Situation(
      .brFragnobufs, bridge, known, "ifconfig em3 mtu 72", "sysctl debug.fail_point=1",
      frame(right, left, long)),
  ]

  /// A message of a bridge 8000.02:aa:00:00:00:01 that holds itself for the root.
  private static let message =
    "0027424203000002027c800002aa0000000100000000800002aa0000000180010000140002000f0000"

  private static let bridgeTree = [
    Situation(
      .brTree, bridge, "ifconfig bridge0 stp em2", frame("0180c2000000", left, message)),
    Situation(.brNotree, bridge, frame("0180c2000000", left, message)),
    Situation(.brTreeSent, bridge, "ifconfig bridge0 stp em2", "sleep -j 3"),
    Situation(
      .brLearning, bridge, "ifconfig bridge0 -autoedge em2 stp em2", "sleep 21", across),
    Situation(.brBlocked, bridge, known, "ifconfig bridge0 stp em3", across),
  ]
}
