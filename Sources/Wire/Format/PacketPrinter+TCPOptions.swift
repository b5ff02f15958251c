// SPDX-License-Identifier: BSD-2-Clause

extension PacketPrinter {
  /// Prints the options between brackets that are already open; false if they end in an error.
  ///
  /// - Parameter bytes: What was captured behind the header's first 20 bytes.
  mutating func printTCPOptions(_ bytes: RawSpan, length: Int, sackBase: UInt32) -> Bool {
    var position = 0
    while position < length {
      if position > 0 { text += "," }
      guard position < bytes.byteCount else { return failTCPOption("[|tcp]", at: position) }
      let kind = bytes.uint8(at: position)
      var optionLength = 1
      if kind > 1 {
        guard position + 1 < bytes.byteCount else { return failTCPOption("[|tcp]", at: position) }
        optionLength = Int(bytes.uint8(at: position + 1))
        guard optionLength >= 2, position + optionLength <= length else {
          return failTCPOption("[bad opt]", at: position)
        }
        guard position + optionLength <= bytes.byteCount else {
          return failTCPOption("[|tcp]", at: position)
        }
      }
      let body = bytes.extracting(
        min(position + 2, position + optionLength)..<position + optionLength)
      text += Self.tcpOptionName(kind)
      guard printTCPOption(kind, body, sackBase: sackBase) else {
        return failTCPOption("[bad opt]", at: position)
      }
      position += optionLength
      if kind == 0 { break }
    }
    return true
  }

  private mutating func failTCPOption(_ words: String, at position: Int) -> Bool {
    text += words + (position > 0 ? ">" : "")
    return false
  }

  /// Prints an option's value; false if its length cannot hold it.
  private mutating func printTCPOption(
    _ kind: UInt8, _ body: RawSpan, sackBase: UInt32
  ) -> Bool {
    let used: Int
    switch kind {
    case 0, 1, 4: used = 0
    case 2:
      guard body.byteCount >= 2 else { return false }
      text += " \(body.uint16(at: 0))"
      used = 2
    case 3:
      guard body.byteCount >= 1 else { return false }
      text += " \(body.uint8(at: 0))"
      used = 1
    case 5:
      printSACK(body, base: sackBase)
      used = body.byteCount
    case 6, 7, 11, 12, 13:
      guard body.byteCount >= 4 else { return false }
      text += " \(body.uint32(at: 0))"
      used = 4
    case 8:
      guard body.byteCount >= 8 else { return false }
      text += " val \(body.uint32(at: 0)) ecr \(body.uint32(at: 4))"
      used = 8
    default:
      if body.byteCount > 0 { text += kind == 19 ? " " : " 0x" }
      for offset in 0..<body.byteCount { text.appendHex(body.uint8(at: offset), digits: 2) }
      used = body.byteCount
    }
    if used != body.byteCount { text += "[len \(body.byteCount + 2)]" }
    return true
  }

  private mutating func printSACK(_ body: RawSpan, base: UInt32) {
    guard body.byteCount % 8 == 0 else {
      text += " malformed sack "
      return
    }
    text += " \(body.byteCount / 8) "
    for block in stride(from: 0, to: body.byteCount, by: 8) {
      text += "{\(body.uint32(at: block) &- base):\(body.uint32(at: block + 4) &- base)}"
    }
  }

  private static func tcpOptionName(_ kind: UInt8) -> String {
    switch kind {
    case 0: "eol"
    case 1: "nop"
    case 2: "mss"
    case 3: "wscale"
    case 4: "sackOK"
    case 5: "sack"
    case 6: "echo"
    case 7: "echoreply"
    case 8: "TS"
    case 11: "cc"
    case 12: "ccnew"
    case 13: "ccecho"
    case 19: "md5"
    case 28: "uto"
    default: "Unknown Option \(kind)"
    }
  }
}
