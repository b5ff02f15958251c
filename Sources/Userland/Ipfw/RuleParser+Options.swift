// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

extension RuleParser {
  /// The options, in any order; a block that is left open is not complained of.
  mutating func parseOptions() throws(Fault) {
    previous = nil
    while let word = words.popFirst() {
      var name = Substring(word)
      if name.first == "!" {
        try negate()
        name.removeFirst()
      }
      guard let row = OptionWord.row(String(name)) else {
        throw .failed("unrecognised option [-1] \(name)\n", status: 64)
      }
      try parseOption(row, String(name))
    }
  }

  /// One word of the options, with its operand.
  private mutating func parseOption(_ row: OptionWord, _ word: String) throws(Fault) {
    switch row.kind {
    case .not: try negate()
    case .or:
      guard let previous, isOpen else { throw .failed("invalid \"or\" block\n", status: 64) }
      rule.instructions[previous].orNext = true
    case .open:
      if isOpen { throw .failed("+nested \"(\" not allowed\n", status: 64) }
      isOpen = true
    case .close:
      guard isOpen else { throw .failed("+missing \")\"\n", status: 64) }
      (isOpen, previous) = (false, nil)
    case .comment: try parseComment()
    case .plain(let match): previous = emit(match)
    case .setup:
      previous = emit(.flags(.tcpflags, set: TCPFlags.syn.rawValue, clear: TCPFlags.ack.rawValue))
    case .out:
      isNegated.toggle()
      previous = emit(.inbound)
    case .keepState:
      try checkState(word)
      state = emit(.keepState)
      previous = state
    case .limit:
      try checkState(word)
      state = try parseLimit()
      previous = state
    case .mac: previous = emit(try parseMAC())
    case .tagged: previous = emit(try parseTagged(word))
    case .flowID where proto != RuleParser.ipv6:
      throw .failed("flow-id filter is active only for ipv6 protocol\n", status: 64)
    case .flowID where words.isEmpty: throw .failed(row.missing, status: 65)
    default:
      let operand = try need(row.missing)
      let match = try condition(row.kind, operand)
      words.removeFirst()
      if let match { previous = emit(match) }
    }
  }

  /// A rule makes one state at most, and not in a block.
  private func checkState(_ word: String) throws(Fault) {
    if isOpen { throw .failed("\(word) cannot be part of an or block", status: 64) }
    if state != nil { throw .failed("only one of keep-state and limit is allowed", status: 64) }
  }

  /// The instruction for an option and its operand; nil where it asks nothing.
  private mutating func condition(
    _ kind: OptionWord.Kind, _ word: String
  ) throws(Fault) -> Match? {
    /// The operand as a number of any radix, cut as its field is.
    func number<Field: FixedWidthInteger>() -> Field {
      Field(truncatingIfNeeded: CNumber.strtoul(Substring(word), radix: 0).value)
    }
    switch kind {
    case .proto:
      guard let match = protocolMatch(word, isBody: false) else {
        throw .failed("invalid protocol ``\(word)''", status: 65)
      }
      return match
    case .address(let end):
      return try address4Match(word, end)
    case .address6(let end): return try address6Match(word, end)
    case .ports(let end):
      if isPrefix(word, of: "any") { return nil }
      guard let match = try portsMatch(word, end) else {
        let name = end == .source ? "source" : "destination"
        throw .failed("invalid \(name) port \(word)", status: 65)
      }
      return match
    case .interface(let role): return try interfaceMatch(word, role)
    case .number(let field, let label): return try numberMatch(word, field, label: label)
    case .flags(let field): return try flagsMatch(word, field)
    case .icmpTypes: return try icmpTypesMatch(word)
    case .fib: return .fib(number())
    case .version: return .version(number())
    case .precedence: return .precedence((number() & 7) << 5)
    case .window: return .tcpWindow(number())
    case .sequence:
      // These two forget a negation, as the original does.
      isNegated = false
      return .tcpSequence(number())
    case .acknowledgement:
      isNegated = false
      return .tcpAcknowledgement(number())
    case .icmp6Types:
      let match = try icmp6TypesMatch(word)
      isNegated = false
      return match
    case .extensionHeaders: return try extensionHeadersMatch(word)
    case .flowID: return try flowIDsMatch(word)
    case .user: return .user(try account(word, "uid", Accounts.users))
    case .group: return .group(try account(word, "gid", Accounts.groups))
    case .jail:
      let number = CNumber(word)
      // An empty word is 0, too.
      guard number.rest.isEmpty, let id = UInt32(exactly: Int32(truncatingIfNeeded: number.signed))
      else { throw .failed("jail requires prison ID", status: 65) }
      return .jail(id)
    case .macType: return try macTypesMatch(word)
    case .not, .or, .open, .close, .comment, .plain, .setup, .out, .keepState, .limit, .mac,
      .tagged:
      preconditionFailure("only options with an operand come here")
    }
  }

  /// A name, a pattern or an address; `any` asks nothing and forgets a negation (`fill_iface`).
  private mutating func interfaceMatch(
    _ word: String, _ role: InterfaceRole
  ) throws(Fault) -> Match? {
    if word == "any" {
      isNegated = false
      return nil
    }
    if CNumber.hasDigit(word) {
      guard let address = IPv4Address(inetAton: word) else {
        throw .failed("bad ip address ``\(word)''", status: 65)
      }
      return .interface(role, .address(address))
    }
    let bytes = word.utf8.prefix(InterfaceName.maximumLength)
    // An empty name is how the original marks an address, here 0.0.0.0.
    guard let name = InterfaceName(String(decoding: bytes, as: UTF8.self)) else {
      return .interface(role, .address(.any))
    }
    return .interface(role, word.contains { "*?[".contains($0) } ? .pattern(name) : .name(name))
  }

  /// All words that are left.
  private mutating func parseComment() throws(Fault) {
    defer { words = [] }
    if words.isEmpty { return }
    let comment = words.joined(separator: " ")
    guard comment.utf8.count < 84 else {
      throw .failed("comment too long (max 80 chars)", status: 65)
    }
    rule.comment = comment
    emit(.comment)
  }
}
