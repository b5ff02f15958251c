// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// Frames by the express lane, one by one and in batches.
extension Kernel {
  /// A frame's way by the express lane; nil where that does not serve it, and nothing has changed.
  @inline(__always)
  mutating func receiveExpress(
    _ bytes: RawSpan, _ frame: FrameFacts, _ vnet: VnetIndex, known: RouteIndex?
  ) -> PacketNumber? {
    guard
      let way = vnets[Int(vnet.rawValue)].expressWay(bytes, frame, known: known, machine)
    else { return nil }
    let number = goExpress(way, bytes, frame, vnet)
    if isIdle {
      machine.netisr.rest()
    } else {
      var silent = Silent()
      drain(&silent)
    }
    return number
  }

  /// Sends a packet its way.
  @inline(__always)
  mutating func goExpress(
    _ way: ExpressWay, _ bytes: RawSpan, _ frame: FrameFacts, _ vnet: VnetIndex
  ) -> PacketNumber {
    let number = machine.newRoot()
    machine.netisr.run(on: frame.cpu)
    vnets[Int(vnet.rawValue)].goExpress(way, bytes, frame, &machine)
    machine.tally.sent &+= 1
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
      let way = vnets[stack].expressWay(bytes, frame, known: nil, asksRules: false, machine)
    else { return receiveFrame(bytes, frame, vnet, &ring.general) }
    machine.netisr.run(on: frame.cpu)
    var record = vnets[stack].expressRecord(way, frame, machine)
    let number = goExpress(way, bytes, frame, vnet)
    machine.netisr.rest()
    record.root = number.root
    ring.append(record, bytes, vnets[stack].routes)
    return number
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
    var next = 0
    var window = usesExpressLane ? Kernel.mostAhead : 0
    var ahead = InlineArray<16, RouteIndex?>(repeating: nil)
    while next < batch.count {
      // Only what runs in the lane leaves the routes as they are.
      let end = isIdle ? min(next + window, batch.count) : next
      lookAhead(batch, next..<end, vnet, &ahead)
      let start = next
      while next < end,
        receiveExpress(batch[next], facts, vnet, known: ahead[next - start]) != nil
      {
        next += 1
      }
      guard next < batch.count else { return }
      if next < end || window == 0 || !isIdle {
        var silent = Silent()
        _ = receiveFrame(batch[next], facts, vnet, &silent)
        next += 1
        // Where many go the general way, little is looked up in vain.
        if window > 0 { window = 1 }
      } else {
        window = min(2 * window, Kernel.mostAhead)
      }
    }
  }

  /// How many routes are looked up before the first packet goes.
  private static let mostAhead = 16

  /// The routes of some frames; of few frames none.
  @inline(__always)
  private mutating func lookAhead(
    _ batch: borrowing FrameBatch, _ places: Range<Int>, _ vnet: VnetIndex,
    _ routes: inout InlineArray<16, RouteIndex?>
  ) {
    guard places.count == Kernel.mostAhead else {
      routes = InlineArray(repeating: nil)
      return
    }
    var destinations = InlineArray<16, UInt32>(repeating: 0)
    for place in places {
      let frame = batch[place]
      guard frame.byteCount >= EthernetHeader.size + IPv4Header.size else { continue }
      destinations[place - places.lowerBound] = ExpressHeader.destination(frame).rawValue
    }
    let fib = (batch.facts.fib ?? .zero).mark
    vnets[Int(vnet.rawValue)].routes.find(destinations, in: fib, &routes)
  }
}
