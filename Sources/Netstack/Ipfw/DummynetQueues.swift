// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The sysctls that searching and making queues ask for.
struct DummynetLimits: BitwiseCopyable {
  /// `expire`, `max_chain_len` and `io_fast` of net.inet.ip.dummynet.
  var expires: Bool
  var mostPerBucket: Int64
  var isFast: Bool

  init(_ sysctl: borrowing MachineSysctls) {
    expires = sysctl[.ipDummynetExpire] != 0
    mostPerBucket = sysctl[.ipDummynetMaxChainLen]
    isFast = sysctl[.ipDummynetIoFast] != 0
  }
}

/// Finding the queue of a flow (netinet/ipfw/ip_dummynet.c).
extension Dummynet {
  /// The queue of a flow, moved to the front of its bucket, or a new one (`find_queue`).
  ///
  /// - Returns: -1 where there is no memory.
  mutating func findQueue(
    _ index: Int32, _ flow: FlowID, _ limits: DummynetLimits, _ store: inout PacketStore
  ) -> Int32 {
    let flowSet = Int(index)
    guard flowSets[flowSet].flags.contains(.DN_HAVE_FLOW_MASK) else {
      let queue = flowSets[flowSet].buckets[0]
      return queue >= 0 ? queue : makeQueue(index, flow, bucket: 0, limits, &store)
    }
    let flow = flow.masked(by: flowSets[flowSet].mask)
    let bucket = Int(flow.queueHash) % flowSets[flowSet].bucketCount
    searches &+= 1
    var previous: Int32 = -1
    var queue = flowSets[flowSet].buckets[bucket]
    while queue >= 0 {
      searchSteps &+= 1
      if queues[queue].id.isSameFlow(as: flow) { break }
      if limits.expires, queues[queue].mayExpire {
        queue = expire(queue, behind: previous, bucket, flowSet)
      } else {
        (previous, queue) = (queue, queues[queue].next)
      }
    }
    guard queue >= 0 else { return makeQueue(index, flow, bucket: bucket, limits, &store) }
    if previous >= 0 {
      queues[previous].next = queues[queue].next
      queues[queue].next = flowSets[flowSet].buckets[bucket]
      flowSets[flowSet].buckets[bucket] = queue
    }
    return queue
  }

  /// Makes a queue at the front of a bucket, or takes the one behind all buckets where there are too
  /// many (`create_queue`).
  private mutating func makeQueue(
    _ index: Int32, _ flow: FlowID, bucket: Int, _ limits: DummynetLimits,
    _ store: inout PacketStore
  ) -> Int32 {
    let flowSet = Int(index)
    var bucket = bucket
    let most = Int64(flowSets[flowSet].bucketCount) &* limits.mostPerBucket
    if Int64(flowSets[flowSet].count) > most, expireQueues(of: flowSet) == 0 {
      bucket = flowSets[flowSet].bucketCount
      let shared = flowSets[flowSet].buckets[bucket]
      if shared >= 0 {
        queues[shared].id = flow
        return shared
      }
    }
    guard store.isGranted() else { return -1 }
    let pipe = Int(flowSets[flowSet].pipe)
    var queue = DummynetQueue(id: flow, slot: Int32(bucket), flowSet: index)
    queue.next = flowSets[flowSet].buckets[bucket]
    queue.credit = pipes[pipe].burst
    if limits.isFast {
      queue.credit &+= UInt64(bitPattern: Int64(pipes[pipe].bandwidth))
    }
    let place = queues.insert(queue)
    flowSets[flowSet].buckets[bucket] = place
    flowSets[flowSet].count &+= 1
    return place
  }

  /// Removes all idle queues of a flow set, once a second at most (`expire_queues`).
  ///
  /// - Returns: How many there were.
  private mutating func expireQueues(of flowSet: Int) -> Int32 {
    guard flowSets[flowSet].lastExpired != uptime else { return 0 }
    flowSets[flowSet].lastExpired = uptime
    let before = flowSets[flowSet].count
    for bucket in 0..<flowSets[flowSet].buckets.count {
      var previous: Int32 = -1
      var queue = flowSets[flowSet].buckets[bucket]
      while queue >= 0 {
        if queues[queue].mayExpire {
          queue = expire(queue, behind: previous, bucket, flowSet)
        } else {
          (previous, queue) = (queue, queues[queue].next)
        }
      }
    }
    return before - flowSets[flowSet].count
  }

  /// Removes an idle queue and returns the one behind it.
  private mutating func expire(
    _ queue: Int32, behind previous: Int32, _ bucket: Int, _ flowSet: Int
  ) -> Int32 {
    let next = queues[queue].next
    if previous >= 0 {
      queues[previous].next = next
    } else {
      flowSets[flowSet].buckets[bucket] = next
    }
    flowSets[flowSet].count &-= 1
    queues.remove(queue)
    return next
  }
}

extension FlowID {
  /// What a mask leaves of a flow; its flags do not matter.
  fileprivate func masked(by mask: FlowMask) -> FlowID {
    var flow = self
    flow.proto &= mask.proto
    flow.sourcePort &= mask.sourcePort
    flow.destinationPort &= mask.destinationPort
    flow.flags = 0
    if version == 6 {
      flow.source6 &= mask.source6
      flow.destination6 &= mask.destination6
      flow.flowID6 &= mask.flowID6
    } else {
      flow.source = IPv4Address(rawValue: source.rawValue & mask.source)
      flow.destination = IPv4Address(rawValue: destination.rawValue & mask.destination)
    }
    return flow
  }

  /// The number that chooses a bucket.
  fileprivate var queueHash: UInt32 {
    let ends = UInt32(destinationPort) << 1 ^ UInt32(sourcePort) ^ UInt32(proto)
    guard version == 6 else {
      let (to, from) = (destination.rawValue, source.rawValue)
      return to & 0xffff ^ to >> 15 & 0xffff ^ from &<< 1 & 0xffff ^ from >> 16 & 0xffff ^ ends
    }
    var hash = ends ^ flowID6
    for word in 0..<4 {
      let (to, from) = (destination6[word], source6[word])
      hash ^= to & 0xffff ^ to >> 15 & 0xffff ^ from &<< 1 & 0xfffff ^ from &<< 16 & 0xffff
    }
    return hash
  }

  /// Whether two masked flows are one.
  fileprivate func isSameFlow(as other: FlowID) -> Bool {
    guard
      sourcePort == other.sourcePort, destinationPort == other.destinationPort,
      proto == other.proto, flags == other.flags
    else { return false }
    return version == 6
      ? source6 == other.source6 && destination6 == other.destination6
        && flowID6 == other.flowID6
      : source == other.source && destination == other.destination
  }
}
