// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// Reads what a pipe or a queue is to be (`ipfw_config_pipe`, sbin/ipfw/dummynet.c).
///
/// Numbers are cut to the original's types, and what is no number counts as 0.
struct PipeParser {
  /// What the tool asks the kernel for by sysctl(3).
  struct Limits {
    var slots: Int64
    var bytes: Int64
    /// The depth of RED's table and its size of a packet; nil where the kernel has no dummynet.
    var red: (depth: Int32, packetSize: Int32)?
  }

  let kind: PipeKind
  let limits: Limits
  private let read: (_ path: String) throws(HostError) -> [UInt8]
  private let warn: (String) -> Void
  var words: ArraySlice<String>
  var settings = PipeSettings()
  /// Whether a bandwidth was given; nil stands for none, which is no limit.
  private var bandwidth: Int32?

  /// Reads the words behind `config`: the number, and what follows it.
  static func parse(
    _ words: ArraySlice<String>, _ kind: PipeKind, _ limits: Limits,
    read: @escaping (_ path: String) throws(HostError) -> [UInt8],
    warn: @escaping (String) -> Void
  ) throws(Fault) -> PipeSettings {
    var parser = PipeParser(kind: kind, limits: limits, read: read, warn: warn, words: words)
    try parser.parse()
    return parser.settings
  }

  private init(
    kind: PipeKind, limits: Limits, read: @escaping (_ path: String) throws(HostError) -> [UInt8],
    warn: @escaping (String) -> Void, words: ArraySlice<String>
  ) {
    (self.kind, self.limits, self.words) = (kind, limits, words)
    (self.read, self.warn) = (read, warn)
  }

  private mutating func parse() throws(Fault) {
    if let word = words.first, CNumber.hasDigit(word) {
      words.removeFirst()
      let number = CNumber.atoi(word)
      switch kind {
      case .pipe: settings.number = number
      case .queue: settings.flowSet.number = UInt16(truncatingIfNeeded: number)
      }
    }
    while let word = words.popFirst() {
      guard let row = PipeWord.row(word) else { throw unknown(word) }
      try parse(row, word)
    }
    try check()
  }

  private func unknown(_ word: String) -> Fault {
    .failed("unrecognised option ``\(word)''", status: 65)
  }

  private mutating func parse(_ row: PipeWord, _ word: String) throws(Fault) {
    switch row.kind {
    case .noError: settings.flowSet.flags.insert(.DN_NOERROR)
    case .dropTail: settings.flowSet.flags.subtract([.DN_IS_RED, .DN_IS_GENTLE_RED])
    case .lossRate:
      let rate = min(max(CNumber.strtod(try operand(row)), 0), 1)
      settings.flowSet.lossRate = Int32(rate * Double(Int32.max))
    case .size: parseSize(try operand(row))
    case .buckets: settings.flowSet.buckets = int(try operand(row))
    case .mask:
      guard !words.isEmpty else { throw .failed(row.missing, status: 64) }
      try parseMask()
    case .red(let isGentle): try parseRed(try operand(row), isGentle)
    case .bandwidth:
      let word = try operand(row)
      try need(.pipe, "bandwidth only valid for pipes")
      try parseBandwidth(word)
    case .delay:
      try need(.pipe, "delay only valid for pipes")
      settings.delay = int(try operand(row))
    case .weight:
      try need(.queue, "weight only valid for queues")
      settings.flowSet.weight = int(try operand(row))
    case .parent:
      try need(.queue, "pipe only valid for queues")
      settings.flowSet.parent = UInt16(truncatingIfNeeded: int(try operand(row)))
    case .burst:
      try need(.pipe, "burst only valid for pipes")
      settings.burst = try burst(try operand(row))
    case .profile:
      try need(.pipe, "extra delay only valid for pipes")
      try parseProfile(try operand(row))
    case .all, .address, .address6, .flowID, .port, .proto: throw unknown(word)
    }
  }

  /// The word that a row takes.
  private mutating func operand(_ row: PipeWord) throws(Fault) -> String {
    guard let word = words.popFirst() else { throw .failed(row.missing, status: 64) }
    return word
  }

  private func need(_ kind: PipeKind, _ message: String) throws(Fault) {
    if self.kind != kind { throw .failed(message, status: 65) }
  }

  /// An `int` of what `strtoul` reads.
  func int(_ text: some StringProtocol) -> Int32 {
    let number = CNumber(text)
    return number.isNumber ? Int32(truncatingIfNeeded: number.unsigned) : 0
  }

  /// The text behind the number that `strtoul` reads.
  func rest(_ text: some StringProtocol) -> Substring { CNumber(text).rest }

  /// Whether a text begins with a unit's shortest form; a warning for any but the whole one
  /// (`_substrcmp2`).
  private func isUnit(_ text: Substring, _ least: String, _ whole: String) -> Bool {
    guard text.hasPrefix(least) else { return false }
    if text != whole { warn("DEPRECATED: '\(text)' matched '\(whole)'") }
    return true
  }

  private mutating func parseSize(_ word: String) {
    settings.flowSet.size = int(word)
    let unit = rest(word)
    if unit.first == "K" || unit.first == "k" {
      settings.flowSet.flags.insert(.DN_QSIZE_IS_BYTES)
      settings.flowSet.size &*= 1024
    } else if unit.first == "B" || isUnit(unit, "by", "bytes") {
      settings.flowSet.flags.insert(.DN_QSIZE_IS_BYTES)
    }
  }

  /// A bandwidth, or the interface that is to be the clock (`read_bandwidth`).
  private mutating func parseBandwidth(_ word: String) throws(Fault) {
    if bandwidth != nil { warnWithErrno("duplicate token, override bandwidth value!") }
    if let first = word.utf8.first, (0x61...0x7a).contains(first) {
      warnWithErrno("interface name truncated")
      settings.clock = InterfaceName(word.truncated(to: InterfaceName.maximumLength))
      bandwidth = 0
      return
    }
    var value = int(word)
    var unit = rest(word)
    if unit.first == "K" || unit.first == "k" {
      value &*= 1000
      unit.removeFirst()
    } else if unit.first == "M" {
      value &*= 1_000_000
      unit.removeFirst()
    }
    if unit.first == "B" ? !isUnit(unit, "Bi", "Bit/s") : isUnit(unit, "by", "bytes") {
      value &*= 8
    }
    if value < 0 { throw .failed("bandwidth too large", status: 65) }
    settings.clock = nil
    bandwidth = value
  }

  /// A file of extra delays, which may give the bandwidth too.
  private mutating func parseProfile(_ path: String) throws(Fault) {
    let bytes: [UInt8]
    do throws(HostError) {
      bytes = try read(path)
    } catch {
      throw .failed("fopen: \(path): \(error.message)", status: 69)
    }
    var parser = DelayProfileParser(path: path)
    settings.profile = try parser.parse(String(decoding: bytes, as: UTF8.self), warn: warn)
    for bandwidth in parser.bandwidths { try parseBandwidth(bandwidth) }
  }

  /// A warning that shows the error of the last call, which is that stdin is no terminal.
  private func warnWithErrno(_ message: String) { warn("\(message): \(Errno.ENOTTY.message)") }

  /// Bytes with a unit (`expand_number`), less than 2^48.
  private func burst(_ word: String) throws(Fault) -> UInt64 {
    let number = CNumber(word)
    let shift: Int
    switch number.rest.first?.lowercased() {
    case nil, "b": shift = 0
    case "k": shift = 10
    case "m": shift = 20
    case "g": shift = 30
    case "t": shift = 40
    case "p": shift = 50
    case "e": shift = 60
    default: throw .failed("burst: invalid argument", status: 65)
    }
    guard number.isNumber else { throw .failed("burst: invalid argument", status: 65) }
    let most: Int64 = 1 << 48 - 1
    guard number.signed >= 0, number.signed <= most >> Int64(shift) else {
      throw .failed("burst: out of range (0..2^48-1)", status: 65)
    }
    return UInt64(number.signed) << UInt64(shift)
  }
}

/// What only the whole shows.
extension PipeParser {
  private mutating func check() throws(Fault) {
    switch kind {
    case .pipe:
      if settings.number == 0 { throw .failed("pipe_nr must be > 0", status: 65) }
      if settings.delay > 10_000 { throw .failed("delay must be < 10000", status: 65) }
    case .queue:
      if settings.flowSet.parent == 0 { throw .failed("pipe must be > 0", status: 65) }
      if settings.flowSet.weight > 100 { throw .failed("weight must be <= 100", status: 65) }
    }
    if bandwidth == nil, settings.profile != nil {
      throw .failed("profile requires a bandwidth limit", status: 65)
    }
    settings.bandwidth = bandwidth ?? 0
    let size = Int64(settings.flowSet.size)
    if settings.flowSet.flags.contains(.DN_QSIZE_IS_BYTES) {
      if size > limits.bytes {
        throw .failed("queue size must be < \(limits.bytes)B", status: 65)
      }
    } else if size > limits.slots {
      throw .failed("2 <= queue size <= \(limits.slots)", status: 65)
    }
    if settings.flowSet.flags.contains(.DN_IS_RED) { try finishRed() }
  }
}
