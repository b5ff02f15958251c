// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// Addresses, frames, and what is counted together.
extension RulePrinter {
  /// An address, a list of networks, or the hosts of a network.
  func address(_ match: Match) -> String {
    switch match {
    case .address(_, let address): return "\(address)"
    case .me: return "me"
    case .me6: return "me6"
    case .table(_, let number, let value): return "table(\(number)\(value.map { ",\($0)" } ?? ""))"
    case .address6(_, let words): return "\(address6(at: words.indices.lowerBound))"
    case .networks6(_, let words):
      return stride(from: words.indices.lowerBound, to: words.indices.upperBound, by: 8)
        .map { network6(at: $0) }.joined(separator: ",")
    case .networks(_, let words):
      let list = rule.words[words.indices].map { IPv4Address(rawValue: $0) }
      return stride(from: 0, to: list.count - 1, by: 2)
        .map { RulePrinter.network(list[$0], mask: list[$0 + 1]) }.joined(separator: ",")
    case .hosts(_, let base, let length, let words):
      return "\(base)/\(length)" + hosts(rule.words[words.indices], from: base)
    default: return ""
    }
  }

  private func address6(at place: Int) -> IPv6Address {
    let words = rule.words
    return IPv6Address(
      rawValue: [words[place], words[place + 1], words[place + 2], words[place + 3]])
  }

  private func network6(at place: Int) -> String {
    let address = address6(at: place)
    let mask = address6(at: place + 4)
    return switch mask.prefixLength {
    case 128: "\(address)"
    case let length?: "\(address)/\(length)"
    case nil: "\(address):\(mask)"
    }
  }

  private static func network(_ address: IPv4Address, mask: IPv4Address) -> String {
    switch mask.prefixLength {
    case 32: "\(address)"
    case let length?: "\(address)/\(length)"
    case nil: "\(address):\(mask)"
    }
  }

  /// The last numbers of the hosts whose bits are set; three in a row and more are a range.
  private func hosts(_ bits: ArraySlice<UInt32>, from base: IPv4Address) -> String {
    let words = Array(bits)
    let first = Int(base.rawValue & 0xff)
    let members = (0..<words.count * 32).filter { words[$0 / 32] & (1 << UInt32($0 % 32)) != 0 }
    var parts: [String] = []
    var index = 0
    while index < members.count {
      var end = index
      while end + 1 < members.count, members[end + 1] == members[end] + 1 { end += 1 }
      if end - index >= 2 {
        parts.append("\(members[index] + first)-\(members[end] + first)")
        index = end + 1
      } else {
        parts.append("\(members[index] + first)")
        index += 1
      }
    }
    // Without a member the original leaves the opening brace out.
    return (parts.isEmpty ? "" : "{" + parts.joined(separator: ",")) + "}"
  }

  /// Both addresses of a frame, the destination first.
  func mac(_ words: WordRange) -> String {
    let words = Array(rule.words[words.indices])
    /// The six bytes of an end, which begin in the middle of a word for the source.
    func bytes(_ start: Int, _ isSource: Bool) -> UInt64 {
      let first = UInt64(words[start]) << 32 | UInt64(words[start + 1])
      let last = UInt64(words[start + 1]) << 32 | UInt64(words[start + 2])
      return isSource ? last & 0xffff_ffff_ffff : first >> 16
    }
    let ends = [false, true].map { isSource -> String in
      let mask = bytes(3, isSource)
      let ones = ((~mask) << 16).leadingZeroBitCount
      let address = EthernetAddress(rawValue: bytes(0, isSource))
      if mask == 0 { return "any" }
      if mask == 0xffff_ffff_ffff { return "\(address)" }
      let isContiguous = mask == 0xffff_ffff_ffff & ~(UInt64(0xffff_ffff_ffff) >> UInt64(ones))
      return isContiguous ? "\(address)/\(ones)" : "\(address)&\(EthernetAddress(rawValue: mask))"
    }
    return "MAC " + ends.joined(separator: " ")
  }

  /// Ethernet types, in hexadecimal or by name.
  func macTypes(_ words: WordRange) -> String {
    func name(_ type: UInt16) -> String {
      let name = EtherTypeWords.names.first { $0.type == type }?.name
      return (format.namesServices ? name : nil) ?? "0x\(UInt32(type).hex(digits: 4))"
    }
    return rule.ranges(words).map {
      $0.low == $0.high ? name($0.low) : "\(name($0.low))-\(name($0.high))"
    }.joined(separator: ",")
  }

  func name(of id: UInt32, _ accounts: [(name: String, number: UInt32)]) -> String {
    accounts.first { $0.number == id }?.name ?? "\(id)"
  }

  func limit(_ parts: LimitParts, _ number: UInt16) -> String {
    var left = parts
    var names: [String] = []
    for row in LimitWords.names where left.isSuperset(of: row.parts) {
      left.subtract(row.parts)
      names.append(row.name)
    }
    return "limit \(names.joined(separator: ",")) \(argument(number))"
  }

  /// The numbers of the types of ICMPv6 whose bits are set.
  func types(_ words: WordRange) -> String {
    let bits = Array(rule.words[words.indices])
    let numbers = (0..<bits.count * 32).filter { bits[$0 / 32] & (1 << UInt32($0 % 32)) != 0 }
    return (["icmp6types"] + [numbers.map { "\($0)" }.joined(separator: ",")])
      .filter { !$0.isEmpty }.joined(separator: " ")
  }
}
