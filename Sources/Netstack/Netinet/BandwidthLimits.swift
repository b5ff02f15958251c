// SPDX-License-Identifier: BSD-2-Clause

/// The classes of answers that `net.inet.icmp.icmplim` limits (`BANDLIM_`, netinet/icmp_var.h).
enum BandwidthClass: Int, BitwiseCopyable {
  case unreach, echo, tstamp, resetClosedPort, resetOpenPort

  /// What the message calls the class.
  var text: String {
    switch self {
    case .unreach: "icmp unreach response"
    case .echo: "icmp ping response"
    case .tstamp: "icmp tstamp response"
    case .resetClosedPort: "closed port RST response"
    case .resetOpenPort: "open port RST response"
    }
  }
}

/// One window of a second for each class (`badport_bandlim`, netinet/ip_icmp.c).
struct BandwidthLimits: BitwiseCopyable, StateHashable {
  private struct Window: BitwiseCopyable {
    var start: UInt64?
    var count = 0
  }

  private var windows = InlineArray<5, Window>(repeating: Window())

  func hash(into hasher: inout StateHasher) {
    for place in windows.indices { hasher.combine(windows[place]) }
  }

  /// Whether one more answer of a class may go out at this tick.
  ///
  /// The first event opens the window and always passes; the nth passes while n is below the
  /// limit. What a window refused is told when the next one opens.
  ///
  /// - Returns: The answer, and how many the last window asked for where that is worth a message.
  mutating func allows(
    _ kind: BandwidthClass, at tick: UInt64, limit: Int
  ) -> (allowed: Bool, excess: Int?) {
    guard limit > 0 else { return (true, nil) }
    let window = windows[kind.rawValue]
    guard let start = window.start, tick &- start < 1000 else {
      windows[kind.rawValue] = Window(start: tick, count: 1)
      return (true, window.count > limit ? window.count : nil)
    }
    windows[kind.rawValue].count += 1
    return (window.count + 1 < limit, nil)
  }
}

extension Vnet {
  /// Whether one more answer of a class may go out now; logs what the last second refused.
  mutating func bandlimAllows(_ kind: BandwidthClass, _ machine: inout Machine) -> Bool {
    let limit = sysctl.icmplim
    let (allowed, excess) = bandlim.allows(kind, at: machine.now.ticks, limit: limit)
    if let excess, sysctl.icmplimOutput {
      machine.log("Limiting \(kind.text) from \(excess) to \(limit) packets/sec")
    }
    return allowed
  }
}
