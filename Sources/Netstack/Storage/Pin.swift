// SPDX-License-Identifier: BSD-2-Clause

import Synchronization

/// Makes the struct that contains it one that is always passed by its address.
///
/// A borrowed plain struct is copied onto the stack at each call of a method that does not change
/// it: for `Vnet` that was 2,648 bytes, several times a packet. An atomic has an identity in
/// memory, so a struct with one cannot be copied, not even by the compiler. Its value is never
/// looked at.
struct Pin: ~Copyable {
  private let anchor = Atomic<UInt8>(0)
}
