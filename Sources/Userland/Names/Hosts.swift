// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The hosts that have a name: what /etc/hosts has where FreeBSD was just installed. No name server
/// answers.
enum Hosts {
  private static let table: [(name: String, address: IPv4Address)] = [("localhost", .loopback)]

  /// The address of a name that is no number, in small letters or large ones.
  static func address(named name: String) -> IPv4Address? {
    table.first { $0.name == name.lowercased() }?.address
  }

  /// The name of an address (gethostbyaddr(3)).
  static func name(of address: IPv4Address) -> String? {
    table.first { $0.address == address }?.name
  }

  /// An address as most tools show it: by its name, if it has one and -n was not given.
  static func text(of address: IPv4Address, isNumeric: Bool) -> String {
    (isNumeric ? nil : name(of: address)) ?? "\(address)"
  }
}

extension IPv4Address {
  /// A host by its number, or else by its name (gethostbyname(3)).
  init?(host: String) {
    if let address = IPv4Address(plain: host.utf8.span) {
      self = address
      return
    }
    guard let address = IPv4Address(inetAton: host) ?? Hosts.address(named: host) else {
      return nil
    }
    self = address
  }
}
