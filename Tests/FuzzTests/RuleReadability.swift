// SPDX-License-Identifier: BSD-2-Clause

import Netstack

/// What ipfw(8) shows otherwise than it reads it.
extension FirewallRule {
  /// Whether the original reads the line that it shows of the rule, and shows it again.
  var isReadable: Bool {
    // `extension header: fragmentation`; `flow-id` without protocol; `ip6 icmp6types`, which is two
    // options; commas between the parts of a limit, where blanks are to be.
    let isWorded = instructions.allSatisfy {
      switch $0.match {
      case .extensionHeaders, .flowIDs, .icmp6Types: false
      case .limit(let parts, _): parts.rawValue.nonzeroBitCount % 3 == 1
      default: true
      }
    }
    return isWorded && !losesTheEndOfABlock
      && (hasOnlyOptions ? optionsAreReadable : bodyIsReadable)
  }

  /// Whether the line shows the rule's parts in another order than they were given: `ip4` and `ip6`
  /// in front of `from`.
  var isRearranged: Bool { instructions.contains { $0.match == .ip4 || $0.match == .ip6 } }

  /// `ip4` and `ip6` are not shown among the options if they stand in front of `from`, not even as the
  /// last of a block.
  private var losesTheEndOfABlock: Bool {
    zip(instructions, instructions.dropFirst()).contains { first, second in
      first.orNext && !second.orNext && !second.isNegated
        && (second.match == .ip4 || second.match == .ip6)
    }
  }

  /// The `ip4` or `ip6` that is shown in front of `from`: the first that is meant without condition.
  private var version: Match? {
    instructions.first {
      ($0.match == .ip4 || $0.match == .ip6) && !$0.isNegated && !$0.orNext
    }?.match
  }

  /// Whether an instruction is shown in front of `from`, or not at all.
  private func isImplied(_ instruction: Instruction) -> Bool {
    switch instruction.match {
    case .probability, .probeState: true
    default:
      instruction.match == version && !instruction.isNegated && !instruction.orNext
    }
  }

  /// With a version in front of `from`, the options that follow are read as if a body were there, and
  /// shown in it.
  private var optionsAreReadable: Bool {
    guard version != nil, let first = instructions.first(where: { !isImplied($0) }) else {
      return true
    }
    switch BodyPart(first.match) {
    case nil, .destinationPorts: return true
    case .proto: return !first.orNext && !first.isNegated
    default: return false
    }
  }

  /// Addresses, ports and protocols that come before the first option are shown in the body, in
  /// whatever order and number they come.
  private var bodyIsReadable: Bool {
    var last = BodyPart.nothing
    var isBlock = false
    for instruction in instructions where !isImplied(instruction) {
      // A block of parts of the body may not go on with an option.
      guard let part = BodyPart(instruction.match), part != .destinationPorts else {
        return !isBlock
      }
      if part == .proto, version != nil, last == .nothing {
        // The brace and the `not` of a protocol come in front of all that is implied.
        return !instruction.orNext && !instruction.isNegated
      }
      guard isBlock ? part == last : part > last else { return false }
      switch instruction.match {
      case .proto, .address6, .me6: break
      // There is no block of ports there.
      case .ports: if instruction.orNext { return false }
      // Only the protocol tells a list of IPv6 from one of IPv4.
      case .networks6(_, let words): if words.count > 8, version != .ip6 { return false }
      default: if version == .ip6 { return false }
      }
      (last, isBlock) = (part, instruction.orNext)
    }
    return !isBlock
  }
}

/// The parts in front of the options, in their order.
private enum BodyPart: Comparable {
  case nothing, proto, source, sourcePorts, destination, destinationPorts

  init?(_ match: Match) {
    switch match {
    case .proto: self = .proto
    case .address(let end, _), .networks(let end, _), .hosts(let end, _, _, _), .me(let end),
      .table(let end, _, _), .address6(let end, _), .networks6(let end, _), .me6(let end):
      self = end == .source ? .source : .destination
    case .ports(let end, _): self = end == .source ? .sourcePorts : .destinationPorts
    default: return nil
    }
  }
}
