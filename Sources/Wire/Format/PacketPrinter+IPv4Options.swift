// SPDX-License-Identifier: BSD-2-Clause

extension PacketPrinter {
  /// Prints the options between brackets that are already there; models ip_optprint().
  mutating func printIPv4Options(_ bytes: RawSpan) {
    var options = IPv4Options(bytes)
    var separator = ""
    while let option = options.next() {
      text += separator
      separator = ","
      text += Self.optionName(option.type)
      if option.isMalformed {
        let hasLength = option.length > 1
        text += hasLength ? " [bad length \(bytes.uint8(at: option.position + 1))]" : "[|ip]"
        return
      }
      let body = bytes.extracting(option.position..<option.position + option.length)
      switch option.type {
      case .recordRoute, .looseSourceRoute, .strictSourceRoute: printRoute(body)
      case .timestamp: printTimestamps(body)
      case .routerAlert:
        if body.byteCount < 4 {
          text += " [bad length \(body.byteCount)]"
        } else if body.uint16(at: 2) != 0 {
          text += " value \(body.uint16(at: 2))"
        }
      default: break
      }
    }
  }

  /// Prints the slots of a route, a comma behind those the pointer has passed.
  private mutating func printRoute(_ option: RawSpan) {
    let length = option.byteCount
    guard length >= 3 else {
      text += " [bad length \(length)]"
      return
    }
    if (length + 1) % 4 != 0 { text += " [bad length \(length)]" }
    // The pointer counts from 1, our offsets from 0.
    let pointer = Int(option.uint8(at: 2)) - 1
    if pointer < 3 || (pointer + 1) % 4 != 0 { text += " [bad ptr \(pointer + 1)]" }
    for slot in stride(from: 3, through: length - 4, by: 4) {
      text += " \(IPv4Address(rawValue: option.uint32(at: slot)))"
      if pointer > slot { text += "," }
    }
  }

  /// Prints the time stamps, a caret before the slot the pointer is at.
  private mutating func printTimestamps(_ option: RawSpan) {
    let length = option.byteCount
    guard length >= 4 else {
      text += "[bad length \(length)]"
      return
    }
    text += " TS{"
    let flags = option.uint8(at: 3) & 0xf
    let slotLength = flags == 0 ? 4 : 8
    if (length - 4) % slotLength != 0 { text += "[bad length \(length)]" }
    let pointer = Int(option.uint8(at: 2)) - 1
    if pointer < 4 || (pointer - 4) % slotLength != 0 || pointer > length + 1 {
      text += "[bad ptr \(pointer + 1)]"
    }
    var end = 0
    switch flags {
    case 0: text += "TSONLY"
    case 1: text += "TS+ADDR"
    case 3: text += "PRESPEC"
    default: text += "[bad ts type \(flags)]"
    }
    if [0, 1, 3].contains(flags) {
      end = 4
      while end + slotLength <= length {
        let time = Int32(bitPattern: option.uint32(at: end + slotLength - 4))
        text += "\(pointer == end ? " ^ " : " ")\(time)@"
        if slotLength == 8 { text += "\(IPv4Address(rawValue: option.uint32(at: end)))" }
        end += slotLength
      }
    }
    if pointer == end { text += " ^ " }
    let overflow = option.uint8(at: 3) >> 4
    text += overflow > 0 ? " [\(overflow) hops not recorded]} " : "}"
  }

  private static func optionName(_ type: IPv4OptionType) -> String {
    switch type {
    case .endOfList: "EOL"
    case .noOperation: "NOP"
    case .timestamp: "timestamp"
    case .security: "security"
    case .recordRoute: "RR"
    case .strictSourceRoute: "SSRR"
    case .looseSourceRoute: "LSRR"
    case .routerAlert: "RA"
    case IPv4OptionType(rawValue: 82): "traceroute"
    default: "unknown \(type.rawValue)"
    }
  }
}
