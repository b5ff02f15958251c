// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// Writes one JSON object, its members in the order they are added.
struct JSONObject {
  private var members: [String] = []

  /// Adds a text.
  mutating func add(_ name: String, _ text: String?) {
    guard let text else { return }
    add(raw: name, Self.quoted(text))
  }

  /// Adds a whole number.
  mutating func add(_ name: String, _ number: some BinaryInteger) { add(raw: name, "\(number)") }

  /// Adds true or false.
  mutating func add(_ name: String, _ isTrue: Bool) { add(raw: name, isTrue ? "true" : "false") }

  /// Adds an object.
  mutating func add(_ name: String, _ object: JSONObject) { add(raw: name, object.text) }

  /// Adds an array of objects.
  mutating func add(_ name: String, _ objects: [JSONObject]) {
    add(raw: name, "[\(objects.map(\.text).joined(separator: ","))]")
  }

  /// Adds an array of texts.
  mutating func add(_ name: String, _ texts: [String]) {
    add(raw: name, "[\(texts.map(Self.quoted).joined(separator: ","))]")
  }

  /// Adds an array of two numbers, before and after.
  mutating func add(_ name: String, before: Int, after: Int) {
    add(raw: name, "[\(before),\(after)]")
  }

  /// Adds an array of two texts, before and after.
  mutating func add(_ name: String, before: String, after: String) {
    add(raw: name, "[\(Self.quoted(before)),\(Self.quoted(after))]")
  }

  /// The object in one line.
  var text: String { "{\(members.joined(separator: ","))}" }

  /// Whether nothing was added.
  var isEmpty: Bool { members.isEmpty }

  private mutating func add(raw name: String, _ value: String) {
    members.append("\(Self.quoted(name)):\(value)")
  }

  /// A string literal (RFC 8259, section 7).
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20: result += "\\u" + Int(scalar.value).hex(digits: 4)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
