// SPDX-License-Identifier: BSD-2-Clause

extension Builtins {
  static var printf: Command<World> {
    Command(
      "printf", section: 1, summary: "write text in a format", effect: .reads,
      usage: .exact("usage: printf format [arguments ...]\n", status: 1), options: nil,
      operands: [
        Source("format", "Text with %s %b %c %d %i %u %o %x %X and backslashes as in C."),
        Source("argument", "What the format shows; it is used again while some are left.")
          .optional.repeated,
      ],
      examples: [Example("printf '%-8s %3d\\n' em0 1 em1 12", "writes two lines")],
      isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      var words = arguments.operands[...]
      if words.first == "--" { words.removeFirst() }
      guard let format = words.popFirst() else { throw .usage() }
      var printer = FormatPrinter(format, Array(words))
      let status = printer.run()
      invocation.output.write(printer.text)
      invocation.output.writeError(printer.errors.map { "printf: \($0)\n" }.joined())
      if status != 0 { throw .silent(status) }
    }
  }
}

/// The backslashes of echo -e, printf and %b.
enum Escapes {
  /// The text with escapes replaced; true if `\c` cut it off.
  ///
  /// - Parameter inOperand: Whether octal numbers may have a 0 before their three digits, as in %b.
  static func replaced(_ text: String, inOperand: Bool) -> (text: String, isCut: Bool) {
    guard text.utf8.contains(UInt8(ascii: "\\")) else { return (text, false) }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      guard byte == UInt8(ascii: "\\"), position < bytes.count else {
        result.append(byte)
        continue
      }
      let code = bytes[position]
      if (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(code) {
        var value = 0
        let digits = inOperand && code == UInt8(ascii: "0") ? 4 : 3
        var count = 0
        while count < digits, position < bytes.count,
          (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(bytes[position])
        {
          value = value * 8 + Int(bytes[position] - UInt8(ascii: "0"))
          position += 1
          count += 1
        }
        result.append(UInt8(truncatingIfNeeded: value))
        continue
      }
      position += 1
      switch code {
      case UInt8(ascii: "a"): result.append(7)
      case UInt8(ascii: "b"): result.append(8)
      case UInt8(ascii: "c"):
        if inOperand { return (String(decoding: result, as: UTF8.self), true) }
        result += [byte, code]
      case UInt8(ascii: "f"): result.append(12)
      case UInt8(ascii: "n"): result.append(10)
      case UInt8(ascii: "r"): result.append(13)
      case UInt8(ascii: "t"): result.append(9)
      case UInt8(ascii: "v"): result.append(11)
      case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): result.append(code)
      default: result += [byte, code]
      }
    }
    return (String(decoding: result, as: UTF8.self), false)
  }
}

/// printf(1).
private struct FormatPrinter {
  private(set) var text = ""
  private(set) var errors: [String] = []

  private let format: [Character]
  private var arguments: ArraySlice<String>
  private var hasFailed = false
  private var isCut = false
  /// The widest field; more is an error, and no memory.
  private static let widest = 1 << 16

  init(_ format: String, _ arguments: [String]) {
    self.format = Array(Escapes.replaced(format, inOperand: false).text)
    self.arguments = arguments[...]
  }

  /// Writes the format, again while arguments are left; returns the status.
  mutating func run() -> Int32 {
    repeat {
      let before = arguments.count
      guard once() else { return 1 }
      if isCut || arguments.count == before { break }
    } while !arguments.isEmpty
    return hasFailed ? 1 : 0
  }

  private mutating func once() -> Bool {
    var position = 0
    while position < format.count, !isCut {
      if format[position] != "%" {
        text.append(format[position])
        position += 1
      } else if position + 1 < format.count, format[position + 1] == "%" {
        text.append("%")
        position += 2
      } else {
        position += 1
        guard convert(&position) else { return false }
      }
    }
    return true
  }

  /// What stands between the percent sign and its letter.
  private struct Field {
    var flags: Set<Character> = []
    var width = 0
    var precision: Int?
  }

  private mutating func convert(_ position: inout Int) -> Bool {
    var field = Field()
    while position < format.count, "#'-+ 0".contains(format[position]) {
      field.flags.insert(format[position])
      position += 1
    }
    field.width = number(&position) ?? 0
    if field.width < 0 {
      field.flags.insert("-")
      field.width = -max(field.width, -Self.widest)
    }
    if position < format.count, format[position] == "." {
      position += 1
      field.precision = number(&position) ?? 0
      if let precision = field.precision, precision < 0 { field.precision = nil }
    }
    guard position < format.count else { return refuse("missing format character") }
    guard field.width <= Self.widest, field.precision ?? 0 <= Self.widest else {
      return refuse("Cannot allocate memory")
    }
    let letter = format[position]
    position += 1
    switch letter {
    case "s": put(string: arguments.popFirst() ?? "", field)
    case "c": put(string: String((arguments.popFirst() ?? "").prefix(1)), field)
    case "b":
      let (escaped, isCut) = Escapes.replaced(arguments.popFirst() ?? "", inOperand: true)
      put(string: escaped, field)
      self.isCut = isCut
    case "d", "i", "u", "o", "x", "X": put(number: integer(), letter, field)
    case "e", "E", "f", "F", "g", "G", "a", "A": return refuse("%\(letter): not supported")
    default: return refuse("illegal format character \(letter)")
    }
    return true
  }

  private mutating func refuse(_ message: String) -> Bool {
    errors.append(message)
    return false
  }

  /// A number of the format, or the argument that `*` stands for.
  private mutating func number(_ position: inout Int) -> Int? {
    if position < format.count, format[position] == "*" {
      position += 1
      return integer()
    }
    var value: Int?
    while position < format.count, let digit = format[position].wholeNumberValue,
      format[position].isASCII
    {
      value = min((value ?? 0) * 10 + digit, Self.widest + 1)
      position += 1
    }
    return value
  }

  /// The next argument as a number: decimal, octal, hexadecimal, or a quote and a character.
  private mutating func integer() -> Int {
    guard let word = arguments.popFirst() else { return 0 }
    if word.hasPrefix("'") || word.hasPrefix("\"") {
      return word.unicodeScalars.dropFirst().first.map { Int($0.value) } ?? 0
    }
    var rest = word[...].drop { $0 == " " }
    let isNegative = rest.hasPrefix("-")
    if isNegative || rest.hasPrefix("+") { rest.removeFirst() }
    let isHex = rest.hasPrefix("0x") || rest.hasPrefix("0X")
    let radix = isHex ? 16 : rest.hasPrefix("0") ? 8 : 10
    if isHex { rest.removeFirst(2) }
    let digits = rest.prefix { $0.isASCII && Int(String($0), radix: radix) != nil }
    if digits.isEmpty {
      errors.append("\(word): expected numeric value")
      hasFailed = true
      return 0
    }
    if digits.count < rest.count {
      errors.append("\(word): not completely converted")
      hasFailed = true
    }
    guard let value = Int((isNegative ? "-" : "") + digits, radix: radix) else {
      errors.append("\(word): Result too large")
      hasFailed = true
      return isNegative ? .min : .max
    }
    return value
  }

  private mutating func put(string: String, _ field: Field) {
    put(field.precision.map { string.truncated(to: $0) } ?? string, field)
  }

  private mutating func put(_ piece: String, _ field: Field) {
    text +=
      field.flags.contains("-") ? piece.padRight(to: field.width) : piece.padLeft(to: field.width)
  }

  private mutating func put(number: Int, _ letter: Character, _ field: Field) {
    let isSigned = letter == "d" || letter == "i"
    let magnitude = isSigned ? number.magnitude : UInt(bitPattern: number)
    let radix = letter == "o" ? 8 : letter == "x" || letter == "X" ? 16 : 10
    var digits = String(magnitude, radix: radix, uppercase: letter == "X")
    if let precision = field.precision {
      if precision == 0 && magnitude == 0 { digits = "" }
      digits = String(repeating: "0", count: max(0, precision - digits.utf8.count)) + digits
    }
    var sign = ""
    if isSigned {
      sign =
        number < 0 ? "-" : field.flags.contains("+") ? "+" : field.flags.contains(" ") ? " " : ""
    } else if field.flags.contains("#"), magnitude != 0, radix != 10 {
      sign = radix == 8 ? "0" : "0\(letter)"
    }
    if field.flags.contains("0"), !field.flags.contains("-"), field.precision == nil {
      let count = field.width - digits.utf8.count - sign.utf8.count
      digits = String(repeating: "0", count: max(0, count)) + digits
    }
    put(sign + digits, field)
  }
}
