// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// Packets that are held for passes through the firewall.
package struct StagedPackets: ~Copyable {
  fileprivate var packets = UniqueArray<Packet>()

  package init() {}

  package var count: Int { packets.count }
}

/// Passes of `ipfw_chk()` alone, without the path around it: for what measures or compares them.
extension Kernel {
  /// Takes the bytes of an IP packet, as if from an interface; false without memory.
  package mutating func stage(
    _ bytes: [UInt8], receivedOn interface: InterfaceIndex, in staged: inout StagedPackets
  ) -> Bool {
    let number = machine.newRoot()
    guard var packet = machine.store.take(bytes.rawBytes, number: number) else { return false }
    packet.header.receivedOn = interface
    staged.packets.append(packet)
    return true
  }

  /// Shows a packet to the rules, which count it; nothing else comes of it.
  ///
  /// What a pass leaves on the packet is there in the next one.
  package mutating func firewallPass(
    _ staged: inout StagedPackets, _ index: Int, vnet: VnetIndex, _ direction: Direction,
    on interface: InterfaceIndex
  ) -> FirewallVerdict {
    var silent = Silent()
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    return vnets[Int(vnet.rawValue)].ipfwCheck(
      &staged.packets[index], FilterPlace(direction, interface), &machine, &silent)
  }

  /// Shows all of them to the rules, one after the other, as a batch does: what 32 meet is found
  /// side by side.
  package mutating func firewallPasses(
    _ staged: inout StagedPackets, vnet: VnetIndex, _ direction: Direction,
    on interface: InterfaceIndex, _ take: (Int, FirewallVerdict) -> Void
  ) {
    var silent = Silent()
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let stack = Int(vnet.rawValue)
    let place = FilterPlace(direction, interface)
    for first in stride(from: 0, to: staged.count, by: RulesAhead.most) {
      let end = min(first + RulesAhead.most, staged.count)
      var ahead = RulesAhead(vnets[stack].firewall.compiled.fields)
      if vnets[stack].looksAhead(of: end - first) {
        for index in first..<end {
          vnets[stack].takeAhead(
            index - first, staged.packets[index], place, &ahead, machine)
        }
        vnets[stack].findAhead(&ahead)
      }
      for index in first..<end {
        if let known = ahead[index - first] {
          take(index, vnets[stack].meet(known, at: machine.wallSeconds))
        } else {
          take(
            index, vnets[stack].ipfwCheck(&staged.packets[index], place, &machine, &silent))
        }
      }
    }
  }

  /// Gives all packets back that were staged.
  package mutating func unstage(_ staged: inout StagedPackets) {
    while let packet = staged.packets.popLast() { machine.store.free(packet) }
  }
}
