// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// Frames by the express lane, one by one and in batches.
extension Kernel {
  /// Sends a frame by the express lane; nil where that does not serve it, and nothing has changed.
  @inline(__always)
  mutating func receiveExpress(
    _ bytes: RawSpan, _ frame: FrameFacts, _ vnet: VnetIndex
  ) -> PacketNumber? {
    guard vnets[Int(vnet.rawValue)].sendExpress(bytes, frame, &machine) else { return nil }
    let number = machine.latestRoot
    if isIdle {
      machine.netisr.rest()
    } else {
      var silent = Silent()
      drain(&silent)
    }
    return number
  }

  /// A driver received a frame; a ring keeps what happens to it, if it is not too long ago.
  @discardableResult
  package mutating func receive(
    _ frame: ReceivedFrame, vnet: VnetIndex = .zero, ring: inout TraceRing
  ) -> PacketNumber { receive(frame.bytes.rawBytes, frame.facts, vnet, &ring) }

  @inline(__always)
  private mutating func receive(
    _ bytes: RawSpan, _ frame: FrameFacts, _ vnet: VnetIndex, _ ring: inout TraceRing
  ) -> PacketNumber {
    ring.turn()
    let stack = Int(vnet.rawValue)
    // What is left to do besides the packet is for the recorder to hear.
    guard usesExpressLane, isIdle,
      let record = vnets[stack].recordExpress(bytes, frame, &machine)
    else { return receiveFrame(bytes, frame, vnet, &ring.general) }
    machine.netisr.rest()
    ring.append(record, bytes, vnets[stack].routes)
    return machine.latestRoot
  }

  /// A driver received frames; a ring keeps what happens to them.
  package mutating func receive(
    _ batch: borrowing FrameBatch, vnet: VnetIndex = .zero, ring: inout TraceRing
  ) {
    let facts = batch.facts
    for place in 0..<batch.count { _ = receive(batch[place], facts, vnet, &ring) }
  }

  /// A driver received frames, and nobody listens. What becomes of them is what becomes of one after
  /// the other.
  package mutating func receive(_ batch: borrowing FrameBatch, vnet: VnetIndex = .zero) {
    let facts = batch.facts
    let stack = Int(vnet.rawValue)
    var next = 0
    var window = usesExpressLane ? Kernel.mostAhead : 0
    while next < batch.count {
      // What is left to do besides the packets has its turn after the first.
      if window > 0, isIdle {
        let end = min(next + window, batch.count)
        next += vnets[stack].sendExpress(batch, next..<end, &machine)
        if next == end {
          window = min(2 * window, Kernel.mostAhead)
          continue
        }
      }
      var silent = Silent()
      _ = receiveFrame(batch[next], facts, vnet, &silent)
      next += 1
      // Where many go the general way, little is looked up in vain.
      if window > 0 { window = 1 }
    }
  }

  /// How many packets go together, their routes looked up before the first goes.
  private static let mostAhead = 32
}
