// SPDX-License-Identifier: BSD-2-Clause

/// Metrics of a route by their bits (`RTV_` of net/route.h).
package struct RouteMetricSet: OptionSet, Hashable, BitwiseCopyable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let RTV_MTU = RouteMetricSet(rawValue: 0x1)
  package static let RTV_HOPCOUNT = RouteMetricSet(rawValue: 0x2)
  package static let RTV_EXPIRE = RouteMetricSet(rawValue: 0x4)
  package static let RTV_RPIPE = RouteMetricSet(rawValue: 0x8)
  package static let RTV_SPIPE = RouteMetricSet(rawValue: 0x10)
  package static let RTV_SSTHRESH = RouteMetricSet(rawValue: 0x20)
  package static let RTV_RTT = RouteMetricSet(rawValue: 0x40)
  package static let RTV_RTTVAR = RouteMetricSet(rawValue: 0x80)
  package static let RTV_WEIGHT = RouteMetricSet(rawValue: 0x100)

  /// The words of route(8) in the order it prints them; it has none for the hop count.
  package static let words: [(flag: RouteMetricSet, word: String)] = [
    (.RTV_WEIGHT, "weight"), (.RTV_RTTVAR, "rttvar"), (.RTV_RTT, "rtt"),
    (.RTV_SSTHRESH, "ssthresh"), (.RTV_SPIPE, "sendpipe"), (.RTV_RPIPE, "recvpipe"),
    (.RTV_EXPIRE, "expire"), (.RTV_MTU, "mtu"),
  ]
}

/// The metrics of a message (`struct rt_metrics`). The kernel keeps MTU, weight and expiry of them,
/// and no lock.
package struct RouteMetrics: Hashable, BitwiseCopyable, Sendable {
  package var locks: RouteMetricSet = []
  package var mtu: UInt64 = 0
  package var hopcount: UInt64 = 0
  /// Seconds since 1970; 0 for never.
  package var expire: UInt64 = 0
  package var recvpipe: UInt64 = 0
  package var sendpipe: UInt64 = 0
  package var ssthresh: UInt64 = 0
  /// Microseconds.
  package var rtt: UInt64 = 0
  package var rttvar: UInt64 = 0
  package var weight: UInt64 = 0

  package init() {}
}
