// SPDX-License-Identifier: BSD-2-Clause

import Shell

/// The commands of ipfw(8), in the order in which a shortened one is understood.
enum IpfwWord: String, CaseIterable {
  case add, config, set, table, enable, disable, delete, flush, zero, resetlog, print, list, show

  /// Whether `set N` may stand in front of it.
  var takesSet: Bool {
    switch self {
    case .add, .config, .set, .table, .enable, .disable: false
    case .delete, .flush, .zero, .resetlog, .print, .list, .show: true
    }
  }

  /// What it takes and what it does.
  var face: (operands: [String], help: String) {
    switch self {
    case .add: (["[number]", "rule ..."], "Adds a rule and shows it.")
    case .config: (["number", "..."], "Behind pipe or queue: makes or changes one.")
    case .set: (["..."], "Shows, switches, moves and swaps sets of rules.")
    case .table:
      (
        ["number | all", "add | delete | flush | list", "[address[/length] [value]]"],
        "Changes and shows tables of addresses."
      )
    case .enable:
      (["firewall | one_pass | debug | verbose | dyn_keepalive | altq"], "Switches something on.")
    case .disable:
      (["firewall | one_pass | debug | verbose | dyn_keepalive | altq"], "Switches something off.")
    case .delete: (["[set]", "number ..."], "Removes the rules with these numbers.")
    case .flush: ([], "Removes all rules but the default and those of set 31.")
    case .zero: (["[number ...]"], "Clears counters.")
    case .resetlog: (["[number ...]"], "Gives rules that log their budget back.")
    case .print, .list: (["[number[-number] ...]"], "Shows rules.")
    case .show: (["[number[-number] ...]"], "Shows rules with their counters.")
    }
  }
}

extension KeywordSection where World == Session {
  /// What help and completion know of the commands and of the words of a rule.
  static var ipfw: [KeywordSection] {
    func places(_ names: [String]) -> [Source<Session>] { names.map { Source($0) } }
    return [
      KeywordSection(
        title: "commands",
        rows: IpfwWord.allCases.map {
          KeywordShape([$0.rawValue], operands: places($0.face.operands), help: $0.face.help)
        } + [
          KeywordShape(
            ["nat"], operands: places(["number", "config | show | delete", "[nat options]"]),
            help: "Changes and shows instances of address translation.")
        ]),
      KeywordSection(
        title: "objects",
        rows: [
          KeywordShape(
            ["pipe", "queue"], operands: places(["[number]", "command"]),
            help:
              "In front of config, delete, flush, list or show: pipes, or queues that share one.")
        ]),
      KeywordSection(
        title: "pipes",
        rows: PipeWord.all.map {
          KeywordShape($0.words, operands: places($0.operand.map { [$0] } ?? []), help: $0.help)
        }),
      KeywordSection(
        title: "nat options",
        rows: NatWord.allCases.map { word in
          KeywordShape(
            [word.rawValue],
            operands: word == .interface ? [.interface()] : places(word.face.operands),
            help: word.face.help)
        }),
      KeywordSection(
        title: "actions",
        rows: ActionWord.all.map {
          KeywordShape($0.words, operands: places($0.operand.map { [$0] } ?? []), help: $0.help)
        }),
      KeywordSection(
        title: "parameters",
        rows: ParameterWord.all.map {
          KeywordShape([$0.word], operands: places([$0.operand]), help: $0.help)
        }),
      KeywordSection(
        title: "addresses",
        rows: [
          KeywordShape(
            ["from", "to"], operands: [.ruleAddress], help: "An end of the packet's way.")
        ]),
      KeywordSection(
        title: "options",
        rows: OptionWord.all.map { row in
          KeywordShape(
            row.words, operands: row.operand.map { [Source($0)] } ?? [], help: row.help)
        }),
    ]
  }
}
