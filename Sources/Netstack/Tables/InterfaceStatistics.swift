// SPDX-License-Identifier: BSD-2-Clause

/// The counters of an interface: `if_data` of net/if.h, and the drops of its send queue.
package enum InterfaceCounter: UInt8, CounterName {
  case ipackets, ierrors, ibytes, imcasts, iqdrops, noproto
  case opackets, oerrors, obytes, omcasts, collisions, sndDrops

  package static var block: String { "interface" }
  package var prefix: String { "if_" }
}

package typealias InterfaceStatistics = Counters<12, InterfaceCounter>
