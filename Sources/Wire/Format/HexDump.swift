// SPDX-License-Identifier: BSD-2-Clause

extension String {
  /// Appends the low `digits` hex digits of the number, in lower case.
  mutating func appendHex(_ value: some FixedWidthInteger, digits: Int) {
    for index in stride(from: digits - 1, through: 0, by: -1) {
      let digit = UInt8(truncatingIfNeeded: value >> (4 * index)) & 0xf
      unicodeScalars.append(Unicode.Scalar(digit < 10 ? 0x30 + digit : 0x61 - 10 + digit))
    }
  }
}

/// The byte dumps of tcpdump, each line begun with a newline, as print-ascii.c lays them out.
public enum HexDump {
  private static let bytesPerLine = 16

  /// Appends pairs of bytes in hex, 8 a line behind their offset: tcpdump's -x.
  public static func appendHex(_ bytes: RawSpan, to text: inout String) {
    for start in stride(from: 0, to: bytes.byteCount, by: bytesPerLine) {
      appendLine(bytes, from: start, to: &text)
    }
  }

  /// Appends lines of hex with their printable ASCII: tcpdump's -X.
  public static func appendHexAndASCII(_ bytes: RawSpan, to text: inout String) {
    for start in stride(from: 0, to: bytes.byteCount, by: bytesPerLine) {
      let end = min(start + bytesPerLine, bytes.byteCount)
      appendLine(bytes, from: start, to: &text)
      // A full line has 8 groups of 5 columns; an odd byte takes 3.
      let columns = (end - start) / 2 * 5 + (end - start) % 2 * 3
      text += String(repeating: " ", count: 40 - columns + 2)
      for offset in start..<end {
        let byte = bytes.uint8(at: offset)
        text.unicodeScalars.append(Unicode.Scalar((0x21...0x7e).contains(byte) ? byte : 0x2e))
      }
    }
  }

  /// Appends one newline and the characters themselves, a dot for the unprintable: tcpdump's -A.
  public static func appendASCII(_ bytes: RawSpan, to text: inout String) {
    text += "\n"
    for offset in 0..<bytes.byteCount {
      let byte = bytes.uint8(at: offset)
      let isPlain = (0x20...0x7e).contains(byte) || byte == 0x09 || byte == 0x0a || byte == 0x0d
      text.unicodeScalars.append(Unicode.Scalar(isPlain ? byte : 0x2e))
    }
  }

  private static func appendLine(_ bytes: RawSpan, from start: Int, to text: inout String) {
    text += "\n\t0x"
    text.appendHex(start, digits: 4)
    text += ": "
    for offset in start..<min(start + bytesPerLine, bytes.byteCount) {
      if offset % 2 == 0 { text += " " }
      text.appendHex(bytes.uint8(at: offset), digits: 2)
    }
  }
}
