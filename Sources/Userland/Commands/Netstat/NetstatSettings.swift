// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What the letters of a call of netstat(1) come to (`main()` of main.c).
struct NetstatSettings {
  /// What -f limits to.
  enum Family: Hashable {
    case inet, link
    /// One of which the model has nothing.
    case other
  }

  private(set) var family: Family?
  private(set) var protocolRow: NetstatProtocol.Row?
  /// -i, -I or -w.
  private(set) var showsInterfaces = false
  /// -w, or a number: seconds between lines; 0 for a listing.
  private(set) var interval: Int32 = 0
  /// -q: how many lines; 0 for no end.
  private(set) var lineCount: Int32 = 0
  private(set) var interface: String?
  /// Whether another kernel's memory was named.
  private(set) var isDead = false
  private let arguments: Arguments

  init(_ arguments: Arguments) throws(Fault) {
    self.arguments = arguments
    for given in arguments.options {
      let value = given.argument ?? ""
      switch given.letter {
      case "f":
        guard let row = NetstatSettings.families.first(where: { $0.word == value }) else {
          throw .failed("\(value): unknown address family")
        }
        family = row.family
      case "u": family = .other
      case "p":
        guard let row = NetstatProtocol.named(value) else {
          throw .failed("\(value): unknown or uninstrumented protocol")
        }
        protocolRow = row
      case "I":
        interface = value
        showsInterfaces = true
      case "i": showsInterfaces = true
      case "M", "N": isDead = true
      case "q": lineCount = CNumber.atoi(value)
      case "w":
        interval = CNumber.atoi(value)
        showsInterfaces = true
      default: break
      }
    }
    // A number is an interval; what else follows would be the files of another kernel.
    var operands = arguments.operands[...]
    if let word = operands.first, CNumber.hasDigit(word) {
      interval = CNumber.atoi(word)
      guard interval > 0 else { throw .usage() }
      showsInterfaces = true
      operands = operands.dropFirst()
    }
    if !operands.isEmpty { isDead = true }
  }

  static let families: [(word: String, family: Family)] = [
    ("inet", .inet), ("inet6", .other), ("pfkey", .other), ("unix", .other), ("atalk", .other),
    ("ipx", .other), ("ng", .other), ("netgraph", .other), ("link", .link),
  ]

  /// Whether a letter was given.
  func has(_ letter: Character) -> Bool { arguments.has(letter) }

  var isWide: Bool { has("W") || has("l") }
  /// A second -s.
  var suppressesZero: Bool { arguments.options.count { $0.letter == "s" } > 1 }

  /// A host's text (`routename()` and `inetname()`).
  func host(_ address: IPv4Address) -> String { Hosts.text(of: address, isNumeric: isNumeric) }

  /// A network's text (`netname()` and `domask()`): with -n always with its length, else not where
  /// that ends a byte; `&0x…` for a mask with holes. No network has a name.
  func network(_ address: IPv4Address, mask: IPv4Address) -> String {
    guard mask != .any else { return "\(address)" }
    guard let length = mask.prefixLength else { return "\(address)&0x\(mask.rawValue.hex())" }
    let isImplied = !isNumeric && [8, 16, 24].contains(length)
    return isImplied ? "\(address)" : "\(address)/\(length)"
  }

  /// Whether addresses stay numbers (-n, -S).
  var isNumeric: Bool { has("n") || has("S") }

  /// A number in the width of its column; with -h short (`show_stat()`). nil is a dash.
  func cell(_ value: UInt64?, _ width: Int) -> String {
    guard let value else { return "-".padLeft(to: width) }
    return (has("h") ? humanized(value) : "\(value)").padLeft(to: width)
  }
}

/// A number in at most four characters (humanize_number(3) as netstat calls it).
func humanized(_ value: UInt64) -> String {
  var hundredths = UInt128(value) * 100
  var prefix = 0
  while hundredths >= 100_000 - 50, prefix < 6 {
    hundredths /= 1024
    prefix += 1
  }
  let letters = ["", "K", "M", "G", "T", "P", "E"]
  if prefix > 0, hundredths < 995 {
    let tenths = (hundredths + 5) / 10
    return "\(tenths / 10).\(tenths % 10)\(letters[prefix])"
  }
  return "\((hundredths + 50) / 100)\(letters[prefix])"
}

extension Output {
  /// Writes lines.
  func write(lines: [String]) {
    for text in lines { line(text) }
  }
}
