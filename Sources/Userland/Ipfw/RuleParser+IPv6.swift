// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What only IPv6 has (sbin/ipfw/ipv6.c).
extension RuleParser {
  /// The instruction for an IPv6 address or a list of networks; nil for any (`fill_ip6`).
  mutating func address6Match(_ word: String, _ end: PacketEnd) throws(Fault) -> Match? {
    if word == "any" { return nil }
    if word == "me" || word == "me6" { return .me6(end) }
    var pairs: [UInt32] = []
    var text: Substring? = Substring(word)
    while let entry = text {
      let host = entry.prefix { $0 != "/" && $0 != "," }
      guard let address = lookUp6(String(host)) else {
        throw .failed("bad address \"\(host)\"", status: 65)
      }
      var rest = entry[host.endIndex...]
      var length = 128
      if rest.first == "/" {
        rest.removeFirst()
        length = Int(CNumber.atoi(rest))
        guard (0...128).contains(length) else {
          throw .failed("bad width \"\(rest)''", status: 65)
        }
        rest = rest.drop { $0 != "," }
      }
      text = rest.isEmpty ? nil : rest.dropFirst()
      let mask = IPv6Address.mask(length: length)
      if length == 0 {
        if isNegated, text == nil, pairs.isEmpty {
          throw .failed("not any never matches", status: 65)
        }
        continue
      }
      if length == 128, text == nil, pairs.isEmpty {
        return .address6(end, store(RuleParser.words(address)))
      }
      pairs += RuleParser.words(address & mask) + RuleParser.words(mask)
    }
    if pairs.count >= RuleParser.mostWords { throw .failed("address list too long", status: 65) }
    // A list of nothing but `/0` looks like `me` to the original.
    return pairs.isEmpty ? .me6(end) : .networks6(end, store(pairs))
  }

  private func lookUp6(_ host: String) -> IPv6Address? {
    if let address = IPv6Address(host) { return address }
    // The names that resolve here are those of the host itself.
    return surroundings.resolve(host) == .loopback ? .loopback : nil
  }

  private static func words(_ address: IPv6Address) -> [UInt32] {
    (0..<4).map { address.rawValue[$0] }
  }

  /// Names of extension headers between commas (`fill_ext6hdr`).
  func extensionHeadersMatch(_ word: String) throws(Fault) -> Match {
    var bits: UInt16 = 0
    for name in word.split(separator: ",", omittingEmptySubsequences: false) {
      guard let header = ExtensionHeaderWords.names.first(where: { $0.name == name }) else {
        throw .failed("invalid option for ipv6 exten header", status: 65)
      }
      bits |= header.bit
    }
    return .extensionHeaders(bits)
  }

  /// Flow labels between commas (`fill_flow6`).
  mutating func flowIDsMatch(_ word: String) throws(Fault) -> Match {
    var labels: [UInt32] = []
    for text in word.split(separator: ",", omittingEmptySubsequences: false) {
      let (value, rest) = CNumber.strtoul(text, radix: 0)
      guard rest.isEmpty else { throw .failed("invalid ipv6 flow number \(rest)", status: 65) }
      let label = UInt32(truncatingIfNeeded: value)
      guard label <= 0xfffff else { throw .failed("flow number out of range \(rest)", status: 65) }
      labels.append(label)
    }
    return .flowIDs(store(labels))
  }
}
