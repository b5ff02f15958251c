// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// How a packet is cut: offsets into its payload.
struct FragmentPlan: BitwiseCopyable {
  /// Bytes of payload in the first fragment, and in each other one but the last; multiples of 8.
  var firstChunk: Int
  var chunk: Int
  var count: Int
  /// The header of the first fragment, options and all.
  var headerLength: Int
}

/// Fragmentation: `ip_fragment` and `ip_optcopy` (netinet/ip_output.c).
extension Vnet {
  /// Plans how to cut a packet for an MTU, or says why it cannot be cut.
  func ipFragment(
    _ packet: borrowing Packet, _ header: IPv4Header, mtu: Int
  ) -> Step<FragmentPlan> {
    let headerLength = header.headerLength
    let chunk = (mtu - headerLength) & ~7
    guard chunk >= 8 else { return .failure(.outFragSmall, .EMSGSIZE) }
    var plan = FragmentPlan(firstChunk: chunk, chunk: chunk, count: 0, headerLength: headerLength)
    // Long ones are cut at buffers, and then at pages, so that a receiver can remap them.
    let page = 4096
    let whole = packet.bytesInWholeBuffers(upTo: mtu)
    let pages = mtu / page * page
    if chunk > page, whole >= headerLength + 8, pages + IPv4Header.size <= mtu {
      plan.firstChunk = (whole - headerLength) & ~7
      plan.chunk = pages
    }
    let rest = packet.count - headerLength - plan.firstChunk
    plan.count = 1 + (max(rest, 0) + plan.chunk - 1) / plan.chunk
    return .success(plan)
  }

  /// Builds one fragment, its checksum not yet made; nil without memory.
  ///
  /// The first keeps all options; later ones take those with the copy bit. They keep nothing of the
  /// packet's metadata but the multicast flag: not even the FIB, which nobody looks at any more.
  func makeFragment(
    _ piece: Int, of packet: borrowing Packet, _ header: IPv4Header, _ plan: FragmentPlan,
    number: PacketNumber, _ machine: inout Machine
  ) -> Packet? {
    let start = piece == 0 ? 0 : plan.firstChunk + (piece - 1) * plan.chunk
    let most = piece == 0 ? plan.firstChunk : plan.chunk
    let payload = min(most, packet.count - plan.headerLength - start)
    let isLast = piece == plan.count - 1
    let options = piece == 0 ? nil : copiedOptions(of: packet, plan.headerLength, machine)
    let headerLength = options.map { IPv4Header.size + $0.count } ?? plan.headerLength
    guard var fragment = machine.store.allocate(count: headerLength + payload, number: number)
    else { return nil }
    if let options {
      fragment.header.flags = packet.header.flags.intersection(.multicast)
      var bytes = machine.store.mutableBytes(of: fragment)
      for position in 0..<options.count {
        bytes.store(options.bytes[position], at: IPv4Header.size + position)
      }
    } else {
      fragment.header.flags = packet.header.flags
      fragment.header.receivedOn = packet.header.receivedOn
      machine.store.copyBytes(
        from: packet, at: 0, count: plan.headerLength, to: fragment, at: 0)
    }
    fragment.header.fib = packet.header.fib
    fragment.header.fibChooser = packet.header.fibChooser
    fragment.header.vnet = packet.header.vnet
    machine.store.copyBytes(
      from: packet, at: plan.headerLength + start, count: payload, to: fragment,
      at: headerLength)
    var own = header
    own.headerWords = UInt8(headerLength / 4)
    own.totalLength = UInt16(headerLength + payload)
    // An offset that outgrows its 13 bits carries into the flags, as in C.
    var field = header.fragment &+ UInt16(start / 8)
    if !isLast { field |= IPv4Header.MF }
    own.fragment = field
    own.checksum = 0
    var bytes = machine.store.mutableBytes(of: fragment)
    own.write(into: &bytes, at: 0)
    return fragment
  }

  /// The options that later fragments carry, padded to words (`ip_optcopy`).
  private func copiedOptions(
    of packet: borrowing Packet, _ headerLength: Int, _ machine: borrowing Machine
  ) -> OptionBytes {
    var copied = OptionBytes()
    var position = IPv4Header.size
    while position < headerLength {
      let option = machine.store.option(at: position, of: packet, headerLength)
      if option.type == .endOfList { break }
      // A length that lies was refused on input; what is left is copied as far as it goes.
      if option.type == .noOperation || option.type.isCopied {
        copied.append(option, at: position, of: packet, machine.store)
      }
      position += option.length
    }
    copied.pad()
    return copied
  }
}
