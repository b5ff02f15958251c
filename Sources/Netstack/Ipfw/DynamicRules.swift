// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The dynamic rules of a firewall: chains of states and parents (`ipfw_dyn_v`,
/// netinet/ipfw/ip_fw2.c).
///
/// They lie in one block and are linked by places, which never move; freed places are linked too, so
/// that only a state more than there ever were takes memory.
struct DynamicRules: ~Copyable, StateHashable {
  /// The place of a chain's end.
  static let none: Int32 = -1
  /// More are refused, as by a kernel without memory.
  private static let most = 1 << 20
  /// What `dyn_buckets` is at boot.
  private static let firstBuckets = 256

  private var pool = UniqueArray<DynamicRule>()
  private var firstFree = DynamicRules.none
  /// The first of each chain; empty until the first state is made.
  var buckets = UniqueArray<Int32>()
  /// What is known of each chain's ends.
  var ends = UniqueArray<ChainEnds>()
  /// The states by their flows.
  private var index = FlowIndex()
  /// How often states were used: chains list those first that were used last.
  var uses: UInt64 = 0
  /// How many there are, parents and those that are over too (`dyn_count`).
  private(set) var count = 0
  /// `curr_dyn_buckets`.
  private(set) var bucketCount = DynamicRules.firstBuckets
  /// The second of the last sweep (`last_remove`), and that of the last message (`last_log`).
  private var lastSweep: UInt32 = 0
  private var lastMessage: UInt32 = 0
  /// When the firewall's timer first fires: a second after it is there.
  var firstTick = Instant(seconds: 2)
  /// The timer of the keepalives is set.
  var isTicking = false

  subscript(place: Int32) -> DynamicRule {
    @inline(__always) _read { yield pool[Int(place)] }
    @inline(__always) _modify { yield &pool[Int(place)] }
  }

  /// Finds the state of a flow, and makes it the first of its chain; what is over leaves the chain on
  /// the way (`lookup_dyn_rule_locked`).
  ///
  /// Where nothing of the chain can be over, the index says what a walk would.
  @inline(__always)
  mutating func find(_ flow: FlowID, at second: UInt32) -> (place: Int32, isForward: Bool)? {
    guard !buckets.isEmpty else { return nil }
    let bucket = bucket(of: flow)
    guard let digest = flow.digest, ends[bucket].isKnown(at: second) else {
      return walk(bucket, flow, at: second)
    }
    var probe = Int(digest)
    while let place = index.next(digest, from: &probe) {
      if let isForward = flow.isForward(in: self[place].flow) {
        // What is over and was used later would leave the chain now.
        guard self[place].lastUse > ends[bucket].lastOver else { break }
        use(place)
        return (place, isForward)
      }
    }
    return ends[bucket].lastOver == 0 ? nil : walk(bucket, flow, at: second)
  }

  /// Goes through a chain as C does.
  @inline(never)
  private mutating func walk(
    _ bucket: Int, _ flow: FlowID, at second: UInt32
  ) -> (place: Int32, isForward: Bool)? {
    sortChain(bucket)
    var found: (place: Int32, isForward: Bool)?
    var (before, place) = (DynamicRules.none, buckets[bucket])
    while found == nil, place != DynamicRules.none {
      let isParent = self[place].kind == .parent
      if !(isParent && self[place].count != 0), self[place].remaining(at: second) == 0 {
        place = unlink(place, behind: before, in: bucket)
        continue
      }
      if !isParent, let isForward = flow.isForward(in: self[place].flow) {
        use(place)
        found = (place, isForward)
      }
      (before, place) = (place, self[place].next)
    }
    noteEnds(bucket, at: second)
    return found
  }

  /// Finds the parent of a static rule's states with these parts in common (`lookup_dyn_parent`).
  func findParent(_ flow: FlowID, rule: Int32) -> Int32? {
    guard !buckets.isEmpty else { return nil }
    var place = buckets[bucket(of: flow)]
    while place != DynamicRules.none {
      if self[place].kind == .parent, self[place].rule == rule,
        self[place].flow.proto == flow.proto, flow.hasEnds(self[place].flow)
      {
        return place
      }
      place = self[place].next
    }
    return nil
  }

  /// Adds one in front of its chain (`add_dyn_rule`).
  ///
  /// - Parameter wantedBuckets: `dyn_buckets`, which counts while there are no states.
  /// - Returns: Its place; nil where there is no memory, or no table yet.
  mutating func add(
    _ new: DynamicRule, at second: UInt32, wantedBuckets: inout Int64
  ) -> Int32? {
    if buckets.isEmpty || count == 0 && wantedBuckets != Int64(bucketCount) {
      resize(to: &wantedBuckets)
      guard !buckets.isEmpty else { return nil }
    }
    guard let place = take(new) else { return nil }
    if case .limit(let parent) = new.kind { self[parent].count += 1 }
    let bucket = bucket(of: new.flow)
    if buckets[bucket] == DynamicRules.none { ends[bucket] = ChainEnds(at: second) }
    self[place].chain = Int32(bucket)
    self[place].next = buckets[bucket]
    buckets[bucket] = place
    use(place)
    ends[bucket].note(new.expiry, at: second)
    if new.kind != .parent, let digest = new.flow.digest { index.insert(place, digest) }
    count += 1
    return place
  }

  /// Makes a table of so many chains (`realloc_dynamic_table`). What is no power of two is refused:
  /// without a table there is none then.
  private mutating func resize(to wanted: inout Int64) {
    // The original has 32 bits without a sign.
    var number = UInt32(truncatingIfNeeded: wanted)
    if number > 65_536 { number = 1024 }
    guard number.nonzeroBitCount == 1 else { return wanted = Int64(bucketCount) }
    wanted = Int64(number)
    bucketCount = Int(number)
    buckets = UniqueArray(repeating: DynamicRules.none, count: bucketCount)
    ends = UniqueArray(repeating: ChainEnds(), count: bucketCount)
  }

  private mutating func take(_ new: DynamicRule) -> Int32? {
    if firstFree != DynamicRules.none {
      let place = firstFree
      firstFree = self[place].next
      self[place] = new
      return place
    }
    guard pool.count < DynamicRules.most else { return nil }
    pool.append(new)
    return Int32(pool.count - 1)
  }

  @inline(__always)
  func bucket(of flow: borrowing FlowID) -> Int { Int(flow.hash) & (bucketCount - 1) }

  /// Takes one out of its chain and frees it; returns what came behind it (`UNLINK_DYN_RULE`).
  private mutating func unlink(_ place: Int32, behind before: Int32, in bucket: Int) -> Int32 {
    let next = self[place].next
    if self[place].kind != .parent, let digest = self[place].flow.digest {
      index.remove(place, digest)
    }
    if case .limit(let parent) = self[place].kind {
      self[parent].count -= 1
      // Now the parent may be over; that is found out on a walk.
      if self[parent].count == 0 { ends[Int(self[parent].chain)] = ChainEnds() }
    }
    if before == DynamicRules.none { buckets[bucket] = next } else { self[before].next = next }
    self[place].next = firstFree
    self[place].rule = DynamicRules.none
    firstFree = place
    count -= 1
    return next
  }

  func clone() -> DynamicRules {
    var copy = DynamicRules()
    copy.pool = pool.clone()
    copy.firstFree = firstFree
    copy.buckets = buckets.clone()
    copy.ends = ends.clone()
    copy.index = index.clone()
    copy.uses = uses
    copy.count = count
    copy.bucketCount = bucketCount
    copy.lastSweep = lastSweep
    copy.lastMessage = lastMessage
    copy.firstTick = firstTick
    copy.isTicking = isTicking
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(pool)
    hasher.combine(firstFree)
    hasher.combine(buckets)
    hasher.combine(ends)
    hasher.combine(index)
    hasher.combine(uses)
    hasher.combine(count)
    hasher.combine(bucketCount)
    hasher.combine(lastSweep)
    hasher.combine(lastMessage)
    hasher.combine(firstTick)
    hasher.combine(isTicking)
  }
}

/// Leaving, moving, listing.
extension DynamicRules {
  /// Removes what is over, and parents without states, at most once a second (`remove_dyn_rule`).
  ///
  /// - Parameters:
  ///   - rule: Of this static rule alone.
  ///   - kept: A parent that stays.
  mutating func sweep(rule: Int32? = nil, keeping kept: Int32 = none, at second: UInt32) {
    guard lastSweep != second else { return }
    remove(
      keeping: kept, at: second, where: { rule == nil || $0.rule == rule },
      isOver: { $0.remaining(at: second) == 0 })
  }

  /// Rules were removed from the chain: their states go, and the places of the rest change.
  ///
  /// - Parameter places: The new place of each old one, or -1.
  mutating func rulesRemoved(_ places: borrowing UniqueArray<Int32>, at second: UInt32) {
    remove(at: second, where: { places[Int($0.rule)] < 0 }, isOver: { _ in true })
    for place in 0..<pool.count where pool[place].rule != DynamicRules.none {
      pool[place].rule = places[Int(pool[place].rule)]
    }
  }

  /// A rule was added at this place of the chain: those behind have moved up.
  mutating func ruleAdded(at added: Int) {
    for place in 0..<pool.count where pool[place].rule >= added { pool[place].rule += 1 }
  }

  /// Removes those that are meant; parents in a second round, when their states have gone.
  private mutating func remove(
    keeping kept: Int32 = none, at second: UInt32, where isMeant: (DynamicRule) -> Bool,
    isOver: (DynamicRule) -> Bool
  ) {
    guard count > 0 else { return }
    lastSweep = second
    var hasParents = false
    for isSecond in [false, true] where !isSecond || hasParents {
      for bucket in 0..<buckets.count {
        var (before, place) = (DynamicRules.none, buckets[bucket])
        while place != DynamicRules.none {
          var goes = place != kept && isMeant(self[place])
          if goes, self[place].kind == .parent {
            hasParents = true
            goes = isSecond && self[place].count == 0
          } else if goes {
            goes = isOver(self[place])
          }
          if goes {
            place = unlink(place, behind: before, in: bucket)
          } else {
            (before, place) = (place, self[place].next)
          }
        }
      }
    }
  }

  /// Goes through all, in the order of lists: chain by chain, newest or last used first.
  func forEach(_ body: (_ place: Int32) -> Void) {
    for bucket in 0..<buckets.count {
      var chain: [Int32] = []
      var place = buckets[bucket]
      while place != DynamicRules.none {
        chain.append(place)
        place = self[place].next
      }
      for place in chain.sorted(by: { self[$0].lastUse > self[$1].lastUse }) { body(place) }
    }
  }

  /// Whether a message may be said: one a second, of whatever kind.
  mutating func mayTell(at second: UInt32) -> Bool {
    defer { lastMessage = second }
    return lastMessage != second
  }
}
