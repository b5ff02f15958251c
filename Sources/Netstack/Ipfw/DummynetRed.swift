// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// What random early detection works with (the RED part of `struct dn_flow_set`): fractions times
/// 65536, in the original's types.
struct DummynetRed: BitwiseCopyable {
  var weight: Int32 = 0
  var leastThreshold: Int32 = 0
  var mostThreshold: Int32 = 0
  var mostProbability: Int32 = 0
  /// The lines of the probability: c_1 and c_2 up to the upper threshold, c_3 and c_4 beyond.
  var slope: UInt32 = 0
  var offset: UInt32 = 0
  var gentleSlope: UInt32 = 0
  var gentleOffset: UInt32 = 0
  var lookupStep: Int32 = 1
  var mostPacketSize: Int64 = 1500

  static let shift: Int32 = 16
  static let one: Int32 = 1 << shift
}

extension Dummynet {
  /// Sets up random early detection (`config_red`).
  ///
  /// - Parameters: `depth` and `mostSize` are net.inet.ip.dummynet.red_lookup_depth and
  ///   red_max_pkt_size.
  mutating func configureRed(
    _ settings: RedSettings, of flowSet: Int, depth: Int, mostSize: Int64
  ) {
    var red = DummynetRed()
    red.weight = settings.weight
    red.leastThreshold = settings.leastThreshold &<< DummynetRed.shift
    red.mostThreshold = settings.mostThreshold &<< DummynetRed.shift
    red.mostProbability = settings.mostProbability
    // ipfw(8) asks for thresholds that differ; the original divides whatever comes.
    let range = settings.mostThreshold &- settings.leastThreshold
    red.slope = UInt32(bitPattern: range == 0 ? 0 : settings.mostProbability / range)
    red.offset = (red.slope &* UInt32(bitPattern: red.leastThreshold)) >> 16
    if flowSets[flowSet].flags.contains(.DN_IS_GENTLE_RED) {
      let rest = DummynetRed.one &- settings.mostProbability
      let most = settings.mostThreshold
      red.gentleSlope = UInt32(bitPattern: most == 0 ? 0 : rest / most)
      red.gentleOffset = UInt32(
        bitPattern: DummynetRed.one &- 2 &* settings.mostProbability)
    }
    red.lookupStep = settings.lookupStep
    red.mostPacketSize = mostSize
    flowSets[flowSet].red = red
    flowSets[flowSet].redTable = UniqueArray()
    var left = UInt32(bitPattern: DummynetRed.one &- settings.weight)
    for _ in 0..<depth {
      flowSets[flowSet].redTable.append(left)
      left = (left &* UInt32(bitPattern: settings.lookupWeight)) >> 16
    }
  }

  /// Whether random early detection drops a packet of this length (`red_drops`).
  mutating func redDrops(
    _ flowSet: Int, _ queue: Int32, length: UInt32, _ random: inout RandomSource
  ) -> Bool {
    let red = flowSets[flowSet].red
    let flags = flowSets[flowSet].flags
    updateAverage(of: queue, flowSet, red)
    let average = queues[queue].average
    if average < red.leastThreshold {
      queues[queue].arrivals = -1
      return false
    }
    var probability: Int64 = 0
    if average >= red.mostThreshold {
      guard flags.contains(.DN_IS_GENTLE_RED) else {
        queues[queue].arrivals = -1
        return true
      }
      probability =
        (Int64(red.gentleSlope) &* Int64(average)) >> 16 &- Int64(red.gentleOffset)
    } else if average > red.leastThreshold {
      probability = (Int64(red.slope) &* Int64(average)) >> 16 &- Int64(red.offset)
    }
    if flags.contains(.DN_QSIZE_IS_BYTES) {
      probability = probability &* Int64(length) / max(red.mostPacketSize, 1)
    }
    queues[queue].arrivals &+= 1
    let arrivals = Int64(queues[queue].arrivals)
    if arrivals == 0 {
      queues[queue].random = random.dummynetNumber() & 0xffff
    } else if (probability &* (arrivals << 16)) >> 16 > Int64(queues[queue].random) {
      queues[queue].arrivals = 0
      queues[queue].random = random.dummynetNumber() & 0xffff
      return true
    }
    return false
  }

  /// The average length, with what an idle time leaves of it; 32 bits are all the original has.
  private mutating func updateAverage(of queue: Int32, _ flowSet: Int, _ red: DummynetRed) {
    let isBytes = flowSets[flowSet].flags.contains(.DN_QSIZE_IS_BYTES)
    let size = isBytes ? queues[queue].bytes : queues[queue].count
    let average = queues[queue].average
    if size != 0 {
      let difference = Int32(bitPattern: size &<< 16 &- UInt32(bitPattern: average))
      let change = (Int64(difference) &* Int64(red.weight)) >> 16
      queues[queue].average = average &+ Int32(truncatingIfNeeded: change)
    } else if average != 0 {
      let step = UInt64(bitPattern: Int64(red.lookupStep == 0 ? 1 : red.lookupStep))
      let steps = UInt32(truncatingIfNeeded: (now &- queues[queue].idleTime) / step)
      let isInTable = Int(steps) < flowSets[flowSet].redTable.count
      let left = isInTable ? flowSets[flowSet].redTable[Int(steps)] : 0
      queues[queue].average = Int32(bitPattern: (UInt32(bitPattern: average) &* left) >> 16)
    }
  }
}

extension RandomSource {
  /// A number as the kernel's `random()` gives: less than 2^31 - 1.
  mutating func dummynetNumber() -> Int32 { Int32(next() % 0x7fff_ffff) }
}
