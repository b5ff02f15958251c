// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell

extension Commands {
  /// jls(8): lists jails.
  package static let jls = Command<Session>(
    "jls", summary: "list jails", effect: .reads,
    usage: .exact("jls: usage: jls [-dhnqv] [-j jail] [param ...]\n", status: 1),
    options: [], operands: [],
    description: ["Lists the jails that are there, by number."],
    examples: [Example("jls", "Lists the jails.")],
    seeAlso: ["jail(8)", "jexec(8)"]
  ) { session, invocation, arguments throws(Fault) in
    guard arguments.operands.isEmpty else {
      throw .failed("unknown parameter: \(arguments.operands[0])")
    }
    invocation.output.line("   JID  IP Address      Hostname                      Path")
  }
}
