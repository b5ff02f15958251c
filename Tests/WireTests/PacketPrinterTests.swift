// SPDX-License-Identifier: BSD-2-Clause
import Foundation
import Testing
import Wire

/// Compares with what tcpdump 4.0.0 printed for the frames of Golden/frames.tsv, byte for byte.
@Suite("PacketPrinter") struct PacketPrinterTests {
  /// A frame and the word it goes by.
  struct Frame {
    let name: String
    let bytes: [UInt8]
  }

  /// A run of tcpdump whose output stands in Golden/NAME.txt.
  struct Run: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var snapLength = Int.max
    let options: PacketPrinter.Options

    init(
      _ name: String, snapLength: Int = .max,
      _ change: (inout PacketPrinter.Options) -> Void = { _ in }
    ) {
      testDescription = name
      self.snapLength = snapLength
      var options = PacketPrinter.Options()
      change(&options)
      self.options = options
    }
  }

  /// Where we differ from the recorded run on purpose.
  struct Difference {
    let frame: String
    let recorded: String
    let ours: String
  }

  static let differences = [
    // tcpdump printed the flags of the segment before, from a buffer it did not clear.
    Difference(frame: "tcp null flags", recorded: "[R.]", ours: "[none]"),
    // The recording host's protocols file lacked pfsync; FreeBSD's has it.
    Difference(frame: "pfsync-ish proto 240", recorded: "ip-proto-240", ours: "pfsync"),
    // It read the data offset from memory behind the 8 quoted bytes.
    Difference(
      frame: "icmp unreach port tcp", recorded: " tcp 12 [bad hdr length 8 - too short, < 20]",
      ours: "[|tcp]"),
    // It read a quoted packet behind the end of the message.
    Difference(frame: "icmp type 42", recorded: "\tIP15 [|ip]", ours: "\t[|ip]"),
  ]

  @Test(arguments: [
    Run("n"), Run("n_snap30", snapLength: 30), Run("n_snap40", snapLength: 40),
    Run("ne") { $0.showsLinkHeader = true },
    Run("nq") { $0.quietness = 1 },
    Run("nqe") {
      $0.quietness = 1
      $0.showsLinkHeader = true
    },
    Run("nS") { $0.hasAbsoluteSequence = true },
    Run("nvv") { $0.verbosity = 2 },
    Run("nev") {
      $0.verbosity = 1
      $0.showsLinkHeader = true
    },
    Run("nx") { $0.dump = .hex(withLink: false) },
    Run("nxx") { $0.dump = .hex(withLink: true) },
    Run("nX") { $0.dump = .hexAndASCII(withLink: false) },
    Run("nXX") { $0.dump = .hexAndASCII(withLink: true) },
    Run("nA") { $0.dump = .ascii(withLink: false) },
  ])
  func printsWhatTcpdumpPrints(_ run: Run) throws {
    let recorded = try records(run.testDescription)
    var printer = PacketPrinter(options: run.options)
    var index = 0
    for (number, frame) in try frames().enumerated() where index < recorded.count {
      // What tcpdump printed of short ARP packets was stray memory, so they are not recorded.
      let isLeftOut = ["arp", "rarp", "vlan"].contains { frame.name.hasPrefix($0 + " ") }
      if run.snapLength < .max, isLeftOut { continue }
      var stamp = PacketTimestamp()
      var text = ""
      stamp.append(1_262_304_000_000_000_000 + Int64(number) * 100_000_000, to: &text)
      let captured = Array(frame.bytes.prefix(run.snapLength))
      printer.print(
        captured.span.bytes, wireLength: frame.bytes.count, link: .ethernet, into: &text)
      var expected = recorded[index]
      for difference in Self.differences where difference.frame == frame.name {
        expected = expected.replacingOccurrences(of: difference.recorded, with: difference.ours)
      }
      if run.snapLength == 40 {
        // The data offset was not captured; tcpdump read what lay behind.
        expected.replace(#/ tcp \d+ \[bad hdr length 0 - too short, < 20\]/#, with: "[|tcp]")
      }
      #expect(text == expected, "\(frame.name)")
      index += 1
    }
    #expect(index == recorded.count && index > 10)
  }

  @Test(arguments: [
    Run("-n"), Run("-n -e") { $0.showsLinkHeader = true },
    Run("-n -q -e") {
      $0.quietness = 1
      $0.showsLinkHeader = true
    },
    Run("-n -x") { $0.dump = .hex(withLink: false) },
  ])
  func printsTheLoopbackAsTcpdumpDoes(_ run: Run) throws {
    let sections = try text("null").components(separatedBy: "## tcpdump ").dropFirst()
    let section = try #require(
      sections.first { $0.hasPrefix("\(run.testDescription) -r null.pcap\n") })
    let expected = section.drop { $0 != "\n" }.dropFirst()
    let all = try frames()
    var packets: [[UInt8]] = []
    for name in ["icmp echo request", "icmp echo reply", "udp plain", "tcp syn"] {
      let frame = try #require(all.first { $0.name == name })
      packets.append([2, 0, 0, 0] + frame.bytes.dropFirst(14))
    }
    packets.append([99, 0, 0, 0] + [UInt8](repeating: 0, count: 16))
    var printer = PacketPrinter(options: run.options)
    var output = ""
    var stamp = PacketTimestamp()
    for (number, packet) in packets.enumerated() {
      stamp.append(Int64(number) * 100_000_000, to: &output)
      printer.print(packet.span.bytes, wireLength: packet.count, link: .null, into: &output)
    }
    #expect(output == String(expected))
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

  private func text(_ name: String) throws -> String {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    return try String(
      contentsOf: folder.appending(path: "Golden/\(name)" + (name.contains(".") ? "" : ".txt")),
      encoding: .utf8)
  }

  private func frames() throws -> [Frame] {
    try text("frames.tsv").split(separator: "\n").map { line in
      let fields = line.split(separator: "\t")
      let digits = Array(fields[2].utf8)
      let bytes = try stride(from: 0, to: digits.count, by: 2).map { index in
        let pair = String(decoding: digits[index..<index + 2], as: UTF8.self)
        return try #require(UInt8(pair, radix: 16))
      }
      return Frame(name: String(fields[1]), bytes: bytes)
    }
  }

  /// The output a frame each, cut where a line begins with a time.
  private func records(_ name: String) throws -> [String] {
    var records: [String] = []
    // By scalars: to a string, CR and LF are one character.
    let scalars = try text(name).unicodeScalars
    for line in scalars.split(separator: "\n", omittingEmptySubsequences: false).dropFirst() {
      let line = String(line)
      if line.hasPrefix("00:00:") {
        records.append("\(line)\n")
      } else if let last = records.popLast() {
        records.append(last + "\(line)\n")
      }
    }
    // What follows the last newline is no line.
    if let last = records.popLast() { records.append(String(last.unicodeScalars.dropLast())) }
    return records
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
