// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

/// Reads a file of extra delays (`load_extra_delays`, sbin/ipfw/dummynet.c): a curve of how probable
/// a delay is, or a shorter one, of which evenly spaced samples are kept.
struct DelayProfileParser {
  /// The bandwidths that the file gives, for the pipe's own parser.
  private(set) var bandwidths: [String] = []
  private let path: String
  private var line = 0
  private var name = ""
  private var sampleCount: Int32?
  private var loss: Double?
  /// The order of the numbers of a point; nil outside a list of points.
  private var isDelayFirst: Bool?
  private var points: [(probability: Double, delay: Double)] = []

  private static let mostSamples: Int32 = 1024
  private static let mostName = 31

  init(path: String) { self.path = path }

  /// Reads the file's text.
  mutating func parse(_ text: String, warn: (String) -> Void) throws(Fault) -> DelayProfile {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      self.line += 1
      let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
        .prefix { !$0.hasPrefix("#") }
      guard let word = words.first else { continue }
      guard words.count < 3 else { throw fault("too many arguments") }
      guard words.count == 2 else { throw fault("missing arg for \(word)") }
      try read(word, words[1])
    }
    if text.hasSuffix("\n") { line -= 1 }
    if sampleCount == nil { warn("'samples' not found, assuming 100") }
    if loss == nil { warn("'loss-level' not found, assuming no loss") }
    guard points.count >= 2 else { throw fault("too few samples, need at least 2") }
    return profile(Int(sampleCount ?? 100), loss ?? 1)
  }

  /// The original shows its message with the quotes of its source.
  private func fault(_ message: String) -> Fault {
    .failed("error in \(path) at line \(line): \"\(message)\"", status: 65)
  }

  private mutating func read(_ word: String, _ value: String) throws(Fault) {
    switch word.lowercased() {
    case "samples":
      if sampleCount != nil { throw fault("duplicate ``samples'' line") }
      let count = CNumber.atoi(value)
      guard count > 0 else { throw fault("invalid number of samples") }
      guard count <= DelayProfileParser.mostSamples else {
        throw fault("too many samples, maximum is \(DelayProfileParser.mostSamples)")
      }
      (sampleCount, isDelayFirst) = (count, nil)
    case "bw": bandwidths.append(value)
    case "loss-level":
      if loss != nil { throw fault("duplicated token: \(word)") }
      guard DelayProfileParser.isNumber(value) else { throw fault("invalid \(value)") }
      let level = CNumber.strtod(value)
      guard level <= 1 else { throw fault("\(word) greater than 1.0") }
      (loss, isDelayFirst) = (level, nil)
    case "name":
      guard name.isEmpty else { throw fault("duplicated token: \(word)") }
      name = value.truncated(to: DelayProfileParser.mostName)
      isDelayFirst = nil
    case "delay", "prob":
      if isDelayFirst != nil { throw fault("duplicated token: \(word)") }
      isDelayFirst = word.lowercased() == "delay"
    default: try readPoint(word, value)
    }
  }

  private mutating func readPoint(_ word: String, _ value: String) throws(Fault) {
    guard let isDelayFirst else { throw fault("unrecognised command '\(word)'") }
    guard DelayProfileParser.isNumber(word), DelayProfileParser.isNumber(value),
      points.count < DelayProfileParser.mostSamples
    else { throw fault("invalid point found") }
    let (first, second) = (CNumber.strtod(word), CNumber.strtod(value))
    let point = isDelayFirst ? (second, first) : (first, second)
    guard point.0 <= 1 else { throw fault("probability greater than 1.0") }
    points.append(point)
  }

  /// Digits with one dot at most.
  private static func isNumber(_ text: String) -> Bool {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2e }
      && text.utf8.count { $0 == 0x2e } <= 1
  }

  /// The samples, between the points in a straight line; what the curve leaves out is 0.
  private func profile(_ count: Int, _ loss: Double) -> DelayProfile {
    var samples = [Int32](repeating: 0, count: count)
    let points = points.sorted { $0 < $1 }
    for (low, high) in zip(points, points.dropFirst()) {
      let (from, to) = (low.probability * Double(count), high.probability * Double(count))
      let slope = (to - from) / (high.delay - low.delay)
      for place in Int(from)..<Int(to) {
        let delay =
          low.delay == high.delay
          ? low.delay : (Double(place) - (from - slope * low.delay)) / slope
        samples[place] = Int32(exactly: delay.rounded(.towardZero)) ?? .min
      }
    }
    return DelayProfile(name: name, lossLevel: Int32(loss * Double(count)), samples: samples)
  }
}
