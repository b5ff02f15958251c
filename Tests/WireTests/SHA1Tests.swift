// SPDX-License-Identifier: BSD-2-Clause

import Testing
import Wire

@Suite("SHA-1 and its HMAC") struct SHA1Tests {
  private func hex(_ digest: SHA1.Digest) -> String {
    digest.bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  /// The messages of FIPS 180-2, and lengths at which the padding takes another block.
  @Test(arguments: [
    ("", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ("abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
    ),
    ("a", 1_000, "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
    ("a", 55, "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
    ("a", 56, "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
    ("a", 64, "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
  ]) func hashesAsFIPS180(_ text: String, _ times: Int, _ expected: String) {
    var hash = SHA1()
    for _ in 0..<times { for byte in text.utf8 { hash.update(byte) } }
    #expect(hex(hash.finish()) == expected)
  }

  /// A copy goes on alone from where it was made.
  @Test func isAValue() {
    var hash = SHA1()
    hash.update(UInt8(ascii: "a"))
    var other = hash
    hash.update(UInt8(ascii: "b"))
    hash.update(UInt8(ascii: "c"))
    for byte in "bc".utf8 { other.update(byte) }
    #expect(hash.finish() == other.finish())
  }

  @Test func takesWordsInNetworkOrder() {
    var words = SHA1()
    words.update(UInt32(0x6162_6364))
    words.update(UInt64(0x6566_6768_696a_6b6c))
    var bytes = SHA1()
    for byte in "abcdefghijkl".utf8 { bytes.update(byte) }
    #expect(words.finish() == bytes.finish())
  }

  /// RFC 2202, section 3.
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
      "b617318655057264e28bc0b6fb378c8ef146be00"
    ),
    (
      Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
      "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    ),
    (
      [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
      "125d7342b9ac11cd91a39af48aa17b4f63f175d3"
    ),
    (
      Array(1...25), [UInt8](repeating: 0xcd, count: 50),
      "4c9007f4026250c6bc8414f9bf50c86c2d7235da"
    ),
    (
      [UInt8](repeating: 0x0c, count: 20), Array("Test With Truncation".utf8),
      "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"
    ),
    (
      [UInt8](repeating: 0xaa, count: 80),
      Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      "aa4ae5e15272d00e95705637ce8a3b55ed402112"
    ),
    (
      [UInt8](repeating: 0xaa, count: 80),
      Array("Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data".utf8),
      "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"
    ),
  ]) func authenticatesAsRFC2202(_ key: [UInt8], _ message: [UInt8], _ expected: String) {
    var hash = HMACSHA1(key: key)
    for byte in message { hash.update(byte) }
    #expect(hex(hash.finish()) == expected)
  }
}
