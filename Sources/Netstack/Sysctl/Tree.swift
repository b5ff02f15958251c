// SPDX-License-Identifier: BSD-2-Clause

/// The sysctl name tree.
///
/// Rows stand in the order that sysctl(8) lists them: below a node first the fixed numbers, then
/// the others in link order; a node is followed by all that is below it.
package enum SysctlTree {
  package static let rows: [SysctlNode] =
    SysctlNode.kern
    + SysctlNode.kernIPC
    + SysctlNode.kernTuning
    + SysctlNode.local
    + SysctlNode.ip
    + SysctlNode.dummynet
    + SysctlNode.firewall
    + SysctlNode.ipInput
    + SysctlNode.icmp
    + SysctlNode.tcp
    + SysctlNode.udp
    + SysctlNode.sctp
    + SysctlNode.inet
    + SysctlNode.link
    + SysctlNode.net
    + SysctlNode.machine

  private static let indexOfName = Dictionary(
    uniqueKeysWithValues: rows.enumerated().map { ($1.name, $0) })

  private static let leaves = rows.filter { $0.key != nil }

  /// The row of a leaf.
  package static subscript(_ key: SysctlKey) -> SysctlNode {
    leaves[Int(key.rawValue)]
  }

  /// Finds a node or leaf by its full name; one dot at the end is tolerated, as by the kernel.
  package static func node(named name: String) -> SysctlNode? {
    let name = name.hasSuffix(".") ? String(name.dropLast()) : name
    return indexOfName[name].map { rows[$0] }
  }

  /// Everything below a node in listing order, nodes included; all rows for the empty name.
  package static func descendants(of name: String) -> ArraySlice<SysctlNode> {
    if name.isEmpty { return rows[...] }
    guard let index = indexOfName[name] else { return [] }
    return rows[(index + 1)...].prefix { $0.name.hasPrefix(name + ".") }
  }

  /// What stands directly below a node; the top of the tree for the empty name.
  package static func children(of name: String) -> [SysctlNode] {
    let depth = name.isEmpty ? 0 : name.utf8.count { $0 == UInt8(ascii: ".") } + 1
    return descendants(of: name).filter { row in
      row.name.utf8.count { $0 == UInt8(ascii: ".") } == depth
    }
  }

  /// The leaf after a name in listing order; the first one for the empty name.
  package static func leaf(after name: String) -> SysctlNode? {
    guard !name.isEmpty else { return leaves.first }
    guard let index = indexOfName[name] else { return nil }
    return rows[(index + 1)...].first { $0.key != nil }
  }

  /// The leaves that can be set and read but change nothing in the model.
  package static var inertNames: [String] {
    rows.filter(\.isInert).map(\.name)
  }
}
