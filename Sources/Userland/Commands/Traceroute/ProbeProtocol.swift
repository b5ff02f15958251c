// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What traceroute(8) can send, and how it knows its packets again (`struct outproto`).
enum ProbeProtocol: Equatable {
  case udp, tcp, gre, icmp
  /// Any other, whose header is taken to begin with two ports.
  case other(IPProtocol)

  /// Those with names of their own.
  static let named: [ProbeProtocol] = [.udp, .tcp, .gre, .icmp]

  var name: String {
    switch self {
    case .udp: "udp"
    case .tcp: "tcp"
    case .gre: "gre"
    case .icmp: "icmp"
    case .other: ""
    }
  }

  /// What `-D` shows over the bytes of its header.
  var key: String {
    switch self {
    case .udp: "spt dpt len sum"
    case .tcp: "spt dpt seq     ack     xxflwin sum urp"
    case .gre: "flg pro len clid"
    case .icmp: "typ cod sum "
    case .other: "(null)"
    }
  }

  var number: IPProtocol {
    switch self {
    case .udp: .udp
    case .tcp: .tcp
    case .gre: .gre
    case .icmp: .icmp
    case .other(let number): number
    }
  }

  /// The bytes that its header may take; of ICMP a whole `struct icmp`.
  var headerLength: Int {
    switch self {
    case .udp, .gre: 8
    case .tcp: 20
    case .icmp: 28
    case .other: 4
    }
  }

  /// The port to count on from, or what has its place: PPTP's protocol in GRE.
  var port: Int {
    switch self {
    case .udp, .tcp: 32_768 + 666
    case .gre: 0x880b
    case .icmp, .other: 0
    }
  }
}

/// The headers of traceroute(8)'s packets behind IP's.
struct ProbeMaker {
  let proto: ProbeProtocol
  /// `ident`: the process's number, with its highest bit set.
  let identifier: UInt16
  let port: Int
  /// All packets go to the same port (`-e`).
  let isPortFixed: Bool
  let makesChecksums: Bool

  /// Writes the header of a packet into its bytes, of which the checksum is made.
  ///
  /// - Parameter ends: The addresses in the IP header.
  func write(
    _ sequence: UInt8, into bytes: inout [UInt8],
    _ ends: (source: IPv4Address, destination: IPv4Address)
  ) {
    let own = Int(identifier)
    let number = Int(sequence)
    var place = 0
    func put(_ value: Int, _ bytes: inout [UInt8]) {
      bytes[place] = UInt8(truncatingIfNeeded: value >> 8)
      bytes[place + 1] = UInt8(truncatingIfNeeded: value)
      place += 2
    }
    switch proto {
    case .udp:
      put(own + (isPortFixed ? number : 0), &bytes)
      put(port + (isPortFixed ? 0 : number), &bytes)
      put(bytes.count, &bytes)
      put(0, &bytes)
      if makesChecksums { seal(&bytes, at: 6, ends) }
    case .tcp:
      let destination = port + (isPortFixed ? 0 : number)
      put(own, &bytes)
      put(destination, &bytes)
      // Ports and number meet in the order of bytes that amd64 has.
      let low =
        Int(UInt16(truncatingIfNeeded: destination).byteSwapped) + (isPortFixed ? number : 0)
      let high = Int(UInt16(truncatingIfNeeded: own).byteSwapped)
      let word = UInt32(truncatingIfNeeded: high << 16 | low)
      for shift in stride(from: 0, to: 32, by: 8) {
        bytes[place] = UInt8(truncatingIfNeeded: word >> UInt32(shift))
        place += 1
      }
      put(0, &bytes)
      put(0, &bytes)
      put(5 << 12 | 2, &bytes)
      put(0, &bytes)
      put(0, &bytes)
      if makesChecksums { seal(&bytes, at: 16, ends) }
    case .gre:
      put(0x2001, &bytes)
      put(port, &bytes)
      put(0, &bytes)
      put(own + number, &bytes)
    case .icmp:
      put(Int(ICMPType.echo.rawValue) << 8, &bytes)
      put(0, &bytes)
      put(own, &bytes)
      put(number, &bytes)
      let sum = InternetChecksum.checksum(of: bytes.rawBytes)
      place = 2
      put(sum == 0 ? 0xffff : Int(sum), &bytes)
    case .other:
      put(own, &bytes)
      put(port + number, &bytes)
    }
  }

  /// Makes the checksum over the addresses, the protocol and the bytes (`p_cksum`).
  private func seal(
    _ bytes: inout [UInt8], at place: Int,
    _ ends: (source: IPv4Address, destination: IPv4Address)
  ) {
    var checksum = InternetChecksum()
    checksum.addPseudoHeader(
      source: ends.source, destination: ends.destination, protocol: proto.number,
      length: bytes.count)
    checksum.add(bytes.rawBytes)
    let sum = checksum.finish()
    let value = sum == 0 ? 0xffff : sum
    bytes[place] = UInt8(truncatingIfNeeded: value >> 8)
    bytes[place + 1] = UInt8(truncatingIfNeeded: value)
  }

  /// Whether the first bytes behind a quoted IP header, or an echo reply's, are those of a packet.
  ///
  /// - Parameter word: Reads two of these bytes.
  func isOurs(_ sequence: UInt8, _ word: (Int) -> UInt16) -> Bool {
    let own = Int(identifier)
    let number = Int(sequence)
    let (first, second) = (Int(word(0)), Int(word(2)))
    switch proto {
    case .udp:
      return first == own + (isPortFixed ? number : 0)
        && second == port + (isPortFixed ? 0 : number)
    case .tcp: return first == own && second == port + (isPortFixed ? 0 : number)
    case .gre: return second == port && Int(word(6)) == own + number
    case .icmp: return Int(word(4)) == own && Int(word(6)) == number
    case .other: return first == own && second == port + number
    }
  }
}
