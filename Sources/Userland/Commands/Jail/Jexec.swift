// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell

extension Commands {
  /// jexec(8): runs a command in a jail.
  package static let jexec = Command<Session>(
    "jexec", summary: "execute a command inside an existing jail", effect: .reads,
    usage: .exact("usage: jexec [-u username | -U username] jail command ...\n", status: 1),
    options: nil, operands: [.jail(), .command("command", "The command, with its words.")],
    enter: { words, session, body in
      guard let word = words.first, let id = try? session.prisonID(of: word),
        let prison = session.kernel.prison(id, seenBy: session.prison)
      else { return body() }
      session.inPrison(prison, body)
    },
    description: [
      "Runs the command as a process in a jail, named by its number or name: what it asks and "
        + "changes is the jail's. 'jexec r1 sh' gives a prompt in the jail; 'exit' returns from it.",
      "With -u or -U the command is run by a user; all users may do all here.",
    ],
    examples: [
      Example(
        "jail -c name=r1 vnet persist && jexec r1 ifconfig lo0 127.0.0.1/8",
        "Makes a jail with a network stack of its own, and sets its lo0."),
      Example(
        "jail -c name=r2 vnet persist; jexec r2 sh -c 'ifconfig lo0 127.0.0.1/8; netstat -rn'",
        "Runs several commands."),
    ],
    seeAlso: ["jail(8)", "jls(8)", "setfib(1)"],
    exitStatus: "That of the command; 1 if there is no such jail or command."
  ) { session, invocation, arguments throws(Fault) in
    let words = try jexecWords(arguments.operands)
    guard words.count >= 2 else { throw .usage() }
    let prison = try session.prisonID(of: words[0])
    try session.call("jexec", "jail_attach(\(prison.rawValue))") { kernel throws(Errno) in
      try kernel.attach(to: prison, by: session.prison)
    }
    guard let status = session.run(Array(words.dropFirst()), attachedTo: prison, invocation)
    else { throw .failed("execvp(): \(words[1]): \(Errno.ENOENT.message)") }
    if status != 0 { throw .silent(status) }
  }
}

/// The words behind the options, which end at the jail: those behind are the command's own.
private func jexecWords(_ words: [String]) throws(Fault) -> [String] {
  var rest = words[...]
  var users: [Character: String] = [:]
  while let word = rest.first, word.hasPrefix("-"), word != "-" {
    rest.removeFirst()
    if word == "--" { break }
    var letters = word.dropFirst()
    while let letter = letters.popFirst() {
      guard letter != "n" else { continue }
      guard letter == "u" || letter == "U" else { throw .usage("illegal option -- \(letter)") }
      guard let name = letters.isEmpty ? rest.popFirst() : String(letters) else {
        throw .usage("option requires an argument -- \(letter)")
      }
      users[letter] = name
      break
    }
  }
  guard rest.count >= 2, users.count < 2 else { throw .usage() }
  for name in users.values where !Accounts.users.contains(where: { $0.name == name }) {
    throw .failed("\(name): no such user")
  }
  return Array(rest)
}
