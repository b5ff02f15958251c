// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Answers to packets with options (netinet/ip_options.c, netinet/ip_icmp.c).
extension Vnet {
  /// The way back along the source route a packet came by (`ip_srcroute`): options that begin with
  /// the route turned round, or none.
  ///
  /// C keeps a copy of the option with the packet (`PACKET_TAG_IPOPTIONS`). Its bytes do not change
  /// once it is used up, so here the packet notes where it lies.
  func ipSrcroute(_ packet: borrowing Packet, _ machine: borrowing Machine) -> OptionBytes? {
    let position = Int(packet.header.savedRoute)
    guard position > 0, let header = IPv4Header(machine.store.bytes(of: packet)),
      position + 3 <= header.headerLength
    else { return nil }
    let option = machine.store.option(at: position, of: packet, header.headerLength)
    let hops = (option.length - 3) / 4
    guard hops > 0 else { return nil }
    var options = OptionBytes()
    options.append(IPv4OptionType.noOperation.rawValue)
    options.append(option.type.rawValue)
    options.append(UInt8(option.length))
    options.append(4)
    for hop in (0..<hops).reversed() {
      let place = position + 3 + hop * 4
      let address = IPv4Address(rawValue: machine.store.bytes(of: packet).uint32(at: place))
      if hop == hops - 1 {
        options.firstHop = address
      } else {
        options.append(address)
      }
    }
    options.append(header.source)
    return options
  }

  /// The options of the answer to a request that had some (06, K9): the way back, and what the
  /// request recorded.
  func replyOptions(
    to packet: borrowing Packet, _ header: IPv4Header, _ machine: borrowing Machine
  ) -> OptionBytes {
    var options = ipSrcroute(packet, machine) ?? OptionBytes()
    var position = IPv4Header.size
    while position < header.headerLength {
      let option = machine.store.option(at: position, of: packet, header.headerLength)
      if option.type == .endOfList || option.isMalformed { break }
      switch option.type {
      case .recordRoute, .timestamp, .security:
        options.append(option, at: position, of: packet, machine.store)
      default: break
      }
      position += option.length
    }
    options.pad()
    return options
  }
}
