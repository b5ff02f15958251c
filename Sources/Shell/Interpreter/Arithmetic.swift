// SPDX-License-Identifier: BSD-2-Clause

/// The expressions of `$((…))`: C's operators on 64 bits, as arith(3) of sh has them, which wrap around.
struct Arithmetic {
  /// What was assigned, in order.
  private(set) var assignments: [(name: String, value: Int)] = []

  private let text: String
  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0
  private let variable: (String) -> String?
  /// Above 0 where C does not evaluate, so that nothing is divided or assigned there.
  private var skipped = 0

  /// Makes a calculation.
  init(_ text: String, variable: @escaping (String) -> String?) {
    self.text = text
    bytes = Array(text.utf8)
    self.variable = variable
  }

  /// Calculates; an empty text is 0.
  mutating func value() throws(ShellError) -> Int {
    skipBlanks()
    if position == bytes.count { return 0 }
    let value = try assignment()
    guard position == bytes.count else { throw error("syntax error") }
    return value
  }

  private func error(_ what: String) -> ShellError {
    ShellError("arithmetic expression: \(what): \"\(text)\"")
  }

  private mutating func skipBlanks() {
    while position < bytes.count, " \t\n".utf8.contains(bytes[position]) { position += 1 }
  }

  /// Takes an operator, unless what follows makes it another one.
  private mutating func take(_ op: String, notBefore others: String = "") -> Bool {
    let end = position + op.utf8.count
    guard end <= bytes.count, bytes[position..<end].elementsEqual(op.utf8) else { return false }
    if end < bytes.count, others.utf8.contains(bytes[end]) { return false }
    position = end
    skipBlanks()
    return true
  }

  private mutating func name() -> String? {
    guard position < bytes.count, isNameByte(bytes[position]), !isDigit(bytes[position]) else {
      return nil
    }
    let start = position
    while position < bytes.count, isNameByte(bytes[position]) { position += 1 }
    defer { skipBlanks() }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private static var assigning: [String] {
    ["*=", "/=", "%=", "+=", "-=", "<<=", ">>=", "&=", "^=", "|="]
  }

  private mutating func assignment() throws(ShellError) -> Int {
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw error("nested too deeply") }
    let start = position
    if let name = name() {
      if take("=", notBefore: "=") {
        let value = try assignment()
        if skipped == 0 { assignments.append((name, value)) }
        return value
      }
      for op in Self.assigning where take(op) {
        let right = try assignment()
        let value = try apply(String(op.dropLast()), try read(name), right)
        if skipped == 0 { assignments.append((name, value)) }
        return value
      }
      position = start
    }
    return try either()
  }

  private mutating func either() throws(ShellError) -> Int {
    var left = try both()
    while take("||") {
      skipped += left != 0 ? 1 : 0
      let right = try both()
      skipped -= left != 0 ? 1 : 0
      left = left != 0 || right != 0 ? 1 : 0
    }
    return left
  }

  private mutating func both() throws(ShellError) -> Int {
    var left = try binary(0)
    while take("&&") {
      skipped += left == 0 ? 1 : 0
      let right = try binary(0)
      skipped -= left == 0 ? 1 : 0
      left = left != 0 && right != 0 ? 1 : 0
    }
    return left
  }

  /// The operators from the weakest, each with what would make it another one.
  private static var levels: [[(op: String, notBefore: String)]] {
    [
      [("|", "|=")], [("^", "=")], [("&", "&=")], [("==", ""), ("!=", "")],
      [("<=", ""), (">=", ""), ("<", "<"), (">", ">")], [("<<", "="), (">>", "=")],
      [("+", "="), ("-", "=")], [("*", "="), ("/", "="), ("%", "=")],
    ]
  }

  private mutating func binary(_ level: Int) throws(ShellError) -> Int {
    guard level < Self.levels.count else { return try unary() }
    var left = try binary(level + 1)
    scan: while true {
      for (op, others) in Self.levels[level] where take(op, notBefore: others) {
        left = try apply(op, left, try binary(level + 1))
        continue scan
      }
      return left
    }
  }

  private mutating func unary() throws(ShellError) -> Int {
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw error("nested too deeply") }
    if take("!", notBefore: "=") { return try unary() == 0 ? 1 : 0 }
    if take("~") { return ~(try unary()) }
    if take("-") { return 0 &- (try unary()) }
    if take("+") { return try unary() }
    if take("(") {
      let value = try assignment()
      guard take(")") else { throw error("syntax error") }
      return value
    }
    if let name = name() { return try read(name) }
    return try number()
  }

  private mutating func number() throws(ShellError) -> Int {
    let start = position
    while position < bytes.count, isNameByte(bytes[position]) { position += 1 }
    let digits = String(decoding: bytes[start..<position], as: UTF8.self)
    skipBlanks()
    guard let value = Self.number(digits) else { throw error("syntax error") }
    return value
  }

  /// A decimal, octal or hexadecimal number; one that is too large is the largest.
  private static func number(_ text: String) -> Int? {
    let isHex = text.hasPrefix("0x") || text.hasPrefix("0X")
    let isOctal = !isHex && text.hasPrefix("0") && text.utf8.count > 1
    let digits = isHex ? text.dropFirst(2) : isOctal ? text.dropFirst() : text[...]
    let radix = isHex ? 16 : isOctal ? 8 : 10
    guard !digits.isEmpty,
      digits.utf8.allSatisfy({ Int(String(UnicodeScalar($0)), radix: radix) != nil })
    else { return nil }
    return Int(digits, radix: radix) ?? .max
  }

  private func read(_ name: String) throws(ShellError) -> Int {
    if let last = assignments.last(where: { $0.name == name }) { return last.value }
    let value = variable(name) ?? ""
    if value.isEmpty { return 0 }
    let sign = value.hasPrefix("-")
    let digits = sign || value.hasPrefix("+") ? String(value.dropFirst()) : value
    guard let number = Self.number(digits) else { throw error("variable conversion error") }
    return sign ? 0 &- number : number
  }

  private func apply(_ op: String, _ left: Int, _ right: Int) throws(ShellError) -> Int {
    switch op {
    case "|": return left | right
    case "^": return left ^ right
    case "&": return left & right
    case "==": return left == right ? 1 : 0
    case "!=": return left != right ? 1 : 0
    case "<=": return left <= right ? 1 : 0
    case ">=": return left >= right ? 1 : 0
    case "<": return left < right ? 1 : 0
    case ">": return left > right ? 1 : 0
    case "<<": return left << (right & 63)
    case ">>": return left >> (right & 63)
    case "+": return left &+ right
    case "-": return left &- right
    case "*": return left &* right
    default:
      guard right != 0 else {
        if skipped > 0 { return 0 }
        throw error("division by zero")
      }
      // The smallest number has no counterpart: both wrap around.
      if right == -1 { return op == "/" ? 0 &- left : 0 }
      return op == "/" ? left / right : left % right
    }
  }
}
