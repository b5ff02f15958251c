// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// What a tunnel interface keeps besides its `Ifnet` (`struct gif_softc`, `struct gre_softc`).
struct Tunnel: BitwiseCopyable, Sendable {
  private(set) var interface: InterfaceIndex
  let driver: InterfaceDriver
  /// The forwarding table of the process that made it: the packets that it makes have that.
  let fib: FibNumber
  /// The outer addresses. Those of a gre that has none are 0.0.0.0.
  var ends: TunnelEnds?
  /// `GIF_ACCEPT_REVETHIP` is 1 and on from the start, `GIF_SEND_REVETHIP` 16.
  var options: UInt32 = 1
  /// What a gre's packets carry as their key; 0 for none.
  var key: UInt32 = 0
  /// A gre's packets are RFC 2004's, as without `link0` (`IPPROTO_MOBILE`).
  var isMobile = false
  /// A gre's packets have WCCP's second header, as with `link2` (`WCCP_V2`).
  var isWCCP2 = false
  /// How often a gre's output runs inside itself (`called`).
  var nesting: UInt32 = 0
}

extension Tunnel {
  /// The same tunnel in another stack, where its interface has another number.
  func moved(to interface: InterfaceIndex) -> Tunnel {
    var tunnel = self
    tunnel.interface = interface
    return tunnel
  }

  /// The ends as ioctls tell them: of a gre not while they are 0.0.0.0.
  var shownEnds: TunnelEnds? {
    guard let ends, driver == .gif || ends.source != .any && ends.destination != .any else {
      return nil
    }
    return ends
  }
}

/// The outer addresses of a tunnel.
package struct TunnelEnds: Hashable, BitwiseCopyable, Sendable {
  package var source: IPv4Address
  package var destination: IPv4Address

  package init(source: IPv4Address, destination: IPv4Address) {
    (self.source, self.destination) = (source, destination)
  }
}

/// A vnet's tunnels, newest first; of gif the one whose ends were set last comes first
/// (`gre_softc_list`, `encaptab`).
struct TunnelTable: ~Copyable, StateHashable {
  private var tunnels = UniqueArray<Tunnel>()
  /// How many tunnels' outputs, and how many packets out of packets, are under way inside each other.
  var outputDepth = 0
  var inputDepth = 0

  /// C goes on until its stack is full; here so many are enough.
  static let deepestOutput = 50
  static let deepestInput = 8

  var count: Int { tunnels.count }
  subscript(place: Int) -> Tunnel { tunnels[place] }

  /// What an interface keeps; nil where it is no tunnel.
  func tunnel(of interface: InterfaceIndex) -> Tunnel? {
    for place in 0..<tunnels.count where tunnels[place].interface == interface {
      return tunnels[place]
    }
    return nil
  }

  mutating func insert(_ tunnel: Tunnel) { tunnels.insert(tunnel, at: 0) }

  mutating func remove(_ interface: InterfaceIndex) {
    for place in 0..<tunnels.count where tunnels[place].interface == interface {
      tunnels.remove(at: place)
      return
    }
  }

  /// Changes what an interface keeps.
  mutating func update(_ tunnel: Tunnel) {
    for place in 0..<tunnels.count where tunnels[place].interface == tunnel.interface {
      tunnels[place] = tunnel
    }
  }

  func clone() -> TunnelTable {
    var copy = TunnelTable()
    copy.tunnels = tunnels.clone()
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(tunnels)
    hasher.combine(outputDepth)
    hasher.combine(inputDepth)
  }
}
