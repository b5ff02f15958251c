// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Netstack

/// How much is tried: a little in every run, much with `FIBSH_FUZZ=full`.
enum FuzzSize {
  /// Frames, or command lines, that one seed stands for.
  static let framesPerSeed = 250
  static let linesPerSeed = 50
  static let rulesPerSeed = 500

  private static let isFull = ProcessInfo.processInfo.environment["FIBSH_FUZZ"] == "full"

  /// 5,000 frames, or 200,000.
  static let frameSeeds: ClosedRange<UInt64> = 1...(isFull ? 800 : 20)
  /// The express lane beside the general way: as many frames, or five times as many. A hash of the
  /// whole state takes longer than a packet.
  static let laneSeeds: ClosedRange<UInt64> = 1...(isFull ? 100 : 20)
  /// 20,000 fragments, or 10 million.
  static let fragments = isFull ? 10_000_000 : 20_000
  /// 10,000 pairs of rule and packet.
  static let pairsPerSeed = 50
  static let whyNotSeeds: ClosedRange<UInt64> = 1...200
  /// 20,000 pairs of rule and packet, or 10 million: chains of so many rules, and so many packets each.
  static let chainSeeds: ClosedRange<UInt64> = 1...(isFull ? 2500 : 5)
  static let rulesPerChain = 80
  static let packetsPerChain = 50
  /// Changes of routes over 4 FIBs, and look-ups of random keys in them: 1 and 10 million, or few.
  static let routeOperations = isFull ? 1_000_000 : 8000
  static let routeKeys = isFull ? 10_000_000 : 32_000
  /// 1,000 lines, or 10,000.
  static let lineSeeds: ClosedRange<UInt64> = 1...(isFull ? 200 : 20)
  /// 1,000 rules, or 100,000.
  static let ruleSeeds: ClosedRange<UInt64> = 1...(isFull ? 200 : 2)
}

extension RandomSource {
  /// True in so many of a hundred cases.
  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

  /// One of several; the list may not be empty.
  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &self)]
  }

  mutating func byte() -> UInt8 { UInt8.random(in: 0...255, using: &self) }

  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }
}
