// SPDX-License-Identifier: BSD-2-Clause

/// One row of the sysctl catalogue: a leaf, or a node that holds others.
package struct SysctlNode: Sendable {
  /// The C type of a value, by the number that sysctl(8) prints (`CTLTYPE_`).
  package enum Kind: Int, Sendable {
    case node = 1
    case int = 2
    case string = 3
    case opaque = 5
    case uint = 6
    case long = 7
    case ulong = 8
  }

  /// Who may write a leaf.
  package enum Access: Sendable {
    case readOnly
    /// Set by loader.conf only, and sysctl(8) says so.
    case readOnlyTunable
    case readWrite
    /// Refused when the securelevel is above 0.
    case secure
    /// Refused when the securelevel is 3 or more.
    case secure3
  }

  /// Whether every vnet has its own value, or all share the machine's.
  package enum Scope: Sendable {
    case vnet, machine
  }

  /// The value at boot.
  package enum Default: Sendable {
    case none
    case number(Int64)
    case text(String)
  }

  /// The full name, such as `net.inet.ip.forwarding`.
  package let name: String

  /// The leaf's key; nil for a node.
  package let key: SysctlKey?
  package let kind: Kind
  package let access: Access
  package let scope: Scope
  package let initial: Default

  /// The format string that sysctl(8) prints by, such as `I` or `S,ipstat`.
  package let format: String

  /// The fixed number, or nil where the system numbers it.
  package let number: Int?

  /// What `sysctl -d` prints.
  package let summary: String

  /// The kernel option without which the leaf does not exist.
  package let needsOption: String?

  /// The bounds that a written number is pulled into.
  package let clamp: ClosedRange<Int64>?

  /// Whether a walk over the tree passes over the leaf, which only its name shows (`CTLFLAG_SKIP`).
  package let isSkipped: Bool

  /// Whether the value is only kept: nothing in the model asks for it.
  package let isInert: Bool
}

extension SysctlNode {
  init(
    _ key: SysctlKey, _ name: String, _ kind: Kind, _ access: Access, _ scope: Scope,
    _ initial: Default, _ summary: String, number: Int? = nil, format: String? = nil,
    needs: String? = nil, clamp: ClosedRange<Int64>? = nil, isSkipped: Bool = false,
    isInert: Bool = false
  ) {
    self.init(
      name: name, key: key, kind: kind, access: access, scope: scope, initial: initial,
      format: format ?? kind.format, number: number, summary: summary, needsOption: needs,
      clamp: clamp, isSkipped: isSkipped, isInert: isInert)
  }

  init(node name: String, number: Int? = nil, _ summary: String) {
    self.init(
      name: name, key: nil, kind: .node, access: .readWrite, scope: .machine, initial: .none,
      format: Kind.node.format, number: number, summary: summary, needsOption: nil,
      clamp: nil, isSkipped: false, isInert: false)
  }
}

extension SysctlNode {
  /// A number within the bounds of the leaf, which count it without a sign.
  func clamped(_ value: Int64) -> Int64 {
    guard let clamp else { return value }
    let bits = Int64(UInt32(truncatingIfNeeded: value))
    return kind.stored(min(max(bits, clamp.lowerBound), clamp.upperBound))
  }
}

extension SysctlNode.Kind {
  /// How values of the kind are formatted unless the leaf says otherwise.
  fileprivate var format: String {
    switch self {
    case .node: "N"
    case .int: "I"
    case .string: "A"
    case .opaque: "S"
    case .uint: "IU"
    case .long: "L"
    case .ulong: "LU"
    }
  }

  /// The value as the kernel keeps it: cut to 32 bits where the C type has no more.
  ///
  /// An unsigned long is kept by its bits.
  package func stored(_ value: Int64) -> Int64 {
    switch self {
    case .int: Int64(Int32(truncatingIfNeeded: value))
    case .uint: Int64(UInt32(truncatingIfNeeded: value))
    case .node, .string, .opaque, .long, .ulong: value
    }
  }
}
