// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// A packet's own value for an instruction, in one word, so that a trace can keep it.
package struct PacketValue: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  package var rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// What the word says.
  package enum Meaning: Hashable, Sendable {
    /// The value itself: a number, an address, bits, or an interface's index.
    case value(UInt32)
    /// The packet is no IPv4.
    case notIPv4
    /// It is a fragment with this offset in bytes, and has no transport header.
    case laterFragment(UInt32)
    /// Its protocol has no such field.
    case otherProtocol(UInt8)
    /// There is nothing to compare with.
    case nothing
  }

  init(_ meaning: Meaning) {
    let (kind, value): (UInt64, UInt32) =
      switch meaning {
      case .value(let value): (0, value)
      case .notIPv4: (1, 0)
      case .laterFragment(let offset): (2, offset)
      case .otherProtocol(let proto): (3, UInt32(proto))
      case .nothing: (4, 0)
      }
    rawValue = kind << 32 | UInt64(value)
  }

  package var meaning: Meaning {
    let value = UInt32(truncatingIfNeeded: rawValue)
    return switch rawValue >> 32 {
    case 0: .value(value)
    case 1: .notIPv4
    case 2: .laterFragment(value)
    case 3: .otherProtocol(UInt8(truncatingIfNeeded: value))
    default: .nothing
    }
  }
}

extension RuleSearch {
  /// The packet's own value for an instruction; asked only when somebody traces.
  func value(for match: Match, _ bytes: RawSpan) -> PacketValue { facts.value(for: match, bytes) }
}

extension PacketFacts {
  /// The packet's own value for an instruction; asked only when somebody traces.
  func value(for match: Match, _ bytes: RawSpan) -> PacketValue {
    PacketValue(meaning(for: match, bytes))
  }

  private func meaning(for match: Match, _ bytes: RawSpan) -> PacketValue.Meaning {
    switch match {
    case .proto: .value(UInt32(proto))
    case .ip4, .ip6, .version: .value(UInt32(ip?.version ?? (isIPv6 ? 6 : 0)))
    case .address(let end, _), .networks(let end, _), .hosts(let end, _, _, _), .me(let end):
      address(end).map { .value($0.rawValue) } ?? .notIPv4
    case .verifyReversePath, .verifySourceReachable, .antispoof:
      address(.source).map { .value($0.rawValue) } ?? .notIPv4
    case .ports(let end, _): transport(port(end).map { UInt32($0) })
    case .inbound: .value(direction == .in ? 1 : 0)
    case .interface(let role, _):
      interface(role) == .none ? .nothing : .value(UInt32(interface(role).rawValue))
    case .fragment: ip.map { .value(UInt32($0.fragmentOffset)) } ?? .notIPv4
    case .fib: .value(UInt32(fib.rawValue))
    case .number(.tcpdatalen, _): transport(number(.tcpdatalen).map { UInt32($0) })
    case .number(let field, _): number(field).map { .value(UInt32($0)) } ?? .notIPv4
    case .precedence: ip.map { .value(UInt32($0.tos >> 5)) } ?? .notIPv4
    case .flags(.iptos, _, _): ip.map { .value(UInt32($0.tos)) } ?? .notIPv4
    case .flags(let field, _, _): transport(bits(field, bytes).map { UInt32($0) })
    case .established: transport(tcp.map { UInt32($0.flags.rawValue) })
    case .tcpSequence: transport(tcp.map { $0.sequence })
    case .tcpAcknowledgement: transport(tcp.map { $0.acknowledgement })
    case .tcpWindow: transport(tcp.map { UInt32($0.window) })
    case .icmpTypes: transport(icmpType.map { UInt32($0) })
    case .macType: frame.map { .value(UInt32($0.type.rawValue)) } ?? .nothing
    case .table(let end, _, _): address(end).map { .value($0.rawValue) } ?? .notIPv4
    default: .nothing
    }
  }

  /// A field of a transport header, or why there is none.
  private func transport(_ value: UInt32?) -> PacketValue.Meaning {
    if let value { return .value(value) }
    guard let ip else { return .notIPv4 }
    if ip.fragmentOffset != 0 { return .laterFragment(UInt32(ip.fragmentOffset)) }
    return .otherProtocol(proto)
  }
}
