// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What an interface is to the express lane.
struct ExpressPort: OptionSet, BitwiseCopyable, Sendable {
  let rawValue: UInt8

  /// A frame that it receives meets nothing but `ether_demux`.
  static let takes = ExpressPort(rawValue: 1)
  /// A frame that it is given is on its wire at once, and nobody else's.
  static let gives = ExpressPort(rawValue: 2)
}

extension Ifnet {
  var expressFacts: ExpressPort {
    guard driver == .em, flags.contains(.IFF_UP), !flags.contains(.IFF_MONITOR), bpfPeers == 0,
      bridge == .none
    else { return [] }
    // In the queue one for the packet, and one for its length, if it is the MTU.
    let gives =
      isRunning && !isHeard && !isStalled && linkState != .down
      && !hardwareAssist.contains(.CSUM_IP) && queueLimit > 2 && queueLength < queueLimit - 2
    return gives ? [.takes, .gives] : .takes
  }
}

/// What the sysctls of a scope are to the express lane.
struct ExpressSettings: OptionSet, BitwiseCopyable, Sendable {
  let rawValue: UInt8

  static let forwards = ExpressSettings(rawValue: 1)
  static let isFast = ExpressSettings(rawValue: 2)
  static let isStealthy = ExpressSettings(rawValue: 4)
  static let filters = ExpressSettings(rawValue: 8)
  static let filtersFrames = ExpressSettings(rawValue: 16)
  /// netisr hands packets to IP at once, whatever came before them.
  static let isDirect = ExpressSettings(rawValue: 32)

  init(rawValue: UInt8) { self.rawValue = rawValue }

  init(
    forwards: Bool, isFast: Bool, isStealthy: Bool, filters: Bool, filtersFrames: Bool,
    isDirect: Bool
  ) {
    self = []
    if forwards { insert(.forwards) }
    if isFast { insert(.isFast) }
    if isStealthy { insert(.isStealthy) }
    if filters { insert(.filters) }
    if filtersFrames { insert(.filtersFrames) }
    if isDirect { insert(.isDirect) }
  }
}

extension NextHop {
  /// Nothing but sending happens to a packet on the way, nor to its route.
  @inline(__always)
  var isExpress: Bool { flags.intersection(RouteFlags.express) == .RTF_UP }

  /// It leads to the same neighbour whatever the destination.
  var isGateway: Bool {
    if case .address = gateway { flags.contains(.RTF_GATEWAY) } else { false }
  }

  /// Where a packet goes next.
  @inline(__always)
  func next(to destination: IPv4Address) -> IPv4Address {
    if flags.contains(.RTF_GATEWAY), case .address(let gateway) = gateway { return gateway }
    return destination
  }
}

extension RouteFlags {
  /// Those the lane looks at; it wants none of them but `RTF_UP`.
  static let express: RouteFlags = [
    .RTF_UP, .RTF_REJECT, .RTF_DYNAMIC, .RTF_BLACKHOLE, .RTF_PROTO3, .RTF_BROADCAST,
    .RTF_MULTICAST,
  ]
}

extension IPv4Address {
  /// An ordinary unicast address, as source and as destination.
  @inline(__always)
  var isExpress: Bool {
    let network = rawValue >> 24
    return network &- 1 < 223 && network != 127 && !isLinkLocal
  }
}

/// An IPv4 header without options as the lane reads it, once.
struct ExpressHeader: BitwiseCopyable {
  private let front: UInt64
  private let middle: UInt64
  let destination: IPv4Address

  /// Reads what is behind an Ethernet header.
  @inline(__always)
  init(_ frame: RawSpan) {
    front = frame.uint64(at: 14)
    middle = frame.uint64(at: 22)
    destination = ExpressHeader.destination(frame)
  }

  /// The destination alone.
  @inline(__always)
  static func destination(_ frame: RawSpan) -> IPv4Address {
    IPv4Address(rawValue: frame.uint32(at: 30))
  }

  var length: UInt32 { UInt32(truncatingIfNeeded: front >> 32) & 0xffff }
  var ttl: UInt8 { UInt8(truncatingIfNeeded: middle >> 56) }
  private var checksum: UInt16 { UInt16(truncatingIfNeeded: middle >> 32) }
  var source: IPv4Address { IPv4Address(rawValue: UInt32(truncatingIfNeeded: middle)) }

  /// Whether the checksum is right: the words' sum is no 0, and folds to 0xffff if it is a multiple.
  @inline(__always)
  var isIntact: Bool {
    var sum = InternetChecksum()
    sum.add(front, middle, destination.rawValue)
    return sum.isWhole
  }

  /// The checksum that `ip_output` makes of the header with the TTL one less.
  @inline(__always)
  var newChecksum: UInt16 {
    var sum = InternetChecksum()
    sum.add(front, middle & ~(0xffff << 32) &- 1 << 56, destination.rawValue)
    return sum.finish()
  }

  /// The same of a header that is intact, whose other words sum up to what its checksum says: that of
  /// the TTL's word has 0x100 less.
  @inline(__always)
  var nextChecksum: UInt16 {
    let next = UInt32(checksum) &+ 0x100
    return UInt16(truncatingIfNeeded: next >= 0xffff ? next &- 0xffff : next)
  }

  /// The checksum that `ip_fastforward` makes of the old one.
  @inline(__always)
  var patchedChecksum: UInt16 {
    let old = UInt16(truncatingIfNeeded: middle >> 48)
    return InternetChecksum.update(checksum: checksum, old: old, new: old &- 0x100)
  }
}

extension RawSpan {
  /// The packet in a frame.
  @inline(__always)
  @_lifetime(copy self)
  func packet(_ length: UInt32) -> RawSpan {
    extracting(EthernetHeader.size..<EthernetHeader.size + Int(length))
  }
}
