// SPDX-License-Identifier: BSD-2-Clause

/// An interface's number in its vnet (`if_index`): the lowest free one from 1.
package struct InterfaceIndex: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  package var rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// No interface, as for a packet made here.
  package static let none = InterfaceIndex(rawValue: 0)
}

/// A place in a vnet's table of interface addresses (`struct in_ifaddr *`).
package struct AddressIndex: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  package var rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }
}

/// A route of a vnet (`struct rtentry *`): what a FIB has under a key, or what somebody holds.
///
/// A held route has an index of its own, which is negative, as it may outlive its place in the FIB.
package struct RouteIndex: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  package var rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }
}

/// A place in a vnet's table of what routes share (`RoutingTables.hops`).
package struct NextHopIndex: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  package var rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }
}

/// A place in a vnet's table of ARP entries (`struct llentry *`).
package struct ArpIndex: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  package var rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }
}

/// The number of a forwarding table, 0 to 15 (`M_GETFIB`: four bits).
package struct FibNumber: RawRepresentable, Hashable, Comparable, BitwiseCopyable, Sendable {
  package var rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let zero = FibNumber(rawValue: 0)
  /// The most tables a kernel can have.
  package static let limit = 16

  /// As a packet is marked with it, in four bits (`M_SETFIB`).
  @inline(__always)
  var mark: FibNumber { FibNumber(rawValue: rawValue & 15) }

  package static func < (a: FibNumber, b: FibNumber) -> Bool { a.rawValue < b.rawValue }
}

/// A stack's number in the kernel.
package struct VnetIndex: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  package var rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let zero = VnetIndex(rawValue: 0)
}
