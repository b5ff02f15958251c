// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The sockets of a vnet, and what waits in them.
///
/// Models the lists of `struct inpcbinfo` (netinet/in_pcb.c). C walks each list from the newest
/// entry to the oldest, and so do the look-ups here.
package struct SocketTable: ~Copyable, StateHashable {
  private var slots = Slots<Socket>()
  /// All sockets, oldest first.
  private var order = UniqueArray<SocketIndex>()
  private var datagrams = Slots<QueuedDatagram>()
  /// The groups that sockets joined.
  var memberships = UniqueArray<SocketMembership>()
  /// The IP options that sockets send.
  var ipOptions = UniqueArray<SocketIPOptions>()
  /// Where automatic ports go on from.
  var ports = EphemeralPorts()

  init() {}

  package var isEmpty: Bool { order.isEmpty }
  package var count: Int { order.count }

  package subscript(index: SocketIndex) -> Socket {
    @inline(__always) _read { yield slots[index.rawValue] }
    @inline(__always) _modify { yield &slots[index.rawValue] }
  }

  /// The `position`th newest socket.
  package func newest(at position: Int) -> SocketIndex { order[order.count - 1 - position] }

  /// Whether there is a socket of this number.
  package func contains(_ index: SocketIndex) -> Bool {
    for position in 0..<order.count where order[position] == index { return true }
    return false
  }

  /// Enters a socket as the newest (`in_pcballoc`).
  mutating func insert(_ socket: Socket) -> SocketIndex {
    let index = SocketIndex(rawValue: slots.insert(socket))
    order.append(index)
    return index
  }

  /// Takes a socket out (`in_pcbfree`). Nothing may wait in it any more.
  mutating func remove(_ index: SocketIndex) {
    precondition(slots[index.rawValue].receive.first < 0, "a removed socket is empty")
    setIPOptions([], of: index)
    for position in 0..<order.count where order[position] == index {
      order.remove(at: position)
      break
    }
    slots.remove(index.rawValue)
  }

  func clone() -> SocketTable {
    var copy = SocketTable()
    copy.slots = slots.clone()
    copy.order = order.clone()
    copy.datagrams = datagrams.clone()
    copy.memberships = memberships.clone()
    copy.ipOptions = ipOptions.clone()
    copy.ports = ports
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(slots)
    hasher.combine(order)
    hasher.combine(datagrams)
    hasher.combine(memberships)
    hasher.combine(ipOptions)
    hasher.combine(ports)
  }
}

/// Look-ups.
extension SocketTable {
  /// The socket that a packet belongs to (`in_pcblookup_hash`).
  ///
  /// First one with exactly these ends. With `wildcard` then one that listens to everybody: the
  /// newest that is bound to the address, else the oldest that is bound to none.
  func find(
    _ kind: SocketKind, local: Endpoint, foreign: Endpoint, wildcard: Bool
  ) -> SocketIndex? {
    var bound: SocketIndex?
    var unbound: SocketIndex?
    for position in 0..<order.count {
      let index = newest(at: position)
      let candidate = Candidate(slots[index.rawValue], kind)
      guard candidate.isFound, candidate.local.port == local.port, local.port != 0 else {
        continue
      }
      if candidate.foreign == foreign, candidate.local == local { return index }
      guard wildcard, candidate.foreign.address == .any, bound == nil else { continue }
      if candidate.local == local {
        bound = index
      } else if candidate.local.address == .any {
        unbound = index
      }
    }
    return bound ?? unbound
  }

  /// What a look-up compares of a socket: a small part, so that not all of it is copied.
  private struct Candidate {
    let isFound: Bool
    let local: Endpoint
    let foreign: Endpoint

    init(_ socket: borrowing Socket, _ kind: SocketKind) {
      let isOfKind = socket.kind == kind
      let isOver = socket.options.contains(.INP_DROPPED)
      isFound = isOfKind && !isOver
      local = socket.local
      foreign = socket.foreign
    }
  }

  /// The socket that a new binding would meet (`in_pcblookup_local`): with `wildcard` the one with
  /// the fewest differences in what is unset, otherwise only one that nobody is connected to.
  func conflicting(_ kind: SocketKind, with local: Endpoint, wildcard: Bool) -> SocketIndex? {
    var best: (index: SocketIndex, wildcards: Int)?
    for position in 0..<order.count {
      let index = newest(at: position)
      let candidate = Candidate(slots[index.rawValue], kind)
      guard candidate.isFound, candidate.local.port == local.port else { continue }
      if !wildcard {
        if candidate.foreign.address == .any, candidate.local.address == local.address {
          return index
        }
        continue
      }
      var wildcards = candidate.foreign.address == .any ? 0 : 1
      if (candidate.local.address == .any) != (local.address == .any) {
        wildcards += 1
      } else if candidate.local.address != local.address {
        continue
      }
      if wildcards < best?.wildcards ?? 3 { best = (index, wildcards) }
    }
    return best?.index
  }
}

/// What waits to be read.
extension SocketTable {
  /// Puts a packet behind what waits in a socket; the caller made sure of the space.
  mutating func append(
    _ packet: consuming Packet, from source: Endpoint, by interface: InterfaceName? = nil,
    charge: Int, at arrival: Instant, to index: SocketIndex
  ) {
    let place = datagrams.insert(
      QueuedDatagram(
        packet: packet.park(), source: source, interface: interface, arrival: arrival,
        charge: charge))
    let last = slots[index.rawValue].receive.last
    if last >= 0 {
      datagrams[last].next = place
    } else {
      slots[index.rawValue].receive.first = place
    }
    slots[index.rawValue].receive.last = place
    slots[index.rawValue].receive.count += charge
    slots[index.rawValue].receive.memory += ReceiveBuffer.memoryOfDatagram
  }

  /// Takes out what has waited longest in a socket.
  mutating func takeFirst(of index: SocketIndex) -> QueuedDatagram? {
    let place = slots[index.rawValue].receive.first
    guard place >= 0 else { return nil }
    let datagram = datagrams[place]
    datagrams.remove(place)
    slots[index.rawValue].receive.first = datagram.next
    if datagram.next < 0 { slots[index.rawValue].receive.last = -1 }
    slots[index.rawValue].receive.count -= datagram.charge
    slots[index.rawValue].receive.memory -= ReceiveBuffer.memoryOfDatagram
    return datagram
  }
}
