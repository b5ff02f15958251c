// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The leaves of kern and vm that are made when they are asked for.
extension Kernel {
  /// The value of such a leaf, or nil for any other.
  func machineValue(_ key: SysctlKey) -> SysctlValue? {
    switch key {
    case .kernMsgbuf: .text(machine.messages.map { $0 + "\n" }.joined())
    case .kernIpcNumopensockets: .number(Int64(openSockets))
    case .kernClockrate: .structure(Kernel.words([1000, 1000, 0, 133, 2000], size: 4))
    // Uptime 0; boot has come that far a second later.
    case .kernBoottime:
      .structure(Kernel.words([Int64(bitPattern: machine.options.bootTime) &- 1, 0], size: 8))
    // Three averages, padding, and what 1 is among them.
    case .vmLoadavg:
      .structure(Kernel.words([0, 0, 0, 0], size: 4) + Kernel.words([2048], size: 8))
    case .vmVmtotal: .structure(Kernel.vmTotal)
    default: nil
    }
  }

  /// `numopensockets`, over all stacks.
  private var openSockets: Int {
    var count = 0
    for position in 0..<vnets.count { count += vnets[position].sockets.count }
    return count
  }

  /// `struct vmtotal` of a machine on which nothing but this runs: half a word each for the
  /// processes, then pages; most of the memory is free.
  private static var vmTotal: [UInt8] {
    words([1, 0, 0, 0, 0, 0], size: 2)
      + words([8192, 4096, 4096, 2048, 1024, 512, 1024, 512, 240_000], size: 4)
  }

  /// Numbers as they lie in memory, lowest byte first.
  private static func words(_ values: [Int64], size: Int) -> [UInt8] {
    values.flatMap { value in (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  }
}
