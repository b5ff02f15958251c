// SPDX-License-Identifier: BSD-2-Clause

extension [UInt8] {
  /// The bytes as the decoders of this module take them.
  ///
  /// Unsafe only for element types with padding, which bytes have not.
  @inlinable public var rawBytes: RawSpan {
    @_lifetime(borrow self) get { unsafe span.bytes }
  }
}
