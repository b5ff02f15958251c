// SPDX-License-Identifier: BSD-2-Clause

import Foundation

/// A value of a recorded file, so that what was recorded and what happened compare as values.
enum JSON: Equatable {
  case null
  case number(Int)
  case text(String)
  case array([JSON])
  case object([String: JSON])

  /// Reads one line of a file.
  init(line: Substring) throws {
    self.init(try JSONSerialization.jsonObject(with: Data(line.utf8), options: .fragmentsAllowed))
  }

  private init(_ value: Any) {
    switch value {
    case let text as String: self = .text(text)
    case let members as [String: Any]: self = .object(members.mapValues { JSON($0) })
    case let elements as [Any]: self = .array(elements.map { JSON($0) })
    case let number as Int: self = .number(number)
    default: self = .null
    }
  }

  subscript(name: String) -> JSON? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  var members: [String: JSON] {
    if case .object(let members) = self { members } else { [:] }
  }

  var elements: [JSON] {
    if case .array(let elements) = self { elements } else { [] }
  }

  var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  var number: Int? {
    if case .number(let number) = self { number } else { nil }
  }

  /// Whether a recorder that leaves empty members out would leave it out.
  var isEmpty: Bool {
    switch self {
    case .null, .number: false
    case .text(let text): text.isEmpty
    case .array(let elements): elements.isEmpty
    case .object(let members): members.isEmpty
    }
  }
}

extension JSON: CustomStringConvertible {
  var description: String {
    switch self {
    case .null: "null"
    case .number(let number): "\(number)"
    case .text(let text): text.debugDescription
    case .array(let elements): "[\(elements.map(\.description).joined(separator: ", "))]"
    case .object(let members):
      "{"
        + members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        .joined(separator: ", ") + "}"
    }
  }
}
