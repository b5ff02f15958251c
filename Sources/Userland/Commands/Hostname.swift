// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell

extension Commands {
  /// hostname(1): shows or sets the name of the machine.
  package static let hostname = Command<Session>(
    "hostname", section: 1, summary: "set or print name of current host system",
    effect: .changes, usage: .exact("usage: hostname [-fs] [name-of-host]\n", status: 1),
    options: [
      Option("f", "Show the whole name, as without it."),
      Option("s", "Show the name without its domain."),
    ],
    operands: [Source("name-of-host", "The new name.").optional],
    description: ["The name is that of the sysctl kern.hostname."],
    examples: [
      Example("hostname router.example.org", "Names the machine."),
      Example("hostname -s", "Shows the name up to its first dot."),
    ],
    seeAlso: ["sysctl(8)", "uname(1)"]
  ) { session, invocation, arguments throws(Fault) in
    guard arguments.operands.count <= 1 else { throw .usage() }
    if let name = arguments.operands.first {
      return try session.call("hostname", "sethostname") { kernel throws(Errno) in
        try kernel.setSysctl(.kernHostname, to: name, vnet: session.vnet, by: session.prison)
      }
    }
    let name = session.text(.kernHostname)
    invocation.output.line(arguments.has("s") ? String(name.prefix { $0 != "." }) : name)
  }

  /// uname(1): tells what system this is.
  package static let uname = Command<Session>(
    "uname", section: 1, summary: "display information about the system", effect: .reads,
    usage: .exact("usage: uname [-aimnoprsv]\n", status: 1),
    options: [
      Option("a", "The same as -mnrsv."), Option("i", "The name of the kernel."),
      Option("m", "The kind of hardware."), Option("n", "The name of the host."),
      Option("o", "The same as -s."), Option("p", "The architecture of the processor."),
      Option("r", "The release of the system."),
      Option("s", "The name of the system; what is shown without options."),
      Option("v", "The version of the kernel."),
    ],
    description: ["What it shows is in the sysctls kern.ostype, kern.hostname and so on."],
    examples: [
      Example("uname -sr", "Shows the system and its release."), Example("uname -a", "Shows more."),
    ],
    seeAlso: ["hostname(1)", "sysctl(8)"]
  ) { session, invocation, arguments throws(Fault) in
    guard arguments.operands.isEmpty else { throw .usage() }
    let isDefault = arguments.options.isEmpty
    let parts: [(letters: String, key: SysctlKey)] = [
      ("soa", .kernOstype), ("na", .kernHostname), ("ra", .kernOsrelease), ("va", .kernVersion),
      ("ma", .hwMachine), ("p", .hwMachineArch), ("i", .kernIdent),
    ]
    let words = parts.filter { part in
      part.letters.contains(where: arguments.has) || (isDefault && part.key == .kernOstype)
    }
    // The version ends in a newline, which is a blank here.
    let text = words.map { session.text($0.key) }.joined(separator: " ")
    invocation.output.line(String(text.map { $0 == "\n" || $0 == "\t" ? " " : $0 }))
  }
}

extension Session {
  /// The value of a sysctl that is a string.
  func text(_ key: SysctlKey) -> String {
    guard case .text(let text) = sysctl(key) else { return "" }
    return text
  }
}
