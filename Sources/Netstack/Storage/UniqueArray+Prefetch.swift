// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import CBits

extension UniqueArray where Element: BitwiseCopyable {
  /// Has an element that will be read soon brought near, if there is one. So many wait for memory
  /// together.
  @inline(__always)
  func prefetch(_ index: Int) {
    guard UInt(bitPattern: index) < UInt(bitPattern: count) else { return }
    unsafe span.withUnsafeBufferPointer { elements in
      guard let first = elements.baseAddress else { return }
      unsafe cbits_prefetch(first + index)
    }
  }
}
