// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// Random IP identifications that do not come again soon: `ip_randomid` (netinet/ip_id.c).
///
/// Remembers the last `net.inet.ip.random_id_period` ids in a ring, and marks them in a map of all.
struct RandomIDs: ~Copyable, StateHashable {
  /// The last ids, the oldest at `next`; 0 where none was issued yet. Empty until first used.
  private var issued = UniqueArray<UInt16>()
  private var next = 0
  /// A bit for each id that is in the ring.
  private var isIssued = UniqueArray<UInt64>()

  /// Forgets what was issued, and remembers as many from now on (`ip_initid`).
  mutating func reset(period: Int) {
    issued = UniqueArray(repeating: 0, count: max(period, 1))
    isIssued = UniqueArray(repeating: 0, count: 65_536 / UInt64.bitWidth)
    next = 0
  }

  /// Draws an id that is neither 0 nor remembered.
  ///
  /// - Returns: The id, and how many were drawn that are remembered.
  mutating func draw(_ random: inout RandomSource) -> (id: UInt16, collisions: Int64) {
    var collisions: Int64 = 0
    var id: UInt16 = 0
    while id == 0 {
      id = UInt16(truncatingIfNeeded: random.next())
      if isMarked(id) {
        collisions += 1
        id = 0
      }
    }
    mark(issued[next], false)
    mark(id, true)
    issued[next] = id
    next = next + 1 == issued.count ? 0 : next + 1
    return (id, collisions)
  }

  func clone() -> RandomIDs {
    var copy = RandomIDs()
    copy.issued = issued.clone()
    copy.next = next
    copy.isIssued = isIssued.clone()
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(issued)
    hasher.combine(next)
    hasher.combine(isIssued)
  }

  private func isMarked(_ id: UInt16) -> Bool { isIssued[Int(id >> 6)] >> UInt64(id & 63) & 1 != 0 }

  private mutating func mark(_ id: UInt16, _ value: Bool) {
    let bit = UInt64(1) << UInt64(id & 63)
    if value { isIssued[Int(id >> 6)] |= bit } else { isIssued[Int(id >> 6)] &= ~bit }
  }
}

extension Machine {
  /// The next random id, counted in the sysctls.
  ///
  /// Writing the period sets the count of issued ids to 0, and that starts a new history.
  mutating func randomID() -> UInt16 {
    if sysctl[.ipRandomIdTotal] == 0 { randomIDs.reset(period: sysctl.randomIDPeriod) }
    let (id, collisions) = randomIDs.draw(&random)
    sysctl[.ipRandomIdCollisions] &+= collisions
    sysctl[.ipRandomIdTotal] &+= 1
    return id
  }
}

extension Vnet {
  /// The next IP identification (`ip_newid`): one counter for all, or drawn at random.
  mutating func nextIPID(_ machine: inout Machine) -> UInt16 {
    if sysctl.randomID { return machine.randomID() }
    defer { ipID &+= 1 }
    return ipID
  }
}
