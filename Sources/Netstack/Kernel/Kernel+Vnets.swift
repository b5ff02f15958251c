// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

extension Kernel {
  /// A stack by its number, for callers outside of this module; the path itself uses `vnets`.
  package subscript(vnet: VnetIndex) -> Vnet {
    _read { yield vnets[Int(vnet.rawValue)] }
    _modify { yield &vnets[Int(vnet.rawValue)] }
  }
}
