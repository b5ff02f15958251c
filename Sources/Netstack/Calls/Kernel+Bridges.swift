// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// A member or a span port as ifconfig(8) shows it (`struct ifbreq`).
package struct BridgeMemberInfo: Sendable {
  package var name: InterfaceName
  package var flags: BridgeMemberFlags
  /// `if_index`.
  package var port: UInt16
  package var addressLimit: UInt32 = 0
  package var priority: UInt8 = 0
  package var cost: UInt32 = 0
  package var version = TreeProtocol.stp
  package var role = TreeRole.disabled
  package var state = TreeState.disabled
}

/// A bridge as ifconfig(8) shows it (`struct ifbropreq`, `struct ifbrparam`, `struct ifbreq`).
package struct BridgeInfo: Sendable {
  /// The address in its id, and in that of its root.
  package var address: EthernetAddress
  package var root: EthernetAddress
  package var priority: UInt16
  package var rootPriority: UInt16
  package var rootCost: UInt32
  package var rootPort: UInt16
  /// Seconds.
  package var helloTime: UInt16
  package var forwardDelay: UInt16
  package var maxAge: UInt16
  package var holdCount: UInt8
  package var version: TreeProtocol
  package var routeLimit: UInt32
  package var timeout: UInt32
  /// The members, then the span ports, each newest first.
  package var members: [BridgeMemberInfo]
}

/// An address that a bridge knows (`struct ifbareq`).
package struct BridgeAddress: Sendable {
  package var address: EthernetAddress
  package var vlan: UInt16
  package var interface: InterfaceName
  /// Seconds that it has left; 0 for one that does not age.
  package var expire: UInt64
  package var flags: BridgeRouteFlags
}

/// A number that a bridge has (`struct ifbrparam`).
package enum BridgeSetting: Sendable {
  case routeLimit(UInt32), timeout(UInt32), priority(UInt16), helloTime(UInt8), forwardDelay(UInt8)
  case maxAge(UInt8), holdCount(UInt8), version(TreeProtocol)
}

/// A number that a member has (`struct ifbreq`).
package enum BridgeMemberSetting: Sendable {
  case priority(UInt8), cost(UInt32), addressLimit(UInt32)
}

/// The ioctls of bridges (`bridge_control_table`). All throw `ENXIO` for an interface that is not
/// there, `EINVAL` for one that is no bridge, and `ENOENT` for a name that is no member's.
extension Kernel {
  /// A new random address that no bridge has (`bridge_clone_create`).
  mutating func newBridgeAddress() -> EthernetAddress {
    while true {
      let bits = machine.random.next() & ~(1 << 40) | 2 << 40
      let address = EthernetAddress(rawValue: bits)
      var isTaken = false
      for stack in 0..<vnets.count {
        for bridge in vnets[stack].bridges.all {
          let other = vnets[stack].bridges[bridge].interface
          if vnets[stack].interfaces[other].hardwareAddress == address { isTaken = true }
        }
      }
      if !isTaken { return address }
    }
  }

  /// The stack and the bridge that an interface is.
  private func place(
    _ vnet: VnetIndex, _ interface: InterfaceIndex
  ) throws(Errno) -> (stack: Int, bridge: BridgeIndex) {
    let stack = try stack(vnet, interface)
    guard let bridge = vnets[stack].bridges.index(of: interface) else { throw .EINVAL }
    return (stack, bridge)
  }

  /// The same with a member of that name.
  private func place(
    _ vnet: VnetIndex, _ interface: InterfaceIndex, member name: String
  ) throws(Errno) -> (stack: Int, bridge: BridgeIndex, place: Int, member: InterfaceIndex) {
    let (stack, bridge) = try place(vnet, interface)
    guard let member = vnets[stack].interfaces.index(named: name),
      let place = vnets[stack].bridges[bridge].place(of: member)
    else { throw .ENOENT }
    return (stack, bridge, place, member)
  }

  /// What an interface is as a bridge; nil for what is none.
  func bridge(_ stack: Int, _ interface: InterfaceIndex) -> BridgeInfo? {
    guard let bridge = vnets[stack].bridges.index(of: interface) else { return nil }
    let tree = vnets[stack].bridges[bridge].tree
    var members: [BridgeMemberInfo] = []
    for place in 0..<vnets[stack].bridges[bridge].members.count {
      let member = vnets[stack].bridges[bridge].members[place]
      let card = vnets[stack].interfaces[member.interface]
      var info = BridgeMemberInfo(
        name: card.name, flags: member.flags.union(tree.flags(of: member.interface)),
        port: card.index.rawValue & 0xfff, addressLimit: member.addressLimit)
      if let port = tree[member.interface] {
        info.priority = port.rank
        info.cost = port.cost
        info.version = port.version
        info.role = port.role
        info.state = port.state
      }
      members.append(info)
    }
    for place in 0..<vnets[stack].bridges[bridge].spans.count {
      let card = vnets[stack].interfaces[vnets[stack].bridges[bridge].spans[place]]
      // What else the C prints of a span port is what it left of the last member.
      var info = members.last ?? BridgeMemberInfo(name: card.name, flags: [], port: 0)
      info.name = card.name
      info.flags = .IFBIF_SPAN
      info.port = card.index.rawValue & 0xfff
      members.append(info)
    }
    return BridgeInfo(
      address: EthernetAddress(rawValue: tree.own.bridge),
      root: EthernetAddress(rawValue: tree.root.root), priority: tree.rank,
      rootPriority: UInt16(tree.root.root >> 48), rootCost: tree.root.cost,
      rootPort: tree.rootPort.rawValue & 0xfff, helloTime: tree.helloTime / SpanningTree.tick,
      forwardDelay: tree.forwardDelay / SpanningTree.tick,
      maxAge: tree.maxAge / SpanningTree.tick, holdCount: tree.holdCount, version: tree.version,
      routeLimit: vnets[stack].bridges[bridge].routeLimit,
      timeout: vnets[stack].bridges[bridge].timeout, members: members)
  }

  /// Takes an interface in (`BRDGADD`).
  package mutating func addBridgeMember(
    vnet: VnetIndex, interface: InterfaceIndex, _ name: String
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let (stack, bridge) = try place(vnet, interface)
    var silent = Silent()
    try vnets[stack].bridgeAdd(name, to: bridge, &machine, &silent)
  }

  /// Takes a member out (`BRDGDEL`).
  package mutating func deleteBridgeMember(
    vnet: VnetIndex, interface: InterfaceIndex, _ name: String
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let found = try place(vnet, interface, member: name)
    var silent = Silent()
    vnets[found.stack].bridgeDelete(found.member, isGone: false, &machine, &silent)
    drain(&silent)
  }

  /// Gives an interface copies of all that passes (`BRDGADDS`), or no more (`BRDGDELS`).
  package mutating func setBridgeSpan(
    vnet: VnetIndex, interface: InterfaceIndex, _ name: String, isOn: Bool
  ) throws(Errno) {
    let (stack, bridge) = try place(vnet, interface)
    if isOn {
      try vnets[stack].bridgeAddSpan(name, to: bridge)
    } else {
      try vnets[stack].bridgeDeleteSpan(name, of: bridge)
    }
  }

  /// The flags of a member (`BRDGGIFFLGS`).
  package func bridgeFlags(
    vnet: VnetIndex, interface: InterfaceIndex, _ name: String
  ) throws(Errno) -> BridgeMemberFlags {
    let found = try place(vnet, interface, member: name)
    let tree = vnets[found.stack].bridges[found.bridge].tree
    let flags = vnets[found.stack].bridges[found.bridge].members[found.place].flags
    return flags.union(tree.flags(of: found.member))
  }

  /// Sets the flags of a member (`BRDGSIFFLGS`).
  ///
  /// - Throws: `EINVAL` for `IFBIF_SPAN`, and for `IFBIF_STP` on what is no Ethernet card.
  package mutating func setBridgeFlags(
    vnet: VnetIndex, interface: InterfaceIndex, _ name: String, _ flags: BridgeMemberFlags
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let found = try place(vnet, interface, member: name)
    let (stack, bridge, member) = (found.stack, found.bridge, found.member)
    guard !flags.contains(.IFBIF_SPAN) else { throw .EINVAL }
    let had = vnets[stack].bridges[bridge].members[found.place].flags.contains(.IFBIF_STP)
    let wants = flags.contains(.IFBIF_STP)
    if wants, !had, !vnets[stack].interfaces[member].isEthernetCard { throw .EINVAL }
    var silent = Silent()
    vnets[stack].changeTree(of: bridge, &machine, &silent) { tree in
      if wants, !had { tree.enable(member) }
      if had, !wants { tree.disable(member) }
      tree.setFlags(flags, of: member)
    }
    vnets[stack].bridges[bridge].members[found.place].flags = flags.subtracting(.ofTree)
    drain(&silent)
  }

  /// Sets one of the bridge's numbers (`BRDGSCACHE` and its like).
  package mutating func setBridge(
    vnet: VnetIndex, interface: InterfaceIndex, _ setting: BridgeSetting
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let (stack, bridge) = try place(vnet, interface)
    var silent = Silent()
    switch setting {
    case .routeLimit(let limit):
      vnets[stack].bridges[bridge].routeLimit = limit
      return vnets[stack].bridges[bridge].trim(machine.now.seconds)
    case .timeout(let seconds):
      vnets[stack].bridges[bridge].timeout = seconds
      return
    default: break
    }
    try vnets[stack].changeTree(of: bridge, &machine, &silent) { tree throws(Errno) in
      switch setting {
      case .priority(let number): try tree.setRank(Int(number))
      case .helloTime(let seconds): try tree.setHelloTime(Int(seconds))
      case .forwardDelay(let seconds): try tree.setForwardDelay(Int(seconds))
      case .maxAge(let seconds): try tree.setMaxAge(Int(seconds))
      case .holdCount(let count): try tree.setHoldCount(Int(count))
      case .version(let version): tree.setVersion(version)
      case .routeLimit, .timeout: break
      }
    }
    drain(&silent)
  }

  /// Sets one of a member's numbers (`BRDGSIFPRIO`, `BRDGSIFCOST`, `BRDGSIFAMAX`).
  package mutating func setBridgeMember(
    vnet: VnetIndex, interface: InterfaceIndex, _ name: String, _ setting: BridgeMemberSetting
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let found = try place(vnet, interface, member: name)
    if case .addressLimit(let limit) = setting {
      vnets[found.stack].bridges[found.bridge].members[found.place].addressLimit = limit
      return
    }
    var silent = Silent()
    try vnets[found.stack].changeTree(of: found.bridge, &machine, &silent) { tree throws(Errno) in
      switch setting {
      case .priority(let number): try tree.setRank(Int(number), of: found.member)
      case .cost(let cost): try tree.setCost(cost, of: found.member)
      case .addressLimit: break
      }
    }
    drain(&silent)
  }

  /// Says where a station is (`BRDGSADDR`).
  ///
  /// - Throws: `EINVAL` for an address that is none of a station, `ENOSPC` where there is no room.
  package mutating func addBridgeAddress(
    vnet: VnetIndex, interface: InterfaceIndex, _ name: String, _ address: EthernetAddress
  ) throws(Errno) {
    let found = try place(vnet, interface, member: name)
    let outcome = vnets[found.stack].bridges[found.bridge].learn(
      address, vlan: 1, on: found.place, flags: .IFBAF_STATIC, uptime: machine.now.seconds)
    if let errno = outcome.errno { throw errno }
  }

  /// Forgets a station; `ENOENT` for an unknown one (`BRDGDADDR`).
  package mutating func deleteBridgeAddress(
    vnet: VnetIndex, interface: InterfaceIndex, _ address: EthernetAddress
  ) throws(Errno) {
    let (stack, bridge) = try place(vnet, interface)
    try vnets[stack].bridges[bridge].forget(address)
  }

  /// Forgets all stations, or those that were learned (`BRDGFLUSH`).
  package mutating func flushBridge(
    vnet: VnetIndex, interface: InterfaceIndex, all: Bool
  ) throws(Errno) {
    let (stack, bridge) = try place(vnet, interface)
    vnets[stack].bridges[bridge].flush(all: all)
  }

  /// The stations that a bridge knows, newest first (`BRDGRTS`).
  package func bridgeAddresses(
    vnet: VnetIndex, interface: InterfaceIndex
  ) throws(Errno) -> [BridgeAddress] {
    let (stack, bridge) = try place(vnet, interface)
    var found: [BridgeAddress] = []
    var next = vnets[stack].bridges[bridge].routes.first
    while next >= 0 {
      let route = vnets[stack].bridges[bridge].routes[next]
      let isAgeing = route.isDynamic && machine.now.seconds < route.expire
      found.append(
        BridgeAddress(
          address: route.address, vlan: route.vlan,
          interface: vnets[stack].interfaces[route.interface].name,
          expire: isAgeing ? route.expire - machine.now.seconds : 0, flags: route.flags))
      next = route.older
    }
    return found
  }
}
