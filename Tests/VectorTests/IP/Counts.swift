// SPDX-License-Identifier: BSD-2-Clause

import Netstack

/// All counters at a moment, to see what a step changed.
struct Counts {
  private let statistics: Statistics
  private let interfaces: [(name: String, counts: InterfaceStatistics)]

  init(_ kernel: borrowing Kernel) {
    statistics = kernel[.zero].statistics
    var interfaces: [(name: String, counts: InterfaceStatistics)] = []
    for index in kernel[.zero].interfaces.all {
      let interface = kernel[.zero].interfaces[index]
      interfaces.append(("\(interface.name)", interface.statistics))
    }
    self.interfaces = interfaces
  }

  /// The differences as the recorder writes them, by its names.
  ///
  /// The recorder's `send` enters at `ip_output`, the model's a function earlier, in `rip_output`;
  /// the one packet that counts there is taken off.
  func changes(since earlier: Counts, after step: [String]) -> [String: JSON] {
    var changes: [String: JSON] = [:]
    var ip = statistics.ip.changes(since: earlier.statistics.ip)
    if step.first == "send" {
      ip.removeAll { $0.name == "ips_rawout" && $0.delta == 1 }
    }
    changes["ipstat"] = members(ip)
    changes["icmpstat"] = members(statistics.icmp.changes(since: earlier.statistics.icmp))
    changes["udpstat"] = members(statistics.udp.changes(since: earlier.statistics.udp))
    changes["igmpstat"] = members(statistics.igmp.changes(since: earlier.statistics.igmp))
    changes["rtstat"] = members(statistics.route.changes(since: earlier.statistics.route))
    changes["ifstat"] = interfaceChanges(since: earlier)
    return changes
  }

  private func interfaceChanges(since earlier: Counts) -> JSON {
    var changed: [String: JSON] = [:]
    for (name, counts) in interfaces {
      let before = earlier.interfaces.first { $0.name == name }?.counts ?? InterfaceStatistics()
      let fields = counts.changes(since: before)
        .filter { !Comparison.unrecorded.contains($0.name) }
        .map { (name: Counts.recordedName($0.name), delta: $0.delta) }
      if !fields.isEmpty { changed[name] = members(fields) }
    }
    return .object(changed)
  }

  /// `ifstat` drops the prefix, and calls the drops of the send queue as ifconfig's sources do.
  private static func recordedName(_ field: String) -> String {
    field == "if_snd_drops" ? "odrops" : String(field.dropFirst("if_".count))
  }

  /// Counters as an object; the elements of a histogram become an object of their own.
  private func members(_ fields: [(name: String, delta: UInt64)]) -> JSON {
    var members: [String: JSON] = [:]
    var histograms: [String: [String: JSON]] = [:]
    for (name, delta) in fields {
      let value = JSON.number(Int(Int64(bitPattern: delta)))
      let parts = name.split(separator: "[")
      if parts.count == 2 {
        histograms[String(parts[0]), default: [:]][String(parts[1].dropLast())] = value
      } else {
        members[name] = value
      }
    }
    for (name, elements) in histograms { members[name] = .object(elements) }
    return .object(members)
  }
}
