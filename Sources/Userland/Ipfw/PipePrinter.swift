// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// Shows pipes and queues (`ipfw_list_pipes`, sbin/ipfw/dummynet.c).
struct PipePrinter {
  /// `-v`: the burst in bytes, and the virtual times of each flow.
  var isVerbose = false
  /// `-s`: the column that flows are sorted by, the greatest first, or backwards if negative.
  var column: Int32 = 0

  /// The lines of a pipe.
  func text(_ report: PipeReport) -> String {
    let pipe = report.settings
    let head =
      "\(Int(pipe.number).padded(5)): \(rate(pipe)) \(pipe.delay.padLeft(to: 4)) ms "
    let burst = isVerbose ? "\(pipe.burst) Byte" : PipePrinter.humanized(pipe.burst)
    return parameters(pipe.flowSet, report.flows.count, head) + "\t burst: \(burst)\n"
      + (pipe.profile.map(text) ?? "") + flows(report.flows, pipe.flowSet.mask)
  }

  private func text(_ profile: DelayProfile) -> String {
    let loss = Double(profile.lossLevel) / Double(profile.samples.count)
    return "\t profile: name \"\(profile.name)\" loss \(loss.fixed(6))"
      + " samples \(profile.samples.count)\n"
  }

  /// The lines of a queue.
  func text(_ report: FlowSetReport) -> String {
    let queue = report.settings
    let head =
      "q\(Int(queue.number).padded(5)): weight \(queue.weight) pipe \(queue.parent) "
    return parameters(queue, report.flows.count, head) + flows(report.flows, queue.mask)
  }

  private func rate(_ pipe: PipeSettings) -> String {
    if let clock = pipe.clock { return clock.description }
    let bits = Double(pipe.bandwidth)
    func shown(_ value: Double, _ unit: String) -> String {
      value.fixed(3).padLeft(to: 7) + " " + unit
    }
    return switch pipe.bandwidth {
    case 0: "unlimited"
    case 1_000_000...: shown(bits / 1_000_000, "Mbit/s")
    case 1000...: shown(bits / 1000, "Kbit/s")
    default: shown(bits, "bit/s ")
    }
  }

  /// A flow set's line behind its head (`print_flowset_parms`).
  private func parameters(_ set: FlowSetSettings, _ count: Int, _ head: String) -> String {
    var text = head + " "
    if !set.flags.contains(.DN_QSIZE_IS_BYTES) {
      text += set.size.padLeft(to: 3) + " sl."
    } else if set.size >= 8192 {
      text += "\(set.size / 1024) KB"
    } else {
      text += "\(set.size) B"
    }
    if set.lossRate != 0 {
      text += "plr \((Double(set.lossRate) / Double(Int32.max)).fixed(6))"
    }
    text += " \(count) queues (\(set.buckets) buckets) "
    guard set.flags.contains(.DN_IS_RED) else { return text + "droptail\n" }
    let red = set.red
    return text + "\n\t \(set.flags.contains(.DN_IS_GENTLE_RED) ? "G" : " ")RED"
      + " w_q \((Double(red.weight) / 65_536).fixed(6))"
      + " min_th \(red.leastThreshold) max_th \(red.mostThreshold)"
      + " max_p \((Double(red.mostProbability) / 65_536).fixed(6))\n"
  }

  /// The queues of a flow set (`list_queues`): IPv4 and the rest, then IPv6, each with a heading.
  private func flows(_ flows: [FlowReport], _ mask: FlowMask) -> String {
    var flows = flows
    if column != 0 { flows.sort { order($1, $0) > 0 } }
    var text = ""
    let old = flows.filter { $0.id.version != 6 }
    if !old.isEmpty { text += heading(mask) }
    for flow in old { text += row(flow) }
    let new = flows.filter { $0.id.version == 6 }
    if !new.isEmpty { text += heading6(mask) }
    for flow in new { text += row6(flow) }
    return text
  }

  /// The order of two flows (`sort_q`). Lengths are subtracted without sign: any that differ count as
  /// greater.
  private func order(_ a: FlowReport, _ b: FlowReport) -> Int {
    let difference: Int64 =
      switch column.magnitude {
      case 1: Int64(a.packets &- b.packets)
      case 2: Int64(a.bytes &- b.bytes)
      case 3: Int64(bitPattern: a.totalPackets &- b.totalPackets)
      case 4: Int64(bitPattern: a.totalBytes &- b.totalBytes)
      default: 0
      }
    return Int(column < 0 ? difference.signum() : -difference.signum())
  }

  private func heading(_ mask: FlowMask) -> String {
    "    mask: 0x\(Int(mask.proto).hex(digits: 2))"
      + " 0x\(Int(mask.source).hex(digits: 8))/0x\(Int(mask.sourcePort).hex(digits: 4))"
      + " -> 0x\(Int(mask.destination).hex(digits: 8))"
      + "/0x\(Int(mask.destinationPort).hex(digits: 4))\n"
      + "BKT Prot ___Source IP/port____ ____Dest. IP/port____ Tot_pkt/bytes Pkt/Byte Drp\n"
  }

  private func row(_ flow: FlowReport) -> String {
    let proto = IPProtocol(rawValue: flow.id.proto).name
    return flow.bucket.padLeft(to: 3) + " "
      + (proto?.padRight(to: 4) ?? Int(flow.id.proto).padLeft(to: 4)) + " "
      + flow.id.source.description.padLeft(to: 15)
      + "/" + Int(flow.id.sourcePort).padRight(to: 5) + " "
      + flow.id.destination.description.padLeft(to: 15)
      + "/" + Int(flow.id.destinationPort).padRight(to: 5) + " " + counters(flow)
  }

  private func heading6(_ mask: FlowMask) -> String {
    "\n        mask: proto: 0x\(Int(mask.proto).hex(digits: 2)),"
      + " flow_id: 0x\(Int(mask.flowID6).hex(digits: 8)),  "
      + "\(IPv6Address(rawValue: mask.source6))/0x\(Int(mask.sourcePort).hex(digits: 4)) -> "
      + "\(IPv6Address(rawValue: mask.destination6))"
      + "/0x\(Int(mask.destinationPort).hex(digits: 4))\n"
      + "BKT ___Prot___ _flow-id_ ______________Source IPv6/port_______________ "
      + "_______________Dest. IPv6/port_______________ Tot_pkt/bytes Pkt/Byte Drp\n"
  }

  private func row6(_ flow: FlowReport) -> String {
    let proto = IPProtocol(rawValue: flow.id.proto).name
    let source = IPv6Address(rawValue: flow.id.source6).description
    let destination = IPv6Address(rawValue: flow.id.destination6).description
    return flow.bucket.padLeft(to: 3) + " "
      + (proto ?? "\(flow.id.proto)").padLeft(to: 9) + " "
      + Int32(bitPattern: flow.id.flowID6).padLeft(to: 7) + "  "
      + source.padLeft(to: 39) + "/" + Int(flow.id.sourcePort).padRight(to: 5) + " "
      + " " + destination.padLeft(to: 39)
      + "/" + Int(flow.id.destinationPort).padRight(to: 5) + " " + " " + counters(flow)
  }

  private func counters(_ flow: FlowReport) -> String {
    let text =
      flow.totalPackets.padLeft(to: 4) + " " + flow.totalBytes.padLeft(to: 8) + " "
      + flow.packets.padLeft(to: 2) + " " + flow.bytes.padLeft(to: 4) + " "
      + flow.drops.padLeft(to: 3) + "\n"
    guard isVerbose else { return text }
    return text + "   S \(flow.start.padLeft(to: 20))  F \(flow.finish.padLeft(to: 20))\n"
  }

  /// A number of bytes in at most five digits (`humanize_number`): the first unit in which they fit.
  private static func humanized(_ bytes: UInt64) -> String {
    let units = ["", "K", "M", "G", "T", "P", "E"]
    var hundredths = bytes &* 100
    var place = 0
    while hundredths >= 10_000_000 - 50, place < units.count - 1 {
      hundredths /= 1024
      place += 1
    }
    return "\((hundredths + 50) / 100) \(units[place])Byte"
  }
}

extension Int {
  /// With zeros in front, behind the sign, as `%05d`.
  fileprivate func padded(_ width: Int) -> String {
    self < 0 ? "-" + magnitude.decimal(digits: width - 1) : decimal(digits: width)
  }
}
