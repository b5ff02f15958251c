// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

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

/// The state of a packet.
struct FoundState: BitwiseCopyable {
  var place: Int32
  /// The number of its chain.
  var bucket: Int32
  /// The packet goes the way of the state's first one.
  var isForward: Bool
}

/// Finding states.
extension DynamicRules {
  /// What a look-up without a walk gives.
  enum Answer: BitwiseCopyable {
    case found(FoundState)
    case none
    /// The chain must be walked.
    case unknown
  }

  /// Finds the state of a flow, and makes it the first of its chain; what is over leaves the chain on
  /// the way (`lookup_dyn_rule_locked`).
  mutating func find(_ flow: FlowID, at second: UInt32) -> FoundState? {
    guard let found = search(flow, at: second) else { return nil }
    use(found.place)
    return found
  }

  /// The same, but the state stays where it is in its chain.
  mutating func search(_ flow: FlowID, at second: UInt32) -> FoundState? {
    switch known(flow.ends, at: second) {
    case .found(let found): return found
    case .none: return nil
    case .unknown: return walk(bucket(of: flow), flow, at: second)
    }
  }

  /// What the index says of a flow, which is what a walk would where nothing of the chain can be over;
  /// changes nothing.
  @inline(__always)
  func known(_ flow: FlowEnds, at second: UInt32) -> Answer {
    guard !buckets.isEmpty else { return .none }
    guard let digest = flow.digest else { return .unknown }
    let bucket = Int(flow.hash) & (bucketCount &- 1)
    guard ends[bucket].isKnown(at: second) else { return .unknown }
    var probe = Int(digest)
    while let place = index.next(digest, from: &probe) {
      if let isForward = flow.isForward(in: self[place].ends) {
        // What is over and was used later would leave the chain now.
        guard self[place].lastUse > ends[bucket].lastOver else { return .unknown }
        return .found(
          FoundState(place: place, bucket: Int32(truncatingIfNeeded: bucket), isForward: isForward))
      }
    }
    return ends[bucket].lastOver == 0 ? .none : .unknown
  }
}
