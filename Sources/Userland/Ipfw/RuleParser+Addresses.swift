// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

extension RuleParser {
  /// The instruction for an address of the body, whose kind shows in the address or is said by the
  /// protocol (`add_src`); nil for any.
  mutating func addressMatch(_ word: String, _ end: PacketEnd) throws(Fault) -> Match? {
    let host = word.lastIndex(of: "/").map { word[..<$0] } ?? word[...]
    if proto == RuleParser.ipv6 || word == "me6" || IPv6Address(host) != nil {
      return try address6Match(word, end)
    }
    return try address4Match(word, end)
  }

  /// The instruction for an address, a list of networks, a set, or a table; nil for any (`fill_ip`).
  mutating func address4Match(_ word: String, _ end: PacketEnd) throws(Fault) -> Match? {
    if isPrefix(word, of: "any") { return nil }
    if isPrefix(word, of: "me") { return .me(end) }
    if word.hasPrefix("table(") { return tableMatch(word.dropFirst(6), end) }
    return try networksMatch(word, end)
  }

  /// A table's number, and a value behind a comma; what follows a number is not looked at.
  private func tableMatch(_ text: Substring, _ end: PacketEnd) -> Match {
    let comma = text.firstIndex(of: ",")
    func number<Field: FixedWidthInteger>(_ text: Substring) -> Field {
      Field(truncatingIfNeeded: CNumber.strtoul(text, radix: 0).value)
    }
    let value: UInt32? = comma.map { number(text[text.index(after: $0)...]) }
    return .table(end, number(text[..<(comma ?? text.endIndex)]), value: value)
  }

  /// An address by its number or name (`lookup_host`).
  func lookUp(_ host: String) -> IPv4Address? {
    IPv4Address(inetAton: host) ?? surroundings.resolve(host)
  }

  /// Addresses with masks between commas. A mask of 0 makes the whole list any; a set ends it.
  private mutating func networksMatch(_ word: String, _ end: PacketEnd) throws(Fault) -> Match? {
    var pairs: [UInt32] = []
    var text: Substring? = Substring(word)
    while let entry = text {
      let (address, mask, rest) = try network(entry)
      let base = address & mask
      if rest?.first == "{" {
        guard pairs.isEmpty else {
          throw .failed("address set cannot be in a list", status: 65)
        }
        return try setMatch(base, mask, rest?.dropFirst() ?? "", end)
      }
      text = rest?.dropFirst()
      if mask == .any {
        if isNegated, text == nil, pairs.isEmpty {
          throw .failed("not any never matches", status: 65)
        }
        return nil
      }
      if mask == .broadcast, text == nil, pairs.isEmpty { return .address(end, address) }
      pairs += [base.rawValue, mask.rawValue]
    }
    if pairs.count >= RuleParser.mostWords { throw .failed("address list too long", status: 65) }
    return .networks(end, store(pairs))
  }

  /// One address and its mask, and what follows from the comma or brace on.
  private func network(
    _ text: Substring
  ) throws(Fault) -> (IPv4Address, mask: IPv4Address, rest: Substring?) {
    let host = text.prefix { !"/:,{".contains($0) }
    guard let address = lookUp(String(host)) else {
      throw .failed("hostname ``\(host)'' unknown", status: 68)
    }
    let mark = text[host.endIndex...].first
    let tail = text[host.endIndex...]
    guard mark == "/" || mark == ":" else {
      let mask = IPv4Prefix.mask(length: mark == "{" ? 24 : 32)
      return (address, mask, tail.isEmpty ? nil : tail)
    }
    let width = tail.dropFirst().prefix { $0 != "," && $0 != "{" }
    let rest = tail[width.endIndex...]
    return (address, try mask(width, isLength: mark == "/"), rest.isEmpty ? nil : rest)
  }

  /// A mask by its length or as an address.
  private func mask(_ text: Substring, isLength: Bool) throws(Fault) -> IPv4Address {
    guard isLength else {
      guard let mask = IPv4Address(inetAton: text) else {
        throw .failed("bad netmask ``\(text)''", status: 65)
      }
      return mask
    }
    let length = CNumber.atoi(text)
    if length == 0 { return .any }
    guard length <= 32 else { throw .failed("bad width ``\(text)''", status: 65) }
    // A negative length is a shift that the x86 takes modulo 32.
    return IPv4Address(rawValue: UInt32.max << UInt32(bitPattern: (32 &- length) & 31))
  }

  /// The hosts of a network by their last numbers, up to the brace or what is no number.
  private mutating func setMatch(
    _ base: IPv4Address, _ mask: IPv4Address, _ text: Substring, _ end: PacketEnd
  ) throws(Fault) -> Match {
    guard let length = mask.prefixLength, (24...31).contains(length) else {
      throw .failed("invalid set with mask \(mask.prefixLength ?? -1)\n", status: 65)
    }
    let size = 1 << (32 - length)
    let low = Int32(base.rawValue & 0xff)
    let high = low + Int32(size) - 1
    var bits = [UInt32](repeating: 0, count: (size + 31) / 32)
    var start: Int32?
    var text = text
    while CNumber.hasDigit(text) {
      let (value, rest) = CNumber.strtoul(text, radix: 0)
      let number = Int32(truncatingIfNeeded: value)
      guard number >= low, number <= high else {
        throw .failed("addr \(number) out of range [\(low)-\(high)]\n", status: 65)
      }
      if let start {
        guard start <= number else {
          throw .failed("invalid range \(start)-\(number)", status: 65)
        }
        if rest.first == "-" { throw .failed("double '-' in range", status: 65) }
      }
      for host in (start ?? number)...number {
        bits[Int(host - low) / 32] |= 1 << UInt32((host - low) % 32)
      }
      start = rest.first == "-" ? number : nil
      if rest.first == "}" { break }
      text = rest.dropFirst()
    }
    return .hosts(end, base: base, length: UInt8(length), store(bits))
  }
}
