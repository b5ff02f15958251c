// SPDX-License-Identifier: BSD-2-Clause

import Shell

extension Double {
  /// The number with up to 18 places, as `%.Nf` rounds it: exactly, halves to even; `nan` for none.
  /// Numbers from 2^100 on are cut.
  func fixed(_ places: Int) -> String {
    if isNaN { return "nan" }
    if isInfinite { return self < 0 ? "-inf" : "inf" }
    let sign = self.sign == .minus ? "-" : ""
    let magnitude = self.magnitude
    let scale = (0..<places).reduce(UInt128(1)) { product, _ in product * 10 }
    var units: UInt128 = 0
    if magnitude >= 0x1p52 {
      // A whole number.
      let digits = String(UInt128(min(magnitude, 0x1p100)))
      return sign + digits + (places > 0 ? "." + String(repeating: "0", count: places) : "")
    }
    if magnitude >= 0x1p-60 {
      // The value is significand / 2^shift.
      let shift = 52 - Int(magnitude.exponent)
      let significand = UInt128(magnitude.significandBitPattern | 1 << 52) * scale
      units = significand >> UInt128(shift)
      let rest = significand - units << UInt128(shift)
      let half = UInt128(1) << UInt128(shift - 1)
      if rest > half || (rest == half && units & 1 == 1) { units += 1 }
    }
    guard places > 0 else { return "\(sign)\(units)" }
    return "\(sign)\(units / scale).\((units % scale).decimal(digits: places))"
  }
}
