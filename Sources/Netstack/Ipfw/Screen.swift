// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
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
  /// 1 for an address of this stack; only where a rule asks.
  case sourceIsMe, destinationIsMe
}

/// A packet as its numbers: what screens are held against.
struct PacketNumbers: ~Copyable {
  private let pin = Pin()
  private var values = InlineArray<24, UInt32>(repeating: 0)
  /// A bit for each number that the packet has.
  private var present: UInt32 = 0

  init(_ facts: borrowing PacketFacts, _ interfaces: borrowing InterfaceTable) {
    self[.none] = 0
    self[.proto] = UInt32(facts.proto)
    self[.family] = facts.ip != nil ? 4 : facts.isIPv6 ? 6 : 0
    self[.inbound] = facts.direction == .in ? 1 : 0
    self[.fib] = UInt32(facts.fib.rawValue)
    self[.layer2] = facts.frame == nil ? 0 : 1
    self[.fragmentOffset] = UInt32(facts.six.fragment)
    if let ip = facts.ip {
      self[.version] = UInt32(ip.version)
      self[.source] = ip.source.rawValue
      self[.destination] = ip.destination.rawValue
      self[.fragmentOffset] = UInt32(ip.fragmentOffset)
      self[.iplen] = UInt32(ip.totalLength)
      self[.ipid] = UInt32(ip.identification)
      self[.ipttl] = UInt32(ip.ttl)
      self[.iptos] = UInt32(ip.tos)
    }
    if let port = facts.port(.source) { self[.sourcePort] = UInt32(port) }
    if let port = facts.port(.destination) { self[.destinationPort] = UInt32(port) }
    if let tcp = facts.tcp {
      self[.tcpflags] = UInt32(tcp.flags.rawValue)
      self[.tcpdatalen] = facts.number(.tcpdatalen).map { UInt32($0) }
    }
    set(.recv, facts.interface(.recv), interfaces)
    set(.via, facts.interface(.via), interfaces)
    set(.xmit, facts.interface(.xmit), interfaces)
  }

  private mutating func set(
    _ field: PacketField, _ interface: InterfaceIndex, _ interfaces: borrowing InterfaceTable
  ) {
    if interface != .none { self[field] = interfaces[interface].name.digest }
  }

  /// A number, or nil where the packet has none.
  subscript(field: PacketField) -> UInt32? {
    @inline(__always)
    get { present >> UInt32(field.rawValue) & 1 == 0 ? nil : values[Int(field.rawValue)] }
    @inline(__always)
    set {
      guard let newValue else { return }
      values[Int(field.rawValue)] = newValue
      present |= 1 << UInt32(field.rawValue)
    }
  }

  /// Whether a number, masked, lies in the range that begins at `low`.
  @inline(__always)
  func has(_ field: PacketField, masked mask: UInt32, from low: UInt32, span: UInt32) -> Bool {
    (values[Int(field.rawValue)] & mask) &- low <= span
      && present >> UInt32(field.rawValue) & 1 != 0
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

  init(_ field: NumberField) {
    switch field {
    case .iplen: self = .iplen
    case .ipid: self = .ipid
    case .ipttl: self = .ipttl
    case .tcpdatalen: self = .tcpdatalen
    }
  }
}

/// A condition as a comparison of one number: all that most conditions ask, and of the others what
/// they ask at least.
///
/// A rule of which one screen fails need not be looked at further. One instruction, one screen.
struct Screen: BitwiseCopyable {
  enum Kind: UInt8, BitwiseCopyable {
    /// The screen says all that the condition does.
    case exact
    /// A packet that fails the screen fails the condition.
    case necessary
    /// Asking has an effect, or may end the search: the rule must be looked at.
    case barrier
  }

  var mask: UInt32 = 0
  var low: UInt32 = 0
  var span: UInt32 = .max
  var field = PacketField.none
  var kind = Kind.necessary
  var isNegated = false
  /// An or-block goes on behind it.
  var orNext = false

  /// The screen of an instruction of a rule.
  init(_ instruction: Instruction, of rule: FirewallRule) {
    self.init(instruction.match, rule)
    // What a condition asks at least says nothing of its contrary.
    if instruction.isNegated, kind == .necessary { self.init(kind: .necessary) }
    orNext = instruction.orNext
    isNegated = instruction.isNegated && kind == .exact
  }

  /// Whether a packet may meet the condition; where the screen is exact, whether it does.
  @inline(__always)
  func admits(_ numbers: borrowing PacketNumbers) -> Bool {
    numbers.has(field, masked: mask, from: low, span: span) != isNegated
  }
}

extension Screen {
  /// What a condition asks.
  private init(_ match: Match, _ rule: FirewallRule) {
    switch match {
    case .proto(let proto): self.init(.proto, UInt32(proto))
    case .ip4: self.init(.family, 4)
    case .ip6: self.init(.family, 6)
    case .version(let version): self.init(.version, UInt32(version))
    case .address(let end, let address): self.init(PacketField(end), address.rawValue)
    case .networks(let end, let words) where words.count == 2:
      let pair = rule.words[words.indices]
      self.init(PacketField(end), pair[pair.startIndex], mask: pair[pair.startIndex + 1])
    case .hosts(let end, let base, let length, _):
      self.init(
        atLeast: PacketField(end), base.rawValue, span: UInt32.max >> UInt32(length & 31))
    case .ports(let end, let words):
      self.init(end == .source ? .sourcePort : .destinationPort, rule.ranges(words))
    case .number(let field, let words): self.init(PacketField(field), rule.ranges(words))
    case .inbound: self.init(.inbound, 1)
    case .layer2: self.init(.layer2, 1)
    case .fragment: self.init(.fragmentOffset, 1, span: .max - 1)
    case .fib(let fib): self.init(.fib, UInt32(fib))
    case .precedence(let bits): self.init(.iptos, UInt32(bits), mask: 0xe0)
    // A bit that is to be set and clear never is.
    case .flags(_, let set, let clear) where set & clear != 0: self.init(.none, 1)
    case .flags(.iptos, let set, let clear):
      self.init(.iptos, UInt32(set), mask: UInt32(set | clear))
    case .flags(.tcpflags, let set, let clear):
      self.init(.tcpflags, UInt32(set), mask: UInt32(set | clear))
    case .me(.source): self.init(.sourceIsMe, 1)
    case .me(.destination): self.init(.destinationIsMe, 1)
    case .flags(.ipoptions, _, _), .table: self.init(atLeast: .family, 4)
    // TCP only.
    case .flags(.tcpoptions, _, _), .established, .tcpSequence, .tcpAcknowledgement, .tcpWindow:
      self.init(atLeast: .tcpflags, 0, span: .max)
    case .icmpTypes: self.init(atLeast: .proto, UInt32(IPProtocol.icmp.rawValue))
    case .networks(let end, let words):
      self.init(atLeast: PacketField(end), rule.words[words.indices])
    // What has no ports has no socket.
    case .user, .group, .jail: self.init(atLeast: .sourcePort, 0, span: .max)
    case .comment: self.init(.none, 0)
    case .ipsec: self.init(.none, 1)
    // IPv6 only.
    case .address6, .networks6, .me6, .icmp6Types, .flowIDs, .extensionHeaders:
      self.init(atLeast: .family, 6)
    case .mac, .macType: self.init(atLeast: .layer2, 1)
    case .interface(let role, .name(let name)):
      self.init(atLeast: PacketField(role), name.digest)
    // A look at the routes counts; the others act, or end the search.
    case .verifyReversePath, .verifySourceReachable, .antispoof, .probability, .probeState,
      .keepState, .limit, .log, .altq, .tag:
      self.init(kind: .barrier)
    case .interface, .tagged, .taggedIn, .diverted: self.init(kind: .necessary)
    }
  }

  private init(kind: Kind) { self.kind = kind }

  /// A number in a range, from `low` on.
  private init(_ field: PacketField, _ low: UInt32, mask: UInt32 = .max, span: UInt32 = 0) {
    (self.field, self.low, self.mask, self.span) = (field, low, mask, span)
    kind = .exact
  }

  /// A number that must be in a range, whatever else is asked.
  private init(atLeast field: PacketField, _ low: UInt32, span: UInt32 = 0) {
    self.init(field, low, span: span)
    kind = .necessary
  }

  /// An address in one of several networks, pairs of address and mask: between the ends of all.
  private init(atLeast field: PacketField, _ words: ArraySlice<UInt32>) {
    let pairs = stride(from: words.startIndex, to: words.endIndex - 1, by: 2)
    let low = pairs.map { words[$0] }.min() ?? 0
    let high = pairs.map { words[$0] | ~words[$0 + 1] }.max() ?? .max
    self.init(atLeast: field, low, span: high &- low)
  }

  /// A number in one of several ranges: between the ends of all.
  private init(_ field: PacketField, _ ranges: [NumberRange]) {
    let some = ranges.filter { $0.low <= $0.high }
    guard let low = some.map(\.low).min(), let high = some.map(\.high).max() else {
      // Nothing lies in a range whose ends are in the wrong order.
      self.init(.none, 1)
      return
    }
    self.init(field, UInt32(low), span: UInt32(high - low))
    if some.count > 1 { kind = .necessary }
  }
}

extension PacketField {
  fileprivate init(_ end: PacketEnd) { self = end == .source ? .source : .destination }
}

extension Firewall {
  /// The next place from here on whose rule the packet's numbers do not rule out.
  ///
  /// - Parameter isStateKnown: A state was looked for: rules that would do so can be passed by.
  func candidate(from start: Int, _ numbers: borrowing PacketNumbers, isStateKnown: Bool) -> Int {
    let heads = heads.span
    let screens = screens.span
    var index = start
    rules: while index < heads.count {
      let head = heads[index]
      if isDisabled(head.set) {
        index += 1
        continue
      }
      var isBlockMet = false
      for place in Int(head.first)..<Int(head.first) + Int(head.count) {
        let screen = screens[place]
        if screen.kind == .barrier {
          if isStateKnown, head.probesState, place == Int(head.first) { continue }
          return index
        }
        isBlockMet = isBlockMet || screen.admits(numbers)
        if screen.orNext { continue }
        guard isBlockMet else {
          index += 1
          continue rules
        }
        isBlockMet = false
      }
      return index
    }
    return index
  }
}
