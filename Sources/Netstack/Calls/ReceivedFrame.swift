// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What a driver knows of a frame besides its bytes.
package struct FrameFacts: BitwiseCopyable, Sendable {
  package var interface: InterfaceIndex
  /// The forwarding table the frame is stamped with; nil for 0, as 8.0's drivers leave it.
  package var fib: FibNumber?
  /// The flow that the card makes of it; nil where it makes none.
  package var flowID: UInt32?
  /// The CPU that the card interrupts.
  package var cpu = 0
  package var checksum = ReceivedFrame.ChecksumReport.none
  /// How many bytes of the IP packet lie in the first buffer; nil for all.
  package var firstBufferCount: Int?
  /// Goes in behind `ether_input`, where a test can stamp what a driver cannot; the packet is marked
  /// as a broadcast or multicast all the same.
  package var skipsEtherInput = false

  package init(on interface: InterfaceIndex) { self.interface = interface }

  /// Whether it is as most cards hand frames up: whole, to `ether_input`, no fault found.
  @inline(__always)
  var isPlain: Bool { firstBufferCount == nil && !skipsEtherInput && checksum != .bad }
}

/// A frame as a driver hands it up, with what the card may say of it.
@dynamicMemberLookup package struct ReceivedFrame: Sendable {
  /// What the card says of the IP header checksum.
  package enum ChecksumReport: BitwiseCopyable, Sendable {
    case none, good, bad
  }

  package var bytes: [UInt8]
  package var facts: FrameFacts

  package init(_ bytes: [UInt8], on interface: InterfaceIndex) {
    self.bytes = bytes
    facts = FrameFacts(on: interface)
  }

  package subscript<Value>(dynamicMember path: WritableKeyPath<FrameFacts, Value>) -> Value {
    get { facts[keyPath: path] }
    set { facts[keyPath: path] = newValue }
  }
}

/// Frames that a card hands up together, one behind the other in one piece of memory.
package struct FrameBatch: ~Copyable {
  /// What the card knows of each of them.
  package let facts: FrameFacts
  private var bytes: [UInt8] = []
  /// Where each ends.
  private var ends = UniqueArray<Int>()

  package init(_ facts: FrameFacts) { self.facts = facts }

  package init(on interface: InterfaceIndex) { facts = FrameFacts(on: interface) }

  package var count: Int { ends.count }

  /// Bytes of all.
  package var byteCount: Int { bytes.count }

  package mutating func append(_ frame: some Sequence<UInt8>) {
    bytes.append(contentsOf: frame)
    ends.append(bytes.count)
  }

  /// The bytes of a frame.
  package subscript(place: Int) -> RawSpan {
    @_lifetime(borrow self) @inline(__always)
    get {
      let start = place == 0 ? 0 : ends[place - 1]
      return bytes.rawBytes.extracting(start..<ends[place])
    }
  }

  /// Lets somebody change the bytes of a frame, which begins at the offset that comes with them.
  package mutating func update(_ place: Int, _ body: (inout MutableRawSpan, Int) -> Void) {
    let start = place == 0 ? 0 : ends[place - 1]
    bytes.withMutableRawBytes { body(&$0, start) }
  }

  /// Forgets all frames, keeping the memory.
  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }
}
