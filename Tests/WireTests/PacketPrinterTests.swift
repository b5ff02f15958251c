// SPDX-License-Identifier: BSD-2-Clause
import Foundation
import Testing
import Wire

/// That no bytes make the printer trap; what it prints is compared with tcpdump's own lines in the
/// tests of the command.
@Suite("PacketPrinter") struct PacketPrinterTests {
  /// A frame and the word it goes by.
  struct Frame {
    let name: String
    let bytes: [UInt8]
  }

  @Test func neverTrapsOnCutOrChangedFrames() throws {
    var random = SeededGenerator(seed: 6)
    var options = PacketPrinter.Options()
    options.verbosity = 2
    var printer = PacketPrinter(options: options)
    var lines = 0
    for frame in try frames() {
      for length in 0...min(frame.bytes.count, 120) {
        let cut = Array(frame.bytes.prefix(length))
        var text = ""
        printer.print(cut.span.bytes, wireLength: frame.bytes.count, link: .ethernet, into: &text)
        var changed = frame.bytes
        for _ in 0..<3 {
          let index = Int.random(in: 12..<min(changed.count, 80), using: &random)
          changed[index] = .random(in: .min ... .max, using: &random)
        }
        printer.print(changed.span.bytes, wireLength: length, link: .ethernet, into: &text)
        printer.print(changed.span.bytes, wireLength: length, link: .raw, into: &text)
        printer.print(cut.span.bytes, wireLength: length, link: .null, into: &text)
        lines += text.hasSuffix("\n") ? 1 : 0
      }
    }
    #expect(lines > 5000)
  }

  @Test func doesNotFollowEndlessNesting() {
    var bytes: [UInt8] = []
    for level in 0..<3000 {
      let length = 20 * (3000 - level)
      bytes += [0x45, 0, UInt8(length >> 8), UInt8(length & 0xff), 0, 0, 0, 0, 1, 4, 0, 0]
      bytes += [UInt8](repeating: 1, count: 8)
    }
    var printer = PacketPrinter()
    var text = ""
    printer.print(bytes.span.bytes, wireLength: bytes.count, link: .raw, into: &text)
    #expect(text.contains(": [|ip] (ipip-proto-4)"))
  }

  private func frames() throws -> [Frame] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let file = folder.appending(path: "Golden/frames.tsv")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
      let fields = line.split(separator: "\t")
      let digits = Array(fields[2].utf8)
      let bytes = try stride(from: 0, to: digits.count, by: 2).map { index in
        let pair = String(decoding: digits[index..<index + 2], as: UTF8.self)
        return try #require(UInt8(pair, radix: 16))
      }
      return Frame(name: String(fields[1]), bytes: bytes)
    }
  }
}

@Suite("PacketTimestamp") struct PacketTimestampTests {
  @Test(
    arguments: [
      (.clock, ["00:00:00.000000 ", "23:59:59.123456 "]), (.none, ["", ""]),
      (.epoch, ["1262304000.000000 ", "1330559999.123456 "]),
      (.sincePrevious, ["00:00:00.000000 ", "18959:59:59.123456 "]),
      (.date, ["2010-01-01 00:00:00.000000 ", "2012-02-29 23:59:59.123456 "]),
      (.sinceFirst, ["00:00:00.000000 ", "18959:59:59.123456 "]),
    ] as [(PacketTimestamp.Style, [String])])
  func writes(_ style: PacketTimestamp.Style, expected: [String]) {
    var stamp = PacketTimestamp(style: style)
    let times: [Int64] = [1_262_304_000_000_000_000, 1_330_559_999_123_456_789]
    let written = times.map { time in
      var text = ""
      stamp.append(time, to: &text)
      return text
    }
    #expect(written == expected)
  }

  @Test(arguments: [PacketTimestamp.Style.clock, .epoch, .sincePrevious, .date, .sinceFirst])
  func survivesAnyTime(_ style: PacketTimestamp.Style) {
    var stamp = PacketTimestamp(style: style)
    var text = ""
    for time in [Int64.max, .min, -1, 0] { stamp.append(time, to: &text) }
    #expect(text.hasSuffix(" "))
  }
}
