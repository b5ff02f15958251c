// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// Who listens to the packet path; chosen once, at the kernel's door, so that silence is free.
package protocol Tracer: ~Copyable {
  /// Whether anything is recorded; a constant of the type.
  static var isOn: Bool { get }
  /// Whether more is asked than the ids that packets come through; never where nothing is recorded.
  var wantsDetails: Bool { get }
  /// What is recorded from now on happens in this stack.
  mutating func enter(_ vnet: VnetIndex)
  mutating func record(_ packet: PacketNumber, _ event: Event)
  /// Keeps the bytes a packet has right now.
  mutating func recordBytes(_ packet: PacketNumber, _ moment: Snapshot.Moment, _ bytes: RawSpan)
}

extension Tracer where Self: ~Copyable {
  /// Records an event if anybody listens; otherwise not even its numbers are gathered.
  ///
  /// A build with `FIBSH_NO_TRACE_POINTS` has none of them: the gate compares its machine code with
  /// that of `Silent`.
  @inline(__always)
  mutating func emit(_ packet: PacketNumber, _ event: @autoclosure () -> Event) {
    #if !FIBSH_NO_TRACE_POINTS
      if Self.isOn { record(packet, event()) }
    #endif
  }
}

/// The tracer that is off.
package struct Silent: Tracer, ~Copyable {
  package static var isOn: Bool { false }
  package var wantsDetails: Bool { false }
  package init() {}
  package mutating func enter(_ vnet: VnetIndex) {}
  package mutating func record(_ packet: PacketNumber, _ event: Event) {}
  package mutating func recordBytes(
    _ packet: PacketNumber, _ moment: Snapshot.Moment, _ bytes: RawSpan
  ) {}
}

/// The bytes of a packet at a moment of its way.
package struct Snapshot: BitwiseCopyable, Sendable {
  package enum Moment: Hashable, BitwiseCopyable, Sendable {
    /// A frame as it came in on an interface.
    case received(InterfaceIndex)
    /// An IP packet as a local sender made it.
    case made
    /// A frame as it left by an interface.
    case transmitted(InterfaceIndex)
    /// An IP packet as it was given to a protocol.
    case delivered(IPProtocol)
  }
  package var packet: PacketNumber
  package var moment: Moment
  package var offset: Int
  package var count: Int
}

/// The tracer that keeps everything, in order; or only the events that are ids on a packet's path, for
/// who counts paths of millions.
package struct Recorder: Tracer, ~Copyable {
  /// One line of the recording.
  package struct Entry: BitwiseCopyable, Sendable {
    package var packet: PacketNumber
    /// The stack it happened in.
    package var vnet: VnetIndex
    package var event: Event
  }

  package static var isOn: Bool { true }
  package private(set) var entries: [Entry] = []
  package private(set) var snapshots: [Snapshot] = []
  package private(set) var bytes: [UInt8] = []

  package let wantsDetails: Bool
  private var vnet: VnetIndex

  package init(vnet: VnetIndex = .zero, wantsDetails: Bool = true) {
    self.vnet = vnet
    self.wantsDetails = wantsDetails
  }

  package mutating func enter(_ vnet: VnetIndex) { self.vnet = vnet }

  package mutating func record(_ packet: PacketNumber, _ event: Event) {
    guard wantsDetails || event.pathID != nil else { return }
    entries.append(Entry(packet: packet, vnet: vnet, event: event))
  }

  package mutating func recordBytes(
    _ packet: PacketNumber, _ moment: Snapshot.Moment, _ span: RawSpan
  ) {
    guard wantsDetails else { return }
    let offset = bytes.count
    bytes.append(copying: span)
    let snapshot = Snapshot(
      packet: packet, moment: moment, offset: offset, count: span.byteCount)
    snapshots.append(snapshot)
    record(packet, .snapshot(UInt32(snapshots.count - 1)))
  }

  /// The bytes of a snapshot.
  package func bytes(of snapshot: Snapshot) -> ArraySlice<UInt8> {
    bytes[snapshot.offset..<snapshot.offset + snapshot.count]
  }

  /// Forgets what was recorded, keeping the memory.
  package mutating func removeAll() {
    guard !entries.isEmpty else { return }
    entries.removeAll(keepingCapacity: true)
    snapshots.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
  }
}
