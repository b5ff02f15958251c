// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What the express lane asks of a stack and of a card for any packet: the same for all that come in
/// one after the other, as long as nothing else happens.
struct ExpressTerms: BitwiseCopyable {
  let input: InterfaceIndex
  let fib: FibNumber
  /// The card's own address.
  let station: EthernetAddress
  /// `ip_fastforward` takes packets.
  let isFast: Bool
  /// The card has looked at the header checksum.
  let isChecked: Bool
  /// There is a firewall to pass.
  let isFiltered: Bool
  /// The broadcast addresses of the card's only address; those of more addresses are looked for.
  let broadcast: IPv4Address
  let classfulBroadcast: IPv4Address
  let hasMoreAddresses: Bool
  /// Where packets are in memory while they are sent.
  let buffers: ExpressBuffers
  /// The key of what is known of next hops.
  let key: UInt64
}

/// What some packets have in common when they have gone: it is counted once for all.
struct ExpressSums: BitwiseCopyable {
  var packets: UInt64 = 0
  /// Bytes of the frames as they came in.
  var bytes: UInt64 = 0
}

extension Vnet {
  /// What the lane asks for any packet of a card; nil where it serves none.
  ///
  /// - Parameter asksRules: They may pass a firewall. Who wants to know what the rules said asks for
  ///   none.
  @inline(__always)
  mutating func expressTerms(
    _ facts: FrameFacts, asksRules: Bool = true, _ machine: borrowing Machine
  ) -> ExpressTerms? {
    let settings = sysctl.express
    let input = facts.interface
    let isFiltered = settings.contains(.filters) && firewall.isPresent
    let isFast = settings.contains(.isFast)
    guard facts.isPlain, settings.contains(.forwards),
      // No filter wants to see the frames.
      !(settings.contains(.filtersFrames) && firewall.isPresent),
      !isFiltered || asksRules && firewall.trials.isDue(),
      interfaces[input].express.contains(.takes),
      isFast || machine.sysctl.express.contains(.isDirect),
      !(settings.contains(.isStealthy) && machine.options.ipStealth),
      let buffers = machine.store.expressBuffers(isQuoted: !isFast)
    else { return nil }
    var (broadcast, classfulBroadcast) = (IPv4Address.any, IPv4Address.any)
    var hasMoreAddresses = false
    if let address = addresses.first(on: input) {
      broadcast = addresses[address].broadcast
      classfulBroadcast = addresses[address].classfulBroadcast
      hasMoreAddresses = addresses[address].nextOnInterface != nil
    } else if addresses.isEmpty {
      // Without any address everything is ours.
      return nil
    }
    return ExpressTerms(
      input: input, fib: (facts.fib ?? .zero).mark, station: interfaces[input].hardwareAddress,
      isFast: isFast, isChecked: facts.checksum == .good, isFiltered: isFiltered,
      broadcast: broadcast, classfulBroadcast: classfulBroadcast,
      hasMoreAddresses: hasMoreAddresses, buffers: buffers,
      key: expressKey(isFast: isFast, machine))
  }

  /// Whether `ip_input` would take the packet as one for this host, or might: an address of ours, or a
  /// broadcast address of the interface.
  @inline(__always)
  func isOwn(_ destination: IPv4Address, _ terms: ExpressTerms) -> Bool {
    destination == terms.broadcast || destination == terms.classfulBroadcast
      || addresses.own(destination) != nil
      || terms.hasMoreAddresses && isBroadcast(destination, on: terms.input)
  }

  @inline(never)
  private func isBroadcast(_ destination: IPv4Address, on input: InterfaceIndex) -> Bool {
    var next = addresses.first(on: input)
    while let address = next {
      if addresses[address].broadcast == destination
        || addresses[address].classfulBroadcast == destination
      {
        return true
      }
      next = addresses[address].nextOnInterface
    }
    return false
  }

  /// Counts packets that have gone, all that is the same for each.
  @inline(__always)
  mutating func settle(
    _ sums: ExpressSums, _ terms: ExpressTerms, on cpu: Int, _ machine: inout Machine
  ) {
    interfaces.countReceived(sums.packets, bytes: sums.bytes, by: terms.input)
    statistics.ip[.total] &+= sums.packets
    statistics.ip[.forward] &+= sums.packets
    machine.netisr.run(on: cpu)
    if terms.isFast {
      statistics.ip[.fastforward] &+= sums.packets
    } else {
      machine.netisr.dispatchDirectly(.ip, packets: sums.packets)
    }
    machine.store.settleExpress(packets: sums.packets, isQuoted: !terms.isFast)
    machine.countSent(roots: sums.packets)
  }
}
