// SPDX-License-Identifier: BSD-2-Clause

extension Vnet {
  /// The MTUs that links are known to have, largest first (RFC 1191 section 7; `ip_next_mtu`).
  static let mtuPlateaus: [UInt32] = [
    65535, 32000, 17914, 8166, 4352, 2002, 1492, 1280, 1006, 508, 296, 68, 0,
  ]

  /// The first plateau strictly below a length.
  static func nextSmallerPlateau(below length: Int) -> UInt32 {
    mtuPlateaus.first { Int($0) < length } ?? 0
  }
}
