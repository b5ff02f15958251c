// SPDX-License-Identifier: BSD-2-Clause
import Testing
import Wire

@Suite("InternetChecksum") struct ChecksumTests {
  /// The plain reading of RFC 1071, to compare with.
  private func plain(_ bytes: [UInt8]) -> UInt16 {
    var sum = 0
    for (index, byte) in bytes.enumerated() { sum += Int(byte) << (index % 2 == 0 ? 8 : 0) }
    while sum > 0xffff { sum = (sum >> 16) + (sum & 0xffff) }
    return ~UInt16(sum)
  }

  private func fast(_ bytes: [UInt8]) -> UInt16 { InternetChecksum.checksum(of: bytes.span.bytes) }

  @Test func agreesWithRFC1071() {
    #expect(fast([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]) == ~0xddf2)
    #expect(fast([]) == 0xffff && fast([0xff]) == 0x00ff)
  }

  @Test func agreesWithAKnownHeader() throws {
    let bytes: [UInt8] = [
      0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0xb8, 0x61, 0xc0, 0xa8, 0, 1, 0xc0, 0xa8, 0,
      0xc7,
    ]
    #expect(fast(bytes) == 0)
    for (length, bytes) in [(20, bytes), (20, bytes + [1, 2]), (60, bytes)] {
      let checksum = IPv4Header.checksum(of: bytes.span.bytes, headerLength: length)
      #expect(checksum == 0)
    }
    var zeroed = bytes
    (zeroed[10], zeroed[11]) = (0, 0)
    #expect(fast(zeroed) == 0xb861)
  }

  @Test func agreesWithThePlainReadingAtEveryLength() {
    var random = SeededGenerator(seed: 1)
    for length in 0...200 {
      let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      #expect(fast(bytes) == plain(bytes))
      #expect(fast(bytes.map { _ in 0xff }) == plain(bytes.map { _ in 0xff }))
    }
  }

  @Test func addsPiecesOfOddLengths() {
    var random = SeededGenerator(seed: 2)
    for _ in 0..<500 {
      var whole: [UInt8] = []
      var checksum = InternetChecksum()
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        let piece = (0..<Int.random(in: 0...20, using: &random)).map { _ in
          UInt8.random(in: .min ... .max, using: &random)
        }
        checksum.add(piece.span.bytes)
        whole += piece
      }
      #expect(checksum.finish() == plain(whole))
    }
  }

  @Test func addsThePseudoHeader() {
    var pieces = InternetChecksum()
    pieces.addPseudoHeader(
      source: .init(10, 0, 0, 1), destination: .init(192, 168, 255, 254), protocol: .udp,
      length: 0x1234)
    pieces.add(0xfedc)
    #expect(
      pieces.finish() == plain([10, 0, 0, 1, 192, 168, 255, 254, 0, 17, 0x12, 0x34, 0xfe, 0xdc]))
  }

  @Test func updatesAsRFC1624() {
    #expect(InternetChecksum.update(checksum: 0xdd2f, old: 0x5555, new: 0x3285) == 0x0000)
    var random = SeededGenerator(seed: 3)
    for _ in 0..<2000 {
      var bytes = (0..<20).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      let before = fast(bytes)
      let old = UInt16(bytes[8]) << 8 | UInt16(bytes[9])
      let new = UInt16.random(in: .min ... .max, using: &random)
      (bytes[8], bytes[9]) = (UInt8(new >> 8), UInt8(new & 0xff))
      #expect(InternetChecksum.update(checksum: before, old: old, new: new) == fast(bytes))
    }
  }
}

/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}
