// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell
import Wire

extension Commands {
  /// jail(8): makes, changes and ends jails.
  package static let jail = Command<Session>(
    "jail", summary: "create or modify a system jail", effect: .changes,
    usage: .exact(
      """
      usage: jail [-d] [-h] [-i] [-J jid_file] [-l -u username | -U username]
                  [-c | -m] param=value ... [command=command ...]
             jail [-r jail]

      """, status: 1),
    options: [
      Option("c", "Make a jail."), Option("d", "Take one that is on its way out; here none is."),
      Option("h", "Give it the addresses of its host name too."),
      Option("i", "Print its number."), Option("l", "Run the command in a clean environment."),
      Option("m", "Change a jail; with -c one is made if it is not there."),
      Option("n", argument: "name", "The same as name=."),
      Option("r", "End a jail, by its number or name.", argument: .jail()),
      Option("s", argument: "securelevel", "The same as securelevel=."),
      Option("u", argument: "username", "The host's user that runs the command."),
      Option("U", argument: "username", "The jail's user that runs the command."),
      Option("J", argument: "jid_file", "Write number and parameters to a file of the host."),
    ],
    operands: [
      Source("param=value", "A parameter and its value; command= takes the rest of the line.") {
        _ in
        JailParameter.all.filter { $0.access != .readOnly }.map {
          let hasValue = $0.kind != .flag && $0.kind != .system
          return Candidate($0.name + (hasValue ? "=" : ""), $0.help, isOpen: hasValue)
        } + [Candidate("command=", "What it runs.", isOpen: true)]
      }.repeated
    ],
    description: [
      "A jail is a part of the system with processes of its own. With vnet it has a network stack of "
        + "its own too: lo0, no addresses, no routes, a firewall without rules. Other jails share the "
        + "stack of the one they are in.",
      "A jail must persist or run a command; without persist it ends with its last process. The "
        + "interfaces that it got with 'ifconfig IF vnet JAIL' then return.",
      "The parameters: " + JailParameter.all.map(\.name).joined(separator: ", ") + ".",
      "Without -c and -m the words are a path, a host name, addresses and a command.",
    ],
    examples: [
      Example("jail -c name=r1 vnet persist", "Makes a jail with a network stack of its own."),
      Example(
        "jail -c name=r2 host.hostname=r2.example.org path=/ vnet command=ifconfig -l",
        "Makes one for a single command."),
      Example("jail -c name=r3 persist; jail -m name=r3 securelevel=2; jail -r r3", "And so on."),
    ],
    seeAlso: ["jexec(8)", "jls(8)", "ifconfig(8)", "sysctl(8)"],
    compatibility: [
      "There are no files, so that any path will do, and no processes but the commands of the "
        + "shell."
    ]
  ) { session, invocation, arguments throws(Fault) in
    var run = JailRun(session, invocation, arguments)
    try run.perform()
  }
}

/// One call of jail(8).
private struct JailRun {
  private let session: Session
  private let invocation: Invocation<Session>
  private let arguments: Arguments
  private var request: JailRequest
  private var ip4: [String] = []
  private var ip6: [String] = []

  init(_ session: Session, _ invocation: Invocation<Session>, _ arguments: Arguments) {
    self.session = session
    self.invocation = invocation
    self.arguments = arguments
    request = JailRequest(session)
  }

  mutating func perform() throws(Fault) {
    var removed: PrisonID?
    for given in arguments.options where given.letter == "r" {
      removed = try session.prisonID(of: given.argument ?? "")
    }
    let words = arguments.operands
    let hasUser = arguments.has("u") || arguments.has("U")
    if let removed {
      guard words.isEmpty, !["i", "J", "l", "u", "U"].contains(where: { arguments.has($0) }) else {
        throw .usage()
      }
      try session.call("jail", "jail_remove") { kernel throws(Errno) in
        try kernel.removePrison(removed, by: session.prison)
      }
      return session.forgetStacks()
    }
    guard !words.isEmpty, !(arguments.has("u") && arguments.has("U")),
      !arguments.has("l") || hasUser
    else { throw .usage() }
    try checkUser("u")
    if let name = arguments.value("n") { try request.add("name", name) }
    if let level = arguments.value("s") { try request.add("securelevel", level) }
    let isNew = arguments.has("c") || arguments.has("m")
    var command = isNew ? try readParameters(words) : try readOldStyle(words)
    if !ip4.isEmpty { try request.add("ip4.addr", ip4.joined(separator: ",")) }
    if !ip6.isEmpty { try request.add("ip6.addr", ip6.joined(separator: ",")) }
    let id = try make(isNew: isNew, runs: command != nil)
    if arguments.has("i") { invocation.output.line("\(id.rawValue)") }
    if let path = arguments.value("J") { try writeFile(path, id, isNew: isNew, command ?? []) }
    guard var words = command else { return }
    command = nil
    // What the process does once it is in the jail.
    do throws(Fault) {
      try checkUser("U")
    } catch {
      session.leave(id)
      throw error
    }
    if words[0].isEmpty { words = [""] }
    let status = session.run(words, attachedTo: id, invocation)
    guard let status else {
      throw .failed("execvp: \(words[0]): \(Errno.ENOENT.message)")
    }
    if status != 0 { throw .silent(status) }
  }

  /// The words of `-c` and `-m`; what is behind `command=` is a command.
  private mutating func readParameters(_ words: [String]) throws(Fault) -> [String]? {
    for (place, word) in words.enumerated() {
      if word.hasPrefix("command=") {
        return [String(word.dropFirst("command=".count))] + words[(place + 1)...]
      }
      if arguments.has("h") {
        if word.hasPrefix("ip4.addr=") {
          ip4.append(String(word.dropFirst(9)))
          return nil
        }
        if word.hasPrefix("ip6.addr=") {
          ip6.append(String(word.dropFirst(9)))
          return nil
        }
        if word.hasPrefix("host.hostname=") { try addAddress(of: String(word.dropFirst(14))) }
      }
      try request.add(word)
    }
    return nil
  }

  /// `path hostname ip command ...`, with the permissions that the sysctls of old give.
  private mutating func readOldStyle(_ words: [String]) throws(Fault) -> [String] {
    guard words.count >= 4, words[0].hasPrefix("/") else {
      throw .failed(
        "no -c or -m, so this must be an old-style command.\nBut it doesn't look like one.")
    }
    try request.add("path", words[0])
    try request.add("host.hostname", words[1])
    if arguments.has("h") { try addAddress(of: words[1]) }
    if !words[2].isEmpty {
      for text in words[2].split(separator: ",", omittingEmptySubsequences: false) {
        try addAddress(of: String(text), isNumeric: true)
      }
    }
    if session.prison == .host {
      for (key, yes, no) in JailRun.oldPermissions {
        guard case .number(let value) = session.sysctl(key) else { continue }
        try request.add(value != 0 ? yes : no, nil)
      }
      if case .number(let value) = session.sysctl(.securityJailEnforceStatfs) {
        try request.add("enforce_statfs", "\(value)")
      }
    }
    return Array(words[3...])
  }

  private static let oldPermissions: [(SysctlKey, yes: String, no: String)] = [
    (.securityJailSetHostnameAllowed, "allow.set_hostname", "allow.noset_hostname"),
    (.securityJailSysvipcAllowed, "allow.sysvipc", "allow.nosysvipc"),
    (.securityJailAllowRawSockets, "allow.raw_sockets", "allow.noraw_sockets"),
    (.securityJailChflagsAllowed, "allow.chflags", "allow.nochflags"),
    (.securityJailMountAllowed, "allow.mount", "allow.nomount"),
    (.securityJailSocketUnixiprouteOnly, "allow.nosocket_af", "allow.socket_af"),
  ]

  /// The addresses of a name (`add_ip_addrinfo`).
  private mutating func addAddress(of name: String, isNumeric: Bool = false) throws(Fault) {
    if let address = IPv4Address(inetAton: name) {
      ip4.append("\(address)")
    } else if let address = IPv6Address(name) {
      ip6.append("\(address)")
    } else if !isNumeric, name == "localhost" {
      ip4.append("127.0.0.1")
    } else {
      throw .failed("hostname \(name): hostname nor servname provided, or not known")
    }
  }

  private func checkUser(_ letter: Character) throws(Fault) {
    guard let name = arguments.value(letter) else { return }
    guard Accounts.users.contains(where: { $0.name == name }) else {
      throw .failed("\(name): no such user")
    }
  }

  private func make(isNew: Bool, runs: Bool) throws(Fault) -> PrisonID {
    var flags: PrisonRequest = isNew ? [] : .create
    if arguments.has("c") { flags.insert(.create) }
    if arguments.has("m") { flags.insert(.update) }
    if runs { flags.insert(.attach) }
    let settings = try request.settings()
    do throws(PrisonError) {
      return try session.kernel.setPrison(settings, flags, by: session.prison)
    } catch {
      throw .failed(error.text ?? "jail_set: \(error.errno.message)")
    }
  }

  /// What `-J` writes: the parameters, or for an old-style call its words.
  private func writeFile(
    _ path: String, _ id: PrisonID, isNew: Bool, _ command: [String]
  ) throws(Fault) {
    var line = "jid=\(id.rawValue)"
    if isNew {
      for (name, value) in request.given where name != "jid" {
        line += " " + name + (value.map { "=" + quotedJailValue($0) } ?? "")
      }
    } else {
      let addresses = (ip4 + ip6).joined(separator: ",")
      let words = [
        "\(id.rawValue)", arguments.operands[0], arguments.operands[1], addresses, command[0],
      ]
      line = words.joined(separator: "\t")
    }
    do throws(HostError) {
      let file = try invocation.interpreter.host.create(path, false)
      _ = file.write(Array((line + "\n").utf8))
      _ = file.close()
    } catch {
      throw .failed("Could not create JidFile: \(path)")
    }
  }
}
