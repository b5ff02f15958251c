// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Wire

/// The IP options of a packet as ping(8) shows them (the end of `pr_pack`).
enum PingRoute {
  /// Walks the options as the C does, which counts places and lengths down in odd ways.
  ///
  /// - Parameter lastRoute: The route that was shown last.
  /// - Returns: What to show, and the route that is now the last.
  static func text(
    _ packet: [UInt8], _ headerLength: Int, lastRoute: [UInt8], isFlood: Bool,
    isNumeric: Bool
  ) -> (text: String, route: [UInt8]) {
    var text = ""
    var route = lastRoute
    var place = IPv4Header.size
    var left = headerLength
    while left > IPv4Header.size {
      switch packet[place] {
      case IPv4OptionType.endOfList.rawValue: left = 0
      case IPv4OptionType.looseSourceRoute.rawValue, IPv4OptionType.strictSourceRoute.rawValue:
        let isLoose = packet[place] == IPv4OptionType.looseSourceRoute.rawValue
        text += isLoose ? "\nLSRR: " : "\nSSRR: "
        let length = Int(packet[place + 1]) - 3
        left -= 2
        place += 2
        text +=
          addresses(packet, &place, &left, length, isNumeric) ?? "\t(truncated route)\n"
      case IPv4OptionType.recordRoute.rawValue:
        var length = min(Int(packet[place + 2]), Int(packet[place + 1])) - 3
        left -= 2
        place += 2
        if length < 0 || length > left - IPv4Header.size {
          route = []
          length = 0
        } else if Array(packet[place..<place + length]) == route, !isFlood {
          text += "\t(same route)"
          left -= length
          place += length
        } else {
          route = Array(packet[place..<place + length])
          text +=
            "\nRR: "
            + (addresses(packet, &place, &left, length, isNumeric) ?? "\t(truncated route)")
        }
      case IPv4OptionType.noOperation.rawValue: text += "\nNOP"
      case let type: text += "\nunknown option \(type.hex())"
      }
      left -= 1
      place += 1
    }
    return (text, route)
  }

  /// The addresses behind a place, each on a line; nil where there is none or no room.
  private static func addresses(
    _ packet: [UInt8], _ place: inout Int, _ left: inout Int, _ length: Int, _ isNumeric: Bool
  ) -> String? {
    guard length >= 4, length <= left - IPv4Header.size else { return nil }
    var found: [String] = []
    var rest = length
    while rest >= 4 {
      let address = IPv4Address(rawValue: packet.rawBytes.uint32(at: place + 1))
      found.append("\t" + Self.text(of: address, isNumeric))
      place += 4
      left -= 4
      rest -= 4
    }
    return found.joined(separator: "\n")
  }

  /// An address, with its name before it if it has one (`pr_addr`).
  static func text(of address: IPv4Address, _ isNumeric: Bool) -> String {
    guard !isNumeric, let name = Hosts.name(of: address) else { return "\(address)" }
    return "\(name) (\(address))"
  }
}
