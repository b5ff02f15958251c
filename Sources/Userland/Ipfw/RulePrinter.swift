// SPDX-License-Identifier: BSD-2-Clause

package import Netstack
import Shell
import Wire

/// How `ipfw list` shows rules: what its options ask for.
package struct RuleFormat: Sendable {
  /// How `-t` and `-T` show the last match.
  package enum Time: Hashable, Sendable {
    case none, text, number
  }

  /// `-c`: without what a rule of options alone implies.
  package var isCompact = false
  /// `-b`: action and comment only.
  package var isCommentOnly = false
  /// `-S`: the set too.
  package var showsSets = false
  /// `-N`: services by name.
  package var namesServices = false
  package var time = Time.none
  /// The queues of ALTQ, which pf(4) knows.
  package var altqQueues: [AltqQueue] = []
  /// The widths of the counters' columns; nil without counters.
  package var counterWidths: (packets: Int, bytes: Int)?

  package init() {}
}

/// Writes a rule the way `show_ipfw()` of ipfw(8) does.
package struct RulePrinter {
  /// What of the rule has been written or is implied; the order in which the original learns it
  /// decides where ` from any` and ` dst-ip` appear.
  struct Written: OptionSet {
    let rawValue: Int
    static let proto = Written(rawValue: 1)
    static let source = Written(rawValue: 2)
    static let destination = Written(rawValue: 4)
    static let proto4 = Written(rawValue: 8)
    static let proto6 = Written(rawValue: 16)
    static let options = Written(rawValue: 32)
    static let ip: Written = [.proto, .source, .destination]
  }

  let rule: FirewallRule
  let format: RuleFormat
  var text = ""
  var written: Written = []
  /// Inside a block.
  var isBlock = false
  /// The protocol that names services; the one of number 0 has none of them.
  var proto: String? = "ip"

  init(_ rule: FirewallRule, _ format: RuleFormat) {
    (self.rule, self.format) = (rule, format)
  }

  /// The rule's line, without newline.
  ///
  /// - Parameter isDisabled: Its set is switched off.
  package static func line(
    _ rule: FirewallRule, _ format: RuleFormat = RuleFormat(), isDisabled: Bool = false
  ) -> String {
    var printer = RulePrinter(rule, format)
    if isDisabled { printer.text = "# DISABLED " }
    printer.writeHead()
    printer.writeAction(rule.action)
    printer.writeBody()
    return printer.text
  }

  /// One condition in words, such as `dst-port 53`.
  package static func condition(_ instruction: Instruction, of rule: FirewallRule) -> String {
    var printer = RulePrinter(rule, RuleFormat())
    // As if all that comes before options were there.
    printer.written = [.ip, .options]
    var instruction = instruction
    instruction.orNext = false
    printer.write(instruction)
    let text = String(printer.text.drop { $0 == " " })
    guard case .proto = instruction.match else { return text }
    // As in front of the addresses.
    return text.replacing("proto ", with: "", maxReplacements: 1)
  }

  private mutating func writeHead() {
    text += Int(rule.number).decimal(digits: 5) + " "
    if let widths = format.counterWidths {
      text += "\(rule.packets)".padLeft(to: widths.packets) + " "
      text += "\(rule.bytes)".padLeft(to: widths.bytes) + " "
    }
    switch format.time {
    case .none: break
    case .number: text += "\(rule.lastMatch)".padLeft(to: 10) + " "
    case .text:
      // A rule that never matched has blanks instead, one fewer.
      text +=
        rule.lastMatch == 0 ? "".padLeft(to: 24) : CalendarTime(seconds: rule.lastMatch).text + " "
    }
    if format.showsSets { text += "set \(rule.set) " }
    if case .probability(let bound)? = rule.instructions.first?.match {
      text += "prob \(RulePrinter.probability(bound)) "
    }
  }

  /// A share of certainty with six places. No share lies between two of these.
  static func probability(_ bound: UInt32) -> String {
    let certainty = UInt64(RuleParser.certainty)
    let millionths = (UInt64(bound) * 2_000_000 + certainty) / (2 * certainty)
    return "\(millionths / 1_000_000).\(Int(millionths % 1_000_000).decimal(digits: 6))"
  }

  private mutating func writeAction(_ action: RuleAction) {
    switch action {
    case .allow: text += "allow"
    case .deny: text += "deny"
    case .count: text += "count"
    case .checkState:
      text += "check-state"
      written = .ip
    case .skipto(let number): text += "skipto " + argument(number)
    case .setfib(let fib): text += "setfib \(fib)"
    case .forward(let address, let port):
      text += "fwd \(address == .any ? "tablearg" : "\(address)")"
      if port != 0 { text += ",\(port)" }
    case .unreach(1): text += "reject"
    case .unreach(let code):
      let names = ActionWord.unreachCodes
      text += "unreach \(Int(code) < names.count ? names[Int(code)] : "\(code)")"
    case .reset: text += "reset"
    case .reset6: text += "reset6"
    case .unreach6(let code):
      let name = ActionWord.unreach6Codes.first { $0.code == code }?.name
      text += "unreach6 \(name ?? "\(code)")"
    case .pipe(let number): text += "pipe " + argument(number)
    case .queue(let number): text += "queue " + argument(number)
    case .divert(let port): text += "divert " + argument(port)
    case .tee(let port): text += "tee " + argument(port)
    case .netgraph(let hook): text += "netgraph " + argument(hook)
    case .ngtee(let hook): text += "ngtee " + argument(hook)
    case .nat(let number): text += "nat " + argument(number)
    case .reass: text += "reass"
    }
    writeParameters()
  }

  /// Log, queue and tag, in the order in which they stand in the rule.
  private mutating func writeParameters() {
    for instruction in rule.instructions {
      switch instruction.match {
      case .log(let limit, _):
        // The original compares without a sign and prints with one.
        text += limit == 0 ? " log" : " log logamount \(Int32(bitPattern: limit))"
      case .altq(let number):
        let name = format.altqQueues.first { $0.number == number }?.name
        text += " altq \(name ?? "?<\(number)>")"
      case .tag(let tag):
        text += (instruction.isNegated ? " untag " : " tag ") + argument(tag)
      default: break
      }
    }
  }

  func argument(_ argument: UInt16) -> String {
    argument == RuleAction.tablearg ? "tablearg" : "\(argument)"
  }

  private mutating func writeBody() {
    if format.isCommentOnly {
      text += " // \(rule.comment ?? "...")"
      return
    }
    for instruction in rule.instructions
    where !instruction.isNegated && !instruction.orNext {
      if instruction.match == .ip4 { written.insert(.proto4) }
      if instruction.match == .ip6 { written.insert(.proto6) }
      if !written.isDisjoint(with: [.proto4, .proto6]) { break }
    }
    if rule.hasOnlyOptions {
      if !format.isCompact {
        require(.proto)
        text += " from any to any"
      }
      written.formUnion([.ip, .options])
    }
    for instruction in rule.instructions {
      switch instruction.match {
      case .probability, .probeState, .log, .altq, .tag: continue
      default: write(instruction)
      }
    }
    require(.ip)
    if let comment = rule.comment { text += " // \(comment)" }
  }

  /// Writes what must stand before what comes next, if it does not yet (`show_prerequisites`).
  mutating func require(_ wanted: Written) {
    if !written.contains(.options) {
      let missing = wanted.subtracting(written)
      if missing.contains(.proto) {
        text += written.contains(.proto4) ? " ip4" : written.contains(.proto6) ? " ip6" : " ip"
      }
      if missing.contains(.source) { text += " from any" }
      if missing.contains(.destination) { text += " to any" }
    }
    written.formUnion(wanted)
  }
}
