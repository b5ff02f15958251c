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
    case .numbered(let action):
      rule.action = action.with(try number(for: word, takesPort: action.takesPort))
    case .setfib: try parseSetfib()
    case .forward: try parseForward()
    case .unreach:
      rule.action = .unreach(
        code: try code("missing reject code", "ICMP") { name in
          ActionWord.unreachCodes.firstIndex(of: name).map { UInt8($0) }
        })
    case .unreach6:
      rule.action = .unreach6(
        code: try code("missing unreach code", "ICMPv6") { name in
          ActionWord.unreach6Codes.first { $0.name == name }?.code
        })
    case .comment:
      rule.action = .count
      words.insert(word, at: words.startIndex)
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
      guard let (number, _) = self.port(text, .services(0)) else {
        throw .failed("illegal forwarding port ``\(text)''", status: 65)
      }
      port = number
    }
    var address = IPv4Address.any
    if !isPrefix(String(host), of: "tablearg") { address = lookUp(String(host)) ?? .any }
    words.removeFirst()
    rule.action = .forward(address, port: port)
  }

  /// What stands between action and conditions, in any order.
  mutating func parseParameters() throws(Fault) {
    while let word = words.first, let row = ParameterWord.row(word) {
      words.removeFirst()
      switch row.kind {
      case .log:
        if log != nil { throw .failed("log cannot be specified more than once", status: 65) }
        let limit = try logLimit()
        log = Instruction(.log(limit: limit, left: limit))
      case .altq: try parseAltq()
      case .tag, .untag:
        if tag != nil {
          throw .failed("tag and untag cannot be specified more than once", status: 64)
        }
        tag = Instruction(.tag(try argument(for: word)), isNegated: row.kind == .untag)
      }
    }
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

  /// The name of a queue, which pf(4) knows (`altq_name_to_qid`).
  private mutating func parseAltq() throws(Fault) {
    let name = try need("missing altq queue name")
    if altq != nil { throw .failed("altq cannot be specified more than once", status: 65) }
    if surroundings.altqQueues == nil {
      surroundings.warn(
        "altq support opening pf(4) control device: No such file or directory")
    }
    guard let queue = surroundings.altqQueues?.first(where: { $0.name == name }) else {
      throw .failed("altq has no queue named `\(name)'", status: 65)
    }
    words.removeFirst()
    altq = Instruction(.altq(queue.number))
  }

  /// A number from 1 to 65534, or `tablearg` (`GET_UINT_ARG`).
  mutating func argument(for name: String) throws(Fault) -> UInt16 {
    let word = try need("\(name): missing argument")
    defer { words.removeFirst() }
    if isPrefix(word, of: "tablearg") { return RuleAction.tablearg }
    let number = CNumber(word, base: 10)
    guard CNumber.hasDigit(word), number.isWhole else {
      throw .failed("\(name): invalid argument: \(word)", status: 65)
    }
    guard let argument = UInt16(exactly: number.signed), argument != 0,
      argument != RuleAction.tablearg
    else {
      throw .failed("\(name): argument is out of range (1..65534): \(word)", status: 65)
    }
    return argument
  }

  /// A code of an unreachable message, by number or name.
  private mutating func code(
    _ missing: String, _ kind: String, _ find: (String) -> UInt8?
  ) throws(Fault) -> UInt8 {
    let word = try need(missing)
    let number = CNumber(word)
    // An int, of which the original keeps the low bits.
    let value = Int32(truncatingIfNeeded: number.unsigned)
    let code = number.isWhole ? UInt8(exactly: value) : nil
    guard let code = code ?? find(word) else {
      throw .failed("unknown \(kind) unreachable code ``\(word)''", status: 65)
    }
    words.removeFirst()
    return code
  }
}
