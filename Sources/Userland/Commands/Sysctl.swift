// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell

extension Commands {
  /// sysctl(8): reads and writes kernel state by name.
  package static let sysctl = Command<Session>(
    "sysctl", summary: "get or set kernel state", effect: .changes,
    usage: .exact(
      """
      usage: sysctl [-bdehiNnoqx] name[=value] ...
             sysctl [-bdehNnoqx] -a

      """, status: 1),
    options: [
      Option("A", "The same as -a -o."),
      Option("a", "Show everything, where no names are given."),
      Option("b", "Show the values' bytes as they lie in memory, and nothing else."),
      Option("d", "Show descriptions instead of values."),
      Option("e", "Put = between name and value."),
      Option("h", "Group digits as the locale does; in the C locale nothing changes."),
      Option("i", "Pass over unknown names."),
      Option("N", "Show names only."),
      Option("n", "Show values only."),
      Option("o", "Show structures too: format, length and the first bytes."),
      Option("q", "Do not tell of unknown names."),
      Option("w", "Means nothing; names with = are written anyway."),
      Option("x", "Show structures too, with all bytes."),
      Option("X", "The same as -a -x."),
    ],
    operands: [
      Source(
        "name[=value]", "A name, of a leaf or a node, and the value it is to have.",
        kind: .paths { session in
          SysctlTree.rows.filter { session.kernel.has($0) }.map { Candidate($0.name, $0.summary) }
        }
      ).optional.repeated
    ],
    description: [
      "A leaf is shown as NAME: VALUE, a node as all leaves below it. A value that was written is "
        + "shown with the one before it.",
      "The exit status counts the values that the kernel refused.",
    ],
    examples: [
      Example("sysctl net.inet.ip.forwarding=1", "Makes the machine a router."),
      Example("sysctl -d net.inet.ip.ttl", "Says what a leaf is for."),
      Example("setfib 1 sysctl -n net.my_fibnum", "Shows the table of a process."),
    ],
    seeAlso: ["setfib(1)"],
    exitStatus: "The number of values that the kernel refused; 1 if the words do not fit or a name "
      + "is unknown.",
    compatibility: [
      "There are the names that have to do with the network. Some can be set and change nothing; "
        + "Docs/Fidelity.md lists them."
    ]
  ) { session, invocation, arguments throws(Fault) in
    if arguments.has("N") && arguments.has("n") { throw .usage() }
    var run = SysctlRun(session, invocation.output, arguments)
    let wantsAll = arguments.has("a") || arguments.has("A") || arguments.has("X")
    if arguments.operands.isEmpty {
      guard wantsAll else { throw .usage() }
      run.showLeaves(below: "")
    }
    for word in arguments.operands { try run.perform(word) }
    if run.failures > 0 { throw .silent(run.failures) }
  }
}

/// One call of sysctl(8): what it shows of each leaf, and how many values were refused.
private struct SysctlRun {
  private let session: Session
  private let output: Output
  private let arguments: Arguments
  /// Whether values are shown without names.
  private var valueOnly: Bool
  private(set) var failures: Int32 = 0

  init(_ session: Session, _ output: Output, _ arguments: Arguments) {
    self.session = session
    self.output = output
    self.arguments = arguments
    valueOnly = arguments.has("n")
  }

  /// Shows every leaf below a node.
  func showLeaves(below name: String) {
    for row in SysctlTree.descendants(of: name)
    where row.key != nil && !row.isSkipped && session.kernel.has(row) {
      if show(row) { endLine() }
    }
  }

  /// Does what one word asks (`parse()` of sysctl.c).
  mutating func perform(_ word: String) throws(Fault) {
    guard word.utf8.count < 1024 else { throw .failed("oid too long: '\(word)'") }
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts.first ?? "")
    guard let row = SysctlTree.node(named: name), session.kernel.has(row) else {
      if arguments.has("i") { return }
      throw arguments.has("q") ? .silent(1) : .failed("unknown oid '\(name)'")
    }
    guard parts.count == 2, !arguments.has("d") else {
      if row.key == nil {
        if arguments.has("d"), show(row) { endLine() }
        showLeaves(below: row.name)
      } else if show(row) {
        endLine()
      }
      return
    }
    guard let key = row.key else { throw .failed("oid '\(name)' isn't a leaf node") }
    try set(key, row, name, to: String(parts[1].drop { $0.isWhitespace }))
  }

  /// Writes a leaf, the old value in front of an arrow and the new one behind it.
  private mutating func set(
    _ key: SysctlKey, _ row: SysctlNode, _ name: String, to text: String
  ) throws(Fault) {
    switch row.access {
    case .readOnly: throw .failed("oid '\(name)' is read only")
    case .readOnlyTunable:
      throw .worded(
        """
        sysctl: oid '\(name)' is a read only tunable
        sysctl: Tunable values are set in /boot/loader.conf

        """)
    case .readWrite, .secure, .secure3: break
    }
    let number = try self.number(row, name, text)
    let wasShown = show(row)
    do throws(Errno) {
      if let number {
        try session.kernel.setSysctl(key, to: number, vnet: session.vnet, by: session.prison)
      } else {
        try session.kernel.setSysctl(key, to: text, vnet: session.vnet, by: session.prison)
      }
    } catch {
      if wasShown { endLine() }
      output.writeError("sysctl: \(name): \(error.message)\n")
      failures += 1
      return
    }
    if !arguments.has("b") { output.write(" -> ") }
    let outer = valueOnly
    valueOnly = true
    if show(row) { endLine() }
    valueOnly = outer
  }

  /// The number that a text stands for in a leaf of that type; nil for a string.
  private func number(_ row: SysctlNode, _ name: String, _ text: String) throws(Fault) -> Int64? {
    let kind: String
    switch row.kind {
    case .string: return nil
    case .opaque, .node:
      throw .failed("oid '\(name)' is type \(row.kind.rawValue), cannot set that")
    case .int: kind = "integer"
    case .uint: kind = "unsigned integer"
    case .long: kind = "long integer"
    case .ulong: kind = "unsigned long integer"
    }
    guard !text.isEmpty else { throw .failed("empty numeric value") }
    let number = CNumber(text)
    guard number.isWhole else { throw .failed("invalid \(kind) '\(text)'") }
    let isUnsigned = row.kind == .uint || row.kind == .ulong
    return isUnsigned ? Int64(bitPattern: number.unsigned) : number.signed
  }

  /// Writes one row without a newline; false for what cannot be shown (`show_var()`).
  private func show(_ row: SysctlNode) -> Bool {
    if arguments.has("N") {
      output.write(row.name)
      return true
    }
    if arguments.has("b"), !arguments.has("d") {
      guard let bytes = bytes(of: row) else { return false }
      output.write(bytes: bytes)
      return true
    }
    let text = arguments.has("d") ? row.summary : value(of: row)
    guard let text else { return false }
    output.write(valueOnly ? text : row.name + (arguments.has("e") ? "=" : ": ") + text)
    return true
  }

  private func endLine() { if !arguments.has("b") { output.line() } }

  /// A value as the kernel hands it out: numbers lowest byte first, strings with their NUL.
  private func bytes(of row: SysctlNode) -> [UInt8]? {
    guard let key = row.key else { return nil }
    switch session.sysctl(key) {
    case .text(let text): return Array(text.utf8) + [0]
    case .number(let number):
      let size = row.kind == .long || row.kind == .ulong ? 8 : 4
      return (0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    case .structure(let bytes): return bytes.isEmpty ? nil : bytes
    }
  }

  private func value(of row: SysctlNode) -> String? {
    guard let key = row.key else { return nil }
    switch session.sysctl(key) {
    case .text(let text): return text
    case .number(let number): return SysctlRun.rendered(number, row)
    case .structure(let bytes):
      // What the model does not fill, a process could not read either.
      guard !bytes.isEmpty else { return nil }
      if let text = SysctlStructure.text(bytes, row.format) { return text }
      let showsAll = arguments.has("x") || arguments.has("X")
      guard showsAll || arguments.has("o") || arguments.has("A") else { return nil }
      let shown = showsAll ? bytes[...] : bytes.prefix(16)
      let dump = shown.map { $0.hex(digits: 2) }.joined()
      let dots = shown.count < bytes.count ? "..." : ""
      return "Format:\(row.format) Length:\(bytes.count) Dump:0x\(dump)\(dots)"
    }
  }

  /// A number by the leaf's format: signed, `U` unsigned, or `X` with all digits of its type.
  private static func rendered(_ number: Int64, _ row: SysctlNode) -> String {
    let isWide = row.kind == .long || row.kind == .ulong
    let bits = isWide ? UInt64(bitPattern: number) : UInt64(UInt32(truncatingIfNeeded: number))
    switch row.format.dropFirst().first {
    case "U": return "\(bits)"
    case "X":
      // As printf's %#0*x: no prefix before a zero, but its width.
      let digits = isWide ? 16 : 8
      return bits == 0 ? bits.hex(digits: digits + 2) : "0x" + bits.hex(digits: digits)
    default: return isWide ? "\(number)" : "\(Int32(truncatingIfNeeded: number))"
    }
  }
}
