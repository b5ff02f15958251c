// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Routes that go with what they depend on.
extension Vnet {
  /// Deletes the routes of an interface address in every FIB, and says that it owns its prefix's
  /// route no longer (`in_ifadown`, netinet/in_rmx.c).
  ///
  /// - Parameter includeStatic: The address itself goes; where its interface only goes down, the
  ///   routes that somebody added by hand stay.
  mutating func rtIfaDelete(address: AddressIndex, includeStatic: Bool) {
    routes.removeAll(in: nil) { hop in
      hop.address == address && (includeStatic || !hop.flags.contains(.RTF_STATIC))
    }
    addresses[address].ownsPrefixRoute = false
  }

  /// Deletes the routes over an interface in every FIB (`if_rtdel`, net/if.c).
  mutating func rtIfDelete(interface: InterfaceIndex) {
    routes.removeAll(in: nil) { $0.interface == interface }
  }

  /// Deletes the routes that a redirect made and nobody uses any more, before their time
  /// (`in_rtqdrain`, netinet/in_rmx.c).
  mutating func rtqDrain() {
    routes.removeAll(in: nil) { $0.flags.contains(.RTF_PROTO3) }
  }
}
