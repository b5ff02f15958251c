// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// Where the packets of a next hop go, asked of routes, interfaces, addresses and ARP.
struct ExpressHop: BitwiseCopyable {
  /// The time of `ExpressHops` at which it was found, and the number of the next hop.
  fileprivate(set) var key: UInt64 = 0
  var neighbour = EthernetAddress.zero
  /// The card's own address by which they leave.
  var source = EthernetAddress.zero
  /// The MTU, the route's and the interface's: what is longer does not go this way.
  var mtu: UInt32 = 0
  var nextHop = IPv4Address.any
  var output = InterfaceIndex.none
  /// The interface of the route's address: what came in by it would be redirected.
  var home = InterfaceIndex.none
}

/// What the express lane has found out of next hops that are gateways, each of which has one
/// neighbour. Direct routes have many, and are asked for with each packet.
///
/// It is no state, and a clone begins without it. Whatever an answer depends on has a count of its
/// changes; with the first change, and with the second in which the first of the ARP entries asks for
/// more than being found, a new time begins and all is forgotten.
struct ExpressHops: ~Copyable {
  /// The most answers that are kept: twice as many next hops as a full routing table has of a router.
  private static let most = 512

  /// By the end of the next hop's number: a power of two of them.
  private var hops = UniqueArray<ExpressHop>(repeating: ExpressHop(), count: 1)
  /// The time that it is; 0 is before all others.
  private var time: UInt32 = 0
  /// All changes that there were until now.
  private var changes: UInt64 = .max
  /// The last second of the wall clock in which all answers are right.
  private var lastSecond: UInt64 = .max

  init() {}

  /// The key of a next hop that is known, without its number.
  ///
  /// - Parameter changes: A sum that grows with each change of anything that answers depend on.
  @inline(__always)
  mutating func key(_ changes: UInt64, at second: UInt64) -> UInt64 {
    if changes != self.changes || second > lastSecond { forget(changes) }
    return UInt64(time) << 32
  }

  @inline(never)
  private mutating func forget(_ changes: UInt64) {
    self.changes = changes
    lastSecond = .max
    // After so many times those of the first ones must be gone.
    if time == .max {
      hops = UniqueArray(repeating: ExpressHop(), count: 1)
      time = 0
    }
    time += 1
  }

  /// What is known of a next hop, if its key is the right one.
  @inline(__always)
  subscript(number: NextHopIndex) -> ExpressHop {
    hops[Int(number.rawValue) & (hops.count &- 1)]
  }

  /// Keeps an answer.
  ///
  /// - Parameter second: The last second of the wall clock in which it is right.
  mutating func keep(
    _ hop: ExpressHop, of number: NextHopIndex, key: UInt64, until second: UInt64
  ) {
    let place = Int(number.rawValue) & (ExpressHops.most - 1)
    if place >= hops.count {
      var count = hops.count
      while count <= place { count *= 2 }
      hops = UniqueArray(repeating: ExpressHop(), count: count)
    }
    var hop = hop
    hop.key = key | UInt64(UInt32(bitPattern: number.rawValue))
    hops[place & (hops.count - 1)] = hop
    lastSecond = min(lastSecond, second)
  }
}

extension ExpressHop {
  /// Whether it is that of a number, and of the time of the key.
  @inline(__always)
  func isRight(_ number: NextHopIndex, _ key: UInt64) -> Bool {
    self.key == key | UInt64(UInt32(bitPattern: number.rawValue))
  }
}

extension Vnet {
  /// The key of what is known of next hops at the moment.
  @inline(__always)
  mutating func expressKey(isFast: Bool, _ machine: borrowing Machine) -> UInt64 {
    let changes =
      interfaces.changes &+ addresses.changes &+ arp.changes &+ routes.hops.changes
    return expressHops.key(changes << 1 | (isFast ? 1 : 0), at: machine.wallSeconds)
  }

  /// Where a packet goes by a next hop, asked of all who know; nil where the lane does not serve it.
  @inline(never)
  mutating func findExpressHop(
    _ number: NextHopIndex, to destination: IPv4Address, _ terms: ExpressTerms,
    _ machine: borrowing Machine
  ) -> ExpressHop? {
    let hop = routes.hops[number]
    guard hop.isExpress, interfaces[hop.interface].express.contains(.gives) else { return nil }
    let mtu = interfaces[hop.interface].mtu
    // A larger MTU of the route is lowered for good, but not by `ip_fastforward`.
    guard hop.mtu <= mtu || terms.isFast else { return nil }
    let nextHop = hop.next(to: destination)
    guard hop.flags.contains(.RTF_HOST) || !inBroadcast(nextHop, on: hop.interface),
      let neighbour = expressNeighbour(nextHop, on: hop.interface, machine)
    else { return nil }
    let found = ExpressHop(
      neighbour: neighbour.address, source: interfaces[hop.interface].hardwareAddress,
      mtu: min(hop.mtu, mtu), nextHop: nextHop, output: hop.interface,
      home: addresses[hop.address].interface)
    if hop.isGateway {
      expressHops.keep(found, of: number, key: terms.key, until: neighbour.lastSecond)
    }
    return found
  }

  /// What `arpresolve` would answer at once, with nothing to ask and nothing to change; and the last
  /// second of the wall clock in which it would.
  private func expressNeighbour(
    _ nextHop: IPv4Address, on interface: InterfaceIndex, _ machine: borrowing Machine
  ) -> (address: EthernetAddress, lastSecond: UInt64)? {
    guard let index = arp.find(nextHop, on: interface) else { return nil }
    let entry = arp[index]
    guard entry.flags.contains(.LLE_VALID), !entry.flags.contains(.LLE_IFADDR),
      // A simplex card hears what it sends to itself.
      entry.hardwareAddress != interfaces[interface].hardwareAddress
    else { return nil }
    guard !entry.flags.contains(.LLE_STATIC) else { return (entry.hardwareAddress, .max) }
    // So many seconds before the end its use asks again.
    let early = UInt64(max(entry.preempt, 1))
    guard entry.expire >= early else { return nil }
    let lastSecond = entry.expire - early
    return machine.wallSeconds <= lastSecond ? (entry.hardwareAddress, lastSecond) : nil
  }
}
