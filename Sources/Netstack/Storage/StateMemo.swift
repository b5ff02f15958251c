// SPDX-License-Identifier: BSD-2-Clause

import CBits

/// The digests of plain values that were summed up before, by their bytes: most of a state is as it was
/// when somebody last asked, and to take a value apart takes long. No state.
///
/// Equal bytes are the same value, whose digest is the same. Bytes between the properties of a value
/// are no part of it; where they differ, it is taken apart once more, and the digest is the same.
struct StateMemo: Sendable {
  private struct Key: Hashable, Sendable {
    let type: ObjectIdentifier
    let bytes: [UInt8]

    init<Value: BitwiseCopyable>(_ value: Value) {
      type = ObjectIdentifier(Value.self)
      bytes = unsafe withUnsafeBytes(of: value) { from in
        unsafe [UInt8](unsafeUninitializedCapacity: from.count) { to, count in
          unsafe UnsafeMutableRawBufferPointer(to).copyMemory(from: from)
          count = from.count
        }
      }
    }

    // An array compares and hashes an element at a time.
    static func == (one: Key, other: Key) -> Bool {
      guard one.type == other.type, one.bytes.count == other.bytes.count else { return false }
      return unsafe one.bytes.withUnsafeBytes { one in
        unsafe other.bytes.withUnsafeBytes { other in
          unsafe cbits_equal(one.baseAddress, other.baseAddress, one.count)
        }
      }
    }

    func hash(into hasher: inout Hasher) {
      unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
  }

  /// More are not kept.
  private static let most = 1 << 16

  private var digests: [Key: UInt64] = [:]

  /// A value's digest, which is made where it is not known.
  mutating func digest<Value: BitwiseCopyable>(
    of value: Value, _ make: (Value) -> UInt64
  ) -> UInt64 {
    let key = Key(value)
    if let known = digests[key] { return known }
    if digests.count >= StateMemo.most { digests.removeAll(keepingCapacity: true) }
    let digest = make(value)
    digests[key] = digest
    return digest
  }
}
