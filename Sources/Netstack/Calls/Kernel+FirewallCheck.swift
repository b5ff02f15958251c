// SPDX-License-Identifier: BSD-2-Clause

extension Kernel {
  /// The most words an instruction may have behind its first: 30 ranges, or 15 networks.
  private static let mostWords = 30
  /// The most words of a rule (`RULE_MAXSIZE`), where instructions and entries of lists are one each;
  /// longer ones overrun a buffer of ipfw(8) before the kernel sees them.
  private static let mostWordsOfRule = 255

  /// Whether the kernel can take a rule (`check_ipfw_struct`).
  ///
  /// - Throws: `EINVAL`, which the console explains, for a FIB or a table there is not and for a list
  ///   too long; silently for an action without its module, for a rule too long, and for parts that do
  ///   not fit together.
  mutating func check(_ rule: FirewallRule) throws(Errno) {
    guard rule.set <= FirewallRule.reservedSet,
      rule.instructions.count + rule.words.count <= Kernel.mostWordsOfRule
    else { throw .EINVAL }
    for (index, instruction) in rule.instructions.enumerated() {
      try check(instruction.match, of: rule)
      guard instruction.match.isParameter else { continue }
      let next = rule.instructions.dropFirst(index + 1).first
      guard next?.match.isParameter ?? true else { throw .EINVAL }
    }
    try check(rule.action)
  }

  private mutating func check(_ match: Match, of rule: FirewallRule) throws(Errno) {
    if let words = match.words {
      guard words.start >= 0, words.count > 0, words.indices.upperBound <= rule.words.count,
        Int(words.count).isMultiple(of: match.wordsInEntry)
      else { throw .EINVAL }
    }
    switch match {
    case .fib(let fib): try check(fib: fib)
    case .table(_, let table, _):
      guard Int(table) < FirewallTables.count else {
        machine.log("ipfw: invalid table number \(table)")
        throw .EINVAL
      }
    case .ports(_, let words), .number(_, let words), .taggedIn(let words), .macType(let words),
      .networks(_, let words):
      guard words.count <= Kernel.mostWords else {
        machine.log("ipfw: opcode \(match.opcode) size \(words.count + 1) wrong")
        throw .EINVAL
      }
    default: break
    }
  }

  private mutating func check(_ action: RuleAction) throws(Errno) {
    let isPossible =
      switch action {
      case .forward: machine.options.ipfirewallForward
      case .divert, .tee: machine.options.ipdivert
      case .netgraph, .ngtee: machine.options.netgraph
      case .nat: machine.options.libalias
      default: true
      }
    guard isPossible else { throw .EINVAL }
    if case .setfib(let fib) = action { try check(fib: fib) }
  }

  private mutating func check(fib: UInt16) throws(Errno) {
    guard Int(fib) < machine.options.numberOfFibs else {
      machine.log("ipfw: invalid fib number \(fib)")
      throw .EINVAL
    }
  }
}

extension Match {
  /// How many words one entry of its list has.
  fileprivate var wordsInEntry: Int {
    switch self {
    case .networks: 2
    case .address6: 4
    case .mac: 6
    case .icmp6Types: 7
    case .networks6: 8
    default: 1
    }
  }

  /// The number in netinet/ip_fw.h of an opcode that may be too long.
  fileprivate var opcode: Int {
    switch self {
    case .networks(.source, _): 2
    case .networks(.destination, _): 6
    case .ports(.source, _): 9
    case .ports(.destination, _): 10
    case .macType: 13
    case .number(.iplen, _): 21
    case .number(.ipid, _): 22
    case .number(.ipttl, _): 25
    case .number(.tcpdatalen, _): 65
    case .taggedIn: 81
    default: preconditionFailure("its length is fixed")
    }
  }
}
