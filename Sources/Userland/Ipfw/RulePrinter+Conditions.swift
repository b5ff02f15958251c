// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

extension RulePrinter {
  /// Writes one instruction, with what must stand before it.
  mutating func write(_ instruction: Instruction) {
    switch instruction.match {
    case .address(let end, _), .networks(let end, _), .hosts(let end, _, _, _), .me(let end),
      .table(let end, _, _):
      writeAddress(instruction, end, end == .source ? " src-ip" : " dst-ip")
    case .address6(let end, _), .networks6(let end, _), .me6(let end):
      writeAddress(instruction, end, end == .source ? " src-ip6" : " dst-ip6")
    case .flowIDs(let words):
      // Without what must stand before it, without negation, and with a blank at its end.
      text += " flow-id " + rule.words[words.indices].map { "\($0)" }.joined(separator: ",") + " "
      written.insert(.options)
    case .ports(let end, let words):
      require(end == .source ? [.proto, .source] : [.ip, .options])
      openBlock(instruction)
      if instruction.isNegated { text += " not" }
      if written.contains(.options) { text += end == .source ? " src-port" : " dst-port" }
      text += " " + ports(words)
    case .proto(let number): writeProto(instruction, number)
    default: writeOption(instruction)
    }
    if instruction.orNext {
      text += " or"
      isBlock = true
    } else if isBlock {
      text += " }"
      isBlock = false
    }
  }

  private mutating func openBlock(_ instruction: Instruction) {
    if instruction.orNext && !isBlock { text += " {" }
  }

  private mutating func writeProto(_ instruction: Instruction, _ number: UInt16) {
    openBlock(instruction)
    if instruction.isNegated { text += " not" }
    let name = UInt8(exactly: number).flatMap { IPProtocol(rawValue: $0).name }
    proto = name
    if !written.isDisjoint(with: [.proto4, .proto6]), !written.contains(.proto) {
      require([.ip, .options])
    }
    if written.contains(.options) { text += " proto" }
    text += " \(name ?? "\(number)")"
    written.insert(.proto)
  }

  private mutating func writeAddress(
    _ instruction: Instruction, _ end: PacketEnd, _ word: String
  ) {
    require(end == .source ? .proto : [.proto, .source])
    let place: Written = end == .source ? .source : .destination
    if !written.contains(place) { text += end == .source ? " from" : " to" }
    openBlock(instruction)
    if instruction.isNegated { text += " not" }
    if written.contains(.options) { text += word }
    text += " " + address(instruction.match)
    written.insert(place)
  }

  private mutating func writeOption(_ instruction: Instruction) {
    let isPlain = !instruction.isNegated && !instruction.orNext
    if isPlain, instruction.match == .ip4, written.contains(.proto4) { return }
    if isPlain, instruction.match == .ip6, written.contains(.proto6) { return }
    require([.ip, .options])
    openBlock(instruction)
    if instruction.match == .inbound {
      text += instruction.isNegated ? " out" : " in"
      return
    }
    if instruction.isNegated { text += " not" }
    let words = option(instruction.match)
    if !words.isEmpty { text += " " + words }
  }

  /// An option without negation.
  private func option(_ match: Match) -> String {
    switch match {
    case .ip4: "ip4"
    case .ip6: "ip6"
    case .interface(let role, let test): "\(word(role)) \(operand(test))"
    case .fragment: "frag"
    case .fib(let fib): "fib \(fib)"
    case .number(let field, let words): "\(field) \(list(words))"
    case .version(let version): "ipver \(version)"
    case .precedence(let bits): "ipprecedence \(bits >> 5)"
    case .flags(.tcpflags, TCPFlags.syn.rawValue, TCPFlags.ack.rawValue): "setup"
    case .flags(let field, let set, let clear):
      "\(field) \(RulePrinter.flags(field, set: set, clear: clear))"
    case .established: "established"
    case .tcpSequence(let number): "tcpseq \(Int32(bitPattern: number))"
    case .tcpAcknowledgement(let number): "tcpack \(Int32(bitPattern: number))"
    case .tcpWindow(let window): "tcpwin \(window)"
    case .icmpTypes(let types): icmpTypes(types)
    case .verifyReversePath: "verrevpath"
    case .verifySourceReachable: "versrcreach"
    case .antispoof: "antispoof"
    case .ipsec: "ipsec"
    // In front of a rule's action; here only where a trace names it.
    case .probability(let bound): "prob \(RulePrinter.probability(bound))"
    case .layer2: "layer2"
    case .mac(let words): mac(words)
    case .macType(let words): "mac-type \(macTypes(words))"
    case .diverted(let sides):
      sides == 3 ? "diverted" : sides == 1 ? "diverted-loopback" : "diverted-output"
    case .tagged(let tag): "tagged \(argument(tag))"
    case .taggedIn(let words): "tagged \(list(words))"
    case .user(let id): "uid \(name(of: id, Accounts.users))"
    case .group(let id): "gid \(name(of: id, Accounts.groups))"
    case .jail(let id): "jail \(Int32(bitPattern: id))"
    case .keepState: "keep-state"
    case .limit(let parts, let number): limit(parts, number)
    case .icmp6Types(let words): "ip6 " + types(words)
    case .extensionHeaders(let bits):
      "extension header: "
        + ExtensionHeaderWords.names.filter { bits & $0.bit != 0 }.map(\.shown)
        .joined(separator: ",")
    default: ""
    }
  }

  private func word(_ role: InterfaceRole) -> String { "\(role)" }

  private func operand(_ test: InterfaceTest) -> String {
    switch test {
    case .name(let name), .pattern(let name): "\(name)"
    case .address(let address): "\(address)"
    }
  }

  private func icmpTypes(_ types: UInt32) -> String {
    let numbers = (0..<32).filter { types & (1 << UInt32($0)) != 0 }.map { "\($0)" }
    return numbers.isEmpty ? "icmptypes" : "icmptypes " + numbers.joined(separator: ",")
  }

  /// The names of bits, those that must be clear behind `!` (`print_flags`).
  static func flags(_ field: FlagField, set: UInt8, clear: UInt8) -> String {
    var (set, clear) = (set, clear)
    var names: [String] = []
    for row in FlagWords.names(field) {
      if set & row.bits != 0 {
        set &= ~row.bits
        names.append(row.name)
      }
      if clear & row.bits != 0 {
        clear &= ~row.bits
        names.append("!" + row.name)
      }
    }
    return names.joined(separator: ",")
  }

  func list(_ words: WordRange) -> String {
    rule.ranges(words).map { $0.low == $0.high ? "\($0.low)" : "\($0.low)-\($0.high)" }
      .joined(separator: ",")
  }

  private func ports(_ words: WordRange) -> String {
    guard format.namesServices else { return list(words) }
    func name(_ port: UInt16) -> String { Services.name(of: port, proto) ?? "\(port)" }
    return rule.ranges(words).map {
      $0.low == $0.high ? name($0.low) : "\(name($0.low))-\(name($0.high))"
    }.joined(separator: ",")
  }
}
