// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

extension RandomSource {
  /// Pipe 1 or a queue 1 of it, seldom another; told all that ipfw(8) lets through, and more.
  mutating func pipe() -> PipeSettings {
    var settings = PipeSettings()
    if chance(60) { settings.number = pick([1, 1, 1, 2, 0, -1]) }
    if settings.number == 0 || chance(3) {
      settings.flowSet.number = pick([1, 1, 1, 2])
      settings.flowSet.parent = pick([1, 1, 1, 2, 0])
    }
    settings.bandwidth = pick([0, 0, 100_000, 10_000_000, .max])
    settings.delay = pick([0, 0, 1, 10, 1000, -20])
    settings.burst = pick([0, 0, 1500, 1 << 48 - 1])
    if chance(5) { settings.clock = InterfaceName("em0") }
    settings.flowSet.weight = pick([0, 1, 50, 100, -1])
    settings.flowSet.size = pick([0, 1, 50, 100, 3000, -1])
    settings.flowSet.lossRate = pick([0, 0, 0, .max / 2, .max])
    settings.flowSet.buckets = pick([0, 1, 4, 64, 70_000])
    if chance(40) {
      settings.flowSet.flags.insert(.DN_HAVE_FLOW_MASK)
      settings.flowSet.mask.source = pick([0, 0xff, .max])
      settings.flowSet.mask.destinationPort = pick([0, 0xff, .max])
      settings.flowSet.mask.proto = pick([0, .max])
      settings.flowSet.mask.source6 = pick([.zero, SIMD4(repeating: .max)])
    }
    if chance(30) { settings.flowSet.flags.insert(.DN_QSIZE_IS_BYTES) }
    if chance(30) {
      settings.flowSet.flags.insert(.DN_IS_RED)
      if chance(50) { settings.flowSet.flags.insert(.DN_IS_GENTLE_RED) }
      settings.flowSet.red.weight = pick([0, 131, 65_536])
      settings.flowSet.red.leastThreshold = pick([0, 1, 5, 40_000])
      settings.flowSet.red.mostThreshold = pick([0, 1, 15, 65_000])
      settings.flowSet.red.mostProbability = pick([0, 6553, 65_536])
      settings.flowSet.red.lookupStep = pick([0, 1, 100, .min])
      settings.flowSet.red.lookupWeight = pick([0, 65_000, 65_536])
    }
    return settings
  }
}
