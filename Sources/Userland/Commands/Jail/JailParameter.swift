// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// A parameter of jails, as the kernel's `security.jail.param` tells of it to jail(3).
struct JailParameter: Sendable {
  enum Kind: Sendable {
    case number, text, flag, system, ip4, ip6, hostID
  }

  /// What may be done with it: read, given when a jail is made, or changed (`CTLFLAG_`).
  enum Access: Sendable { case readOnly, creation, readWrite }

  let name: String
  let kind: Kind
  let access: Access
  let help: String

  private init(_ name: String, _ kind: Kind, _ access: Access, _ help: String) {
    (self.name, self.kind, self.access, self.help) = (name, kind, access, help)
  }

  /// All of 8.0, in the order of jls(8): those without a dot first.
  static let all = [
    JailParameter("dying", .flag, .readOnly, "Whether it is on its way out."),
    JailParameter("enforce_statfs", .number, .readWrite, "Which file systems it sees."),
    JailParameter("host", .system, .readWrite, "Whether its names are its own."),
    JailParameter("ip4", .system, .creation, "Whether its IPv4 addresses are limited."),
    JailParameter("ip6", .system, .creation, "Whether its IPv6 addresses are limited."),
    JailParameter("jid", .number, .creation, "Its number."),
    JailParameter("name", .text, .readWrite, "Its name."),
    JailParameter("parent", .number, .readOnly, "The number of the jail it is in."),
    JailParameter("path", .text, .creation, "The directory it has for its root."),
    JailParameter("persist", .flag, .readWrite, "Whether it stays without processes."),
    JailParameter("securelevel", .number, .readWrite, "Its secure level."),
    JailParameter("vnet", .system, .creation, "Whether its network stack is its own."),
    JailParameter("allow.chflags", .flag, .readWrite, "May alter flags of files."),
    JailParameter("allow.mount", .flag, .readWrite, "May mount."),
    JailParameter("allow.quotas", .flag, .readWrite, "May set quotas."),
    JailParameter("allow.raw_sockets", .flag, .readWrite, "May make raw sockets."),
    JailParameter("allow.set_hostname", .flag, .readWrite, "May set its host name."),
    JailParameter("allow.socket_af", .flag, .readWrite, "May make sockets of any family."),
    JailParameter("allow.sysvipc", .flag, .readWrite, "May use System V IPC."),
    JailParameter("children.cur", .number, .readOnly, "How many jails are in it."),
    JailParameter("children.max", .number, .readWrite, "How many may be."),
    JailParameter("cpuset.id", .number, .readOnly, "Its set of processors."),
    JailParameter("host.domainname", .text, .readWrite, "Its NIS domain."),
    JailParameter("host.hostid", .hostID, .readWrite, "Its host number."),
    JailParameter("host.hostname", .text, .readWrite, "Its host name."),
    JailParameter("host.hostuuid", .text, .readWrite, "Its host UUID."),
    JailParameter("ip4.addr", .ip4, .readWrite, "Its IPv4 addresses."),
    JailParameter("ip6.addr", .ip6, .readWrite, "Its IPv6 addresses."),
  ]

  static let permissions: [(name: String, bit: PrisonAllowance)] = [
    ("allow.chflags", .chflags), ("allow.mount", .mount), ("allow.quotas", .quotas),
    ("allow.raw_sockets", .rawSockets), ("allow.set_hostname", .setHostname),
    ("allow.socket_af", .socketAF), ("allow.sysvipc", .sysvipc),
  ]

  /// The words of a parameter that is the system's own, shared, or not there (`JAIL_SYS_`).
  static let systemWords = ["disable", "new", "inherit"]

  /// The parameter of a name (`jailparam_type`), and whether the name says no to it.
  static func find(
    _ name: String, _ session: Session
  ) throws(Fault) -> (parameter: JailParameter, isNegated: Bool) {
    let known = all.filter { $0.name != "vnet" || session.kernel.machine.options.vimage }
    if let parameter = known.first(where: { $0.name == name }) { return (parameter, false) }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    if let last = parts.last, last.hasPrefix("no") {
      let plain = (parts.dropLast() + [last.dropFirst(2)]).joined(separator: ".")
      if let parameter = known.first(where: { $0.name == plain && $0.kind == .flag }) {
        return (parameter, true)
      }
    }
    throw .failed("unknown parameter: \(name)")
  }

  /// The name that says no to a flag (`noname`).
  var negatedName: String {
    guard let dot = name.lastIndex(of: ".") else { return "no" + name }
    return name[...dot] + "no" + name[name.index(after: dot)...]
  }
}

/// A value between quotation marks where blanks, quotation marks or nothing are in it.
func quotedJailValue(_ text: String) -> String {
  guard !text.isEmpty else { return "\"\"" }
  let mark: Character? =
    text.contains("'")
    ? "\"" : text.contains("\"") ? "'" : text.contains { $0 == " " || $0 == "\t" } ? "\"" : nil
  let escaped = text.flatMap { $0 == "\\" || $0 == mark ? ["\\", $0] : [$0] }
  return (mark.map(String.init) ?? "") + String(escaped) + (mark.map(String.init) ?? "")
}
