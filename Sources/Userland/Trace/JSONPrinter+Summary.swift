// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// The summary of a packet.
extension JSONPrinter {
  func summary(_ trace: PacketTrace) -> JSONObject {
    var object = head(trace)
    object.add("summary", true)
    if let end = trace.end {
      object.add("verdict", end.verdict.word)
      object.add("id", end.id.text)
    }
    object.add("in", trace.receivedOn.map(inStack(trace.vnets.first ?? vnet).name(of:)))
    let (fib, chooser) = trace.fib
    object.add("fib", fib.rawValue)
    object.add("fib_by", fibBy(chooser))
    object.add("out", trace.transmitted.map(sent))
    let hops = trace.hops
    if hops.count > 1 { object.add("hops", hops.map(hop)) }
    var counters = JSONObject()
    for (name, count) in trace.counters { counters.add(name, count) }
    object.add("counters", counters)
    object.add("changed", changes(trace))
    return object
  }

  /// A stack on the way, and where the packet came in and left.
  private func hop(_ hop: PacketTrace) -> JSONObject {
    let printer = inStack(hop.vnets.first ?? vnet)
    var object = JSONObject()
    printer.addStack(to: &object)
    object.add("in", hop.receivedOn.map(printer.name(of:)))
    object.add("out", hop.transmitted.map { printer.name(of: $0.place.interface) }.last)
    return object
  }

  private func sent(_ place: InterfacePlace, _ frame: [UInt8]) -> JSONObject {
    let parts = FrameParts(frame)
    var object = JSONObject()
    object.add("if", session.name(of: place.interface, in: place.vnet))
    object.add("dst", parts.ethernet?.destination.description)
    object.add("src", parts.ethernet?.source.description)
    object.add("type", parts.ethernet.map { Int($0.type.rawValue).hex(digits: 4) })
    object.add(parts.header == nil ? "payload" : "ip", Self.hex(parts.packet))
    return object
  }

  /// The fields of the IP header that are not as they were, the checksum aside.
  private func changes(_ trace: PacketTrace) -> JSONObject {
    var object = JSONObject()
    guard let before = arrived(trace), let frame = trace.transmitted.last?.frame,
      let after = FrameParts(frame).header
    else { return object }
    let numbers: [(String, Int, Int)] = [
      ("ip_hl", Int(before.headerWords), Int(after.headerWords)),
      ("ip_tos", Int(before.tos), Int(after.tos)),
      ("ip_len", Int(before.totalLength), Int(after.totalLength)),
      ("ip_id", Int(before.identification), Int(after.identification)),
      ("ip_off", Int(before.fragment), Int(after.fragment)),
      ("ip_ttl", Int(before.ttl), Int(after.ttl)),
    ]
    for (name, old, new) in numbers where old != new {
      object.add(name, before: old, after: new)
    }
    let addresses = [
      ("ip_src", before.source, after.source), ("ip_dst", before.destination, after.destination),
    ]
    for (name, old, new) in addresses where old != new {
      object.add(name, before: "\(old)", after: "\(new)")
    }
    return object
  }

  private func arrived(_ trace: PacketTrace) -> IPv4Header? {
    guard let first = trace.first else { return nil }
    switch first.moment {
    case .received: return FrameParts(first.bytes).header
    case .made: return IPv4Header(first.bytes.rawBytes)
    case .transmitted, .delivered: return nil
    }
  }
}
