// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell
import Wire

extension Commands {
  /// jls(8): lists jails.
  package static let jls = Command<Session>(
    "jls", summary: "list jails", effect: .reads,
    usage: .exact("jls: usage: jls [-dhnqv] [-j jail] [param ...]\n", status: 1),
    options: [
      Option("d", "Those on their way out too; here none is."),
      Option("h", "Begin with a line of names."),
      Option("j", "Only this jail, by its number or name.", argument: .jail()),
      Option("n", "Show each value behind its name."), Option("q", "Quote values."),
      Option("s", "Show what jail(8) takes to make such a jail."),
      Option("v", "Show several lines for each jail."),
    ],
    operands: [
      Source("param", "A parameter to show.") { _ in
        JailParameter.all.map { Candidate($0.name, $0.help) }
      }.optional.repeated
    ],
    description: [
      "Lists the jails by number: those inside the jail that it runs in. With parameters, or -h, -n "
        + "or -s, shows these or all of them, one line for each jail."
    ],
    examples: [
      Example("jls", "Lists the jails."), Example("jls -v", "Shows more."),
      Example(
        "jail -c name=r1 vnet persist; jls jid name vnet", "Shows some parameters."),
      Example("jls -n", "Shows all with their names."),
    ],
    seeAlso: ["jail(8)", "jexec(8)"]
  ) { session, invocation, arguments throws(Fault) in
    var listing = JailListing(session, invocation.output)
    for given in arguments.options { listing.read(given.letter) }
    try listing.show(arguments.operands, only: arguments.value("j"))
  }
}

/// One call of jls(8).
private struct JailListing {
  private let session: Session
  private let output: Output
  private var hasHeading = false
  private var hasNames = false
  private var isQuoted = false
  private var isForMaking = false
  private var isVerbose = false

  init(_ session: Session, _ output: Output) { (self.session, self.output) = (session, output) }

  /// Letters act in their order: a later one may take back what another said.
  mutating func read(_ letter: Character) {
    switch letter {
    case "h": (hasHeading, isForMaking, isVerbose) = (true, false, false)
    case "n": (hasNames, isVerbose) = (true, false)
    case "q": isQuoted = true
    case "s":
      (hasHeading, isVerbose) = (false, false)
      (hasNames, isQuoted, isForMaking) = (true, true, true)
    case "v": (hasHeading, hasNames, isForMaking, isVerbose) = (false, false, false, true)
    default: break
    }
  }

  func show(_ names: [String], only jail: String?) throws(Fault) {
    var columns: [Column] = []
    let shown =
      names.isEmpty && (hasHeading || hasNames)
      ? JailParameter.all.map(\.name).filter { $0 != "vnet" || hasStacks } : names
    for name in shown where !columns.contains(where: { $0.name == name }) {
      let (parameter, isNegated) = try JailParameter.find(name, session)
      columns.append(Column(name: name, parameter: parameter, isNegated: isNegated))
    }
    let isPlain = columns.isEmpty && !isVerbose
    if isVerbose {
      output.write(
        """
           JID  Hostname                      Path
                Name                          State
                CPUSetID
                IP Address(es)

        """)
    } else if isPlain {
      output.line("   JID  IP Address      Hostname                      Path")
    } else if hasHeading {
      output.line(columns.map(\.name).joined(separator: " "))
    }
    for prison in try prisons(jail) {
      if isVerbose {
        showLines(prison)
      } else if isPlain {
        let address = prison.ip4.first.map { "\($0)" } ?? "-"
        let path = session.kernel.path(of: prison, seenBy: session.prison).truncated(to: 74)
        output.line(
          "\(prison.id.rawValue)".padLeft(to: 6) + "  " + address.padRight(to: 15, limit: 15) + " "
            + prison.hostname.padRight(to: 29, limit: 29) + " " + path)
      } else {
        output.line(columns.compactMap { text(prison, $0) }.joined(separator: " "))
      }
    }
  }

  private var hasStacks: Bool { session.kernel.machine.options.vimage }

  /// The jails to show; one that is named must be there.
  private func prisons(_ jail: String?) throws(Fault) -> [Prison] {
    let all = session.kernel.prisons(seenBy: session.prison)
    guard let jail else { return all }
    let number = CNumber(jail, base: 10)
    if number.isWhole, !jail.isEmpty {
      let id = Int32(truncatingIfNeeded: number.signed)
      if id == 0 { return all }
      guard let prison = all.first(where: { $0.id.rawValue == id }) else {
        throw .failed("jail \(id) not found")
      }
      return [prison]
    }
    guard let prison = session.kernel.prison(named: jail, seenBy: session.prison) else {
      throw .failed("jail \"\(jail)\" not found")
    }
    return [prison]
  }

  /// The lines of `-v`.
  private func showLines(_ prison: Prison) {
    let path = session.kernel.path(of: prison, seenBy: session.prison).truncated(to: 74)
    let name = session.kernel.name(of: prison, seenBy: session.prison)
    let margin = String(repeating: " ", count: 8)
    output.line(
      "\(prison.id.rawValue)".padLeft(to: 6) + "  " + prison.hostname.padRight(to: 29, limit: 29)
        + " " + path)
    output.line(margin + name.padRight(to: 29, limit: 29) + " ACTIVE")
    output.line(margin + "\(prison.cpuset)".padRight(to: 6))
    for address in prison.ip4 { output.line(margin + "\(address)".padRight(to: 15, limit: 15)) }
    for address in prison.ip6 { output.line("\(margin)\(address)") }
  }

  private struct Column {
    let name: String
    let parameter: JailParameter
    let isNegated: Bool
  }

  /// A value with what the options put around it; nil for what `-s` leaves out.
  private func text(_ prison: Prison, _ column: Column) -> String? {
    let parameter = column.parameter
    if isForMaking {
      if parameter.access == .readOnly { return nil }
      if let dot = parameter.name.firstIndex(of: "."),
        let parent = JailParameter.all.first(where: { $0.name == parameter.name[..<dot] }),
        value(prison, parent) != "new"
      {
        return nil
      }
    }
    var value = value(prison, parameter)
    if column.isNegated { value = value == "true" ? "false" : "true" }
    if hasNames, parameter.kind == .flag {
      if value == "true" { return column.name }
      return column.isNegated ? parameter.name : parameter.negatedName
    }
    let isList = parameter.kind == .ip4 || parameter.kind == .ip6
    if isList, value.isEmpty {
      value = isQuoted ? "\"\"" : hasNames ? "" : "-"
    } else {
      value = quotedJailValue(value)
    }
    return hasNames ? "\(column.name)=\(value)" : value
  }

  /// A value as jail(3) words it.
  private func value(_ prison: Prison, _ parameter: JailParameter) -> String {
    func flag(_ isOn: Bool) -> String { isOn ? "true" : "false" }
    func system(_ new: PrisonFlags, _ none: PrisonFlags) -> String {
      let bits = prison.flags.intersection(new.union(none))
      if !none.isEmpty, bits == none { return "disable" }
      return bits == new ? "new" : "inherit"
    }
    switch parameter.name {
    case "dying": return flag(false)
    case "enforce_statfs": return "\(prison.enforceStatfs)"
    case "host": return system(.PR_HOST, [])
    case "ip4": return system(.PR_IP4_USER, [.PR_IP4_USER, .PR_IP4_DISABLE])
    case "ip6": return system(.PR_IP6_USER, [.PR_IP6_USER, .PR_IP6_DISABLE])
    case "jid": return "\(prison.id.rawValue)"
    case "name": return session.kernel.name(of: prison, seenBy: session.prison)
    case "parent": return prison.parent == session.prison ? "0" : "\(prison.parent.rawValue)"
    case "path": return session.kernel.path(of: prison, seenBy: session.prison)
    case "persist": return flag(prison.flags.contains(.PR_PERSIST))
    case "securelevel": return "\(prison.securelevel)"
    case "vnet": return system(.PR_VNET, [])
    case "children.cur": return "\(prison.childCount)"
    case "children.max": return "\(prison.childMax)"
    case "cpuset.id": return "\(prison.cpuset)"
    case "host.domainname": return prison.domainname
    case "host.hostid": return "\(prison.hostid)"
    case "host.hostname": return prison.hostname
    case "host.hostuuid": return prison.hostuuid
    case "ip4.addr": return prison.ip4.map { "\($0)" }.joined(separator: ",")
    case "ip6.addr": return prison.ip6.map { "\($0)" }.joined(separator: ",")
    default:
      let bit = JailParameter.permissions.first { $0.name == parameter.name }?.bit
      return flag(bit.map(prison.allowance.contains) ?? false)
    }
  }
}
