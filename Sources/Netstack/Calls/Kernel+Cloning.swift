// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// The tag and the parent that a VLAN is made with (`struct vlanreq`).
package struct VLANRequest: Hashable, Sendable {
  /// The parent's name; empty for none.
  package var parent: String
  package var tag: UInt16

  package init(parent: String, tag: UInt16) {
    self.parent = parent
    self.tag = tag
  }
}

/// Making interfaces, and putting them into groups (net/if_clone.c, net/if.c).
extension Kernel {
  /// What makes interfaces: the pseudo-devices of 8.0 as they would register, newest first, and last
  /// the model's own cards, which 8.0 cannot make.
  package var cloners: [InterfaceDriver] {
    let all: [InterfaceDriver] = [
      .bridge, .vlan, .tap, .carp, .gre, .lo, .gif, .epair, .edsc, .disc, .em,
    ]
    return all.filter { driver in
      switch driver {
      case .gif: machine.options.gif
      case .carp: machine.options.carp
      default: true
      }
    }
  }

  /// `IF_MAXUNIT` of net/if.h.
  fileprivate static let largestUnit = 0x7fff

  /// Makes an interface (`SIOCIFCREATE2`): `gif3`, or `gif` for the lowest free unit. `epair3` makes
  /// epair3a and epair3b.
  ///
  /// - Parameters:
  ///   - fib: The table of the asking process, which a tunnel keeps.
  ///   - request: A VLAN's parent and tag. `em0.5` names both too.
  /// - Returns: Its name, of a pair that of the first end.
  /// - Throws: `EINVAL` for a name that no cloner takes, `EEXIST` for one that is there or whose unit
  ///   is, `ENOSPC` for a unit above 32767; what a VLAN's parent refuses.
  @discardableResult
  package mutating func createInterface(
    vnet: VnetIndex, named text: String, hardwareAddress: EthernetAddress? = nil,
    fib: FibNumber = .zero, vlan request: VLANRequest? = nil
  ) throws(Errno) -> InterfaceName {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let stack = Int(vnet.rawValue)
    let tagged = vnets[stack].taggedName(text)
    let driver = tagged == nil ? cloners.first { $0.takes(text) } : .vlan
    guard let driver else { throw .EINVAL }
    guard vnets[stack].interfaces.index(named: text) == nil else { throw .EEXIST }
    var link = try vnets[stack].vlanParent(driver == .vlan ? request : nil)
    var wanted: Int?
    if link == nil, let tagged {
      guard tagged.tag & ~Int(Vnet.vlanMask) == 0 else { throw .EINVAL }
      link = (tagged.parent, UInt16(tagged.tag))
    } else {
      wanted = try Kernel.unit(of: text)
    }
    let unit =
      driver == .epair
      ? try machine.epairs.freeUnit(wanted, upTo: Kernel.largestUnit)
      : try vnets[stack].freeUnit(wanted, of: driver, taken: units(of: driver, stack))
    let name =
      driver == .epair
      ? InterfaceName("epair\(unit)a")
      : tagged != nil || wanted != nil ? InterfaceName(text) : driver.instance(unit)
    guard let name else { throw .ENOSPC }
    let interface = attach(driver, name, unit: unit, hardwareAddress, fib, stack)
    vnets[stack].rtAnnounce(interface, isArrival: true)
    if driver == .epair { try joinEpair(interface, unit: unit, stack) }
    if let (parent, tag) = link {
      do throws(Errno) {
        try vnets[stack].vlanConfigure(interface, on: parent, tag: tag, &machine)
      } catch {
        var silent = Silent()
        vnets[stack].detach(interface, fib: .zero, &machine, &silent)
        throw error
      }
    }
    // Nothing new is in the group yet.
    try? vnets[stack].interfaces.groups.add(interface, to: driver.name)
    return name
  }

  private mutating func attach(
    _ driver: InterfaceDriver, _ name: InterfaceName, unit: Int, _ address: EthernetAddress?,
    _ fib: FibNumber, _ stack: Int
  ) -> InterfaceIndex {
    switch driver {
    case .em:
      return vnets[stack].attachEthernet(
        name, unit: unit, address: address ?? Ifnet.hardwareAddress(unit: unit))
    case .lo: return vnets[stack].attachLoopback(name, unit: unit)
    case .vlan: return vnets[stack].interfaces.attach(.vlan(name), unit: unit)
    case .tap:
      // hz is 1000.
      let ticks = UInt32(truncatingIfNeeded: machine.now.nanoseconds / 1_000_000)
      return vnets[stack].interfaces.attach(.tap(name, unit: unit, ticks: ticks), unit: unit)
    case .disc: return vnets[stack].interfaces.attach(.disc(name), unit: unit)
    case .edsc: return vnets[stack].interfaces.attach(.edsc(name), unit: unit)
    case .carp:
      let interface = vnets[stack].interfaces.attach(.carp(name), unit: unit)
      vnets[stack].carps.insert(Carp(interface))
      return interface
    case .epair: return vnets[stack].interfaces.attach(.epair(name), unit: unit)
    case .bridge:
      let address = newBridgeAddress()
      let interface = vnets[stack].interfaces.attach(.bridge(name, address), unit: unit)
      vnets[stack].bridges.insert(interface, address)
      return interface
    case .gif, .gre:
      let interface = vnets[stack].interfaces.attach(.tunnel(name, driver), unit: unit)
      vnets[stack].tunnels.insert(Tunnel(interface: interface, driver: driver, fib: fib))
      return interface
    }
  }

  /// The units that interfaces of a driver have, in whatever stack: only the cloner of lo is each
  /// stack's own.
  private func units(of driver: InterfaceDriver, _ stack: Int) -> Set<Int> {
    var used: Set<Int> = []
    for place in 0..<vnets.count where vnets[place].isAlive {
      for position in 0..<vnets[place].interfaces.count {
        let index = vnets[place].interfaces.attached(at: position)
        guard vnets[place].interfaces[index].driver == driver else { continue }
        let details = vnets[place].interfaces[details: index]
        if driver != .lo || details.home == vnets[stack].index { used.insert(details.unit) }
      }
    }
    return used
  }

  /// The number that a name ends in, or nil without one (`ifc_name2unit`).
  private static func unit(of text: String) throws(Errno) -> Int? {
    let digits = text.utf8.drop { !(0x30...0x39).contains($0) }
    guard let first = digits.first else { return nil }
    guard digits.count == 1 || first != 0x30,
      let unit = Int32(String(decoding: Array(digits), as: UTF8.self))
    else { throw .EINVAL }
    return Int(unit)
  }

  /// Puts an interface into a group, which is made where it is not there (`SIOCAIFGROUP`).
  package mutating func addToGroup(
    vnet: VnetIndex, interface: InterfaceIndex, _ group: String
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    try vnets[stack].interfaces.groups.add(interface, to: group)
  }

  /// Takes an interface out of a group (`SIOCDIFGROUP`); `ENOENT` where it is not in it.
  package mutating func removeFromGroup(
    vnet: VnetIndex, interface: InterfaceIndex, _ group: String
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    try vnets[stack].interfaces.groups.remove(interface, from: group)
  }

  /// The names of a group's members; none of one that does not exist (`SIOCGIFGMEMB`).
  package func members(vnet: VnetIndex, of group: String) -> [InterfaceName] {
    let stack = Int(vnet.rawValue)
    return vnets[stack].interfaces.groups.members(of: group).map {
      vnets[stack].interfaces[$0].name
    }
  }
}

extension InterfaceDriver {
  /// Whether a name is the cloner's, with or without digits (`ifc_simple_match`).
  fileprivate func takes(_ text: String) -> Bool {
    text.hasPrefix(name)
      && text.utf8.dropFirst(name.utf8.count).allSatisfy { (0x30...0x39).contains($0) }
  }

  fileprivate func instance(_ unit: Int) -> InterfaceName? {
    InterfaceName(prefix: name, unit: unit)
  }
}

extension Vnet {
  /// The lowest unit that no interface of a driver has, nor its name; or the one asked for
  /// (`ifc_alloc_unit`).
  fileprivate func freeUnit(
    _ wanted: Int?, of driver: InterfaceDriver, taken used: Set<Int>
  ) throws(Errno) -> Int {
    if let wanted {
      guard wanted <= Kernel.largestUnit else { throw .ENOSPC }
      guard !used.contains(wanted) else { throw .EEXIST }
      return wanted
    }
    let free = (0...Kernel.largestUnit).first { unit in
      !used.contains(unit)
        && driver.instance(unit).flatMap { interfaces.index(named: $0) } == nil
    }
    guard let free else { throw .ENOSPC }
    return free
  }

  /// The parent that a request names (`vlan_clone_create`): `ENXIO` where it is not there, `EINVAL`
  /// for a tag of more than twelve bits.
  fileprivate func vlanParent(
    _ request: VLANRequest?
  ) throws(Errno) -> (parent: InterfaceIndex, tag: UInt16)? {
    guard let request else { return nil }
    guard let parent = interfaces.index(named: request.parent) else { throw .ENXIO }
    guard request.tag & ~Vnet.vlanMask == 0 else { throw .EINVAL }
    return (parent, request.tag)
  }

  /// The card and the tag in a name such as `em0.5` (`vlan_clone_match_ethertag`); what is no digit
  /// behind the dot does not count.
  fileprivate func taggedName(_ text: String) -> (parent: InterfaceIndex, tag: Int)? {
    for index in interfaces.all {
      let card = interfaces[index]
      guard card.isEthernetCard, text.hasPrefix("\(card.name).") else {
        continue
      }
      let tag = text.utf8.dropFirst(card.name.bytes.count).reduce(Int32(0)) { tag, byte in
        (0x30...0x39).contains(byte) ? tag &* 10 &+ Int32(byte - 0x30) : tag
      }
      return (index, Int(tag))
    }
    return nil
  }
}
