// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

extension RuleParser {
  /// The action, with its argument.
  mutating func parseAction() throws(Fault) {
    let word = try need("missing action")
    guard let row = ActionWord.row(word) else {
      throw .failed("invalid action \(word)\n", status: 65)
    }
    words.removeFirst()
    switch row.kind {
    case .plain(let action): rule.action = action
    case .skipto: rule.action = .skipto(try number(for: word, takesPort: false))
    case .absent(let takesPort):
      _ = try number(for: word, takesPort: takesPort)
      refusal = RuleParser.refused
    case .setfib: try parseSetfib()
    case .forward: try parseForward()
    case .unreach: try parseUnreach()
    case .comment:
      rule.action = .count
      words.insert(word, at: words.startIndex)
    case .later: throw RuleParser.later(word)
    }
  }

  /// A number from 1 to 65534 after a cut to sixteen bits, `tablearg`, or a port of divert.
  private mutating func number(for action: String, takesPort: Bool) throws(Fault) -> UInt16 {
    let word = try need("missing argument for \(action)")
    defer { words.removeFirst() }
    if CNumber.hasDigit(word) {
      let value = CNumber.strtoul(Substring(word), radix: 10).value
      let number = UInt16(truncatingIfNeeded: value)
      guard number != 0, number != RuleAction.tablearg else {
        throw .failed("illegal argument for \(action)", status: 65)
      }
      return number
    }
    if isPrefix(word, of: "tablearg") { return RuleAction.tablearg }
    guard takesPort else { throw .failed("illegal argument for \(action)", status: 65) }
    guard let port = Services.port(named: word, "divert") else {
      throw .failed("illegal divert/tee port", status: 65)
    }
    return port
  }

  private mutating func parseSetfib() throws(Fault) {
    let word = try need("missing fib number")
    let value = CNumber.strtoul(Substring(word), radix: 10).value
    let fib = UInt16(truncatingIfNeeded: value)
    guard Int(fib) < surroundings.fibCount else { throw .failed("fib too large.\n", status: 65) }
    words.removeFirst()
    rule.action = .setfib(fib)
  }

  /// An address, and a port behind `:` or `,`. What is no address counts as `tablearg`.
  private mutating func parseForward() throws(Fault) {
    let word = try need("missing forward address[:port]")
    var (host, port) = (Substring(word), UInt16(0))
    if let mark = word.firstIndex(of: ":") ?? word.firstIndex(of: ",") {
      host = word[..<mark]
      let text = word[word.index(after: mark)...]
      guard let (number, _) = self.port(text, proto: 0) else {
        throw .failed("illegal forwarding port ``\(text)''", status: 65)
      }
      port = number
    }
    var address = IPv4Address.any
    if !isPrefix(String(host), of: "tablearg") { address = lookUp(String(host)) ?? .any }
    words.removeFirst()
    rule.action = .forward(address, port: port)
  }

  /// What stands between action and conditions; returns the logging, which goes behind these.
  mutating func parseParameters() throws(Fault) -> Match? {
    var log: Match?
    while let word = words.first, let row = ParameterWord.row(word) {
      guard row.kind == .log else { throw RuleParser.later(word) }
      words.removeFirst()
      if log != nil { throw .failed("log cannot be specified more than once", status: 65) }
      let limit = try logLimit()
      log = .log(limit: limit, left: limit)
    }
    return log
  }

  /// The operand of `logamount`, or the kernel's limit.
  private mutating func logLimit() throws(Fault) -> UInt32 {
    guard takes("logamount") else {
      return UInt32(truncatingIfNeeded: surroundings.verboseLimit)
    }
    let limit = CNumber.atoi(try need("logamount requires argument"))
    if limit < 0 { throw .failed("logamount must be positive", status: 65) }
    words.removeFirst()
    return UInt32(limit)
  }

  private mutating func parseUnreach() throws(Fault) {
    let word = try need("missing reject code")
    let (value, rest) = CNumber.strtoul(Substring(word), radix: 0)
    if !word.isEmpty, rest.isEmpty, value <= 255 {
      rule.action = .unreach(code: UInt8(value))
    } else if let code = ActionWord.unreachCodes.firstIndex(of: word) {
      rule.action = .unreach(code: UInt8(code))
    } else {
      throw .failed("unknown ICMP unreachable code ``\(word)''", status: 65)
    }
    words.removeFirst()
  }
}
