// SPDX-License-Identifier: BSD-2-Clause

/// A message on its way through the Secure Hash Algorithm 1 (FIPS 180-2).
///
/// A value: a copy goes on from the same point, as CARP needs it.
public struct SHA1: BitwiseCopyable, Sendable {
  /// The 160 bits of a finished message, as five words in network order.
  public struct Digest: Hashable, BitwiseCopyable, Sendable {
    /// The length in bytes.
    public static let size = 20
    var a: UInt32 = 0x6745_2301
    var b: UInt32 = 0xefcd_ab89
    var c: UInt32 = 0x98ba_dcfe
    var d: UInt32 = 0x1032_5476
    var e: UInt32 = 0xc3d2_e1f0

    /// What every message begins with.
    init() {}

    /// Reads a digest at the offset, where it must be whole.
    public init(_ bytes: RawSpan, at offset: Int) {
      a = bytes.uint32(at: offset)
      b = bytes.uint32(at: offset + 4)
      c = bytes.uint32(at: offset + 8)
      d = bytes.uint32(at: offset + 12)
      e = bytes.uint32(at: offset + 16)
    }

    /// The digest byte by byte.
    public var bytes: [UInt8] {
      [a, b, c, d, e].flatMap { word in
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
      }
    }

    /// Writes the digest at the offset, where it must fit.
    public func write(into bytes: inout MutableRawSpan, at offset: Int) {
      bytes.store(a, at: offset)
      bytes.store(b, at: offset + 4)
      bytes.store(c, at: offset + 8)
      bytes.store(d, at: offset + 12)
      bytes.store(e, at: offset + 16)
    }
  }

  /// The length in bytes of what is hashed at a time.
  static let blockSize = 64
  private var state = Digest()
  private var words = InlineArray<16, UInt32>(repeating: 0)
  private var length: UInt64 = 0

  public init() {}

  /// Takes the message's next byte.
  public mutating func update(_ byte: UInt8) {
    let place = Int(length % UInt64(Self.blockSize))
    words[place / 4] = words[place / 4] << 8 | UInt32(byte)
    length &+= 1
    if place == Self.blockSize - 1 { compress() }
  }

  /// Takes four bytes in network order.
  public mutating func update(_ word: UInt32) {
    for shift in stride(from: 24, through: 0, by: -8) {
      update(UInt8(truncatingIfNeeded: word >> shift))
    }
  }

  /// Takes eight bytes in network order.
  public mutating func update(_ word: UInt64) {
    update(UInt32(truncatingIfNeeded: word >> 32))
    update(UInt32(truncatingIfNeeded: word))
  }

  mutating func update(_ digest: Digest) {
    update(digest.a)
    update(digest.b)
    update(digest.c)
    update(digest.d)
    update(digest.e)
  }

  /// Ends the message: a bit, zeros up to the last eight bytes of a block, its length in bits.
  public consuming func finish() -> Digest {
    let bits = length &* 8
    update(UInt8(0x80))
    while length % UInt64(Self.blockSize) != UInt64(Self.blockSize) - 8 { update(UInt8(0)) }
    update(bits)
    return state
  }

  /// Works one block into the state (FIPS 180-2, 6.1.2), with the sixteen words as a ring.
  private mutating func compress() {
    var next = state
    for round in 0..<80 {
      if round >= 16 {
        let mixed =
          words[(round + 13) % 16] ^ words[(round + 8) % 16] ^ words[(round + 2) % 16]
          ^ words[round % 16]
        words[round % 16] = Self.rotate(mixed, 1)
      }
      let (mix, constant): (UInt32, UInt32) =
        switch round / 20 {
        case 0: (next.b & next.c | ~next.b & next.d, 0x5a82_7999)
        case 1: (next.b ^ next.c ^ next.d, 0x6ed9_eba1)
        case 2: (next.b & next.c | next.b & next.d | next.c & next.d, 0x8f1b_bcdc)
        default: (next.b ^ next.c ^ next.d, 0xca62_c1d6)
        }
      let first = Self.rotate(next.a, 5) &+ mix &+ next.e &+ words[round % 16] &+ constant
      (next.e, next.d, next.c, next.b, next.a) = (
        next.d, next.c, Self.rotate(next.b, 30), next.a, first
      )
    }
    state.a &+= next.a
    state.b &+= next.b
    state.c &+= next.c
    state.d &+= next.d
    state.e &+= next.e
  }

  private static func rotate(_ word: UInt32, _ bits: UInt32) -> UInt32 {
    word << bits | word >> (32 - bits)
  }
}

/// A message on its way through HMAC with SHA-1 (RFC 2104); a value too.
public struct HMACSHA1: BitwiseCopyable, Sendable {
  private var inner = SHA1()
  private var outer = SHA1()

  /// Begins a message; a key longer than a block stands for its digest.
  public init(key: some Collection<UInt8>) {
    var block = Array(key)
    if block.count > SHA1.blockSize {
      var hash = SHA1()
      for byte in block { hash.update(byte) }
      block = hash.finish().bytes
    }
    block += repeatElement(0, count: SHA1.blockSize - block.count)
    for byte in block {
      inner.update(byte ^ 0x36)
      outer.update(byte ^ 0x5c)
    }
  }

  /// Takes the message's next byte.
  public mutating func update(_ byte: UInt8) { inner.update(byte) }

  /// Takes four bytes in network order.
  public mutating func update(_ word: UInt32) { inner.update(word) }

  /// Takes eight bytes in network order.
  public mutating func update(_ word: UInt64) { inner.update(word) }

  /// Ends the message.
  public func finish() -> SHA1.Digest {
    var result = outer
    result.update(inner.finish())
    return result.finish()
  }
}
