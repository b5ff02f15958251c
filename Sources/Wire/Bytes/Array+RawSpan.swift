// SPDX-License-Identifier: BSD-2-Clause

extension [UInt8] {
  /// The bytes as the decoders of this module take them.
  ///
  /// Unsafe only for element types with padding, which bytes have not.
  @inlinable public var rawBytes: RawSpan {
    @_lifetime(borrow self) get { unsafe span.bytes }
  }

  /// Lets the writers of this module change the bytes in place; unsafe no more than `rawBytes`.
  @inlinable public mutating func withMutableRawBytes(_ body: (inout MutableRawSpan) -> Void) {
    var span = mutableSpan
    var bytes = unsafe span.mutableBytes
    body(&bytes)
  }
}
