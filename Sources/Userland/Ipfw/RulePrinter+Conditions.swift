// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

extension RulePrinter {
  /// Writes one instruction, with what must stand before it.
  mutating func write(_ instruction: Instruction) {
    switch instruction.match {
    case .address(let end, _), .networks(let end, _), .hosts(let end, _, _, _), .me(let end):
      writeAddress(instruction, end)
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

  private mutating func writeAddress(_ instruction: Instruction, _ end: PacketEnd) {
    require(end == .source ? .proto : [.proto, .source])
    let place: Written = end == .source ? .source : .destination
    if !written.contains(place) { text += end == .source ? " from" : " to" }
    openBlock(instruction)
    if instruction.isNegated { text += " not" }
    if written.contains(.options) { text += end == .source ? " src-ip" : " dst-ip" }
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

  private func list(_ words: WordRange) -> String {
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

  /// An address, a list of networks, or the hosts of a network.
  private func address(_ match: Match) -> String {
    switch match {
    case .address(_, let address): return "\(address)"
    case .me: return "me"
    case .networks(_, let words):
      let list = rule.words[words.indices].map { IPv4Address(rawValue: $0) }
      return stride(from: 0, to: list.count - 1, by: 2)
        .map { RulePrinter.network(list[$0], mask: list[$0 + 1]) }.joined(separator: ",")
    case .hosts(_, let base, let length, let words):
      return "\(base)/\(length)" + hosts(rule.words[words.indices], from: base)
    default: return ""
    }
  }

  private static func network(_ address: IPv4Address, mask: IPv4Address) -> String {
    switch mask.prefixLength {
    case 32: "\(address)"
    case let length?: "\(address)/\(length)"
    case nil: "\(address):\(mask)"
    }
  }

  /// The last numbers of the hosts whose bits are set; three in a row and more are a range.
  private func hosts(_ bits: ArraySlice<UInt32>, from base: IPv4Address) -> String {
    let words = Array(bits)
    let first = Int(base.rawValue & 0xff)
    let members = (0..<words.count * 32).filter { words[$0 / 32] & (1 << UInt32($0 % 32)) != 0 }
    var parts: [String] = []
    var index = 0
    while index < members.count {
      var end = index
      while end + 1 < members.count, members[end + 1] == members[end] + 1 { end += 1 }
      if end - index >= 2 {
        parts.append("\(members[index] + first)-\(members[end] + first)")
        index = end + 1
      } else {
        parts.append("\(members[index] + first)")
        index += 1
      }
    }
    // Without a member the original leaves the opening brace out.
    return (parts.isEmpty ? "" : "{" + parts.joined(separator: ",")) + "}"
  }
}
