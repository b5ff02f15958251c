// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// A value as sysctl(3) hands it out.
package enum SysctlValue: Hashable, Sendable {
  case number(Int64)
  case text(String)
  /// A structure, byte for byte as amd64 has it.
  case structure([UInt8])
}

/// Reading and writing the sysctl tree (`__sysctl`, kern/kern_sysctl.c).
extension Kernel {
  /// Whether a row exists in this kernel: leaves come with the options they belong to, and nodes with
  /// their leaves.
  package func has(_ row: SysctlNode) -> Bool {
    if row.key == nil {
      return SysctlTree.descendants(of: row.name).contains { $0.key != nil && has($0) }
    }
    switch row.needsOption {
    case nil: break
    case "IPSTEALTH": return machine.options.ipStealth
    case "gif": return machine.options.gif
    case "CARP": return machine.options.carp
    case "IPDIVERT": return machine.options.ipdivert
    // What the model's kernel is never compiled with.
    default: return false
    }
    if row.name.hasPrefix("net.inet.flowtable") || row.key == .ipOutputFlowtableSize {
      return machine.options.flowtable
    }
    if row.name.hasPrefix("net.inet.ip.fw") { return machine.options.ipfirewall }
    if row.name.hasPrefix("net.inet.ip.dummynet") { return machine.options.dummynet }
    return true
  }

  /// A leaf's value as a process in a stack, a forwarding table and a jail sees it; a structure
  /// without bytes is one that the model does not fill.
  package func sysctl(
    _ key: SysctlKey, vnet: VnetIndex, fib: FibNumber, by prison: PrisonID = .host
  ) -> SysctlValue {
    let stack = Int(vnet.rawValue)
    if let value = prisonValue(key, prison) { return value }
    switch key {
    // 8.0 refuses to tell, as it refuses to be told.
    case .ipFwEnable where vnet != .zero: return .structure([])
    case .myFibnum: return .number(Int64(fib.rawValue))
    case .ipIntrQueueDrops:
      return .number(Int64(Int32(truncatingIfNeeded: machine.netisr.drops)))
    case .debugFailPoint: return .number(machine.store.failures)
    case .flowtableLookups: return .number(Int64(vnets[stack].flows.counters.lookups))
    case .flowtableHits: return .number(Int64(vnets[stack].flows.counters.hits))
    case .flowtableMisses: return .number(Int64(vnets[stack].flows.counters.misses))
    case .flowtableFrees: return .number(Int64(vnets[stack].flows.counters.frees))
    case .flowtableFreeChecks: return .number(Int64(vnets[stack].flows.counters.freeChecks))
    case .flowtableMaxDepth: return .number(Int64(vnets[stack].flows.counters.maxDepth))
    case .flowtableCollisions: return .number(Int64(vnets[stack].flows.counters.collisions))
    case .ipFragpackets: return .number(Int64(vnets[stack].reassembly.count))
    case .ipFwDynCount: return .number(Int64(vnets[stack].firewall.states.count))
    case .ipFwCurrDynBuckets: return .number(Int64(vnets[stack].firewall.states.bucketCount))
    case .ipStats: return .structure(Kernel.bytes(vnets[stack].statistics.ip))
    case .icmpStats: return .structure(Kernel.bytes(vnets[stack].statistics.icmp))
    case .udpStats: return .structure(Kernel.bytes(vnets[stack].statistics.udp))
    case .tcpStats: return .structure(Kernel.bytes(vnets[stack].statistics.tcp))
    case .carpStats: return .structure(Kernel.bytes(machine.carp.statistics))
    case .igmpStats: return .structure(Kernel.igmpBytes(vnets[stack].statistics.igmp))
    case .ipDummynetCurrTime:
      return .number(Int64(bitPattern: Dummynet.tick(at: machine.now)))
    case .tcpPcbcount: return .number(Int64(sockets(.tcp, stack)))
    case .linkGenericSystemIfcount:
      return .number(Int64(vnets[stack].interfaces.all.map(\.rawValue).max() ?? 0))
    case .ipDummynetReadyHeap: return .number(Int64(machine.dummynet.ready.size))
    case .ipDummynetExtractHeap: return .number(Int64(machine.dummynet.extract.size))
    case .ipDummynetSearches: return .number(machine.dummynet.searches)
    case .ipDummynetSearchSteps: return .number(machine.dummynet.searchSteps)
    case .ipDummynetIoPkt: return .number(Int64(bitPattern: machine.dummynet.ioPackets))
    case .ipDummynetIoPktFast: return .number(Int64(bitPattern: machine.dummynet.ioFast))
    case .ipDummynetIoPktDrop: return .number(Int64(bitPattern: machine.dummynet.ioDrops))
    default: if let value = machineValue(key) { return value }
    }
    guard SysctlTree[key].kind != .opaque else { return .structure([]) }
    switch SysctlTree[key].scope {
    case .vnet:
      return vnets[stack].sysctl[text: key].map { .text($0) } ?? .number(vnets[stack].sysctl[key])
    case .machine:
      return machine.sysctl[text: key].map { .text($0) } ?? .number(machine.sysctl[key])
    }
  }

  /// How many sockets of a kind a stack has.
  private func sockets(_ kind: SocketKind, _ stack: Int) -> Int {
    var count = 0
    for position in 0..<vnets[stack].sockets.count {
      let index = vnets[stack].sockets.newest(at: position)
      if vnets[stack].sockets[index].kind == kind { count += 1 }
    }
    return count
  }

  /// Writes a number, with the checks and the effects of the leaf's handler.
  package mutating func setSysctl(
    _ key: SysctlKey, to value: Int64, vnet: VnetIndex, by prison: PrisonID = .host
  ) throws(Errno) {
    try checkWrite(key, vnet: vnet, by: prison)
    if try setPrisonNumber(key, value, prison) { return }
    let level = securelevel(of: prison)
    switch SysctlTree[key].scope {
    case .vnet: try vnets[Int(vnet.rawValue)].sysctl.set(key, to: value, securelevel: level)
    case .machine: try machine.sysctl.set(key, to: value, securelevel: level)
    }
    if key == .ipFwEnable { firewallSwitched() }
    if key == .debugFailPoint { machine.store.failures = machine.sysctl[key] }
    if key == .debugNetisrStop || key == .routeNetisrMaxqlen {
      var silent = Silent()
      settleNetisr(&silent)
    }
  }

  /// Writes a string.
  package mutating func setSysctl(
    _ key: SysctlKey, to text: String, vnet: VnetIndex, by prison: PrisonID = .host
  ) throws(Errno) {
    try checkWrite(key, vnet: vnet, by: prison)
    if try setPrisonText(key, text, prison) { return }
    let level = securelevel(of: prison)
    switch SysctlTree[key].scope {
    case .vnet: try vnets[Int(vnet.rawValue)].sysctl.set(key, to: text, securelevel: level)
    case .machine: try machine.sysctl.set(key, to: text, securelevel: level)
    }
  }

  /// The counters of a stack, which netstat(1) reads by their sysctls.
  package func statistics(vnet: VnetIndex) -> Statistics { vnets[Int(vnet.rawValue)].statistics }

  /// Sets one structure of counters to zero, as `netstat -z` does by writing its sysctl.
  package mutating func clearStatistics(_ key: SysctlKey, vnet: VnetIndex) throws(Errno) {
    let stack = Int(vnet.rawValue)
    switch key {
    case .ipStats: vnets[stack].statistics.ip.clear()
    case .icmpStats: vnets[stack].statistics.icmp.clear()
    case .udpStats: vnets[stack].statistics.udp.clear()
    case .tcpStats: vnets[stack].statistics.tcp.clear()
    case .igmpStats: vnets[stack].statistics.igmp.clear()
    case .carpStats: machine.carp.statistics.clear()
    default: throw .EINVAL
    }
  }

  /// The structure in memory: each field an unsigned long, lowest byte first.
  private static func bytes(_ block: some StatisticsBlock) -> [UInt8] {
    block.fields.flatMap { field in
      (0..<8).map { UInt8(truncatingIfNeeded: field.value >> (8 * $0)) }
    }
  }

  /// `struct igmpstat` begins with its version, 3, and its length, 168, and ends in padding.
  private static func igmpBytes(_ block: IGMPStatistics) -> [UInt8] {
    [3, 0, 0, 0, 168, 0, 0, 0] + bytes(block) + [UInt8](repeating: 0, count: 32)
  }
}
