// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// States, tags, owners of sockets, and frames.
extension RuleParser {
  /// The parts and the number of `limit`, which forgets a negation; returns the instruction's place.
  mutating func parseLimit() throws(Fault) -> Int {
    isNegated = false
    var parts: LimitParts = []
    while let word = words.first,
      let named = LimitWords.names.first(where: { $0.name == word })
    {
      parts.formUnion(named.parts)
      words.removeFirst()
    }
    if parts.isEmpty { throw .failed("limit: missing limit mask", status: 64) }
    return emit(.limit(parts, try argument(for: "limit")))
  }

  /// One tag, or with a dash or comma ranges of tags.
  mutating func parseTagged(_ name: String) throws(Fault) -> Match {
    guard let word = words.first, word.contains(where: { $0 == "-" || $0 == "," }) else {
      return .tagged(try argument(for: name))
    }
    guard let ranges = try ranges(word, .services(0)) else {
      throw .failed("\(name): invalid tag list: \(word)", status: 65)
    }
    words.removeFirst()
    return .taggedIn(store(ranges.map(\.word)))
  }

  /// A user or group by number or name, which must exist. An empty word is number 0.
  func account(
    _ word: String, _ kind: String, _ accounts: [(name: String, number: UInt32)]
  ) throws(Fault) -> UInt32 {
    let (value, rest) = CNumber.strtoul(Substring(word), radix: 0)
    let number = rest.isEmpty ? UInt32(truncatingIfNeeded: value) : nil
    let found = accounts.first { number == nil ? $0.name == word : $0.number == number }
    guard let found else { throw .failed("\(kind) \"\(word)\" nonexistent", status: 65) }
    return found.number
  }

  /// The two addresses of a frame (`add_mac`).
  mutating func parseMAC() throws(Fault) -> Match {
    guard words.count >= 2 else { throw .failed("MAC dst src", status: 65) }
    let (destination, destinationMask) = try ethernetNetwork(words.removeFirst())
    let (source, sourceMask) = try ethernetNetwork(words.removeFirst())
    func pack(_ first: UInt64, _ second: UInt64) -> [UInt32] {
      [
        UInt32(truncatingIfNeeded: first >> 16),
        UInt32(truncatingIfNeeded: first << 16 | second >> 32),
        UInt32(truncatingIfNeeded: second),
      ]
    }
    return .mac(
      store(pack(destination, source) + pack(destinationMask, sourceMask)))
  }

  /// An address with a mask behind `&` or a length behind `/` (`get_mac_addr_mask`).
  private func ethernetNetwork(_ word: String) throws(Fault) -> (address: UInt64, mask: UInt64) {
    if word == "any" { return (0, 0) }
    let host = word.prefix { $0 != "&" && $0 != "/" }
    guard let address = RuleParser.ethernetAddress(host) else {
      throw .failed("Incorrect MAC address", status: 65)
    }
    let tail = word[host.endIndex...].dropFirst()
    switch word[host.endIndex...].first {
    case "/":
      let number = CNumber(tail, base: 10)
      guard number.rest.isEmpty, number.signed >= 0, number.signed <= 48 else {
        throw .failed("Incorrect mask length", status: 65)
      }
      let mask = 0xffff_ffff_ffff & ~(UInt64(0xffff_ffff_ffff) >> UInt64(number.signed))
      return (address & mask, mask)
    case "&":
      guard let mask = RuleParser.ethernetAddress(tail) else {
        throw .failed("Incorrect mask", status: 65)
      }
      return (address & mask, mask)
    default: return (address, 0xffff_ffff_ffff)
    }
  }

  private static func ethernetAddress(_ text: Substring) -> UInt64? {
    guard text.allSatisfy({ $0 == ":" || $0.isASCII && $0.isHexDigit }) else { return nil }
    return EthernetAddress(text)?.rawValue
  }

  /// Ethernet types; words that are none ask nothing and leave a negation standing (`add_mactype`).
  mutating func macTypesMatch(_ word: String) throws(Fault) -> Match? {
    if word == "any" { throw .failed("invalid mac type any", status: 65) }
    return try ranges(word, .etherTypes).map { .macType(store($0.map(\.word))) }
  }
}
