// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// Reads a recording: which frames left and which packets were delivered, in order.
struct Observer {
  /// The forwarding table a packet is stamped with, as the events told it.
  private var fibs: [PacketNumber: FibNumber] = [:]
  /// The interface a packet last came in on.
  private var arrivals: [PacketNumber: InterfaceIndex] = [:]

  /// The trace ids that packets came to.
  private(set) var coverage = Coverage()

  /// Says what a packet from outside was stamped with.
  mutating func stamp(_ packet: PacketNumber, _ fib: FibNumber) { fibs[packet] = fib }

  /// Reads and clears a recording, and tells what it showed as the recorder writes it.
  mutating func observe(_ recorder: inout Recorder, _ kernel: borrowing Kernel) -> [String: JSON] {
    var out: [JSON] = []
    var delivered: [JSON] = []
    for entry in recorder.entries {
      follow(entry)
      guard case .snapshot(let number) = entry.event else { continue }
      let snapshot = recorder.snapshots[Int(number)]
      let order = out.count + delivered.count
      let bytes = Array(recorder.bytes(of: snapshot))
      switch snapshot.moment {
      case .transmitted(let interface):
        out.append(frame(bytes, name(interface, kernel), order))
      case .delivered:
        let arrival = arrivals[snapshot.packet] ?? .none
        let fib = fibs[snapshot.packet] ?? .zero
        delivered.append(packet(bytes, name(arrival, kernel), fib, order))
      case .received, .made: break
      }
    }
    recorder.removeAll()
    return ["out": .array(out), "deliver": .array(delivered)]
  }

  /// Clears a recording; what packets are stamped with is kept.
  mutating func forget(_ recorder: inout Recorder) {
    for entry in recorder.entries { follow(entry) }
    recorder.removeAll()
  }

  private mutating func follow(_ entry: Recorder.Entry) {
    coverage.note(entry.event)
    switch entry.event {
    case .made(let parent, _): fibs[entry.packet] = fibs[parent]
    case .reassembled(let first, _, _):
      fibs[entry.packet] = fibs[first]
      arrivals[entry.packet] = arrivals[first]
    case .ipInput(let interface): arrivals[entry.packet] = interface
    case .fibChanged(_, let fib, _, _): fibs[entry.packet] = fib
    case .route(let step): fibs[entry.packet] = step.fib
    default: break
    }
  }

  private func name(_ interface: InterfaceIndex, _ kernel: borrowing Kernel) -> JSON {
    interface == .none ? .null : .text("\(kernel[.zero].interfaces[interface].name)")
  }

  private func frame(_ bytes: [UInt8], _ interface: JSON, _ order: Int) -> JSON {
    guard let header = EthernetHeader(bytes.span.bytes) else { return .text(Word.hex(bytes)) }
    let type = Word.hex(bytes[12..<14])
    return .object([
      "n": .number(order), "if": interface, "dst": .text("\(header.destination)"),
      "src": .text("\(header.source)"), "type": .text(type),
      type == "0800" ? "ip" : "data": .text(Word.hex(bytes[14...])),
    ])
  }

  private func packet(
    _ bytes: [UInt8], _ interface: JSON, _ fib: FibNumber, _ order: Int
  ) -> JSON {
    guard bytes.count >= 20 else { return .text(Word.hex(bytes)) }
    return .object([
      "n": .number(order), "proto": .number(Int(bytes[9])),
      "hlen": .number(Int(bytes[0] & 0xf) * 4), "rcvif": interface,
      "fib": .number(Int(fib.rawValue)), "ip": .text(Word.hex(bytes)),
    ])
  }
}
