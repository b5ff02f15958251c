// SPDX-License-Identifier: BSD-2-Clause

package import Netstack
import Shell
import Wire

extension RulePrinter {
  /// Says why a rule did not take a packet: the condition that failed, and the packet's own value.
  ///
  /// - Parameters:
  ///   - failed: The instruction's place, as a `RuleStep` has it; one behind the last is the action.
  ///   - value: The packet's value, as a `RuleStep` has it.
  ///   - interfaceName: What an interface is called.
  package static func whyNot(
    _ rule: FirewallRule, failed: UInt16, value: UInt64,
    interfaceName: (InterfaceIndex) -> String
  ) -> String {
    let place = Int(failed)
    let meaning = PacketValue(rawValue: value).meaning
    guard place < rule.instructions.count else {
      if rule.action == .checkState { return "check-state: there is no state" }
      return meaning == .frame
        ? "\(actionWord(of: rule)): not for frames" : "the open block takes the action in"
    }
    let instruction = rule.instructions[place]
    let reason = reason(instruction, of: rule, value, interfaceName)
    var start = place
    while start > 0, rule.instructions[start - 1].orNext { start -= 1 }
    guard start < place else { return reason }
    let others = rule.instructions[start..<place].map { asked($0, of: rule) }
    return "none of { \(others.joined(separator: " or ")) or \(reason) }"
  }

  /// Why a packet does not meet one condition.
  private static func reason(
    _ instruction: Instruction, of rule: FirewallRule, _ value: UInt64,
    _ interfaceName: (InterfaceIndex) -> String
  ) -> String {
    let asked = Self.asked(instruction, of: rule)
    switch PacketValue(rawValue: value).meaning {
    case .notIPv4: return "\(asked): is not IPv4"
    case .notIPv6: return "\(asked): is not IPv6"
    case .noFrame: return "\(asked): is no frame"
    case .noSocket: return "\(asked): no socket"
    case .noEntry(let address): return "\(asked): no entry for \(address)"
    case .otherProtocol(let proto): return "\(asked): is \(IPProtocol(rawValue: proto))"
    case .laterFragment(let offset): return "\(asked): is a fragment, offset \(offset)"
    case .station(let end, let address): return "\(asked): \(end) is \(address)"
    case .tags(let count, let first): return "\(asked): \(tags(count, first))"
    case .nothing, .frame: return "\(asked): \(whyNot(instruction))"
    case .value(let value):
      if case .interface = instruction.match {
        let index = InterfaceIndex(rawValue: UInt16(truncatingIfNeeded: value))
        return "\(asked): is \(interfaceName(index))"
      }
      return whyNot(instruction, asked, value)
    }
  }

  /// A condition in ipfw's words; 8.0 itself has none for some.
  private static func asked(_ instruction: Instruction, of rule: FirewallRule) -> String {
    let not = instruction.isNegated ? "not " : ""
    return switch instruction.match {
    case .probability(let bound): "\(not)prob \(probability(bound))"
    case .flowIDs(let words):
      "\(not)flow-id \(rule.words[words.indices].map { "\($0)" }.joined(separator: ","))"
    default: condition(instruction, of: rule)
    }
  }

  /// The first word of a rule's action.
  private static func actionWord(of rule: FirewallRule) -> Substring {
    var bare = FirewallRule(rule.action)
    bare.number = rule.number
    return line(bare).dropFirst(6).prefix { $0 != " " }
  }

  /// Why a condition failed for a packet that has no value for it.
  private static func whyNot(_ instruction: Instruction) -> String {
    switch instruction.match {
    case .interface: "is none"
    case .flags(.ipoptions, _, _): "options are broken"
    case .me6: "no interface has an IPv6 address"
    case .address6: "is another"
    case .networks6: instruction.isNegated ? "is inside" : "is outside"
    case .ipsec: "this kernel has no IPsec"
    default: "is not"
    }
  }

  private static func tags(_ count: UInt8, _ first: SIMD3<UInt16>) -> String {
    if count == 0 { return "no tags" }
    let shown = (0..<min(Int(count), 3)).map { "\(first[$0])" }.joined(separator: ",")
    return "\(count == 1 ? "tag is" : "tags are") \(shown)\(count > 3 ? " and more" : "")"
  }

  /// As above, for a condition that the packet has a value for.
  private static func whyNot(
    _ instruction: Instruction, _ asked: String, _ value: UInt32
  ) -> String {
    let address = IPv4Address(rawValue: value)
    switch instruction.match {
    case .me: return "\(address) is \(instruction.isNegated ? "" : "not ")a local address"
    case .address, .networks, .hosts: return "\(asked): is \(address)"
    case .table: return "\(asked): value is \(value)"
    case .proto:
      return "\(asked): is \(IPProtocol(rawValue: UInt8(truncatingIfNeeded: value)))"
    case .ip4, .ip6: return "\(asked): version is \(value)"
    case .inbound: return "\(asked): is \(value == 1 ? "in" : "out")"
    case .fragment: return "\(asked): offset is \(value)"
    case .icmpTypes, .icmp6Types: return "\(asked): type is \(value)"
    case .flags(.tcpflags, _, _), .established:
      return "\(asked): flags are \(flagLetters(TCPFlags(rawValue: UInt8(value & 0xff))))"
    case .flags(.iptos, _, _): return "\(asked): is 0x\(value.hex(digits: 2))"
    case .flags(let field, _, _):
      let names = flags(field, set: UInt8(value & 0xff), clear: 0)
      return "\(asked): options are \(names.isEmpty ? "none" : names)"
    case .extensionHeaders:
      let names = ExtensionHeaderWords.names.filter { UInt32($0.bit) & value != 0 }.map(\.shown)
      return "\(asked): headers are \(names.isEmpty ? "none" : names.joined(separator: ","))"
    case .flowIDs: return "\(asked): is \(value & 0xfffff), and 8.0 compares more than the label"
    case .layer2: return "\(asked): is \(value == 1 ? "a frame" : "a packet")"
    case .macType: return "\(asked): is 0x\(value.hex(digits: 4))"
    case .diverted:
      return
        "\(asked): \(value == 0 ? "never was" : "came back as \(value == 1 ? "in" : "out")put")"
    case .probability: return "\(asked): drew \(probability(value))"
    case .tcpSequence, .tcpAcknowledgement: return "\(asked): is \(Int32(bitPattern: value))"
    case .verifyReversePath: return "\(asked): the way back to \(address) is another"
    case .verifySourceReachable: return "\(asked): no route of its own to \(address)"
    case .antispoof: return "\(asked): \(address) belongs to another interface"
    default: return "\(asked): is \(value)"
    }
  }

  /// Flags as tcpdump(1) shows them: `S.` for SYN and ACK.
  private static func flagLetters(_ flags: TCPFlags) -> String {
    let letters: [(TCPFlags, String)] = [
      (.fin, "F"), (.syn, "S"), (.rst, "R"), (.psh, "P"), (.urg, "U"), (.ece, "E"), (.cwr, "W"),
      (.ack, "."),
    ]
    let set = letters.filter { flags.contains($0.0) }.map(\.1).joined()
    return set.isEmpty ? "none" : set
  }
}
