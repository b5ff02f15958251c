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
      guard let word = words.first,
        let prison = session.kernel.prison(named: word, seenBy: session.prison)
      else { return body() }
      session.inPrison(prison.id, body)
    },
    description: [
      "Runs the command as a process in a jail, named by its number or name: what it asks and "
        + "changes is the jail's."
    ],
    examples: [
      Example(
        "jail -c name=r1 vnet persist && jexec r1 ifconfig lo0 127.0.0.1/8",
        "Makes a jail with a network stack of its own, and sets its lo0.")
    ],
    seeAlso: ["jail(8)", "jls(8)"],
    exitStatus: "That of the command; 1 if there is no such jail or command."
  ) { session, invocation, arguments throws(Fault) in
    let words = arguments.operands
    guard words.count >= 2 else { throw .usage() }
    let prison = try session.prisonID(of: words[0])
    _ = try session.call("jexec", "jail_attach(\(prison.rawValue))") { kernel throws(Errno) in
      guard kernel.prison(prison, seenBy: session.prison) != nil else { throw .EINVAL }
    }
    guard invocation.interpreter.registry[words[1]] != nil else {
      throw .failed("execvp(): \(words[1]): \(Errno.ENOENT.message)")
    }
    let status = session.inPrison(prison) {
      invocation.interpreter.run(
        words: Array(words.dropFirst()), output: invocation.output, input: invocation.input)
    }
    if status != 0 { throw .silent(status) }
  }
}

extension Session {
  /// The number of a jail; a number is taken as it is, a name must be there (`jail_getid`).
  func prisonID(of word: String) throws(Fault) -> PrisonID {
    let number = CNumber(word, base: 10)
    if number.isWhole, !word.isEmpty {
      return PrisonID(rawValue: Int32(truncatingIfNeeded: number.signed))
    }
    guard let prison = kernel.prison(named: word, seenBy: prison) else {
      throw .failed("jail \"\(word)\" not found")
    }
    return prison.id
  }

  /// Runs something as a process in a jail.
  func inPrison<Value, Failure: Error>(
    _ prison: PrisonID, _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let outer = self.prison
    self.prison = prison
    defer { self.prison = outer }
    return try body()
  }
}

extension Source where World == Session {
  /// A jail by its name.
  package static func jail(_ help: String = "The number or the name of a jail.") -> Self {
    Source("jail", help) { session in
      session.kernel.machine.prisons.all.compactMap { prison in
        guard session.kernel.prison(prison.id, seenBy: session.prison) != nil else { return nil }
        return Candidate(
          session.kernel.name(of: prison, seenBy: session.prison), "jid \(prison.id.rawValue)")
      }
    }
  }
}
