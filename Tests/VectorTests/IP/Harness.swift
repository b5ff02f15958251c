// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// Why a command of a scenario did not do what it says.
enum Refusal: Error {
  /// What the kernel answered.
  case errno(Errno)
  /// The model has nothing that the command could mean.
  case unsupported(String)
}

/// The recorder's kernel and its words: boots, configures, and runs the steps of one scenario.
struct Harness: ~Copyable {
  var kernel: Kernel
  var recorder = Recorder()
  /// The forwarding table of each packet in motion, followed through the recording.
  var observer = Observer()

  /// Boots the kernel that the answers were recorded with, tunables applied.
  init(_ configuration: [String]) {
    var options = KernelOptions()
    options.routeTables = FibNumber.limit
    options.ipfirewall = true
    options.firewallDefaultsToAccept = true
    options.ipfirewallForward = true
    options.ipfirewallVerbose = true
    options.ipStealth = true
    options.gif = false
    options.ethernetInterfaces = 0
    options.configuresLoopback = false
    for command in configuration {
      let words = command.split(separator: " ")
      if words.starts(with: ["tunable", "net.fibs"]) {
        options.fibs = words.last.flatMap { Int($0) }
      }
    }
    kernel = Kernel(options)
    kernel[.zero].sysctl[.ipFwEnable] = 0
    // The recorded kernel had a stub for TCP that dropped every segment.
    kernel[.zero].sysctl[.tcpBlackhole] = 2
  }

  /// Runs a command and forgets what it set in motion.
  mutating func configure(_ command: String) throws(Refusal) {
    _ = try perform(command.split(separator: " ").map(String.init))
    observer.forget(&recorder)
    kernel.machine.messages = []
  }

  /// Runs a step and returns what the recorder would have written of it.
  mutating func run(_ step: String) throws(Refusal) -> JSON {
    let words = step.split(separator: " ").map(String.init)
    let before = Counts(kernel)
    var result: [String: JSON] = [:]
    do throws(Refusal) {
      result = try perform(words)
    } catch .errno(let errno) {
      result = ["err": .number(Int(errno.rawValue))]
    }
    let counted = Counts(kernel).changes(since: before, after: words)
    let seen = observer.observe(&recorder, kernel)
    let log = kernel.machine.messages.map { "\($0)\n" }.joined()
    kernel.machine.messages = []
    for (name, value) in counted.merging(seen, uniquingKeysWith: { first, _ in first })
    where !value.isEmpty {
      result[name] = value
    }
    if !log.isEmpty { result["log"] = .text(log) }
    return .object(result)
  }

  /// The commands; an answer of none is success.
  private mutating func perform(_ words: [String]) throws(Refusal) -> [String: JSON] {
    switch words.first {
    case "tunable": break
    case "if": try createInterface(words)
    case "ifconfig": try ifconfig(words)
    case "arp": try arp(words)
    case "route": return try route(words)
    case "sysctl": return try sysctl(words)
    case "ipfw": try ipfw(words)
    case "inject", "injecteth": try inject(words)
    case "send": try send(words)
    case "tick": try tick(words)
    case "drain": kernel.ipDrain(tracer: &recorder)
    case "show": return try show(words)
    default: throw .unsupported(words.joined(separator: " "))
    }
    return ["err": .number(0)]
  }

  /// Runs the clock.
  private mutating func tick(_ words: [String]) throws(Refusal) {
    guard words.count == 2, let milliseconds = UInt64(words[1]) else {
      throw .unsupported("tick without a number")
    }
    kernel.advance(
      to: kernel.machine.now.advanced(milliseconds: milliseconds), &recorder)
  }

  /// The interface of a name, or ENXIO as the recorder answered.
  func interface(_ name: String) throws(Refusal) -> InterfaceIndex {
    guard let parsed = InterfaceName(name),
      let index = kernel[.zero].interfaces.index(named: parsed)
    else { throw .errno(.ENXIO) }
    return index
  }
}

/// Reads the parts that the recorder's words are made of.
enum Word {
  static func address(_ text: some StringProtocol) throws(Refusal) -> IPv4Address {
    guard let address = IPv4Address(dottedQuad: text) else {
      throw .unsupported("address \(text)")
    }
    return address
  }

  /// `A/LEN`; without a length the mask is nil.
  static func prefix(
    _ text: String
  ) throws(Refusal) -> (address: IPv4Address, mask: IPv4Address?) {
    let parts = text.split(separator: "/")
    let address = try address(parts[0])
    guard parts.count == 2 else { return (address, nil) }
    guard let length = Int(parts[1]), (0...32).contains(length) else {
      throw .unsupported("length \(text)")
    }
    return (address, IPv4Prefix.mask(length: length))
  }

  static func ethernet(_ text: some StringProtocol) throws(Refusal) -> EthernetAddress {
    guard let address = EthernetAddress(text) else { throw .unsupported("MAC \(text)") }
    return address
  }

  /// Bytes in hexadecimal; `-` for none.
  static func bytes(_ text: some StringProtocol) throws(Refusal) -> [UInt8] {
    guard text != "-" else { return [] }
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text.utf8 {
      let digit: UInt8
      switch character {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
      default: throw .unsupported("hexadecimal \(text)")
      }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return bytes
  }

  static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 0xf)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The options of a step, `name=value` or a lone `name`.
  static func options(_ words: ArraySlice<String>) -> [String: String] {
    var options: [String: String] = [:]
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1)
      options[String(parts[0])] = parts.count == 2 ? String(parts[1]) : ""
    }
    return options
  }
}
