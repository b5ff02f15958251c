// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// Something that is done to the lab: mostly a frame that comes in.
enum Happening {
  case frame(ReceivedFrame)
  case send(LocalPacket)
  case wait(milliseconds: UInt64)
  case set(SysctlKey, Int64)
  /// These netisr workers stand still, a bit each.
  case stop(cpus: Int64)
  case route(FibNumber, RouteMessage, isDeleted: Bool)
  case flags(InterfaceIndex, set: InterfaceFlags, clear: InterfaceFlags)
  case address(InterfaceIndex, AddressRequest, isDeleted: Bool)
  case arp(InterfaceIndex, IPv4Address, EthernetAddress, isDeleted: Bool)
  case mtu(InterfaceIndex, Int)
  case group(InterfaceIndex, IPv4Address, isLeft: Bool)
  /// Processes read their sockets.
  case read
  /// Who serves the divert sockets gives something back: to the rules behind a number, by an address,
  /// with bits of a byte changed.
  case sendBack(UInt16?, IPv4Address?, flip: (place: Int, bits: UInt8))
  /// A pipe or queue is made, changed or deleted.
  case pipe(PipeSettings, isDeleted: Bool)
  case rules(RuleChange)
}

/// Something that is done to the rules, while packets wait that come back to them.
enum RuleChange {
  case delete(UInt16)
  case flush
  /// The lab's rules are made anew.
  case renew
  case move(UInt16, to: UInt8)
  case sets(disabled: UInt32, enabled: UInt32)
  case natDelete(Int32)
}

/// Draws what happens next.
struct HappeningMaker {
  var packets: PacketMaker
  let interfaces: [InterfaceIndex]
  let hardwareAddresses: [EthernetAddress]

  /// The writable sysctls that change a packet's way: those of IP and what is above and below it that
  /// the model heeds.
  private static let switches: [SysctlKey] = SysctlTree.rows.compactMap { row in
    let isNumber = row.kind != .string && row.kind != .opaque && row.kind != .node
    let isWritable = row.access != .readOnly && row.access != .readOnlyTunable
    let isHere = ["net.inet.", "net.link.ether.", "net.isr."].contains { row.name.hasPrefix($0) }
    return isNumber && isWritable && isHere && !row.isInert ? row.key : nil
  }

  init(seed: UInt64, _ kernel: borrowing Kernel) {
    packets = PacketMaker(random: RandomSource(seed: seed))
    interfaces = kernel[.zero].interfaces.all
    hardwareAddresses = kernel[.zero].interfaces.all.map {
      kernel[.zero].interfaces[$0].hardwareAddress
    }
  }

  private var random: RandomSource {
    get { packets.random }
    set { packets.random = newValue }
  }

  /// The next happening: nine of ten are frames.
  mutating func next() -> Happening {
    if random.chance(5) { return sendBack() }
    guard random.chance(10) else { return .frame(frame()) }
    if random.chance(5) { return .stop(cpus: random.pick([0, 0, 0, 1, 2, 5])) }
    switch Int.random(in: 0..<17, using: &random) {
    case 0, 1: return .wait(milliseconds: random.pick([1, 499, 1000, 5000, 20_000, 1_300_000]))
    case 2, 3: return .send(localPacket())
    case 4:
      return .set(
        random.pick(HappeningMaker.switches), random.pick([0, 0, 1, 1, 2, 20, 300, 65_535, -1]))
    case 5:
      let message = route()
      return .route(fib(), message, isDeleted: random.chance(40))
    case 6:
      let flags: InterfaceFlags = [.IFF_NOARP, .IFF_MONITOR, .IFF_PROMISC]
      guard random.chance(30) else {
        return .flags(random.pick(interfaces), set: .IFF_UP, clear: flags)
      }
      return random.chance(30)
        ? .flags(random.pick(interfaces), set: [], clear: .IFF_UP)
        : .flags(random.pick(interfaces), set: flags, clear: [])
    case 7:
      let mask = IPv4Prefix.mask(length: random.pick([0, 8, 24, 30, 31, 32]))
      let request = AddressRequest(packets.address(), mask: random.chance(80) ? mask : nil)
      return .address(random.pick(interfaces), request, isDeleted: random.chance(50))
    case 8:
      return .arp(
        random.pick(interfaces), packets.address(), random.pick(hardwareAddresses),
        isDeleted: random.chance(40))
    case 9:
      return .group(random.pick(interfaces), packets.address(), isLeft: random.chance(40))
    case 10: return .set(.debugFailPoint, random.pick([1, 1, 2, 3]))
    case 11: return .read
    case 12, 13: return .pipe(random.pipe(), isDeleted: random.chance(20))
    case 14, 15: return .rules(ruleChange())
    default: return .mtu(random.pick(interfaces), random.pick([72, 296, 576, 1500, 9000]))
    }
  }

  private mutating func ruleChange() -> RuleChange {
    let number: UInt16 = random.pick([5, 10, 20, 60, 62, 70, 71, 72, 100, 200, 300, 400])
    switch Int.random(in: 0..<10, using: &random) {
    case 0, 1: return .delete(number)
    case 2: return .flush
    case 3: return .move(number, to: random.pick([0, 1, 31]))
    case 4: return .sets(disabled: random.pick([0, 1, 2]), enabled: random.pick([0, 1, 2, 3]))
    case 5: return .natDelete(random.pick([1, 2, 3]))
    default: return .renew
    }
  }

  private mutating func sendBack() -> Happening {
    let rule: UInt16? = random.chance(70) ? nil : random.pick([0, 10, 19, 20, 50, 65_535])
    let address = random.chance(70) ? nil : packets.address()
    let isChanged = random.chance(30)
    return .sendBack(
      rule, address,
      flip: (Int.random(in: 0..<40, using: &random), isChanged ? 1 << (random.byte() & 7) : 0))
  }

  private mutating func fib() -> FibNumber {
    FibNumber(rawValue: random.pick([0, 0, 1, 2, 15]))
  }

  private mutating func route() -> RouteMessage {
    let mask = IPv4Prefix.mask(length: random.pick([0, 1, 8, 12, 16, 24, 31, 32]))
    let isHost = random.chance(20)
    var message = RouteMessage(
      destination: packets.address(), mask: isHost ? nil : mask,
      gateway: random.chance(80)
        ? .address(packets.address()) : .link(random.pick(interfaces)))
    message.flags = [.RTF_UP, .RTF_STATIC]
    if isHost { message.flags.insert(.RTF_HOST) }
    if random.chance(80) { message.flags.insert(.RTF_GATEWAY) }
    if random.chance(10) { message.flags.insert(.RTF_REJECT) }
    if random.chance(10) { message.flags.insert(.RTF_BLACKHOLE) }
    if random.chance(20) { message.mtu = random.pick([0, 1, 20, 68, 576, 70_000]) }
    return message
  }

  private mutating func localPacket() -> LocalPacket {
    var bytes = packets.packet()
    if random.chance(10) { bytes = Array(bytes.prefix(Int(random.byte()))) }
    var packet = LocalPacket(
      bytes, socket: random.chance(50) ? .rawHeaderIncluded : .cooked, fib: fib(),
      chooser: .process)
    if random.chance(30) { packet.flags.insert(.IP_ALLOWBROADCAST) }
    if random.chance(10) { packet.flags.insert(.IP_ROUTETOIF) }
    if random.chance(10) { packet.flags.insert(.IP_SENDONES) }
    if random.chance(20) {
      packet.multicast = MulticastOptions(
        interface: random.chance(50) ? random.pick(interfaces) : nil, ttl: random.pick([0, 1, 9]),
        loops: random.chance(70))
    }
    return packet
  }

  /// A frame: IP, ARP, tagged, of another type, or anything at all; then perhaps damaged.
  private mutating func frame() -> ReceivedFrame {
    // The first three are on networks.
    let place = Int.random(in: 0..<(random.chance(85) ? 3 : interfaces.count), using: &random)
    var bytes: [UInt8]
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<80: bytes = header(place, 0x0800) + packets.packet()
    case 80..<90: bytes = header(place, 0x0806) + arp()
    case 90..<93:
      bytes = header(place, 0x8100) + [0, random.pick([0, 5]), 8, 0] + packets.packet()
    case 93..<96: bytes = header(place, random.pick([0x86dd, 0x8863, 100])) + random.bytes(60)
    case 96: bytes = header(place, 0x0800) + random.bytes(70_000)
    default: bytes = random.bytes(Int(random.byte()))
    }
    if random.chance(10), !bytes.isEmpty {
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << (random.byte() & 7)
      }
    }
    if random.chance(5) { bytes = Array(bytes.prefix(Int(random.byte()))) }
    if random.chance(10) { bytes += [UInt8](repeating: 0, count: 46) }
    var frame = ReceivedFrame(bytes, on: interfaces[place])
    if random.chance(10) {
      frame.fib = fib()
      frame.skipsEtherInput = random.chance(50)
    }
    if random.chance(3) { frame.checksum = .bad }
    if random.chance(20) { frame.flowID = UInt32(random.byte()) }
    frame.cpu = Int(random.byte() % 4)
    if random.chance(5) { frame.firstBufferCount = Int(random.byte()) % 64 }
    return frame
  }

  private mutating func header(_ place: Int, _ type: UInt16) -> [UInt8] {
    let destination =
      random.chance(80)
      ? hardwareAddresses[place]
      : random.pick([.broadcast, .multicast(for: packets.address()), hardwareAddresses[0]])
    let source = EthernetAddress(rawValue: 0x02aa_0000_0000 | random.next() & 7)
    return octets(destination) + octets(source) + [UInt8(type >> 8), UInt8(type & 0xff)]
  }

  private func octets(_ address: EthernetAddress) -> [UInt8] {
    (0..<6).map { UInt8(truncatingIfNeeded: address.rawValue >> (40 - 8 * $0)) }
  }

  /// An ARP packet, most fields right.
  private mutating func arp() -> [UInt8] {
    var packet: [UInt8] = [0, 1, 8, 0, 6, 4, 0, random.pick([1, 1, 2, 2, 3])]
    packet += octets(random.chance(90) ? EthernetAddress(rawValue: 0x02aa_0000_0001) : .broadcast)
    for address in [packets.address(), packets.address()] {
      if packet.count > 14 { packet += [0, 0, 0, 0, 0, 0] }
      packet += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: address.rawValue >> $0) }
    }
    return packet
  }
}
