// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// Where the spanning tree meets the interfaces: what it knows of links, and what it wants done.
extension Vnet {
  /// Lets something happen to a bridge's tree, then sends its messages, forgets addresses, tells the
  /// members their states, and keeps its clock.
  @inline(never)
  mutating func changeTree<T: Tracer & ~Copyable, Failure: Error>(
    of bridge: BridgeIndex, parent: PacketNumber? = nil, _ machine: inout Machine,
    _ tracer: inout T, _ body: (inout SpanningTree) throws(Failure) -> Void
  ) throws(Failure) {
    lookAtLinks(of: bridge)
    let wasTicking = bridges[bridge].tree.isTicking
    defer { finishTree(of: bridge, wasTicking: wasTicking, parent, &machine, &tracer) }
    try body(&bridges[bridge].tree)
  }

  /// Tells the tree what it may ask of interfaces.
  private mutating func lookAtLinks(of bridge: BridgeIndex) {
    var lowest: EthernetAddress?
    for position in 0..<interfaces.count {
      let interface = interfaces[interfaces.attached(at: position)]
      guard interface.isEthernetCard, interface.hardwareAddress != .zero else { continue }
      lowest = min(lowest ?? interface.hardwareAddress, interface.hardwareAddress)
    }
    bridges[bridge].tree.lowestAddress = lowest
    for place in 0..<bridges[bridge].members.count {
      let member = bridges[bridge].members[place].interface
      let link = treeLink(of: member)
      bridges[bridge].tree.change(member) { $0.link = link }
    }
  }

  /// What is known of an interface's link (`bstp_ifupdstatus`, `bstp_calc_path_cost`).
  func treeLink(of interface: InterfaceIndex) -> TreeLink {
    let card = interfaces[interface]
    var link = TreeLink()
    link.address = card.hardwareAddress
    link.isRunning = card.flags.contains(.IFF_DRV_RUNNING)
    link.isDown = card.linkState == .down
    if let media = try? driverMedia(of: interface) {
      link.isKnown = card.flags.contains(.IFF_UP)
      link.isActive = media.isActive
      link.isFullDuplex = media.active.rawValue & MediaWord.IFM_FDX != 0
    }
    link.rate = rate(of: interface)
    return link
  }

  /// Bits a second that a driver claims (`if_baudrate`); Ethernet's 10 million where it says nothing.
  private func rate(of interface: InterfaceIndex) -> UInt64 {
    switch interfaces[interface].driver {
    case .vlan: return vlans.link(of: interface).map { rate(of: $0.parent) } ?? 0
    case .gif, .gre, .bridge: return 0
    case .epair: return 10_000_000_000
    case .em:
      let active = interfaces[details: interface].media?.active(hasCarrier: true)
      switch active?.subtype {
      case MediaWord.IFM_1000_T: return 1_000_000_000
      case MediaWord.IFM_100_TX: return 100_000_000
      default: return 10_000_000
      }
    default: return 10_000_000
    }
  }

  private mutating func finishTree<T: Tracer & ~Copyable>(
    of bridge: BridgeIndex, wasTicking: Bool, _ parent: PacketNumber?, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let own = bridges[bridge].interface
    let work = bridges[bridge].tree.work
    bridges[bridge].tree.work = SpanningTree.Work()
    for place in 0..<bridges[bridge].members.count {
      let member = bridges[bridge].members[place].interface
      if let port = bridges[bridge].tree[member] {
        bridges[bridge].members[place].state = port.state
      }
    }
    for member in work.flushed {
      guard let port = bridges[bridge].tree[member] else { continue }
      let seconds = port.designatedTimes.forwardDelay / SpanningTree.tick
      if port.isMember {
        bridges[bridge].expire(
          member, age: port.version == .stp ? UInt64(seconds) : 0, machine.now.seconds)
      }
      bridges[bridge].tree.change(member) { $0.isFlushing = false }
    }
    for member in work.changed where machine.sysctl.bridgeLogStp {
      guard let port = bridges[bridge].tree[member], port.isMember else { continue }
      machine.log(
        "\(interfaces[own].name): state changed to \(port.state) on \(interfaces[member].name)")
    }
    for (member, bytes) in work.frames {
      sendTreeMessage(bytes, on: member, parent, &machine, &tracer)
    }
    let isTicking = bridges[bridge].tree.isTicking
    if isTicking, !wasTicking {
      machine.timers.set(.bridgeTree(own), vnet: index, at: machine.now.advanced(seconds: 1))
    } else if !isTicking, wasTicking {
      machine.timers.cancel(.bridgeTree(own), vnet: index)
    }
  }

  /// Puts a message of the tree into a member's send queue, past the bridge and every filter.
  private mutating func sendTreeMessage<T: Tracer & ~Copyable>(
    _ bytes: [UInt8], on member: InterfaceIndex, _ parent: PacketNumber?,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let number = parent == nil ? machine.newRoot() : machine.newChild()
    tracer.emit(number, .made(parent: parent ?? number, birth: .treeMessage))
    guard var packet = machine.store.take(unsafe bytes.span.bytes, number: number) else {
      return machine.end(number, End(.dropped, .brNomem), &tracer)
    }
    packet.header.vnet = index
    packet.header.receivedOn = member
    let result = ifTransmit(packet, on: member, counting: bytes.count, &machine, &tracer)
    endBridged(number, result, sentAs: .brTreeSent, &machine, &tracer)
  }

  /// A second is over for a bridge's tree (`TimerKind.bridgeTree`).
  mutating func bridgeTreeTimer<T: Tracer & ~Copyable>(
    _ own: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard let bridge = bridges.index(of: own) else { return }
    // The timer that fired is no more set.
    bridges[bridge].tree.isTicking = false
    changeTree(of: bridge, &machine, &tracer) { $0.tick() }
  }

  /// The link of a member changed.
  mutating func bridgeLinkChanged(_ interface: InterfaceIndex, _ machine: inout Machine) {
    let bridge = interfaces[interface].bridge
    guard bridge != .none else { return }
    var silent = Silent()
    changeTree(of: bridge, &machine, &silent) { $0.linkChanged(interface) }
  }
}
