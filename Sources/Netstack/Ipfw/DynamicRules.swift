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

  private var pool = SharedPages<DynamicRule>()
  /// The flow of each.
  private var flows = SharedPages<FlowID>()
  private var firstFree = DynamicRules.none
  /// The first of each chain; empty until the first state is made.
  var buckets = UniqueArray<Int32>()
  /// What is known of each chain's ends.
  var ends = UniqueArray<ChainEnds>()
  /// The states by their flows.
  private(set) var index = FlowIndex()
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
    @inline(__always) get { pool[Int(place)] }
    @inline(__always) _modify { yield &pool[Int(place)] }
  }

  /// All that a dynamic rule's flow is known by.
  func flow(of place: Int32) -> FlowID { flows[Int(place)] }

  /// Goes through a chain as C does.
  @inline(never)
  mutating func walk(_ bucket: Int, _ flow: FlowID, at second: UInt32) -> FoundState? {
    sortChain(bucket)
    var found: FoundState?
    var (before, place) = (DynamicRules.none, buckets[bucket])
    while found == nil, place != DynamicRules.none {
      let isParent = self[place].isParent
      if !(isParent && self[place].count != 0), self[place].remaining(at: second) == 0 {
        place = unlink(place, behind: before, in: bucket)
        continue
      }
      if !isParent, let isForward = flow.isForward(in: self.flow(of: place)) {
        found = FoundState(place: place, bucket: Int32(bucket), isForward: isForward)
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
      if self[place].isParent, self[place].rule == rule,
        self[place].ends.proto == flow.proto, flow.hasEnds(self.flow(of: place))
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
    _ new: DynamicRule, of flow: FlowID, at second: UInt32, wantedBuckets: inout Int64
  ) -> Int32? {
    if buckets.isEmpty || count == 0 && wantedBuckets != Int64(bucketCount) {
      resize(to: &wantedBuckets)
      guard !buckets.isEmpty else { return nil }
    }
    guard let place = take(new, flow) else { return nil }
    if case .limit(let parent) = new.kind { self[parent].count += 1 }
    let bucket = bucket(of: flow)
    if buckets[bucket] == DynamicRules.none { ends[bucket] = ChainEnds(at: second) }
    self[place].next = buckets[bucket]
    buckets[bucket] = place
    use(place)
    ends[bucket].note(new.expiry, at: second)
    if !new.isParent, let digest = new.ends.digest { index.insert(place, digest) }
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

  private mutating func take(_ new: DynamicRule, _ flow: FlowID) -> Int32? {
    if firstFree != DynamicRules.none {
      let place = firstFree
      firstFree = self[place].next
      self[place] = new
      flows[Int(place)] = flow
      return place
    }
    guard pool.count < DynamicRules.most else { return nil }
    pool.append(new)
    flows.append(flow)
    return Int32(pool.count - 1)
  }

  func bucket(of flow: FlowID) -> Int { Int(flow.hash) & (bucketCount - 1) }

  /// The chain of one.
  @inline(__always)
  func bucket(of place: Int32) -> Int {
    let flow = self[place].ends
    return flow.version == 6
      ? bucket(of: self.flow(of: place)) : Int(flow.hash) & (bucketCount - 1)
  }

  /// Takes one out of its chain and frees it; returns what came behind it (`UNLINK_DYN_RULE`).
  private mutating func unlink(_ place: Int32, behind before: Int32, in bucket: Int) -> Int32 {
    let next = self[place].next
    if !self[place].isParent, let digest = self[place].ends.digest {
      index.remove(place, digest)
    }
    if case .limit(let parent) = self[place].kind {
      self[parent].count -= 1
      // Now the parent may be over; that is found out on a walk.
      if self[parent].count == 0 { ends[self.bucket(of: parent)] = ChainEnds() }
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
    copy.flows = flows.clone()
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
    hasher.combine(flows)
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
          if goes, self[place].isParent {
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
