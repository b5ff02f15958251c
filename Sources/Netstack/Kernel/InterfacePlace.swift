// SPDX-License-Identifier: BSD-2-Clause

/// Where an interface is: its stack, and its number there. What the machine's own tables name an
/// interface by.
package struct InterfacePlace: Hashable, BitwiseCopyable, Sendable {
  package var vnet: VnetIndex
  package var interface: InterfaceIndex

  package init(_ vnet: VnetIndex, _ interface: InterfaceIndex) {
    (self.vnet, self.interface) = (vnet, interface)
  }
}

/// Where a stack would lie in the memory of an amd64 kernel: made of its number, for what prints it.
extension VnetIndex {
  /// `VNET_MAGIC_N`.
  package static let magic: UInt64 = 0x3e0d_8f29
  /// Where the kernel's own values are that new stacks get a copy of (`VNET_START`).
  package static let dataStart: UInt64 = 0xffff_ffff_80d7_a000

  /// `struct vnet`, in 64 bytes.
  package var address: UInt64 { 0xffff_ff00_02a3_d000 + UInt64(rawValue) * 64 }
  /// `vnet_data_mem`, eight pages.
  package var dataAddress: UInt64 { 0xffff_ff00_0410_0000 + UInt64(rawValue) * 0x8000 }
}
