// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What ping(8)'s options ask for; all checks of one option alone are made here, in the order given.
struct PingOptions {
  /// What is asked for with each packet.
  enum Request {
    case echo, mask, time
  }

  /// The letters given.
  private let letters: Set<Character>
  /// How many packets to send, 0 for no end (`npackets`).
  private(set) var count = 0
  /// Bytes of data (`datalen`).
  private(set) var dataLength = PingOptions.defaultLength
  /// Milliseconds between packets.
  private(set) var interval: Int32 = 1000
  /// Milliseconds to wait for an answer (`waittime`).
  private(set) var waitTime: Int32 = 10_000
  private(set) var preload = 0
  private(set) var ttl: UInt8?
  private(set) var multicastTTL: UInt8?
  private(set) var multicastInterface: IPv4Address?
  private(set) var tos: UInt8 = 0
  /// Seconds until it is over (`alarmtimeout`).
  private(set) var timeout: UInt64?
  private(set) var pattern: String?
  private(set) var source: String?
  private(set) var hasPolicy = false
  private(set) var request = Request.echo
  /// The sizes of a sweep (`sweepmax`, `sweepmin`, `sweepincr`).
  private(set) var sweep = (most: 0, least: 0, step: 1)

  /// `DEFDATALEN`.
  static let defaultLength = 56

  func has(_ letter: Character) -> Bool { letters.contains(letter) }

  /// Sends with a header of its own (`F_HDRINCL`).
  var makesHeader: Bool { has("D") || has("z") }
  var isFlood: Bool { has("f") }
  var isQuiet: Bool { has("q") }
  var isSweep: Bool { has("G") || has("g") || has("h") }

  init(_ arguments: Arguments) throws(Fault) {
    letters = Set(arguments.options.map(\.letter))
    var requests: Set<Character> = []
    for given in arguments.options {
      let text = given.argument ?? ""
      switch given.letter {
      case "c":
        let number = CNumber(text)
        guard number.isWhole, (1...UInt64(Int64.max)).contains(number.unsigned) else {
          throw .usageError("invalid count of packets to transmit: `\(text)'")
        }
        count = Int(number.unsigned)
      case "G": sweep.most = try Self.size(text, "packet size")
      case "g": sweep.least = try Self.size(text, "packet size")
      case "h":
        guard CNumber(text).unsigned >= 1 else {
          throw .usageError("invalid increment size: `\(text)'")
        }
        sweep.step = try Self.size(text, "increment size")
      case "s": dataLength = try Self.size(text, "packet size")
      case "I":
        guard let address = IPv4Address(inetAton: text) else {
          throw .usageError("invalid multicast interface: `\(text)'")
        }
        multicastInterface = address
      case "i": interval = try Self.milliseconds(text, unit: 1000)
      case "W": waitTime = try Self.milliseconds(text, unit: 1)
      case "l":
        let number = CNumber(text)
        guard number.isWhole, number.unsigned <= UInt64(Int32.max) else {
          throw .usageError("invalid preload value: `\(text)'")
        }
        preload = Int(number.unsigned)
      case "M":
        switch text.first {
        case "m", "M": requests.insert("m")
        case "t", "T": requests.insert("t")
        case let first: throw .usageError("invalid message: `\(first.map(String.init) ?? "")'")
        }
      case "m": ttl = try Self.byte(text, "TTL")
      case "T": multicastTTL = try Self.byte(text, "multicast TTL")
      case "z": tos = try Self.byte(text, "TOS")
      case "P":
        guard text.hasPrefix("in") || text.hasPrefix("out") else {
          throw .failed("invalid security policy")
        }
        hasPolicy = true
      case "p": pattern = text
      case "S": source = text
      case "t":
        let seconds = CNumber(text).unsigned
        guard seconds >= 1, seconds < .max else {
          throw .usageError("invalid timeout: `\(text)'")
        }
        guard seconds <= 3600 else { throw .usageError("invalid timeout: `\(text)' > 3600") }
        timeout = seconds
      default: break
      }
    }
    guard arguments.operands.count == 1 else { throw .usage() }
    guard requests.count < 2 else {
      throw .usageError("ICMP_TSTAMP and ICMP_MASKREQ are exclusive.")
    }
    request = requests.first.map { $0 == "m" ? .mask : .time } ?? .echo
  }

  /// A number of bytes as an int keeps it.
  private static func size(_ text: String, _ what: String) throws(Fault) -> Int {
    let number = CNumber(text)
    guard number.isWhole else { throw .usageError("invalid \(what): `\(text)'") }
    return Int(Int32(truncatingIfNeeded: number.unsigned))
  }

  private static func byte(_ text: String, _ what: String) throws(Fault) -> UInt8 {
    let number = CNumber(text)
    guard number.isWhole, let value = UInt8(exactly: number.unsigned) else {
      throw .usageError("invalid \(what): `\(text)'")
    }
    return value
  }

  private static func milliseconds(_ text: String, unit: Double) throws(Fault) -> Int32 {
    guard let number = CNumber.double(text), !(number * unit > Double(Int32.max)) else {
      throw .usageError("invalid timing interval: `\(text)'")
    }
    return Int32(exactly: (number * unit).rounded(.towardZero)) ?? .min
  }
}

extension Fault {
  /// As errx(3) with `EX_USAGE`: no usage text follows.
  static func usageError(_ message: String) -> Fault { .failed(message, status: 64) }
}
