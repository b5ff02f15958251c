// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// Which paths by the express lane were taken already. Its packets come through the same ids but for
/// two things, so that there are four paths.
package struct ExpressPaths: Sendable {
  /// How many there are.
  package static let count = 4

  private var taken: UInt8 = 0

  package init() {}

  /// The number of a packet's path, and whether it is the first there.
  fileprivate mutating func take(isFast: Bool, isTrimmed: Bool) -> (number: Int, isNew: Bool) {
    let number = (isFast ? 1 : 0) + (isTrimmed ? 2 : 0)
    defer { taken |= 1 << UInt8(number) }
    return (number, taken & 1 << UInt8(number) == 0)
  }
}

/// Frames of a replay, of which there may be millions.
extension Kernel {
  /// A driver received a frame. One that takes the express lane is recorded only where it is the first
  /// on its path; what goes the general way is recorded always.
  ///
  /// - Returns: The packet, and the number of its path by the lane, below `ExpressPaths.count`.
  package mutating func receive(
    _ frame: ReceivedFrame, vnet: VnetIndex, _ paths: inout ExpressPaths, tracer: inout Recorder
  ) -> (packet: PacketNumber, path: Int?) {
    let stack = Int(vnet.rawValue)
    // What is left to do besides the packet is for the recorder to hear.
    guard usesExpressLane, isIdle,
      let record = vnets[stack].recordExpress(frame.bytes.rawBytes, frame.facts, &machine)
    else { return (receiveFrame(frame.bytes.rawBytes, frame.facts, vnet, &tracer), nil) }
    machine.netisr.rest()
    let header = ExpressHeader(frame.bytes.rawBytes)
    let path = paths.take(
      isFast: record.isFast,
      isTrimmed: frame.bytes.count > EthernetHeader.size + Int(header.length))
    // Packets of the lane leave the routes as they are.
    if path.isNew, let route = vnets[stack].routes.lookup(header.destination, in: record.fib) {
      // What other tables answer is no part of a path.
      let own = FibAnswer(
        tables: record.fib.member, fib: record.fib,
        route: vnets[stack].routes.summary(of: route))
      record.tell(&tracer, frame: frame.bytes, answers: [own])
    }
    return (machine.latestRoot, path.number)
  }
}
