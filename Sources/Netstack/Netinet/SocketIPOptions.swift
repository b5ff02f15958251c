// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The IP options that a process set on a socket (`inp_options`).
///
/// They lie beside the sockets, most of which have none.
struct SocketIPOptions {
  var socket: SocketIndex
  /// The first hop of a source route or zeros, then the options.
  var bytes: [UInt8]

  /// What is kept of options that a process gives (`ip_pcbopts`, netinet/ip_options.c): the first hop
  /// of a source route comes out of it. Nil where they are malformed or too many.
  static func kept(_ options: [UInt8]) -> [UInt8]? {
    guard options.count % 4 == 0, options.count <= 44 else { return nil }
    var firstHop: [UInt8] = [0, 0, 0, 0]
    var list = options
    var place = 0
    walk: while place < list.count {
      var length = 1
      switch list[place] {
      case IPv4OptionType.endOfList.rawValue: break walk
      case IPv4OptionType.noOperation.rawValue: break
      case let type:
        guard place + 1 < list.count else { return nil }
        length = Int(list[place + 1])
        guard length >= 2, place + length <= list.count else { return nil }
        guard
          type == IPv4OptionType.looseSourceRoute.rawValue
            || type == IPv4OptionType.strictSourceRoute.rawValue
        else { break }
        guard length >= 3 + 4 else { return nil }
        firstHop = Array(list[place + 3..<place + 7])
        list.removeSubrange(place + 3..<place + 7)
        length -= 4
        list[place + 1] = UInt8(length)
      }
      place += length
    }
    return list.count <= 40 ? firstHop + list : nil
  }
}

extension SocketTable {
  /// What a socket's packets have in their headers; nil for nothing.
  func ipOptions(of socket: SocketIndex) -> [UInt8]? {
    for place in 0..<ipOptions.count where ipOptions[place].socket == socket {
      return ipOptions[place].bytes
    }
    return nil
  }

  /// Puts options in the place of those that a socket has.
  mutating func setIPOptions(_ bytes: [UInt8], of socket: SocketIndex) {
    for place in (0..<ipOptions.count).reversed() where ipOptions[place].socket == socket {
      ipOptions.remove(at: place)
    }
    if !bytes.isEmpty { ipOptions.append(SocketIPOptions(socket: socket, bytes: bytes)) }
  }
}
