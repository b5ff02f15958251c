// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What the fragments of one datagram have in common.
struct DatagramKey: Hashable, BitwiseCopyable {
  let source: IPv4Address
  let destination: IPv4Address
  let identification: UInt16
  let `protocol`: IPProtocol

  init(_ header: IPv4Header) {
    source = header.source
    destination = header.destination
    identification = header.identification
    `protocol` = header.protocol
  }

  /// The bucket that a little-endian machine looks into (`IPREASS_HASH`).
  ///
  /// The macro is made for values in network order, so that there it meets the first two octets of
  /// the source and the first of the id.
  var bucket: Int {
    let low = source.rawValue >> 24 & 0xf
    let high = source.rawValue >> 16 & 0xf
    return Int((low | high << 4) ^ UInt32(identification >> 8)) & (ReassemblyTable.bucketCount - 1)
  }
}

/// A fragment that waits for the others, or has just come to them.
struct HeldFragment: BitwiseCopyable {
  var packet: Packet.Record
  /// Where in the packet the bytes begin that count: behind the header, and what was trimmed.
  var start: Int
  /// Where the bytes lie in the datagram. Of 16 bits: trimmed at the top end, it wraps to 0.
  var offset: UInt16
  var count: UInt16
  /// Whether the header had MF (`M_FRAG`).
  var moreFollow: Bool
  /// Whether it has its verdict, that it is held.
  var isHeld = false
  /// The fragment behind it in the datagram; -1 for none.
  var next: Int32 = -1

  /// Takes bytes off the front that another fragment has too.
  mutating func trimFront(_ bytes: Int) {
    start += bytes
    offset &+= UInt16(bytes)
    count -= UInt16(bytes)
    packet.flags.subtract(PacketFlags.checksumState)
  }
}

/// The fragments that there are of a datagram (`struct ipq`).
struct ReassemblyQueue: BitwiseCopyable {
  let key: DatagramKey
  /// The fragment of the lowest offset.
  var first: Int32
  /// How many fragments C believes there are; a wrong one makes it too low, even below 0.
  var count: UInt8 = 1
  /// Ticks of the slow timer until it is given up (`IPFRAGTTL`).
  var ticksLeft: UInt8 = 60
  /// Its neighbours in the bucket; -1 for none.
  var newer: Int32 = -1
  var older: Int32 = -1
}

/// The datagrams of a stack that are not complete: 64 buckets of queues, each newest first.
package struct ReassemblyTable: ~Copyable, StateHashable {
  static let bucketCount = 64

  /// The two ends of a bucket.
  struct Bucket: BitwiseCopyable {
    var newest: Int32 = -1
    var oldest: Int32 = -1
  }

  private var buckets = UniqueArray<Bucket>(
    repeating: Bucket(), count: ReassemblyTable.bucketCount)
  var queues = Slots<ReassemblyQueue>()
  var fragments = Slots<HeldFragment>()
  /// Whether the slow timer is set, which it is while there are queues.
  var isTicking = false

  init() {}

  /// Queues there are (`nipq`).
  package var count: Int { queues.count }

  func newest(in bucket: Int) -> Int32? {
    buckets[bucket].newest < 0 ? nil : buckets[bucket].newest
  }

  /// The queue to give up for a new one in a bucket: the oldest there, else the oldest of the first
  /// bucket that has any.
  func leastWorthy(in bucket: Int) -> Int32? {
    if buckets[bucket].oldest >= 0 { return buckets[bucket].oldest }
    for other in 0..<buckets.count where buckets[other].oldest >= 0 { return buckets[other].oldest }
    return nil
  }

  func find(_ key: DatagramKey) -> Int32? {
    var place = buckets[key.bucket].newest
    while place >= 0 {
      if queues[place].key == key { return place }
      place = queues[place].older
    }
    return nil
  }

  /// Begins a queue, as the newest of its bucket.
  mutating func insert(_ key: DatagramKey, first: HeldFragment) {
    let bucket = key.bucket
    var queue = ReassemblyQueue(key: key, first: fragments.insert(first))
    queue.older = buckets[bucket].newest
    let place = queues.insert(queue)
    if queue.older >= 0 {
      queues[queue.older].newer = place
    } else {
      buckets[bucket].oldest = place
    }
    buckets[bucket].newest = place
  }

  /// Ends a queue, whose fragments are gone already.
  mutating func remove(_ place: Int32) {
    let queue = queues[place]
    let bucket = queue.key.bucket
    if queue.newer >= 0 {
      queues[queue.newer].older = queue.older
    } else {
      buckets[bucket].newest = queue.older
    }
    if queue.older >= 0 {
      queues[queue.older].newer = queue.newer
    } else {
      buckets[bucket].oldest = queue.newer
    }
    queues.remove(place)
  }

  /// Takes a fragment out of the table, to be freed or joined; the owner sees to the links.
  mutating func take(_ fragment: Int32) -> HeldFragment {
    fragments.remove(fragment)
    return fragments[fragment]
  }

  /// An interface is gone: the fragments that came by it came by none.
  mutating func forget(_ interface: InterfaceIndex) {
    for bucket in 0..<buckets.count {
      var queue = buckets[bucket].newest
      while queue >= 0 {
        var fragment = queues[queue].first
        while fragment >= 0 {
          if fragments[fragment].packet.receivedOn == interface {
            fragments[fragment].packet.receivedOn = .none
          }
          fragment = fragments[fragment].next
        }
        queue = queues[queue].older
      }
    }
  }

  func clone() -> ReassemblyTable {
    var copy = ReassemblyTable()
    copy.buckets = buckets.clone()
    copy.queues = queues.clone()
    copy.fragments = fragments.clone()
    copy.isTicking = isTicking
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(buckets)
    hasher.combine(queues)
    hasher.combine(fragments)
    hasher.combine(isTicking)
  }
}
