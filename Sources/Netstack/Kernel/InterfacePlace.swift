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
