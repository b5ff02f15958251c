// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import CProbe
import Netstack
import Wire

/// The ends of a packet.
struct Flow: BitwiseCopyable {
  var source: UInt32
  var destination: UInt32
  var sourcePort: UInt16 = 5000
  var destinationPort: UInt16 = 53
  var proto: UInt8 = IPProtocol.udp.rawValue

  init(source: UInt32 = 0x0a00_0002, to destination: UInt32) {
    (self.source, self.destination) = (source, destination)
  }
}

/// Frames of changing flows, written a block at a time while the meter rests.
struct Traffic: ~Copyable {
  static let block = 128

  /// A frame that nobody copies, so that taking it out of the block counts no reference.
  ///
  /// Not private, because Swift 6.3 cannot yet emit a table of a private type in another file.
  struct Slot: ~Copyable {
    var frame: ReceivedFrame

    @inline(never)
    borrowing func arrive(at kernel: inout Kernel) { kernel.receive(frame) }
  }

  private var frames = UniqueArray<Slot>()
  /// The same frames, to be handed up together.
  private var batch = FrameBatch(on: Lab.input)
  private let isBatched: Bool
  private let flows: [Flow]
  private var next = 0

  init(_ flows: [Flow], ttl: UInt8 = 64, isBatched: Bool = false) {
    self.flows = flows
    self.isBatched = isBatched
    for _ in 0..<Traffic.block {
      batch.append(Frames.transit(ttl: ttl))
      // A frame made anew each, so that no two share their bytes.
      frames.append(Slot(frame: ReceivedFrame(Frames.transit(ttl: ttl), on: Lab.input)))
    }
  }

  init(to destinations: [UInt32], ttl: UInt8 = 64, isBatched: Bool = false) {
    self.init(destinations.map { Flow(to: $0) }, ttl: ttl, isBatched: isBatched)
  }

  /// Sends so many packets, a multiple of the block.
  mutating func send(_ count: Int, into kernel: inout Kernel) {
    var left = count
    while left > 0 {
      fill()
      if isBatched {
        probe_start()
        kernel.receive(batch)
        probe_stop()
      } else {
        let block = frames.span
        probe_start()
        for place in block.indices { block[place].arrive(at: &kernel) }
        probe_stop()
      }
      left -= Traffic.block
    }
  }

  /// Writes the next flows into the frames.
  private mutating func fill() {
    for place in frames.indices {
      let flow = flows[next]
      next = next + 1 == flows.count ? 0 : next + 1
      let start = EthernetHeader.size
      if isBatched {
        batch.update(place) { Traffic.write(flow, into: &$0, at: $1 + start) }
      } else {
        frames[place].frame.bytes.withMutableRawBytes { Traffic.write(flow, into: &$0, at: start) }
      }
    }
  }

  /// Writes a flow into the headers of a packet.
  static func write(_ flow: Flow, into bytes: inout MutableRawSpan, at start: Int) {
    bytes.store(flow.proto, at: start + 9)
    bytes.store(UInt16(0), at: start + 10)
    bytes.store(flow.source, at: start + 12)
    bytes.store(flow.destination, at: start + 16)
    bytes.store(flow.sourcePort, at: start + 20)
    bytes.store(flow.destinationPort, at: start + 22)
    let sum = IPv4Header.checksum(
      of: bytes.bytes.extracting(droppingFirst: start), headerLength: IPv4Header.size)
    bytes.store(sum, at: start + 10)
  }
}

/// A machine that several subjects use in turn.
final class Router {
  var kernel: Kernel

  init(_ kernel: consuming Kernel) { self.kernel = kernel }
}

/// Packets that a router forwards.
final class ForwardWork: Subject {
  let operations: Int
  private let router: Router
  private var traffic: Traffic

  init(_ router: Router, _ traffic: consuming Traffic, operations: Int = 1 << 16) {
    self.router = router
    self.traffic = traffic
    self.operations = operations
  }

  func run() { traffic.send(operations, into: &router.kernel) }
}
