// SPDX-License-Identifier: BSD-2-Clause

import Netstack

/// Multicast routing as `netstat -g` shows it (mroute.c). No multicast router can run here, so that
/// its tables are empty.
enum MulticastRouting {
  static let tables =
    "\nIPv4 Virtual Interface Table is empty\n\nIPv4 Multicast Forwarding Table is empty\n\n"

  /// What -g with -s shows; with a second -s nothing but the heading.
  static func counters(_ settings: NetstatSettings) -> [String] {
    MulticastRoutingStatistics().netstatLines(suppressZero: settings.suppressesZero)
  }
}
