// SPDX-License-Identifier: BSD-2-Clause

extension RawSpan {
  /// The byte at the offset; an offset outside the span traps.
  @inlinable public func uint8(at offset: Int) -> UInt8 {
    // The load checks its bounds, and any bits make an integer.
    unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt8.self)
  }

  /// Two bytes in network order.
  @inlinable public func uint16(at offset: Int) -> UInt16 {
    // As in uint8(at:).
    unsafe UInt16(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// Four bytes in network order.
  @inlinable public func uint32(at offset: Int) -> UInt32 {
    // As in uint8(at:).
    unsafe UInt32(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// Six bytes in network order, as an Ethernet address has.
  @inlinable @inline(__always) public func uint48(at offset: Int) -> UInt64 {
    UInt64(uint16(at: offset)) << 32 | UInt64(uint32(at: offset + 2))
  }

  /// Eight bytes in network order.
  @inlinable public func uint64(at offset: Int) -> UInt64 {
    UInt64(bigEndian: hostWord(at: offset))
  }

  /// Eight bytes in the host's own order, for sums that do not mind which.
  @inlinable func hostWord(at offset: Int) -> UInt64 {
    // As in uint8(at:).
    unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }
}

extension MutableRawSpan {
  /// Writes a byte; an offset outside the span traps.
  @inlinable public mutating func store(_ value: UInt8, at offset: Int) {
    storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
  }

  /// Writes two bytes in network order.
  @inlinable public mutating func store(_ value: UInt16, at offset: Int) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
  }

  /// Writes four bytes in network order.
  @inlinable public mutating func store(_ value: UInt32, at offset: Int) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
  }

  /// Writes eight bytes in network order.
  @inlinable public mutating func store(_ value: UInt64, at offset: Int) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt64.self)
  }

  /// Writes the low six bytes in network order.
  @inlinable @inline(__always) public mutating func store48(_ value: UInt64, at offset: Int) {
    store(UInt16(truncatingIfNeeded: value >> 32), at: offset)
    store(UInt32(truncatingIfNeeded: value), at: offset + 2)
  }
}
