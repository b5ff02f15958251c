// SPDX-License-Identifier: BSD-2-Clause

/// A frame that an observer of an interface saw.
package struct CapturedFrame: Sendable {
  package var time: Instant
  package var direction: Direction
  /// From the link header on; on a loopback interface, which has none, from the IP header on.
  package var bytes: [UInt8]
}

/// Names an observer; no other ever has the same number.
package struct ObserverID: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  package var rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// A process that watches an interface through a descriptor of bpf (`struct bpf_d`, net/bpfdesc.h).
package struct Observer: Sendable {
  package let id: ObserverID
  package fileprivate(set) var vnet: VnetIndex
  package fileprivate(set) var interface: InterfaceIndex
  /// The process and its command, as netstat(1) shows them.
  package let process: Int
  package let program: String
  /// Whether it asked for promiscuous mode (`bd_promisc`).
  package let isPromiscuous: Bool
  /// Packets that came to it, before any filter (`bd_rcount`).
  package fileprivate(set) var received: UInt64 = 0
  /// Those of them that its filter let pass (`bd_fcount`).
  package fileprivate(set) var matched: UInt64 = 0
  /// What it has not read yet.
  fileprivate var frames: [CapturedFrame] = []

  /// Bytes that wait to be read, each frame with its header in whole longs (`bd_slen`).
  package var storedBytes: Int {
    frames.reduce(0) { $0 + ((Observer.headerLength + $1.bytes.count + 7) & ~7) }
  }

  /// `struct bpf_hdr` on amd64, without its padding.
  private static let headerLength = 26
}

/// All observers of the machine, oldest first.
///
/// Off the packet path while `Ifnet.bpfPeers` is 0; each frame then costs an allocation.
package struct Observers: Sendable {
  package private(set) var all: [Observer] = []
  private var lastID: UInt32 = 0

  mutating func attach(
    _ interface: InterfaceIndex, _ vnet: VnetIndex, process: Int, program: String,
    isPromiscuous: Bool
  ) -> ObserverID {
    lastID += 1
    let id = ObserverID(rawValue: lastID)
    all.append(
      Observer(
        id: id, vnet: vnet, interface: interface, process: process, program: program,
        isPromiscuous: isPromiscuous))
    return id
  }

  mutating func detach(_ id: ObserverID) -> Observer? {
    guard let place = all.firstIndex(where: { $0.id == id }) else { return nil }
    return all.remove(at: place)
  }

  /// Ends all of an interface that goes away (`bpfdetach`).
  mutating func detachAll(_ interface: InterfaceIndex, _ vnet: VnetIndex) {
    all.removeAll { $0.interface == interface && $0.vnet == vnet }
  }

  /// Those who watch an interface go on to do so where it is now.
  mutating func interfaceMoved(from: InterfacePlace, to: InterfacePlace) {
    for place in all.indices
    where all[place].interface == from.interface && all[place].vnet == from.vnet {
      (all[place].vnet, all[place].interface) = (to.vnet, to.interface)
    }
  }

  /// Shows a frame to those who watch an interface (`bpf_mtap`).
  mutating func see(_ frame: CapturedFrame, on interface: InterfaceIndex, _ vnet: VnetIndex) {
    for place in all.indices where all[place].interface == interface && all[place].vnet == vnet {
      all[place].received += 1
      all[place].frames.append(frame)
    }
  }

  /// Counts frames that an observer's filter let pass.
  mutating func countMatches(_ count: UInt64, of id: ObserverID) {
    guard let place = all.firstIndex(where: { $0.id == id }) else { return }
    all[place].matched += count
  }

  /// Sets all counters to zero (`bpf_zero_counters`).
  mutating func clearCounters() {
    for place in all.indices { (all[place].received, all[place].matched) = (0, 0) }
  }

  /// Gives an observer what it has not read yet; nil for one that is no more.
  mutating func take(_ id: ObserverID) -> [CapturedFrame]? {
    guard let place = all.firstIndex(where: { $0.id == id }) else { return nil }
    defer { all[place].frames = [] }
    return all[place].frames
  }
}
