// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What CARP has to say at the link: whose frames, whose ARP replies (netinet/ip_carp.c).
extension Vnet {
  /// Whether a frame for another station is for a virtual router that this host is the master of
  /// (`carp_forus`).
  @inline(never)
  func carpForUs(_ destination: EthernetAddress, on parent: InterfaceIndex) -> Bool {
    guard destination.rawValue >> 8 == 0x0000_5e00_01 else { return false }
    for number in 0..<carps.memberCount {
      guard let place = carps.member(number, of: parent) else { continue }
      let interface = interfaces[carps[place].interface]
      if interface.isRunning, carps[place].state == .master,
        interface.hardwareAddress == destination
      {
        return true
      }
    }
    return false
  }

  /// The hardware address to answer with for an address that is not the receiving interface's own;
  /// nil where this host is not to answer (`carp_iamatch`).
  ///
  /// With `net.inet.carp.arpbalance` the asker's address says which of the virtual hosts with the
  /// address is to.
  func carpMatch(
    _ address: AddressIndex, askedBy asker: IPv4Address, on parent: InterfaceIndex,
    _ machine: borrowing Machine
  ) -> EthernetAddress? {
    guard !machine.sysctl.carpBalancesArp else {
      return carpBalanced(addresses[address].address, askedBy: asker, on: parent)
    }
    guard let place = carps.place(of: addresses[address].interface),
      carps[place].parent == parent, carps[place].state == .master,
      interfaces[carps[place].interface].isRunning
    else { return nil }
    return interfaces[carps[place].interface].hardwareAddress
  }

  private func carpBalanced(
    _ address: IPv4Address, askedBy asker: IPv4Address, on parent: InterfaceIndex
  ) -> EthernetAddress? {
    var running: UInt32 = 0
    for number in 0..<carps.memberCount where carpRuns(number, address, on: parent) != nil {
      running += 1
    }
    guard running > 0 else { return nil }
    var chosen = asker.rawValue % running
    for number in 0..<carps.memberCount {
      guard let place = carpRuns(number, address, on: parent) else { continue }
      guard chosen == 0 else {
        chosen -= 1
        continue
      }
      guard carps[place].state == .master else { return nil }
      return interfaces[carps[place].interface].hardwareAddress
    }
    return nil
  }

  /// The place of a running member that has an address.
  private func carpRuns(
    _ number: Int, _ address: IPv4Address, on parent: InterfaceIndex
  ) -> Int? {
    guard let place = carps.member(number, of: parent) else { return nil }
    let interface = carps[place].interface
    return interfaces[interface].isRunning && own(address, on: interface) != nil ? place : nil
  }
}
