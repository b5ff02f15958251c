// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// A condition as a comparison of one number: all that most conditions ask, and of the others what
/// they ask at least.
///
/// A rule of which one screen fails need not be looked at further.
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
  ///
  /// - Parameter pattern: The number of its pattern of interfaces, if it has a numbered one.
  init(_ instruction: Instruction, of rule: FirewallRule, pattern: Int?) {
    self.init(instruction.match, rule)
    if let pattern, case .interface(let role, _) = instruction.match, kind != .exact {
      self.init(anyOf: 1 << UInt32(pattern), PacketField(patternsOf: role))
      kind = .necessary
    }
    // What a condition asks at least says nothing of its contrary.
    if instruction.isNegated, kind == .necessary { self.init(kind: .necessary) }
    orNext = instruction.orNext
    isNegated = instruction.isNegated && kind == .exact
  }

  /// What the search compares for the instruction of this screen: it, or an or-block of exact ones for
  /// a list.
  ///
  /// - Parameter isAlone: The instruction is in no or-block: then the ends of a list can come first,
  ///   which most packets lie outside of.
  func block(for instruction: Instruction, of rule: FirewallRule, isAlone: Bool) -> [Screen] {
    var parts = instruction.isNegated ? [] : Screen.parts(of: instruction.match, rule)
    guard (1...(isAlone ? 30 : 8)).contains(parts.count) else { return [self] }
    for index in parts.indices { parts[index].orNext = true }
    parts[parts.count - 1].orNext = instruction.orNext
    return isAlone && parts.count > 2 ? [self] + parts : parts
  }

  /// The table that it is about, and the address.
  var table: (PacketEnd, UInt16)? {
    let first = PacketField.sourceTables0.rawValue
    guard field.rawValue >= first, field.rawValue <= PacketField.destinationTables96.rawValue else {
      return nil
    }
    let end: PacketEnd = field.rawValue < first + 4 ? .source : .destination
    return (end, UInt16(field.rawValue - first) % 4 * 32 + UInt16(mask.trailingZeroBitCount))
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
    case .flags(.ipoptions, _, _): self.init(atLeast: .family, 4)
    // No SYN alone: of SYN, RST and ACK anything but 2.
    case .established: self.init(.tcpflags, 3, mask: 0x16, span: .max - 1)
    // TCP only.
    case .flags(.tcpoptions, _, _), .tcpSequence, .tcpAcknowledgement, .tcpWindow:
      self.init(atLeast: .tcpflags, 0, span: .max)
    case .icmpTypes(let types): self.init(anyOf: types, .icmpType)
    case .diverted(let sides): self.init(anyOf: UInt32(sides), .divertSides)
    case .table(let end, let table, _):
      guard let field = PacketField(end, table: table) else {
        self.init(.none, 1)
        return
      }
      self.init(anyOf: 1 << UInt32(table & 31), field)
      kind = .necessary
    case .tagged(RuleAction.tablearg): self.init(kind: .necessary)
    case .tagged(let tag):
      self.init(anyOf: 1 << UInt32(tag & 31), .tags)
      kind = .necessary
    case .taggedIn:
      self.init(anyOf: .max, .tags)
      kind = .necessary
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
    case .interface(let role, .pattern(let pattern)): self.init(role, pattern)
    case .interface(let role, .address):
      self.init(atLeast: PacketField(role), 0, span: .max)
    // A look at the routes counts; the others act, or end the search.
    case .verifyReversePath, .verifySourceReachable, .antispoof, .probability, .probeState,
      .keepState, .limit, .log, .altq, .tag:
      self.init(kind: .barrier)
    }
  }

  /// A screen for each part of a list; none for other conditions.
  private static func parts(of match: Match, _ rule: FirewallRule) -> [Screen] {
    func screens(_ field: PacketField, _ words: WordRange) -> [Screen] {
      rule.ranges(words).filter { $0.low <= $0.high }.map {
        Screen(field, UInt32($0.low), span: UInt32($0.high - $0.low))
      }
    }
    switch match {
    case .ports(let end, let words):
      return screens(end == .source ? .sourcePort : .destinationPort, words)
    case .number(let field, let words): return screens(PacketField(field), words)
    case .networks(let end, let words):
      return stride(from: words.indices.lowerBound, to: words.indices.upperBound, by: 2).map {
        Screen(PacketField(end), rule.words[$0], mask: rule.words[$0 + 1])
      }
    case .hosts(let end, let base, _, let words):
      let hosts = (0..<UInt32(words.count) * 32).filter {
        rule.words[words.indices][words.indices.lowerBound + Int($0 / 32)] & 1 << ($0 % 32) != 0
      }
      return hosts.map { Screen(PacketField(end), base.rawValue + $0) }
    default: return []
    }
  }

  private init(kind: Kind) { self.kind = kind }

  /// A number in a range, from `low` on.
  private init(_ field: PacketField, _ low: UInt32, mask: UInt32 = .max, span: UInt32 = 0) {
    (self.field, self.low, self.mask, self.span) = (field, low, mask, span)
    kind = .exact
  }

  /// A number that has one of some bits.
  private init(anyOf bits: UInt32, _ field: PacketField) {
    self.init(field, 1, mask: bits, span: .max - 1)
  }

  /// A name that begins as a pattern does; all that is asked where a `*` follows at once.
  private init(_ role: InterfaceRole, _ pattern: InterfaceName) {
    let start = pattern.bytes.prefix { !Array("*?[\\".utf8).contains($0) }
    let count = min(start.count, 4)
    let mask = count == 0 ? 0 : UInt32.max << UInt32(32 - 8 * count)
    self.init(PacketField(startOf: role), pattern.start & mask, mask: mask)
    let isAll = start.count == count && pattern.bytes.dropFirst(count) == [UInt8(ascii: "*")]
    kind = isAll ? .exact : .necessary
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
