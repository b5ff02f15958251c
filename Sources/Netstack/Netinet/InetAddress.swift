// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// Questions about a stack's addresses, answered without allocating.
///
/// Models the look-ups of net/if.c and the predicates of netinet/in.c and in_rmx.c. Each walks the
/// interfaces in order of attaching and their addresses in order of configuration, and no table.
extension Vnet {
  /// The first record whose address, or broadcast address, this is (`ifa_ifwithaddr`).
  package func ifaWithAddress(_ address: IPv4Address) -> AddressIndex? {
    for position in 0..<interfaces.count {
      let interface = interfaces.attached(at: position)
      let hasBroadcast = interfaces[interface].flags.contains(.IFF_BROADCAST)
      var next = addresses.first(on: interface)
      while let index = next {
        if addresses[index].address == address { return index }
        if hasBroadcast && addresses[index].broadcast == address { return index }
        next = addresses[index].nextOnInterface
      }
    }
    return nil
  }

  /// The record whose other end this is (`ifa_ifwithdstaddr`).
  package func ifaWithPeer(_ address: IPv4Address) -> AddressIndex? {
    for position in 0..<interfaces.count {
      let interface = interfaces.attached(at: position)
      guard interfaces[interface].flags.contains(.IFF_POINTOPOINT) else { continue }
      var next = addresses.first(on: interface)
      while let index = next {
        if addresses[index].peer == address { return index }
        next = addresses[index].nextOnInterface
      }
    }
    return nil
  }

  /// The record of the most specific connected network with the address (`ifa_ifwithnet`); of equal
  /// masks the first. A point-to-point link holds its other end only, and ends the search.
  package func ifaWithNet(_ address: IPv4Address) -> AddressIndex? {
    var best: AddressIndex?
    for position in 0..<interfaces.count {
      let interface = interfaces.attached(at: position)
      let isPointToPoint = interfaces[interface].flags.contains(.IFF_POINTOPOINT)
      var next = addresses.first(on: interface)
      while let index = next {
        if isPointToPoint {
          if addresses[index].peer == address { return index }
        } else if addresses[index].covers(address) {
          if let known = best {
            if addresses[index].mask.refines(addresses[known].mask) { best = index }
          } else {
            best = index
          }
        }
        next = addresses[index].nextOnInterface
      }
    }
    return best
  }

  /// The record of one interface that fits the address best: the first whose network, or other end,
  /// it is in, else the interface's first (`ifaof_ifpforaddr`).
  package func ifaOf(interface: InterfaceIndex, for address: IPv4Address) -> AddressIndex? {
    let isPointToPoint = interfaces[interface].flags.contains(.IFF_POINTOPOINT)
    let first = addresses.first(on: interface)
    var next = first
    while let index = next {
      let fits =
        isPointToPoint ? addresses[index].peer == address : addresses[index].covers(address)
      if fits { return index }
      next = addresses[index].nextOnInterface
    }
    return first
  }

  /// The interface's record with exactly this address, the most recently set one first.
  package func own(_ address: IPv4Address, on interface: InterfaceIndex) -> AddressIndex? {
    var next = addresses.own(address)
    while let index = next {
      if addresses[index].interface == interface { return index }
      next = addresses.nextOwn(after: index)
    }
    return nil
  }

  /// Whether the interface takes the address for a broadcast (`in_broadcast`).
  ///
  /// The two limited broadcast addresses are so everywhere; 8.0 also heeds the host part of zeros
  /// and the classful network's pair. A record with a mask of ones stands for none.
  @inline(__always)
  package func inBroadcast(_ address: IPv4Address, on interface: InterfaceIndex) -> Bool {
    if address == .broadcast || address == .any { return true }
    guard interfaces[interface].flags.contains(.IFF_BROADCAST) else { return false }
    var next = addresses.first(on: interface)
    while let index = next {
      if addresses[index].isBroadcast(address) { return true }
      next = addresses[index].nextOnInterface
    }
    return false
  }

  /// Whether packets to the address may be forwarded (`in_canforward`).
  package static func inCanForward(_ address: IPv4Address) -> Bool {
    !(address.isExperimental || address.isMulticast || address.isLinkLocal || address.isZeroNet
      || address.isLoopback)
  }

  /// Whether the address is in a connected network, or with `net.inet.ip.subnets_are_local` in the
  /// classful network of one (`in_localaddr`).
  package func inLocalAddress(_ address: IPv4Address) -> Bool {
    for position in 0..<addresses.count {
      let record = addresses[addresses.configured(at: position)]
      if sysctl[.ipSubnetsAreLocal] != 0 {
        let mask = record.address.classfulMask & record.mask
        if address & mask == record.classfulNetwork { return true }
      } else if record.covers(address) {
        return true
      }
    }
    return false
  }
}

extension InterfaceAddress {
  /// Whether the address is in this record's network.
  func covers(_ other: IPv4Address) -> Bool { other & mask == subnet }

  /// Whether a packet to the address is one to this record's network as a whole.
  fileprivate func isBroadcast(_ other: IPv4Address) -> Bool {
    guard mask != .broadcast else { return false }
    return other == broadcast || other == classfulBroadcast || other == subnet
      || other == classfulNetwork
  }
}

extension IPv4Address {
  /// Whether this mask has the bits of another and more (`rn_refines`).
  fileprivate func refines(_ other: IPv4Address) -> Bool {
    other & ~self == .any && other != self
  }
}
