// SPDX-License-Identifier: BSD-2-Clause

/// What is seldom asked of an interface, and never on the packet path.
package struct InterfaceDetails: StateHashable, Sendable {
  /// The number that its driver gave it, whatever its name is now (`if_dunit`).
  package var unit: Int
  /// The stack that it was first attached in (`if_home_vnet`).
  package let home: VnetIndex
  /// What the administrator wrote about it (8.1's `if_description`).
  package var description: String?
  /// The cables that its card takes; nil where a driver knows none.
  package var media: InterfaceMedia?

  init(unit: Int = 0, home: VnetIndex = .zero) {
    self.unit = unit
    self.home = home
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(unit)
    hasher.combine(home)
    hasher.combine(description)
    hasher.combine(media)
  }
}

/// Which interfaces are in which groups (`V_ifg_head`, `if_groups`), in the order of joining.
package struct InterfaceGroups: Sendable {
  /// The group of all interfaces (`IFG_ALL`).
  static let all = "all"
  private var memberships: [(group: String, interface: InterfaceIndex)] = []

  /// The groups of an interface.
  package func groups(of interface: InterfaceIndex) -> [String] {
    memberships.filter { $0.interface == interface }.map(\.group)
  }

  /// The members of a group; none of one that does not exist.
  package func members(of group: String) -> [InterfaceIndex] {
    memberships.filter { $0.group == group }.map(\.interface)
  }

  /// Puts an interface into a group (`if_addgroup`).
  ///
  /// - Throws: `EINVAL` for a name that ends in a digit, as those of interfaces do, `EEXIST` for a
  ///   member.
  mutating func add(_ interface: InterfaceIndex, to group: String) throws(Errno) {
    if let last = group.utf8.last, (0x30...0x39).contains(last) { throw .EINVAL }
    guard !contains(interface, group) else { throw .EEXIST }
    memberships.append((group, interface))
  }

  /// Takes an interface out of a group (`if_delgroup`); `ENOENT` where it is not in it.
  mutating func remove(_ interface: InterfaceIndex, from group: String) throws(Errno) {
    guard contains(interface, group) else { throw .ENOENT }
    memberships.removeAll { $0.interface == interface && $0.group == group }
  }

  /// Takes an interface out of all (`if_delgroups`).
  mutating func removeAll(of interface: InterfaceIndex) {
    memberships.removeAll { $0.interface == interface }
  }

  private func contains(_ interface: InterfaceIndex, _ group: String) -> Bool {
    memberships.contains { $0.interface == interface && $0.group == group }
  }
}
