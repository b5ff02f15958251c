// SPDX-License-Identifier: BSD-2-Clause

/// The file format of libedit's history: a first line, then one entry a line in vis(3) style.
package enum HistoryEntry {
  /// The first line of a file.
  package static let cookie = "_HiStOrY_V2_"

  /// A line as the file has it: blanks and controls in octal, backslashes doubled, UTF-8 raw.
  package static func encoded(_ line: String) -> String {
    var bytes: [UInt8] = []
    for byte in line.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): bytes += [byte, byte]
      case 0...32, 127: bytes += "\\\(octal(byte))".utf8
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The line of an entry; what is not in vis(3) style stays as it is.
  package static func decoded(_ entry: String) -> String {
    let bytes = Array(entry.utf8)
    var result: [UInt8] = []
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      let digits = bytes[position...].dropFirst().prefix(3)
      if byte == UInt8(ascii: "\\"), digits.first == byte {
        result.append(byte)
        position += 2
      } else if byte == UInt8(ascii: "\\"), digits.count == 3,
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
      {
        result.append(value)
        position += 4
      } else {
        result.append(byte)
        position += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func octal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 8)
    return String(repeating: "0", count: 3 - digits.utf8.count) + digits
  }
}
