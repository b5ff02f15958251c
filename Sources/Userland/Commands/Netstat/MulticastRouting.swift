// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

/// Multicast routing as `netstat -g` shows it (mroute.c). No multicast router can run here, so that
/// its tables are empty and its counters stay zero.
enum MulticastRouting {
  static let tables =
    "\nIPv4 Virtual Interface Table is empty\n\nIPv4 Multicast Forwarding Table is empty\n\n"

  /// The counters of `struct mrtstat`, in the order of printing.
  private static let names = [
    "multicast forwarding cache lookups", "multicast forwarding cache misses",
    "upcalls to multicast routing daemon", "upcall queue overflows",
    "upcalls dropped due to full socket buffer", "cache cleanups",
    "datagrams with no route for origin", "datagrams arrived with bad tunneling",
    "datagrams could not be tunneled", "datagrams arrived on wrong interface",
    "datagrams selectively dropped", "datagrams dropped due to queue overflow",
    "datagrams dropped for being too large",
  ]

  /// What -g with -s shows; with a second -s nothing but the heading.
  static func counters(_ settings: NetstatSettings) -> String {
    let rows = settings.suppressesZero ? [] : names.map { "\t0 \($0)\n" }
    return "IPv4 multicast forwarding:\n" + rows.joined()
  }
}
