// SPDX-License-Identifier: BSD-2-Clause

/// The fields of `struct rtstat` (net/route.h), in its order.
package enum RouteCounter: UInt8, CounterName {
  case badredirect, dynamic, newgateway, unreach, wildcard

  package static var block: String { "routing" }
  package var prefix: String { "rts_" }
}

package typealias RouteStatistics = Counters<5, RouteCounter>

extension RouteCounter {
  static let lines: [StatisticsLine<RouteCounter>] = [
    .init(1, "<1> bad routing redirect{s}", .badredirect),
    .init(1, "<1> dynamically created route{s}", .dynamic),
    .init(1, "<1> new gateway{s} due to redirects", .newgateway),
    .init(1, "<1> destination{s} found unreachable", .unreach),
    .init(1, "<1> use{s} of a wildcard route", .wildcard),
  ]
}

extension Counters where Name == RouteCounter {
  /// The block as `netstat -rs` prints it, heading first; a second `-s` suppresses zero lines.
  ///
  /// The fields are C shorts that netstat prints as unsigned ints: 65536 events read 0, and from
  /// 32768 on the sign shows.
  ///
  /// - Parameter notFreed: Routes deleted but still referenced (`rttrash`).
  package func netstatLines(suppressZero: Bool, notFreed: UInt64 = 0) -> [String] {
    var lines = ["\(Self.name):"]
    lines += RouteCounter.rendered(RouteCounter.lines, suppressZero: suppressZero) {
      UInt64(UInt32(bitPattern: Int32(Int16(truncatingIfNeeded: self[$0]))))
    }
    if notFreed != 0 || !suppressZero {
      let plural = notFreed == 1 ? "" : "s"
      lines.append("\t\(notFreed) route\(plural) not in table but not freed")
    }
    return lines
  }
}
