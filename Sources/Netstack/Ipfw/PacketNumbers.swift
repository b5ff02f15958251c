// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The numbers of a packet that conditions compare without further ado.
enum PacketField: UInt8, BitwiseCopyable {
  /// 0 in every packet.
  case none
  /// The protocol; 0 for what is no IP.
  case proto
  /// 4 or 6; 0 for what is neither.
  case family
  case version, source, destination, sourcePort, destinationPort
  /// 1 for a packet that comes in.
  case inbound
  case fragmentOffset, fib, iplen, ipid, ipttl, tcpdatalen, iptos, tcpflags
  /// 1 in the pass over frames.
  case layer2
  /// Digests of names, as conditions on interfaces ask for them.
  case recv, xmit, via
  /// The first four bytes of those names.
  case recvStart, xmitStart, viaStart
  /// A bit for each pattern of the firewall's that those names may fit: all, until one was tried in vain.
  case recvPatterns, xmitPatterns, viaPatterns
  /// 1 for an address of this stack.
  case sourceIsMe, destinationIsMe
  /// A bit for an ICMP message's type, up to ICMP_MAXTYPE (`icmptypes`).
  case icmpType
  /// The sides by which it came back from a divert socket (`divinput_flags`).
  case divertSides
  /// A bit for each tag it has: that of the tag's last five.
  case tags
  /// A bit for each table that may have the address: all, until one was asked and has it not.
  case sourceTables0, sourceTables32, sourceTables64, sourceTables96
  case destinationTables0, destinationTables32, destinationTables64, destinationTables96
}

/// Some of the numbers, a bit each.
struct PacketFields: RawRepresentable, BitwiseCopyable {
  var rawValue: UInt64 = 0

  @inline(__always)
  func contains(_ field: PacketField) -> Bool { rawValue >> UInt64(field.rawValue) & 1 != 0 }

  @inline(__always)
  mutating func insert(_ field: PacketField) { rawValue |= 1 << UInt64(field.rawValue) }

  /// Whether the headers of an IPv4 packet say all of them.
  @inline(__always)
  var arePlain: Bool { rawValue >> UInt64(PacketField.destinationPort.rawValue + 1) == 0 }

  /// Whether any of the fields from one to another is among them.
  @inline(__always)
  func contains(_ first: PacketField, to last: PacketField) -> Bool {
    let (low, high) = (UInt64(first.rawValue), UInt64(last.rawValue))
    return rawValue & (UInt64.max << low) & (UInt64.max >> (63 - high)) != 0
  }
}

/// A packet as its numbers: what screens are held against.
///
/// Only those that some rule asks for are there.
struct PacketNumbers: ~Copyable {
  private let pin = Pin()
  /// How many there are.
  static let count = 41
  private var values = InlineArray<41, UInt32>(repeating: 0)
  /// A bit for each number that the packet has.
  private var present = PacketFields()

  init() { self[.none] = 0 }

  /// Takes from a packet what most rules ask for.
  @inline(__always)
  mutating func fillHeader(
    _ asked: PacketFields, _ headers: PacketHeaders, isIPv6: Bool = false
  ) {
    self[.proto] = UInt32(headers.proto)
    self[.family] = headers.isIPv4 ? 4 : isIPv6 ? 6 : 0
    if let ip = headers.ip {
      self[.version] = UInt32(ip.version)
      self[.source] = ip.source.rawValue
      self[.destination] = ip.destination.rawValue
    }
    guard asked.contains(.sourcePort, to: .destinationPort), let source = headers.port(.source)
    else { return }
    self[.sourcePort] = UInt32(source)
    self[.destinationPort] = UInt32(headers.port(.destination) ?? 0)
  }

  /// Takes from a packet what else rules ask for and is its own.
  mutating func fillMore(
    _ asked: PacketFields, _ facts: borrowing PacketFacts, _ interfaces: borrowing InterfaceTable
  ) {
    if asked.contains(.inbound, to: .layer2) { fillRest(asked, facts) }
    if asked.contains(.recv, to: .viaPatterns) {
      fill(.recv, asked, facts, interfaces)
      fill(.via, asked, facts, interfaces)
      fill(.xmit, asked, facts, interfaces)
    }
    // A shift that wraps at 32, as the x86's does.
    if asked.contains(.icmpType), let type = facts.icmpType {
      self[.icmpType] = type <= 40 ? 1 << UInt32(type & 31) : 0
    }
  }

  /// Its addresses may be in any table.
  @inline(__always)
  mutating func fillTables() {
    for field in PacketField.sourceTables0.rawValue...PacketField.destinationTables96.rawValue {
      values[Int(field)] = .max
      present.rawValue |= 1 << UInt64(field)
    }
  }

  private mutating func fillRest(_ asked: PacketFields, _ facts: borrowing PacketFacts) {
    self[.inbound] = facts.direction == .in ? 1 : 0
    self[.fib] = UInt32(facts.fib.rawValue)
    self[.layer2] = facts.frame == nil ? 0 : 1
    self[.fragmentOffset] = UInt32(facts.six.fragment)
    if let ip = facts.ip {
      self[.fragmentOffset] = UInt32(ip.fragmentOffset)
      self[.iplen] = UInt32(ip.totalLength)
      self[.ipid] = UInt32(ip.identification)
      self[.ipttl] = UInt32(ip.ttl)
      self[.iptos] = UInt32(ip.tos)
    }
    if asked.contains(.tcpdatalen, to: .tcpflags), let tcp = facts.tcp {
      self[.tcpflags] = UInt32(tcp.flags.rawValue)
      self[.tcpdatalen] = facts.number(.tcpdatalen).map { UInt32($0) }
    }
  }

  private mutating func fill(
    _ role: InterfaceRole, _ asked: PacketFields, _ facts: borrowing PacketFacts,
    _ interfaces: borrowing InterfaceTable
  ) {
    guard
      asked.contains(PacketField(role)) || asked.contains(PacketField(startOf: role))
        || asked.contains(PacketField(patternsOf: role))
    else { return }
    let interface = facts.interface(role)
    if interface == .none { return }
    let name = interfaces[interface].name
    self[PacketField(role)] = name.digest
    self[PacketField(startOf: role)] = name.start
    self[PacketField(patternsOf: role)] = .max
  }

  /// Remembers that a table has not the address at an end.
  mutating func rule(out table: UInt16, _ end: PacketEnd) {
    guard let field = PacketField(end, table: table) else { return }
    values[Int(field.rawValue)] &= ~(1 << UInt32(table & 31))
  }

  /// Remembers that the name of an interface does not fit a pattern of the firewall's.
  mutating func rule(outPattern number: Int, _ role: InterfaceRole) {
    values[Int(PacketField(patternsOf: role).rawValue)] &= ~(1 << UInt32(number & 31))
  }

  /// A number, or nil where the packet has none.
  subscript(field: PacketField) -> UInt32? {
    @inline(__always)
    get { present.contains(field) ? values[Int(field.rawValue)] : nil }
    @inline(__always)
    set {
      guard let newValue else { return }
      values[Int(field.rawValue)] = newValue
      present.insert(field)
    }
  }

  /// Whether a number, masked, lies in the range that begins at `low`.
  @inline(__always)
  func has(_ field: PacketField, masked mask: UInt32, from low: UInt32, span: UInt32) -> Bool {
    (values[Int(field.rawValue)] & mask) &- low <= span && present.contains(field)
  }
}

extension PacketField {
  init(_ role: InterfaceRole) {
    switch role {
    case .recv: self = .recv
    case .xmit: self = .xmit
    case .via: self = .via
    }
  }

  init(startOf role: InterfaceRole) {
    switch role {
    case .recv: self = .recvStart
    case .xmit: self = .xmitStart
    case .via: self = .viaStart
    }
  }

  init(patternsOf role: InterfaceRole) {
    switch role {
    case .recv: self = .recvPatterns
    case .xmit: self = .xmitPatterns
    case .via: self = .viaPatterns
    }
  }

  /// The one that has a table's bit, for an address at an end; nil for no table.
  init?(_ end: PacketEnd, table: UInt16) {
    switch (end, table / 32) {
    case (.source, 0): self = .sourceTables0
    case (.source, 1): self = .sourceTables32
    case (.source, 2): self = .sourceTables64
    case (.source, 3): self = .sourceTables96
    case (.destination, 0): self = .destinationTables0
    case (.destination, 1): self = .destinationTables32
    case (.destination, 2): self = .destinationTables64
    case (.destination, 3): self = .destinationTables96
    default: return nil
    }
  }

  init(_ field: NumberField) {
    switch field {
    case .iplen: self = .iplen
    case .ipid: self = .ipid
    case .ipttl: self = .ipttl
    case .tcpdatalen: self = .tcpdatalen
    }
  }
}
