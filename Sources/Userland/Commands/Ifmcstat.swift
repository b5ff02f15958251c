// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell
import Wire

extension Commands {
  /// ifmcstat(8): shows the groups of the interfaces.
  package static let ifmcstat = Command<Session>(
    "ifmcstat", summary: "dump multicast group management statistics per interface",
    effect: .reads,
    usage: .exact("usage: ifmcstat [-i interface] [-f address family] [-v]\n", status: 64),
    options: [
      Option("f", "Only this family.", argument: Source("family") { _ in [Candidate("inet")] }),
      Option("i", "Only this interface.", argument: .interface()),
      Option("v", "Show sources too; no group here has any."),
    ],
    description: [
      "Shows for each interface with groups its first address, the version of IGMP that is spoken "
        + "on it with its robustness, query, response and report intervals, and the groups, the "
        + "last joined first, with the link address that each means.",
      "The first address of an interface joins 224.0.0.1; mcast(8) joins and leaves others.",
    ],
    examples: [
      Example("ifmcstat", "Shows the groups of all interfaces."),
      Example("ifmcstat -i em0", "Shows those of em0."),
    ],
    seeAlso: ["mcast(8)", "netstat(1)"]
  ) { session, invocation, arguments throws(Fault) in
    guard arguments.operands.isEmpty else { throw .usage() }
    for given in arguments.options {
      let value = given.argument ?? ""
      if given.letter == "f", value != "inet" {
        throw .worded("\(value): unknown address family\n", status: 64)
      }
      if given.letter == "i", session.findInterface(value) == nil {
        throw .worded("\(value): unknown interface\n", status: 68)
      }
    }
    for info in session.kernel.interfaces(vnet: session.vnet)
    where arguments.value("i").map({ $0 == "\(info.name)" }) ?? true {
      invocation.output.write(lines: try groupLines(info, session))
    }
  }

  /// What is shown of an interface: nothing where it has no groups.
  private static func groupLines(
    _ info: InterfaceInfo, _ session: Session
  ) throws(Fault) -> [String] {
    let (groups, igmp) = try session.call("ifmcstat", "\(info.name)") { kernel throws(Errno) in
      (
        try kernel.memberships(vnet: session.vnet, interface: info.index),
        try kernel.igmpInterface(vnet: session.vnet, interface: info.index)
      )
    }
    guard !groups.isEmpty else { return [] }
    var lines = ["\(info.name):"]
    if let first = info.addresses.first { lines.append("\tinet \(first.address)") }
    lines.append(
      "\tigmpv\(igmp.version) flags=0<> rv \(igmp.link.robustness) qi \(igmp.link.queryInterval) "
        + "qri \(igmp.link.responseInterval) uri \(igmp.link.unsolicitedInterval)")
    for group in groups {
      lines.append("\t\tgroup \(group.group) mode exclude")
      guard info.hardwareAddress != nil else { continue }
      lines.append("\t\t\tmcast-macaddr \(EthernetAddress.multicast(for: group.group))")
    }
    return lines
  }
}
