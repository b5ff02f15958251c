// SPDX-License-Identifier: BSD-2-Clause

/// Why a command ended without success: what stderr says and the exit status.
package struct Fault: Error, Equatable, Sendable {
  /// What kind of text goes to stderr.
  package enum Text: Equatable, Sendable {
    /// Exactly these bytes.
    case worded(String)
    /// This message after the name of the command that threw, as errx(3).
    case named(String)
    /// The usage of the command that threw, after a message of it if there is one.
    case usage(String?)
  }

  /// What goes to stderr.
  package let text: Text

  /// The exit status, or nil for the command's own: its usage status, or 1.
  package let status: Int32?

  /// Makes a fault; the makers below read better.
  package init(_ text: Text, status: Int32?) {
    self.text = text
    self.status = status
  }

  /// Prints `COMMAND: message`, as errx(3) in the command that throws.
  package static func failed(_ message: String, status: Int32 = 1) -> Fault {
    Fault(.named(message), status: status)
  }

  /// Prints `program: message`, as errx(3) of a named program.
  package static func failed(program: String, message: String, status: Int32 = 1) -> Fault {
    Fault(.worded("\(program): \(message)\n"), status: status)
  }

  /// Prints the usage of the command that throws, after `COMMAND: message` if one is given.
  package static func usage(_ message: String? = nil) -> Fault {
    Fault(.usage(message), status: nil)
  }

  /// Prints this usage text as it is.
  package static func usage(text: String, status: Int32) -> Fault {
    Fault(.worded(text), status: status)
  }

  /// Prints exactly this text, newline included.
  package static func worded(_ text: String, status: Int32 = 1) -> Fault {
    Fault(.worded(text), status: status)
  }

  /// Prints nothing and ends with this status.
  package static func silent(_ status: Int32) -> Fault {
    Fault(.worded(""), status: status)
  }

  /// The text and status, given the name and the usage of the command that threw.
  package func resolved(program: String, usage: String, usageStatus: Int32) -> (
    text: String, status: Int32
  ) {
    switch text {
    case .worded(let text): (text, status ?? 1)
    case .named(let message): ("\(program): \(message)\n", status ?? 1)
    case .usage(let message):
      ((message.map { "\(program): \($0)\n" } ?? "") + usage, status ?? usageStatus)
    }
  }
}
