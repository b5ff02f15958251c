// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// A flow's queue as ipfw(8) shows it (`struct dn_flow_queue`).
package struct FlowReport: Sendable {
  package var bucket: Int32
  package var id: FlowID
  package var totalPackets: UInt64
  package var totalBytes: UInt64
  package var packets: UInt32
  package var bytes: UInt32
  package var drops: UInt32
  /// Virtual times of WF2Q+.
  package var start: UInt64
  package var finish: UInt64
}

/// A flow set as ipfw(8) shows it: what it was told, as the kernel took it, and its queues.
package struct FlowSetReport: Sendable {
  package var settings: FlowSetSettings
  package var flows: [FlowReport]
}

/// A pipe as ipfw(8) shows it.
package struct PipeReport: Sendable {
  package var settings: PipeSettings
  package var flows: [FlowReport]
}

/// Dummynet's socket options (`ip_dn_ctl`, netinet/ipfw/ip_dummynet.c). All say `ENOPROTOOPT` where
/// the kernel has no dummynet.
extension Kernel {
  /// Makes or changes a pipe or a queue (`IP_DUMMYNET_CONFIGURE`).
  ///
  /// - Throws: `EINVAL` unless just one of the numbers is given, if a new queue names no pipe, or an
  ///   old one another than it has.
  package mutating func dummynetConfigure(_ settings: PipeSettings) throws(Errno) {
    try needDummynet()
    try machine.configureDummynet(settings)
  }

  /// Removes a pipe or a queue, and the packets in it (`IP_DUMMYNET_DEL`).
  ///
  /// - Throws: `EINVAL` unless just one of the numbers is given, `ENOENT` if there is none.
  package mutating func dummynetDelete(
    pipe: Int32 = 0, queue: UInt16 = 0, tracer: inout Recorder
  ) throws(Errno) {
    try needDummynet()
    let chain = try machine.deleteDummynet(pipe: pipe, queue: queue)
    machine.endDummynet(chain, .dnPurged, &tracer)
  }

  /// Removes all pipes and queues, and the packets in them (`IP_DUMMYNET_FLUSH`).
  package mutating func dummynetFlush(tracer: inout Recorder) throws(Errno) {
    try needDummynet()
    machine.endDummynet(machine.flushDummynet(), .dnPurged, &tracer)
  }

  /// All pipes and all queues, in the order of the kernel's lists (`IP_DUMMYNET_GET`).
  package func dummynetReport() throws(Errno) -> (pipes: [PipeReport], queues: [FlowSetReport]) {
    try needDummynet()
    return (machine.dummynet.pipeReports, machine.dummynet.queueReports)
  }

  /// The sysctls that ipfw(8) asks for; nil where there is no dummynet.
  package var dummynetSysctls: (slots: Int64, bytes: Int64, redDepth: Int32, redPacketSize: Int32)?
  {
    guard machine.options.dummynet else { return nil }
    return (
      machine.sysctl[.ipDummynetPipeSlotLimit], machine.sysctl[.ipDummynetPipeByteLimit],
      Int32(truncatingIfNeeded: machine.sysctl[.ipDummynetRedLookupDepth]),
      Int32(truncatingIfNeeded: machine.sysctl[.ipDummynetRedAvgPktSize])
    )
  }

  private func needDummynet() throws(Errno) {
    guard machine.options.dummynet, machine.options.ipfirewall else { throw .ENOPROTOOPT }
  }
}

extension Dummynet {
  fileprivate var pipeReports: [PipeReport] {
    var reports: [PipeReport] = []
    for list in 0..<pipeLists.count {
      var next = pipeLists[list]
      while next >= 0 {
        let pipe = Int(next)
        var settings = PipeSettings()
        settings.number = pipes[pipe].number
        settings.bandwidth = pipes[pipe].bandwidth
        settings.delay = pipes[pipe].delay
        settings.burst = pipes[pipe].burst / UInt64(8 * Dummynet.hz)
        settings.clock = pipes[pipe].clock
        settings.profile = profile(of: pipe)
        settings.flowSet = self.settings(of: Int(pipes[pipe].flowSet))
        reports.append(
          PipeReport(settings: settings, flows: flows(of: Int(pipes[pipe].flowSet))))
        next = pipes[pipe].next
      }
    }
    return reports
  }

  private func profile(of pipe: Int) -> DelayProfile? {
    guard !pipes[pipe].samples.isEmpty else { return nil }
    var samples: [Int32] = []
    for place in 0..<pipes[pipe].samples.count { samples.append(pipes[pipe].samples[place]) }
    return DelayProfile(
      name: pipes[pipe].profileName, lossLevel: pipes[pipe].lossLevel, samples: samples)
  }

  fileprivate var queueReports: [FlowSetReport] {
    var reports: [FlowSetReport] = []
    for list in 0..<flowSetLists.count {
      var next = flowSetLists[list]
      while next >= 0 {
        reports.append(
          FlowSetReport(settings: settings(of: Int(next)), flows: flows(of: Int(next))))
        next = flowSets[Int(next)].next
      }
    }
    return reports
  }

  /// The settings in force; thresholds lose what the kernel's scale had no room for.
  private func settings(of flowSet: Int) -> FlowSetSettings {
    var settings = FlowSetSettings()
    settings.number = flowSets[flowSet].number
    settings.parent = flowSets[flowSet].parent
    settings.weight = flowSets[flowSet].weight
    settings.flags = flowSets[flowSet].flags
    settings.size = flowSets[flowSet].size
    settings.lossRate = flowSets[flowSet].lossRate
    settings.mask = flowSets[flowSet].mask
    settings.buckets = Int32(flowSets[flowSet].bucketCount)
    let red = flowSets[flowSet].red
    settings.red.weight = red.weight
    settings.red.leastThreshold = red.leastThreshold >> DummynetRed.shift
    settings.red.mostThreshold = red.mostThreshold >> DummynetRed.shift
    settings.red.mostProbability = red.mostProbability
    return settings
  }

  private func flows(of flowSet: Int) -> [FlowReport] {
    var reports: [FlowReport] = []
    for bucket in 0..<flowSets[flowSet].buckets.count {
      var next = flowSets[flowSet].buckets[bucket]
      while next >= 0 {
        let queue = queues[next]
        reports.append(
          FlowReport(
            bucket: queue.slot, id: queue.id, totalPackets: queue.totalPackets,
            totalBytes: queue.totalBytes, packets: queue.count, bytes: queue.bytes,
            drops: queue.drops, start: queue.start, finish: queue.finish))
        next = queue.next
      }
    }
    return reports
  }
}
