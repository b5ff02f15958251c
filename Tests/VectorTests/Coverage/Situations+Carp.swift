// SPDX-License-Identifier: BSD-2-Clause

import Netstack

/// Situations of CARP.
extension Situation {
  private static let host = "ifconfig carp0 create vhid 1 pass x 10.0.0.100/24"
  private static let wait = "sleep 4"
  private static let memory = "sysctl debug.fail_point=1"

  /// An advertisement of 10.0.0.100 as virtual host 1 with password x, or a spoilt one.
  private static func advertisement(
    _ payload: String = "\(start)33ee\(counter)\(digest)", ttl: Int = 255, recv card: String = "em0"
  ) -> String {
    "inject -j proto 112 from 10.0.0.2 to 224.0.0.18 ttl \(ttl) payload \(payload) recv \(card)"
  }

  private static let start = "210100070001"
  private static let counter = "0000000000000001"
  private static let digest = "2346d53e2297b720680ae7066c3c0a17e6382d2d"

  static let carp = [
    Situation(.carpDrop, host, "sysctl net.inet.carp.allow=0", advertisement()),
    Situation(.carpBadif, host, advertisement(recv: "em1")),
    Situation(.carpBadttl, host, advertisement(ttl: 254)),
    Situation(.carpBadlen, host, advertisement(start)),
    Situation(.carpHdrops, host, memory, advertisement()),
    Situation(.carpBadsum, host, advertisement("\(start)33ef\(counter)\(digest)")),
    Situation(.carpBadvhid, advertisement(), host, "ifconfig carp0 down", advertisement()),
    Situation(.carpBadver, host, advertisement("31010007000123ee\(counter)\(digest)")),
    Situation(.carpBadauth, host, "ifconfig carp0 pass y", advertisement()),
    Situation(.dlvCarp, host, advertisement()),
    Situation(.carpNomem, host, wait, memory, "sleep -j 2"),
    Situation(
      .carpIftype, "ifconfig bridge0 create", "ifconfig bridge0 10.7.0.1/24",
      "ifconfig bridge0 linkstate up", "ifconfig carp0 create vhid 1 10.7.0.100/24",
      "sleep -j 4"),
    Situation(.carpMac, host, "sleep -j 4"),
    Situation(
      .ethCarp, host, wait,
      "inject -j udp from 10.0.0.2 1 to 10.0.0.100 2 dst 00:00:5e:00:01:01 recv em0"),
    Situation(
      .arpCarp, host, wait,
      "inject -j frame ffffffffffff02aa0000000108060001080006040001"
        + "02aa000000010a0000020000000000000a000064 recv em0"),
  ]
}
