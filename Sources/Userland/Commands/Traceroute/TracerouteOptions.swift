// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What traceroute(8)'s words ask for (the first half of `main` of traceroute.c).
struct TracerouteOptions {
  private let letters: [Character]
  private(set) var proto = ProbeProtocol.udp
  /// The port to count on from, by default the protocol's own.
  private var requestedPort: Int?
  private(set) var firstTTL = 1
  private(set) var mostTTL: Int
  /// Packets for each time to live (`nprobes`).
  private(set) var probes: Int
  /// Seconds.
  private(set) var waitTime = 5
  /// Milliseconds between packets.
  private(set) var pause = 0
  private(set) var tos: UInt8 = 0
  /// The gateways of a source route.
  private(set) var gateways: [IPv4Address] = []
  private(set) var interface: String?
  private(set) var source: String?
  private(set) var server: String?
  let host: String
  private(set) var destination = IPv4Address.any
  /// The length of the packets with their headers (`packlen`).
  private(set) var length: Int

  func has(_ letter: Character) -> Bool { letters.contains(letter) }

  var port: Int { requestedPort ?? proto.port }
  /// How often `-v` was given.
  var verbosity: Int { letters.count { $0 == "v" } }
  /// Checksums are made unless `-x` says no, which twice takes back.
  var makesChecksums: Bool { letters.count { $0 == "x" }.isMultiple(of: 2) }
  var looksUpSystems: Bool { has("a") || has("A") }
  /// The bytes of a source route in the header (`optlen`).
  var optionLength: Int { gateways.isEmpty ? 0 : 4 * (gateways.count + 1) }

  /// Reads the words; warnings go out as they come.
  ///
  /// - Parameter ttl: `net.inet.ip.ttl`.
  init(_ arguments: Arguments, ttl: Int, _ output: Output) throws(Fault) {
    letters = arguments.options.map(\.letter)
    mostTTL = ttl
    probes = letters.contains("D") ? 1 : 3
    host = arguments.operands.first ?? ""
    length = 0
    for given in arguments.options { try take(given.letter, given.argument ?? "") }
    guard firstTTL <= mostTTL else {
      throw .failed("first ttl (\(firstTTL)) may not be greater than max ttl (\(mostTTL))")
    }
    if !makesChecksums {
      output.writeError("traceroute: Warning: ip checksums disabled\n")
    }
    length = IPv4Header.size + proto.headerLength + TracerouteOptions.dataLength + optionLength
    switch arguments.operands.count {
    case 1: break
    case 2:
      length = try Self.number(
        arguments.operands[1], "packet length", length, TracerouteOptions.longest)
    default: throw .usage()
    }
    destination = try Self.address(of: host)
  }

  /// `sizeof(struct outdata)`: two bytes and a struct timeval of amd64.
  private static let dataLength = 24
  /// `maxpacket`.
  private static let longest = 32 * 1024
  /// `NGATEWAYS`.
  private static let mostGateways = 8

  private mutating func take(_ letter: Character, _ text: String) throws(Fault) {
    switch letter {
    case "A": server = text
    case "f", "M": firstTTL = try Self.number(text, "first ttl", 1, 255)
    case "g":
      guard gateways.count < Self.mostGateways else {
        throw .failed("No more than \(Self.mostGateways) gateways")
      }
      gateways.append(try Self.address(of: text))
    case "I": proto = .icmp
    case "i": interface = text
    case "m": mostTTL = try Self.number(text, "max ttl", 1, 255)
    case "P": proto = try Self.proto(text)
    case "p": requestedPort = try Self.number(text, "port", 1, 65_535)
    case "q": probes = try Self.number(text, "nprobes", 1, nil)
    case "s": source = text
    case "t": tos = UInt8(try Self.number(text, "tos", 0, 255))
    case "w": waitTime = try Self.number(text, "wait time", 1, 24 * 60 * 60)
    case "z": pause = try Self.number(text, "pause msecs", 0, 60 * 60 * 1000)
    default: break
    }
  }

  /// A number within bounds (`str2val`): decimal, or hexadecimal behind 0x.
  private static func number(
    _ text: String, _ what: String, _ least: Int, _ most: Int?
  ) throws(Fault) -> Int {
    let isHex = text.hasPrefix("0x") || text.hasPrefix("0X")
    let number = isHex ? CNumber(text.dropFirst(2), base: 16) : CNumber(text, base: 10)
    guard number.rest.isEmpty else { throw .failed("\"\(text)\" bad value for \(what) ") }
    let value = Int(Int32(truncatingIfNeeded: number.isNumber ? number.signed : 0))
    if value < least {
      throw .failed("\(what) must be " + (least == 0 ? ">= 0" : "> \(least - 1)"))
    }
    if let most, value > most { throw .failed("\(what) must be <= \(most)") }
    return value
  }

  /// A protocol by name or number (`setproto`).
  private static func proto(_ text: String) throws(Fault) -> ProbeProtocol {
    if let known = ProbeProtocol.named.first(where: { $0.name == text.lowercased() }) {
      return known
    }
    if let named = IPProtocol(name: text) { return .other(named) }
    let number = try number(text, "proto number", 1, 255)
    return .other(IPProtocol(rawValue: UInt8(number)))
  }

  /// The address of a host (`gethostinfo`), which inet_addr(3) reads.
  static func address(of name: String) throws(Fault) -> IPv4Address {
    guard name.utf8.count <= 64 else {
      throw .failed("hostname \"\(name.truncated(to: 32))...\" is too long")
    }
    guard let address = IPv4Address(host: name), address != .broadcast else {
      throw .failed("unknown host \(name)")
    }
    return address
  }
}
