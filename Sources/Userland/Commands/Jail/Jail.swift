// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell

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
      Option("c", "Make a jail."), Option("i", "Print the number of the jail."),
      Option("r", argument: "jail", "End a jail."),
    ],
    operands: [
      Source("param=value", "A parameter and its value.") { _ in
        ["name=", "vnet", "persist", "host.hostname=", "path="].map { Candidate($0) }
      }.repeated
    ],
    description: [
      "Makes a jail of the given parameters. With vnet it has a network stack of its own."
    ],
    examples: [
      Example("jail -c name=r1 vnet persist", "Makes a jail with a network stack of its own.")
    ],
    seeAlso: ["jexec(8)", "jls(8)", "ifconfig(8)"]
  ) { session, invocation, arguments throws(Fault) in
    for given in arguments.options where given.letter == "r" {
      guard arguments.operands.isEmpty else { throw .usage() }
      let prison = try session.prisonID(of: given.argument ?? "")
      return try session.call("jail", "jail_remove") { kernel throws(Errno) in
        try kernel.removePrison(prison, by: session.prison)
      }
    }
    var name: String?
    var flags: PrisonFlags = []
    for word in arguments.operands {
      switch word {
      case "vnet", "vnet=new": flags.insert(.PR_VNET)
      case "persist": flags.insert(.PR_PERSIST)
      default:
        guard word.hasPrefix("name=") else { throw .failed("unknown parameter: \(word)") }
        name = String(word.dropFirst(5))
      }
    }
    guard flags.contains(.PR_PERSIST) else { throw .failed("new jail must persist or attach") }
    let id = session.kernel.createPrison(named: name, flags: flags, by: session.prison)
    if arguments.has("i") { invocation.output.line("\(id.rawValue)") }
  }
}
