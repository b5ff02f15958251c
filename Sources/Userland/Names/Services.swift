// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The names of ports, as getservbyname(3) and getservbyport(3) find them in /etc/services.
package enum Services {
  /// A line of the file.
  private struct Entry {
    let name: String
    let port: UInt16
    /// `t` for tcp, `u` for udp, `s` for sctp, `d` for divert.
    let protocols: Substring

    init?(_ text: Substring) {
      let parts = text.split(separator: " ")
      guard parts.count == 2 else { return nil }
      let digits = parts[1].prefix { $0.isNumber }
      guard let port = UInt16(digits) else { return nil }
      (name, self.port, protocols) = (String(parts[0]), port, parts[1].dropFirst(digits.count))
    }

    func serves(_ proto: String?) -> Bool {
      guard let proto else { return true }
      return ["tcp", "udp", "sctp", "divert"].contains(proto) && protocols.contains(proto.prefix(1))
    }
  }

  private static let entries = text.split(separator: ",").compactMap { Entry($0) }

  /// Other names of services that rules and scripts use.
  private static let aliases = [
    "www": "http", "www-http": "http", "mail": "smtp", "nfs": "nfsd", "nicname": "whois",
    "nameserver": "domain", "route": "router", "routed": "router",
  ]

  /// The port of a service, for one protocol or for the first that has it.
  package static func port(named name: String, _ proto: String? = nil) -> UInt16? {
    let name = aliases[name] ?? name
    return entries.first { $0.name == name && $0.serves(proto) }?.port
  }

  /// The name of a port, for one protocol or for the first that has it.
  package static func name(of port: UInt16, _ proto: String? = nil) -> String? {
    entries.first { $0.port == port && $0.serves(proto) }?.name
  }

  /// Every name, for completion.
  package static var names: [String] { entries.map(\.name) }
}
