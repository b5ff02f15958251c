// SPDX-License-Identifier: BSD-2-Clause

extension Builtins {
  static func test(_ name: String) -> Command<World> {
    Command(
      name, section: 1, summary: "compare texts, numbers and files", effect: .reads, options: nil,
      operands: [
        Source("expression", "Such as: text, -n text, a = b, 1 -lt 2, -f file, ! -d file.")
          .optional.repeated
      ],
      description: [
        "Is a success if the expression is true; without one it is false. -a and -o join "
          + "expressions, ! turns one round, parentheses group them."
      ],
      examples: [Example("test 1 -lt 2", "compares numbers")], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      var words = arguments.operands
      if name == "[" {
        guard words.popLast() == "]" else { throw .failed("missing ]", status: 2) }
      }
      var expression = TestExpression(words, invocation.interpreter.host)
      let isTrue = try trying(name) { () throws(ShellError) in try expression.value() }
      if !isTrue { throw .silent(1) }
    }
  }
}

/// The expressions of test(1), read as its source reads them: an operator only counts where its
/// operands are.
private struct TestExpression {
  private let words: [String]
  private let host: Host
  private var position = 0
  private var depth = 0

  private static let binary: Set<String> = [
    "=", "==", "!=", "<", ">", "-eq", "-ne", "-gt", "-ge", "-lt", "-le", "-nt", "-ot", "-ef",
  ]
  private static let unary: Set<String> = [
    "-b", "-c", "-d", "-e", "-f", "-g", "-h", "-k", "-L", "-n", "-O", "-G", "-p", "-r", "-S", "-s",
    "-t", "-u", "-w", "-x", "-z",
  ]

  init(_ words: [String], _ host: Host) {
    self.words = words
    self.host = host
  }

  mutating func value() throws(ShellError) -> Bool {
    if words.isEmpty { return false }
    // Things like ! "" -o x do not fit the grammar.
    if words.count == 4, words[0] == "!" {
      position = 1
      let result = try either()
      try end()
      return !result
    }
    let result = try either()
    try end()
    return result
  }

  private func end() throws(ShellError) {
    if position < words.count { throw ShellError("\(words[position]): unexpected operator") }
  }

  private func word(_ ahead: Int = 0) -> String? {
    position + ahead < words.count ? words[position + ahead] : nil
  }

  private mutating func either() throws(ShellError) -> Bool {
    var result = try both()
    while word() == "-o" {
      position += 1
      let right = try both()
      result = result || right
    }
    return result
  }

  private mutating func both() throws(ShellError) -> Bool {
    var result = try negation()
    while word() == "-a" {
      position += 1
      let right = try negation()
      result = result && right
    }
    return result
  }

  private mutating func negation() throws(ShellError) -> Bool {
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw ShellError("nested too deeply") }
    guard word() == "!", words.count - position > 1, !isBinary(word(1)) else {
      return try primary()
    }
    position += 1
    return try !negation()
  }

  private func isBinary(_ word: String?) -> Bool { word.map(Self.binary.contains) ?? false }

  private mutating func primary() throws(ShellError) -> Bool {
    guard let first = word() else { return false }
    if isBinary(word(1)), let op = word(1) {
      guard let right = word(2) else { throw ShellError("\(op): argument expected") }
      position += 3
      return try compare(first, op, right)
    }
    if first == "(" {
      position += 1
      if word() == ")" {
        position += 1
        return false
      }
      let result = try either()
      guard word() == ")" else { throw ShellError("closing paren expected") }
      position += 1
      return result
    }
    position += 1
    if Self.unary.contains(first), let operand = word(),
      !(position == words.count - 1 && operand == ")")
    {
      position += 1
      return try ask(first, operand)
    }
    return !first.isEmpty
  }

  private func compare(_ left: String, _ op: String, _ right: String) throws(ShellError) -> Bool {
    switch op {
    case "=", "==": return left == right
    case "!=": return left != right
    case "<": return left < right
    case ">": return left > right
    case "-nt", "-ot", "-ef": throw ShellError("\(op): not supported")
    default: break
    }
    let (left, right) = (try number(left), try number(right))
    switch op {
    case "-eq": return left == right
    case "-ne": return left != right
    case "-gt": return left > right
    case "-ge": return left >= right
    case "-lt": return left < right
    default: return left <= right
    }
  }

  private func number(_ word: String) throws(ShellError) -> Int {
    let text = word.drop { $0 == " " || $0 == "\t" }
    let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text
    guard !digits.isEmpty, digits.utf8.allSatisfy(isDigit) else {
      throw ShellError("\(word): bad number")
    }
    guard let number = Int(text) else { throw ShellError("\(word): out of range") }
    return number
  }

  private func ask(_ op: String, _ operand: String) throws(ShellError) -> Bool {
    switch op {
    case "-n": return !operand.isEmpty
    case "-z": return operand.isEmpty
    case "-t", "-g", "-k", "-u", "-O", "-G": throw ShellError("\(op): not supported")
    default: break
    }
    guard let file = host.file(operand) else { return false }
    switch op {
    case "-b": return file.kind == .block
    case "-c": return file.kind == .character
    case "-d": return file.kind == .directory
    case "-f": return file.kind == .regular
    case "-h", "-L": return file.isLink
    case "-p": return file.kind == .pipe
    case "-S": return file.kind == .socket
    case "-r": return file.isReadable
    case "-w": return file.isWritable
    case "-x": return file.isExecutable
    case "-s": return file.size > 0
    default: return true
    }
  }
}
