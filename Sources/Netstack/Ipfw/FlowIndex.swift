// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// Finds the places of states by a digest of their flows, whatever chain they are in: open addressing,
/// at most two of three slots taken.
struct FlowIndex: ~Copyable, StateHashable {
  /// The digest above, and the place and one below; 0 for none.
  private var slots = UniqueArray<UInt64>()
  private var count = 0

  init() {}

  func clone() -> FlowIndex {
    var copy = FlowIndex()
    copy.slots = slots.clone()
    copy.count = count
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(slots)
    hasher.combine(count)
  }

  /// The next place that was put in with a digest.
  ///
  /// - Parameter probe: Where to look; at first the digest, and then what the last call has left.
  @inline(__always)
  func next(_ digest: UInt32, from probe: inout Int) -> Int32? {
    guard !slots.isEmpty else { return nil }
    let mask = slots.count &- 1
    while true {
      let slot = slots[probe & mask]
      if slot == 0 { return nil }
      probe = (probe & mask) &+ 1
      if UInt32(truncatingIfNeeded: slot >> 32) == digest {
        return Int32(truncatingIfNeeded: slot & 0xffff_ffff) &- 1
      }
    }
  }

  mutating func insert(_ place: Int32, _ digest: UInt32) {
    if (count + 1) * 3 > slots.count * 2 { grow() }
    put(UInt64(digest) << 32 | UInt64(place + 1))
    count += 1
  }

  mutating func remove(_ place: Int32, _ digest: UInt32) {
    guard !slots.isEmpty else { return }
    let mask = slots.count - 1
    let wanted = UInt64(digest) << 32 | UInt64(place + 1)
    var hole = Int(digest) & mask
    while slots[hole] != wanted {
      if slots[hole] == 0 { return }
      hole = (hole + 1) & mask
    }
    count -= 1
    // Those behind move up unless that were in front of where they are looked for.
    var next = (hole + 1) & mask
    while slots[next] != 0 {
      let home = Int(slots[next] >> 32) & mask
      if (next - home) & mask >= (next - hole) & mask {
        slots[hole] = slots[next]
        hole = next
      }
      next = (next + 1) & mask
    }
    slots[hole] = 0
  }

  private mutating func put(_ entry: UInt64) {
    let mask = slots.count - 1
    var probe = Int(entry >> 32) & mask
    while slots[probe] != 0 { probe = (probe + 1) & mask }
    slots[probe] = entry
  }

  private mutating func grow() {
    var old = UniqueArray<UInt64>(repeating: 0, count: max(64, slots.count * 2))
    swap(&old, &slots)
    for index in 0..<old.count where old[index] != 0 { put(old[index]) }
  }
}

extension FlowID {
  /// What the index knows a flow of IPv4 by, the same both ways; nil for others.
  ///
  /// Without addresses there are also states of IPv6 that C takes for the same: their chain is walked.
  @inline(__always)
  var digest: UInt32? {
    guard version == 4, source != .any || destination != .any else { return nil }
    let from = UInt64(source.rawValue) << 16 | UInt64(sourcePort)
    let to = UInt64(destination.rawValue) << 16 | UInt64(destinationPort)
    var bits = min(from, to) &* 0x9e37_79b9_7f4a_7c15
    bits = (bits ^ bits >> 32 ^ max(from, to)) &* 0xbf58_476d_1ce4_e5b9
    return UInt32(truncatingIfNeeded: bits >> 32) ^ UInt32(proto)
  }
}
