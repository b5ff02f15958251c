// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell

/// Processes in jails.
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
  func inPrison(_ prison: Prison, _ body: () -> Void) {
    let outer = self.prison
    self.prison = prison.id
    body()
    self.prison = outer
  }

  /// Runs a command as a process that is attached to a jail already, and lets the jail go then.
  ///
  /// What goes on behind `&` is in the jail too, and keeps it; the jail's end is its end.
  ///
  /// - Returns: The command's status; nil where there is no such command.
  func run(
    _ words: [String], attachedTo id: PrisonID, _ invocation: Invocation<Session>
  ) -> Int32? {
    defer { leave(id) }
    guard let prison = kernel.machine.prisons[id],
      invocation.interpreter.registry[words[0]] != nil
    else { return nil }
    return invocation.run(
      words,
      within: { [self] body in
        guard kernel.machine.prisons[id]?.birth == prison.birth else { return }
        inPrison(prison, body)
      },
      begin: { [self] in kernel.addProcess(to: id) },
      end: { [self] in
        if kernel.machine.prisons[id]?.birth == prison.birth { leave(id) }
      })
  }

  /// A process in a jail ends.
  func leave(_ id: PrisonID) {
    kernel.detach(from: id)
    forgetStacks()
  }

  /// Forgets what was kept of network stacks that are gone.
  func forgetStacks() {
    diverted = diverted.filter { kernel.has($0.key) }
  }

  /// The value of a sysctl, as the process sees it.
  func sysctl(_ key: SysctlKey) -> SysctlValue {
    kernel.sysctl(key, vnet: vnet, fib: fib, by: prison)
  }

  /// The name of the jail that commands run in, as the host calls it; nil outside.
  package var prisonName: String? {
    prison == .host ? nil : kernel.machine.prisons[prison]?.name
  }
}

extension Source where World == Session {
  /// A jail by its name.
  package static func jail(_ help: String = "The number or the name of a jail.") -> Self {
    Source("jail", help) { session in
      session.kernel.prisons(seenBy: session.prison).map { prison in
        Candidate(
          session.kernel.name(of: prison, seenBy: session.prison), "jid \(prison.id.rawValue)")
      }
    }
  }
}
