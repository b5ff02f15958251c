// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// Masks and random early detection.
extension PipeParser {
  mutating func parseMask() throws(Fault) {
    settings.flowSet.mask = FlowMask()
    while let word = words.first, let row = PipeWord.row(word) {
      switch row.kind {
      case .all:
        words.removeFirst()
        settings.flowSet.mask = .all
        settings.flowSet.flags.insert(.DN_HAVE_FLOW_MASK)
        return
      case .address, .address6, .flowID, .port, .proto: words.removeFirst()
      default: return
      }
      guard let value = words.popFirst() else { throw .failed("mask: value missing", status: 64) }
      let bits = try setMask(row.kind, value)
      if bits != 0 { settings.flowSet.flags.insert(.DN_HAVE_FLOW_MASK) }
    }
  }

  /// Sets a part of the mask: bits, or `/length`, which counts from the low end.
  private mutating func setMask(_ kind: PipeWord.Kind, _ word: String) throws(Fault) -> UInt32 {
    let isLength = word.first == "/"
    var bits = UInt32(bitPattern: int(isLength ? word.dropFirst() : word[...]))
    if isLength {
      if case .address6 = kind {} else { bits = bits == 32 ? .max : 1 &<< bits &- 1 }
    }
    switch kind {
    case .address(.source): settings.flowSet.mask.source = bits
    case .address(.destination): settings.flowSet.mask.destination = bits
    case .port(let end):
      guard let port = UInt16(exactly: bits) else {
        throw .failed("port mask must be 16 bit", status: 65)
      }
      switch end {
      case .source: settings.flowSet.mask.sourcePort = port
      case .destination: settings.flowSet.mask.destinationPort = port
      }
    case .flowID:
      guard bits <= 0xfffff else { throw .failed("flow_id mask must be 20 bit", status: 65) }
      settings.flowSet.mask.flowID6 = bits
    case .address6(let end):
      guard bits <= 128 else { throw .failed("in6addr invalid mask len", status: 65) }
      let mask = IPv6Address.mask(length: Int(bits)).rawValue
      switch end {
      case .source: settings.flowSet.mask.source6 = mask
      case .destination: settings.flowSet.mask.destination6 = mask
      }
    default:
      guard let proto = UInt8(exactly: bits) else {
        throw .failed("proto mask must be 8 bit", status: 65)
      }
      settings.flowSet.mask.proto = proto
    }
    return bits
  }

  /// `w_q/min_th/max_th/max_p`; what is missing stays as it is.
  mutating func parseRed(_ word: String, _ isGentle: Bool) throws(Fault) {
    settings.flowSet.flags.insert(.DN_IS_RED)
    if isGentle { settings.flowSet.flags.insert(.DN_IS_GENTLE_RED) }
    let parts = word.split(separator: "/", omittingEmptySubsequences: false)
    for (place, part) in parts.prefix(4).enumerated() {
      switch place {
      case 0: settings.flowSet.red.weight = try fraction(part, "w_q")
      case 1: settings.flowSet.red.leastThreshold = threshold(part)
      case 2: settings.flowSet.red.mostThreshold = threshold(part)
      default: settings.flowSet.red.mostProbability = try fraction(part, "max_p")
      }
    }
  }

  private func fraction(_ text: Substring, _ name: String) throws(Fault) -> Int32 {
    let value = CNumber.strtod(text)
    if value > 1 || value <= 0 { throw .failed("0 < \(name) <= 1", status: 65) }
    return Int32(exactly: (value * PipeParser.one).rounded(.towardZero)) ?? .min
  }

  private func threshold(_ text: Substring) -> Int32 {
    let unit = rest(text).first
    return int(text) &* (unit == "K" || unit == "k" ? 1024 : 1)
  }

  /// RED's fractions are times this.
  private static let one = 65_536.0

  /// Works out how fast RED's average falls while nothing is sent.
  mutating func finishRed() throws(Fault) {
    let red = settings.flowSet.red
    if red.leastThreshold >= red.mostThreshold {
      throw .failed(
        "min_th \(red.leastThreshold) must be < than max_th \(red.mostThreshold)", status: 65)
    }
    if red.mostThreshold == 0 { throw .failed("max_th must be > 0", status: 65) }
    guard let (depth, packetSize) = limits.red else {
      throw .failed("sysctlbyname(\"net.inet.ip.dummynet.red_lookup_depth\")", status: 1)
    }
    // The ticks that a packet takes, and after which three time constants have passed.
    let ticks =
      settings.bandwidth == 0
      ? 0 : Double(PipeParser.hz) * Double(packetSize) * 8 / Double(settings.bandwidth)
    let weight = Double(red.weight) / PipeParser.one
    let idle = ticks * 3 / weight
    var step = (Int32(exactly: idle.rounded(.towardZero)) ?? .min) / depth
    if step == 0 { step = 1 }
    var left = 1 - weight
    for _ in 1..<max(step, 1) { left *= 1 - weight }
    settings.flowSet.red.lookupStep = step
    settings.flowSet.red.lookupWeight = Int32(left * PipeParser.one)
  }

  /// Clock ticks a second (`kern.clockrate`).
  private static let hz = 1000
}

extension FlowMask {
  /// Every bit.
  fileprivate static let all: FlowMask = {
    var mask = FlowMask()
    mask.proto = .max
    (mask.source, mask.destination) = (.max, .max)
    (mask.sourcePort, mask.destinationPort) = (.max, .max)
    mask.source6 = SIMD4(repeating: .max)
    mask.destination6 = SIMD4(repeating: .max)
    mask.flowID6 = .max
    return mask
  }()
}
