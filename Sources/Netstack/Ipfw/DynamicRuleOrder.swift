// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// What is known of the ends of a chain's states, so that it need not be walked for them.
struct ChainEnds: BitwiseCopyable {
  /// So far ahead nothing is known.
  static let far: UInt32 = 1 << 30

  /// The second at which the next one is over.
  private var next: UInt32 = 0
  private var isSet = false
  /// The highest number of use of those that are over and still there; 0 for none.
  fileprivate(set) var lastOver: UInt64 = 0

  /// Nothing is known: the chain is to be walked.
  init() {}

  /// Of an empty chain.
  init(at second: UInt32) { (next, isSet) = (second &+ ChainEnds.far, true) }

  /// Whether nothing has come to its end that was not counted in `lastOver`.
  @inline(__always)
  func isKnown(at second: UInt32) -> Bool {
    let left = next &- second
    return isSet && left != 0 && left <= ChainEnds.far
  }

  /// One will be over at this second.
  @inline(__always)
  mutating func note(_ expiry: UInt32, at second: UInt32) {
    // Seconds wrap at 32 bits: what is too far off to be compared has the chain walked.
    let left = expiry &- second
    if left > ChainEnds.far {
      isSet = false
    } else if left < next &- second {
      next = expiry
    }
  }
}

/// What stands for the order of chains, which C keeps by moving a state to the front when it is used:
/// here each has the number of its last use, and a chain is put in order when it is walked.
extension DynamicRules {
  /// Puts a state in front of its chain.
  @inline(__always)
  mutating func use(_ place: Int32) {
    uses &+= 1
    self[place].lastUse = uses
  }

  /// Does with a state what a packet of its flow does with it: puts it in front of its chain, gives it
  /// a new time to live and counts the packet.
  ///
  /// - Returns: The place of its static rule.
  @inline(__always)
  mutating func meet(
    _ found: FoundState, bytes: Int, until expiry: UInt32, at second: UInt32
  ) -> Int32 {
    uses &+= 1
    ends[Int(found.bucket)].note(expiry, at: second)
    return self[found.place].meet(bytes: bytes, use: uses, until: expiry)
  }

  /// Counts a packet on a state; returns the place of its static rule.
  @inline(__always)
  mutating func count(_ place: Int32, bytes: Int) -> Int32 { self[place].count(bytes: bytes) }

  /// Gives one a new time to live.
  @inline(__always)
  mutating func renew(_ place: Int32, until expiry: UInt32, at second: UInt32) {
    self[place].expiry = expiry
    ends[bucket(of: place)].note(expiry, at: second)
  }

  /// Finds out about the ends of a chain's states.
  mutating func noteEnds(_ bucket: Int, at second: UInt32) {
    ends[bucket] = ChainEnds(at: second)
    var place = buckets[bucket]
    while place != DynamicRules.none {
      if self[place].count != 0 {
        // It may be over when the last of its states goes.
      } else if self[place].remaining(at: second) == 0 {
        ends[bucket].lastOver = max(ends[bucket].lastOver, self[place].lastUse)
      } else {
        ends[bucket].note(self[place].expiry, at: second)
      }
      place = self[place].next
    }
  }

  /// Puts a chain in order, last used first: merges runs of 1, 2, 4 and so on.
  mutating func sortChain(_ bucket: Int) {
    var width = 1
    while true {
      var merges = 0
      var rest = buckets[bucket]
      var last = DynamicRules.none
      while rest != DynamicRules.none {
        merges += 1
        var (first, firstCount) = (rest, 0)
        var second = rest
        while firstCount < width, second != DynamicRules.none {
          second = self[second].next
          firstCount += 1
        }
        var secondCount = width
        while firstCount > 0 || secondCount > 0 && second != DynamicRules.none {
          let takesFirst =
            firstCount > 0
            && (secondCount == 0 || second == DynamicRules.none
              || self[first].lastUse >= self[second].lastUse)
          let taken = takesFirst ? first : second
          if takesFirst {
            first = self[first].next
            firstCount -= 1
          } else {
            second = self[second].next
            secondCount -= 1
          }
          if last == DynamicRules.none { buckets[bucket] = taken } else { self[last].next = taken }
          last = taken
        }
        rest = second
      }
      if last != DynamicRules.none { self[last].next = DynamicRules.none }
      if merges <= 1 { return }
      width *= 2
    }
  }
}
