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
    guard place < rule.instructions.count else {
      return rule.action == .checkState
        ? "check-state: there is no state" : "the open block takes the action in"
    }
    let instruction = rule.instructions[place]
    var start = place
    while start > 0, rule.instructions[start - 1].orNext { start -= 1 }
    if start < place {
      let block = rule.instructions[start...place].map { condition($0, of: rule) }
      return "none of { \(block.joined(separator: " or ")) }"
    }
    let asked = condition(instruction, of: rule)
    switch PacketValue(rawValue: value).meaning {
    case .notIPv4: return "\(asked): is not IPv4"
    case .otherProtocol(let proto): return "\(asked): is \(IPProtocol(rawValue: proto))"
    case .laterFragment(let offset): return "\(asked): is a fragment, offset \(offset)"
    case .nothing:
      if case .probability = instruction.match { return "\(asked): not this time" }
      return "\(asked): is not"
    case .value(let value):
      if case .interface = instruction.match {
        let index = InterfaceIndex(rawValue: UInt16(truncatingIfNeeded: value))
        return "\(asked): is \(interfaceName(index))"
      }
      return whyNot(instruction, asked, value)
    }
  }

  /// As above, for a condition that the packet has a value for.
  private static func whyNot(
    _ instruction: Instruction, _ asked: String, _ value: UInt32
  ) -> String {
    let address = IPv4Address(rawValue: value)
    switch instruction.match {
    case .me: return "\(address) is \(instruction.isNegated ? "" : "not ")a local address"
    case .address, .networks, .hosts, .table: return "\(asked): is \(address)"
    case .macType: return "\(asked): is 0x\(value.hex(digits: 4))"
    case .proto:
      return "\(asked): is \(IPProtocol(rawValue: UInt8(truncatingIfNeeded: value)))"
    case .inbound: return "\(asked): is \(value == 1 ? "in" : "out")"
    case .fragment: return "\(asked): offset is \(value)"
    case .icmpTypes: return "\(asked): type is \(value)"
    case .flags(.tcpflags, _, _), .established:
      return "\(asked): flags are \(flagLetters(TCPFlags(rawValue: UInt8(value & 0xff))))"
    case .flags(.iptos, _, _): return "\(asked): is 0x\(value.hex(digits: 2))"
    case .flags(let field, _, _):
      let names = flags(field, set: UInt8(value & 0xff), clear: 0)
      return "\(asked): options are \(names.isEmpty ? "none" : names)"
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
