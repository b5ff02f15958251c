// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell
import Wire

extension Commands {
  /// Joins and leaves groups without a socket; a command of ours.
  package static let mcast = Command<Session>(
    "mcast", summary: "join and leave multicast groups", effect: .changes,
    options: TraceFormat.options,
    operands: [
      Source("join | leave", "What to do.", kind: .literal(["join", "leave"])),
      Source("group", "An address from 224.0.0.0 to 239.255.255.255."),
      .interface(),
    ],
    description: [
      "Joins a group on an interface for any source, as a process does with IP_ADD_MEMBERSHIP, or "
        + "takes one such join back. The group is left when all are taken back. With -q, -j or -v "
        + "shows what becomes of packets that this sends at once, as trace(8) does.",
      "IGMP reports a new group within 200 milliseconds, and once more within 3 seconds: let time "
        + "pass with clock(8). 224.0.0.1 and the groups of lo0 are never reported.",
    ],
    examples: [
      Example("mcast join 239.1.1.1 em0", "Joins a group."),
      Example("mcast leave 224.0.0.1 lo0", "Takes the join of lo0's first address back."),
    ],
    seeAlso: ["ifmcstat(8)", "netstat(1)", "clock(8)"],
    compatibility: ["This is a command of fibsh; FreeBSD has none like it."]
  ) { session, invocation, arguments throws(Fault) in
    let words = arguments.operands
    guard words.count == 3, words[0] == "join" || words[0] == "leave" else { throw .usage() }
    guard let group = IPv4Address(inetAton: words[1]) else {
      throw .failed("\(words[1]): bad address")
    }
    guard let interface = session.findInterface(words[2]) else {
      throw .failed("interface \(words[2]) does not exist")
    }
    var recorder = Recorder()
    let vnet = session.vnet
    try session.call("mcast", "\(group)") { kernel throws(Errno) in
      if words[0] == "join" {
        try kernel.joinGroup(vnet: vnet, interface: interface, group, tracer: &recorder)
      } else {
        try kernel.leaveGroup(vnet: vnet, interface: interface, group, tracer: &recorder)
      }
    }
    guard !arguments.options.isEmpty else { return }
    let run = session.run(of: recorder)
    invocation.output.write(session.report(run, TraceFormat(arguments)))
  }
}
