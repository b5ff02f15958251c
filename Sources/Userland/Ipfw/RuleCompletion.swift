// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What may stand next in a line of ipfw(8), from the tables that read it and from what is there.
enum RuleCompletion {
  typealias Place = Source<Session>

  /// What may stand behind the words after the options.
  static func next(_ words: ArraySlice<String>, _ session: Session) -> [Place] {
    var rest = words
    guard let word = rest.popFirst() else { return [.ipfwCommands] }
    switch word {
    case "add": return rule(&rest)
    case "delete": return [.ruleNumbers, .listed("set", [("set", "A whole set of rules.")])]
    case "list", "show", "print", "zero", "resetlog": return [.ruleNumbers]
    case "enable", "disable": return rest.isEmpty ? [.switches] : []
    case "set": return set(&rest)
    case "table": return table(&rest)
    case "pipe", "queue": return pipe(&rest, isPipe: word == "pipe")
    case "nat": return nat(&rest)
    default: return []
    }
  }

  /// `add [number] [set N] [prob X] ACTION [PARAMETERS] [PROTO from A to B] [OPTIONS]`.
  private static func rule(_ rest: inout ArraySlice<String>) -> [Place] {
    if let word = rest.first, CNumber.hasDigit(word) { rest.removeFirst() }
    for prefix in ["set", "prob"] where rest.first == prefix {
      guard rest.count > 1 else { return [] }
      rest = rest.dropFirst(2)
    }
    guard let word = rest.popFirst() else { return [.actions, .prefixes] }
    guard let action = ActionWord.row(word) else { return [] }
    if action.operand != nil, rest.popFirst() == nil { return [.operand(of: action)] }
    switch action.kind {
    case .plain(.checkState), .comment: return []
    default: break
    }
    while let word = rest.first, let parameter = ParameterWord.row(word) {
      rest.removeFirst()
      guard parameter.kind != .log else {
        if rest.first == "logamount" { rest = rest.dropFirst(2) }
        continue
      }
      guard rest.popFirst() != nil else { return [Place(parameter.operand)] }
    }
    return body(&rest)
  }

  /// From the protocol on.
  private static func body(_ rest: inout ArraySlice<String>) -> [Place] {
    guard let proto = rest.first else { return [.parameters, .protocols, .options] }
    if proto != "{", OptionWord.row(proto) != nil { return options(&rest) }
    skipBlock(&rest)
    guard let from = rest.popFirst() else { return [.word("from", "Behind it: the source.")] }
    guard from == "from" else { return [] }
    if let places = end(&rest, followedBy: .word("to", "Behind it: the destination.")) {
      return places
    }
    guard rest.popFirst() == "to" else { return [] }
    if let places = end(&rest, followedBy: .options) { return places }
    return options(&rest)
  }

  /// An address and its ports; what may come next where the words end here.
  private static func end(
    _ rest: inout ArraySlice<String>, followedBy next: Place
  ) -> [Place]? {
    if rest.first == "not" { rest.removeFirst() }
    if rest.isEmpty { return [.ruleAddress, .word("not", "The contrary of what follows.")] }
    skipBlock(&rest)
    // Ports are what is neither `to` nor an option.
    while let word = rest.first, word != "to", OptionWord.row(word) == nil || word == "not" {
      rest.removeFirst()
    }
    return rest.isEmpty ? [next] : nil
  }

  /// The conditions behind the addresses.
  private static func options(_ rest: inout ArraySlice<String>) -> [Place] {
    while let word = rest.popFirst() {
      guard let row = OptionWord.row(word), row.operand != nil else { continue }
      if case .comment = row.kind { return [] }
      guard rest.popFirst() != nil else { return [.operand(of: row)] }
    }
    return [.options]
  }

  /// Steps over a word, or over a block of braces.
  private static func skipBlock(_ rest: inout ArraySlice<String>) {
    guard rest.popFirst() == "{" else { return }
    while let word = rest.popFirst(), word != "}" {}
  }

  private static func set(_ rest: inout ArraySlice<String>) -> [Place] {
    guard let word = rest.popFirst() else {
      return [
        .listed(
          "command",
          [
            ("show", "Shows which sets are on."), ("enable", "Switches sets on."),
            ("disable", "Switches sets off."), ("move", "Moves rules to another set."),
            ("swap", "Swaps two sets."),
          ])
      ]
    }
    guard CNumber.hasDigit(word), rest.isEmpty else { return [] }
    return [.commands { $0.takesSet }]
  }

  private static func table(_ rest: inout ArraySlice<String>) -> [Place] {
    guard rest.popFirst() != nil else {
      return [.word("all", "Every table; else the number of one, 0 to 127.")]
    }
    guard rest.isEmpty else { return [] }
    return [
      .listed(
        "command",
        [
          ("add", "Puts an address in, with a value."), ("delete", "Takes an address out."),
          ("flush", "Empties the table."), ("list", "Shows what is in it."),
        ])
    ]
  }

  private static func pipe(_ rest: inout ArraySlice<String>, isPipe: Bool) -> [Place] {
    let numbers = isPipe ? Place.pipes : Place.queues
    let commands = Place.listed(
      "command",
      [
        ("config", "Makes one, or changes it."), ("delete", "Removes one."),
        ("show", "Shows them with their counters."), ("list", "The same as show."),
        ("flush", "Removes all pipes and queues."),
      ])
    guard let word = rest.popFirst() else { return [numbers, commands] }
    let isNumbered = CNumber.hasDigit(word)
    guard let second = rest.popFirst() else { return isNumbered ? [commands] : [numbers] }
    guard word == "config" || second == "config" else { return [] }
    var last: PipeWord?
    while let word = rest.popFirst() {
      last = PipeWord.row(word)
      if let row = last, row.operand != nil, row.words.first != "mask" {
        guard rest.popFirst() != nil else {
          if case .parent = row.kind { return [.pipes] }
          return [Place(row.operand ?? "")]
        }
      }
    }
    return [
      .listed(
        "option", PipeWord.all.flatMap { row in row.words.map { ($0, row.help) } })
    ]
  }

  private static func nat(_ rest: inout ArraySlice<String>) -> [Place] {
    let commands = Place.listed(
      "command",
      [
        ("config", "Makes one, or changes it."), ("delete", "Removes one."),
        ("show", "Shows how they are configured."),
      ])
    guard let word = rest.popFirst() else { return [commands] }
    guard let second = rest.popFirst() else { return CNumber.hasDigit(word) ? [commands] : [] }
    guard second == "config" || word == "config" else { return [] }
    while let word = rest.popFirst() {
      guard let row = NatWord(rawValue: word) else { continue }
      for _ in row.face.operands where rest.popFirst() == nil {
        return row == .interface ? [.interface()] : []
      }
    }
    return [.listed("option", NatWord.allCases.map { ($0.rawValue, $0.face.help) })]
  }
}

/// Places of a rule, each with its words from the table that reads them.
extension Source where World == Session {
  fileprivate static func word(_ word: String, _ help: String) -> Self {
    Source(word, help, kind: .literal([word]))
  }

  fileprivate static func commands(_ isWanted: @escaping (IpfwWord) -> Bool) -> Self {
    listed("command", IpfwWord.allCases.filter(isWanted).map { ($0.rawValue, $0.face.help) })
  }

  /// The first word of all.
  fileprivate static var ipfwCommands: Self {
    let objects = [
      ("pipe", "Pipes: links with a bandwidth and a delay."),
      ("queue", "Queues that share a pipe by weight."),
      ("nat", "Instances of address translation."),
    ]
    return listed(
      "command",
      IpfwWord.allCases.filter { $0 != .config }.map { ($0.rawValue, $0.face.help) } + objects)
  }

  fileprivate static var actions: Self {
    listed("action", ActionWord.all.flatMap { row in row.words.map { ($0, row.help) } })
  }

  fileprivate static var prefixes: Self {
    listed(
      "prefix",
      [("set", "The set the rule is in."), ("prob", "The rule matches with this probability.")])
  }

  fileprivate static var parameters: Self {
    listed("parameter", ParameterWord.all.map { ($0.word, $0.help) })
  }

  fileprivate static var protocols: Self {
    listed(
      "protocol",
      [
        ("ip", "Every packet."), ("all", "Every packet."), ("tcp", "TCP segments."),
        ("udp", "UDP datagrams."), ("icmp", "ICMP messages."), ("igmp", "IGMP messages."),
        ("gre", "GRE tunnels."), ("esp", "Encrypted packets."), ("ip4", "IPv4 packets."),
        ("ip6", "IPv6 packets."), ("ipv6-icmp", "ICMPv6 messages."),
      ])
  }

  fileprivate static var options: Self {
    let inBlocks = ["or", "|", ")", "}"]
    let rows = OptionWord.all.filter { !inBlocks.contains($0.words[0]) }
    return listed("option", rows.flatMap { row in row.words.map { ($0, row.help) } })
  }

  fileprivate static var switches: Self {
    listed(
      "switch",
      [
        ("firewall", "The firewall itself."),
        ("one_pass", "A packet from a pipe is not filtered again."),
        ("debug", "Messages for debugging."), ("verbose", "Messages of rules with log."),
        ("dyn_keepalive", "Keep-alives for states."), ("altq", "Queues of ALTQ."),
      ])
  }

  /// The numbers of the rules there are, each with its first rule.
  fileprivate static var ruleNumbers: Self {
    Source("number") { session in
      do throws(Errno) {
        let rules = try session.kernel.firewallRules(vnet: session.vnet)
        return rules.map { rule in
          let line = RulePrinter.line(rule, RuleFormat(), isDisabled: false)
          return Candidate("\(rule.number)", String(line.dropFirst(6)))
        }
      } catch {
        return []
      }
    }
  }

  fileprivate static var pipes: Self {
    Source("number") { session in
      do throws(Errno) {
        return try session.kernel.dummynetReport().pipes.map {
          Candidate("\($0.settings.number)", "a pipe")
        }
      } catch {
        return []
      }
    }
  }

  fileprivate static var queues: Self {
    Source("number") { session in
      do throws(Errno) {
        return try session.kernel.dummynetReport().queues.map {
          Candidate("\($0.settings.number)", "a queue")
        }
      } catch {
        return []
      }
    }
  }

  /// An address of a rule, with those of our own.
  static var ruleAddress: Self {
    Source("address", "An address, a network, a list, any or me.") { session in
      [
        Candidate("any", "every address"), Candidate("me", "every address of this host"),
        Candidate("table(", "the addresses of a table, as 'table(1)'", isOpen: true),
      ] + session.ownAddresses
    }
  }

  /// What stands behind an action.
  fileprivate static func operand(of row: ActionWord) -> Self {
    switch row.kind {
    case .setfib: .fib()
    case .numbered(.skipto): .ruleNumbers
    case .numbered(.pipe): .pipes
    case .numbered(.queue): .queues
    case .unreach: listed("code", ActionWord.unreachCodes.map { ($0, "") })
    case .unreach6: listed("code", ActionWord.unreach6Codes.map { ($0.name, "") })
    case .forward: Source("address") { $0.neighbourAddresses }
    default: Source(row.operand ?? "")
    }
  }

  /// What stands behind an option.
  static func operand(of row: OptionWord) -> Self {
    switch row.kind {
    case .interface: .interface()
    case .fib: .fib()
    case .address: .ruleAddress
    case .proto: .protocols
    case .flags(let field): listed("flags", FlagWords.names(field).map { ($0.name, "") })
    case .limit: listed("parts", LimitWords.names.dropFirst().map { ($0.name, "") })
    case .macType: listed("type", EtherTypeWords.names.map { ($0.name, "") })
    case .extensionHeaders: listed("header", ExtensionHeaderWords.names.map { ($0.name, $0.shown) })
    default: Source(row.operand ?? "")
    }
  }
}
