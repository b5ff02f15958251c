// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The scans that `ipopts_match()` and `tcpopts_match()` make over options.
enum PacketOptions {
  /// The IP options of note that a packet has, a bit each; nil where a length is wrong.
  static func ip(_ bytes: RawSpan, headerLength: Int) -> UInt8? {
    var bits: UInt8 = 0
    var offset = IPv4Header.size
    let end = min(headerLength, bytes.byteCount)
    while offset < end {
      let option = bytes.uint8(at: offset)
      if option == 0 { break }
      var length = 1
      if option != 1 {
        length = offset + 1 < end ? Int(bytes.uint8(at: offset + 1)) : 0
        guard length > 0, length <= end - offset else { return nil }
      }
      switch option {
      case 7: bits |= OptionBit.rr
      case 68: bits |= OptionBit.ts
      case 131: bits |= OptionBit.lsrr
      case 137: bits |= OptionBit.ssrr
      default: break
      }
      offset += length
    }
    return bits
  }

  /// The TCP options of note that a segment has; one with a length of 0 ends the scan.
  static func tcp(_ segment: RawSpan, headerLength: Int) -> UInt8 {
    var bits: UInt8 = 0
    var offset = TCPHeader.size
    let end = min(headerLength, segment.byteCount)
    while offset < end {
      let option = segment.uint8(at: offset)
      if option == 0 { break }
      var length = 1
      if option != 1 {
        length = offset + 1 < segment.byteCount ? Int(segment.uint8(at: offset + 1)) : 0
        guard length > 0 else { break }
      }
      switch option {
      case 2: bits |= OptionBit.mss
      case 3: bits |= OptionBit.window
      case 4, 5: bits |= OptionBit.sack
      case 8: bits |= OptionBit.timestamp
      // 8.0 knows the word `cc` and no longer the options: no packet has them.
      default: break
      }
      offset += length
    }
    return bits
  }
}
