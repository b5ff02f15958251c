// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Options on their way into a header (an mbuf of `struct ipoption`): at most 40 bytes, then end of
/// list.
struct OptionBytes: BitwiseCopyable, StateHashable {
  /// Where a packet with these options goes first, if they hold a source route (`ipopt_dst`).
  var firstHop = IPv4Address.any
  var bytes = InlineArray<40, UInt8>(repeating: IPv4OptionType.endOfList.rawValue)
  var count = 0

  init() {}

  func hash(into hasher: inout StateHasher) {
    hasher.combine(firstHop)
    hasher.combine(bytes)
    hasher.combine(count)
  }

  /// The options of a socket: the first hop, then the bytes; nil where they are too few or too many.
  init?(_ socket: [UInt8]) {
    guard (4...4 + bytes.count).contains(socket.count) else { return nil }
    firstHop = IPv4Address(socket[0], socket[1], socket[2], socket[3])
    for byte in socket.dropFirst(4) { append(byte) }
  }

  /// Adds a byte where there is room.
  mutating func append(_ byte: UInt8) {
    guard count < bytes.count else { return }
    bytes[count] = byte
    count += 1
  }

  /// Adds four bytes, highest first.
  mutating func append(_ address: IPv4Address) {
    for place in 0..<4 {
      append(UInt8(truncatingIfNeeded: address.rawValue >> UInt32(24 - 8 * place)))
    }
  }

  /// Adds an option of a packet, if there is room for all of it.
  mutating func append(
    _ option: IPv4Options.Option, at position: Int, of packet: borrowing Packet,
    _ store: borrowing PacketStore
  ) {
    guard count + option.length <= bytes.count else { return }
    for place in position..<position + option.length {
      append(store.bytes(of: packet).uint8(at: place))
    }
  }

  /// Fills the last word up.
  mutating func pad() { count = (count + 3) & ~3 }
}

extension PacketStore {
  /// The option at an offset from the start of a header.
  func option(
    at position: Int, of packet: borrowing Packet, _ headerLength: Int
  ) -> IPv4Options.Option {
    var options = IPv4Options(bytes(of: packet).extracting(position..<headerLength))
    guard let option = options.next() else {
      preconditionFailure("a walk over options ends with the header")
    }
    return option
  }
}

/// Headers with and without options (netinet/ip_options.c).
extension Vnet {
  /// Puts options into the header of a packet to be sent (`ip_insertoptions`).
  ///
  /// What would make the packet too long is left out, and nobody is told.
  mutating func ipInsertOptions<T: Tracer & ~Copyable>(
    _ options: OptionBytes, into packet: inout Packet, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    guard var header = IPv4Header(machine.store.bytes(of: packet)) else {
      preconditionFailure("callers of ip_output bring a whole header")
    }
    let length = Int(header.totalLength) + options.count
    guard length <= Int(UInt16.max), options.count <= Int(packet.header.start) else {
      return tracer.emit(packet.number, .waypoint(.outOptDropped, UInt32(options.count), 0))
    }
    if options.firstHop != .any { header.destination = options.firstHop }
    header.headerWords = UInt8((IPv4Header.size + options.count) / 4)
    header.totalLength = UInt16(length)
    packet.prepend(options.count)
    var bytes = machine.store.mutableBytes(of: packet)
    header.write(into: &bytes, at: 0)
    for position in 0..<options.count {
      bytes.store(options.bytes[position], at: IPv4Header.size + position)
    }
    tracer.emit(
      packet.number,
      .waypoint(.outOptInserted, UInt32(options.count), options.firstHop.rawValue))
  }

  /// Cuts the options out of a packet; its length shrinks with them (`ip_stripoptions`).
  mutating func ipStripOptions(
    _ packet: inout Packet, _ header: IPv4Header, _ machine: inout Machine
  ) -> IPv4Header {
    let optionLength = header.headerLength - IPv4Header.size
    guard optionLength > 0 else { return header }
    var shorter = header
    shorter.headerWords = 5
    shorter.totalLength -= UInt16(optionLength)
    packet.trimFront(optionLength)
    packet.header.savedRoute = 0
    var bytes = machine.store.mutableBytes(of: packet)
    shorter.write(into: &bytes, at: 0)
    return shorter
  }
}
