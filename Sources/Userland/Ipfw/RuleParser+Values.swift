// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// Which names stand for numbers in a list of ranges.
enum PortNames {
  /// Those of services, of this protocol or of any for 0.
  case services(UInt8)
  case etherTypes

  func port(named name: String) -> UInt16? {
    switch self {
    case .services(let proto):
      Services.port(named: name, proto == 0 ? nil : IPProtocol(rawValue: proto).name)
    case .etherTypes: EtherTypeWords.names.first { $0.name == name }?.type
    }
  }
}

/// Protocols, ports and lists of numbers.
extension RuleParser {
  /// The instruction for a protocol's name or number: nil inside for any, nil outside for none.
  ///
  /// - Parameter isBody: In front of `from` there are two more names.
  mutating func protocolMatch(_ word: String, isBody: Bool) -> Match?? {
    proto = 0
    if isPrefix(word, of: "all") || word == "ip" { return .some(nil) }
    if word == "ip4" || isBody && word == "ipv4" { return .ip4 }
    if word == "ip6" || isBody && word == "ipv6" {
      proto = RuleParser.ipv6
      return .ip6
    }
    let (value, rest) = CNumber.strtoul(Substring(word), radix: 10)
    let number = Int32(truncatingIfNeeded: value)
    if !word.isEmpty, rest.isEmpty, number > 0 {
      proto = UInt8(truncatingIfNeeded: number)
      return .proto(UInt16(truncatingIfNeeded: number))
    }
    guard let named = IPProtocol(name: word) else { return nil }
    proto = named.rawValue
    return .proto(UInt16(named.rawValue))
  }

  /// IPPROTO_IPV6.
  static let ipv6: UInt8 = 41

  /// The instruction for a list of ports; nil for what is none, which may be something else.
  mutating func portsMatch(_ word: String, _ end: PacketEnd) throws(Fault) -> Match? {
    try ranges(word, .services(proto)).map { .ports(end, store($0.map(\.word))) }
  }

  /// Numbers, names of services and ranges between commas; nil for anything else (`fill_newports`).
  func ranges(_ word: String, _ names: PortNames) throws(Fault) -> [NumberRange]? {
    var result: [NumberRange] = []
    var text = Substring(word)
    while !text.isEmpty {
      guard let (low, afterLow) = port(text, names) else { return nil }
      var (range, rest) = (NumberRange(low, low), afterLow)
      switch rest.first {
      case "-":
        guard let (high, afterHigh) = port(rest.dropFirst(), names),
          afterHigh.first == "," || afterHigh.isEmpty
        else { return nil }
        (range.high, rest) = (high, afterHigh)
      case ",", nil: break
      case .some(let separator):
        surroundings.warn("port list: invalid separator <\(separator)> in <\(text)>")
        return nil
      }
      result.append(range)
      // A comma at the end leaves a text that is no port.
      if rest == "," { return nil }
      text = rest.dropFirst()
    }
    if result.count >= RuleParser.mostWords {
      throw .failed("too many ports/ranges\n", status: 65)
    }
    return result.isEmpty ? nil : result
  }

  /// What an instruction's length field can count, itself among them; the kernel takes fewer.
  static let mostWords = 63

  /// A port in front of a text, and what follows; a backslash hides a dash (`strtoport`).
  func port(_ text: Substring, _ names: PortNames) -> (UInt16, rest: Substring)? {
    if CNumber.hasDigit(text) {
      let (value, rest) = CNumber.strtoul(text, radix: 0)
      return (UInt16(truncatingIfNeeded: value), rest)
    }
    var name = ""
    var rest = text
    while let character = rest.first {
      if character == "\\" {
        rest.removeFirst()
        if let escaped = rest.first, escaped != "\\" { name.append(escaped) }
        rest = rest.dropFirst()
      } else if character.isASCII && (character.isLetter || character.isNumber) {
        name.append(character)
        rest.removeFirst()
      } else {
        break
      }
    }
    guard let port = names.port(named: name) else { return nil }
    return (port, rest)
  }

  /// A number, or with a dash or comma ranges of numbers, as `iplen` and its kin take them.
  mutating func numberMatch(
    _ word: String, _ field: NumberField, label: String
  ) throws(Fault) -> Match {
    guard word.contains(where: { $0 == "-" || $0 == "," }) else {
      let number = UInt16(truncatingIfNeeded: CNumber.strtoul(Substring(word), radix: 0).value)
      return .number(field, store([NumberRange(number, number).word]))
    }
    guard let ranges = try ranges(word, .services(0)) else {
      throw .failed("invalid \(label) \(word)", status: 65)
    }
    return .number(field, store(ranges.map(\.word)))
  }

  /// Names of bits between commas, those behind `!` to be clear (`fill_flags`).
  func flagsMatch(_ word: String, _ field: FlagField) throws(Fault) -> Match {
    var (set, clear): (UInt8, UInt8) = (0, 0)
    if word.isEmpty { return .flags(field, set: 0, clear: 0) }
    var parts = word.split(separator: ",", omittingEmptySubsequences: false)
    // Nothing behind the last comma is nothing asked.
    if parts.count > 1, parts.last == "" { parts.removeLast() }
    for part in parts {
      let isClear = part.first == "!"
      let name = isClear ? part.dropFirst() : part
      guard let bits = FlagWords.names(field).first(where: { $0.name == name })?.bits else {
        throw .failed("invalid flag \(name)", status: 65)
      }
      if isClear { clear |= bits } else { set |= bits }
    }
    return .flags(field, set: set, clear: clear)
  }

  /// Types between commas (`fill_icmptypes`).
  func icmpTypesMatch(_ word: String) throws(Fault) -> Match {
    .icmpTypes(try types(word, "ICMP", most: 31)[0])
  }

  /// Types between commas (`fill_icmp6types`).
  mutating func icmp6TypesMatch(_ word: String) throws(Fault) -> Match {
    .icmp6Types(store(try types(word, "ICMP6", most: 201)))
  }

  /// Numbers between commas, cut to eight bits, as a bit each of seven words.
  private func types(_ word: String, _ kind: String, most: UInt8) throws(Fault) -> [UInt32] {
    var bits = [UInt32](repeating: 0, count: 7)
    var text = Substring(word)
    while !text.isEmpty {
      if text.first == "," { text.removeFirst() }
      let (value, rest) = CNumber.strtoul(text, radix: 0)
      guard rest.isEmpty || rest.first == "," else {
        throw .failed("invalid \(kind) type", status: 65)
      }
      let type = UInt8(truncatingIfNeeded: value)
      guard type <= most else { throw .failed("\(kind) type out of range", status: 65) }
      bits[Int(type / 32)] |= 1 << UInt32(type % 32)
      text = rest
    }
    return bits
  }
}
