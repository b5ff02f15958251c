// SPDX-License-Identifier: BSD-2-Clause

/// The protocol number of an IP header.
public struct IPProtocol: RawRepresentable, Hashable, Comparable, BitwiseCopyable, Sendable {
  public var rawValue: UInt8

  /// Wraps any number; most have no name.
  @inlinable public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  @inlinable public static var icmp: Self { Self(rawValue: 1) }
  @inlinable public static var igmp: Self { Self(rawValue: 2) }
  /// IPPROTO_IPV4, IP in IP; /etc/protocols names it `ipencap`.
  @inlinable public static var ipip: Self { Self(rawValue: 4) }
  @inlinable public static var tcp: Self { Self(rawValue: 6) }
  @inlinable public static var udp: Self { Self(rawValue: 17) }
  @inlinable public static var ipv6: Self { Self(rawValue: 41) }
  @inlinable public static var rsvp: Self { Self(rawValue: 46) }
  @inlinable public static var gre: Self { Self(rawValue: 47) }
  @inlinable public static var esp: Self { Self(rawValue: 50) }
  @inlinable public static var ah: Self { Self(rawValue: 51) }
  /// IPPROTO_MOBILE, the short header of RFC 2004.
  @inlinable public static var mobile: Self { Self(rawValue: 55) }
  @inlinable public static var icmp6: Self { Self(rawValue: 58) }
  @inlinable public static var etherip: Self { Self(rawValue: 97) }
  @inlinable public static var pim: Self { Self(rawValue: 103) }
  @inlinable public static var carp: Self { Self(rawValue: 112) }
  @inlinable public static var raw: Self { Self(rawValue: 255) }

  /// Orders protocols by number.
  @inlinable public static func < (left: Self, right: Self) -> Bool {
    left.rawValue < right.rawValue
  }
}

extension IPProtocol {
  /// The name /etc/protocols gives it, or nil, as getprotobynumber() answers.
  public var name: String? {
    Self.names.first { $0.number == rawValue }?.name
  }

  /// Finds a protocol by its name or alias in /etc/protocols, as getprotobyname() does.
  public init?(name: some StringProtocol) {
    guard let entry = Self.names.first(where: { $0.name == name || $0.aliases.contains("\(name)") })
    else {
      return nil
    }
    self.init(rawValue: entry.number)
  }

  /// A line of /etc/protocols; the alias is the name in upper case unless others are given.
  private struct Entry {
    let number: UInt8
    let name: String
    let aliases: [String]

    init(_ number: UInt8, _ name: String, _ aliases: String...) {
      self.number = number
      self.name = name
      self.aliases = aliases.isEmpty ? [name.uppercased()] : aliases
    }
  }

  /// FreeBSD 8's /etc/protocols, without divert, whose 258 no header can carry.
  private static let names = [
    Entry(0, "ip"), Entry(1, "icmp"), Entry(2, "igmp"), Entry(3, "ggp"),
    Entry(4, "ipencap", "IP-ENCAP"), Entry(6, "tcp"), Entry(8, "egp"), Entry(9, "igp"),
    Entry(12, "pup"), Entry(17, "udp"), Entry(20, "hmp"), Entry(22, "xns-idp"), Entry(27, "rdp"),
    Entry(29, "iso-tp4"), Entry(36, "xtp"), Entry(37, "ddp"), Entry(39, "tp++"), Entry(41, "ipv6"),
    Entry(43, "ipv6-route"), Entry(44, "ipv6-frag"), Entry(46, "rsvp"), Entry(47, "gre"),
    Entry(50, "esp"), Entry(51, "ah"), Entry(55, "mobile"), Entry(57, "skip"),
    Entry(58, "ipv6-icmp", "IPV6-ICMP", "icmp6"), Entry(59, "ipv6-nonxt"), Entry(60, "ipv6-opts"),
    Entry(73, "cphb"),
    Entry(80, "iso-ip"), Entry(81, "vmtp"), Entry(88, "eigrp"), Entry(89, "ospf", "OSPFIGP"),
    Entry(94, "ipip"), Entry(97, "etherip"), Entry(98, "encap"), Entry(103, "pim"),
    Entry(108, "ipcomp"), Entry(112, "carp"), Entry(115, "l2tp"), Entry(124, "isis"),
    Entry(132, "sctp"), Entry(133, "fc"), Entry(134, "rsvp-e2e-ignore"),
    Entry(135, "mobility-header"), Entry(136, "udplite"),
    Entry(137, "mpls-in-ip"), Entry(240, "pfsync"),
  ]
}

extension IPProtocol: CustomStringConvertible {
  /// The name, or the number of a protocol without one.
  public var description: String { name ?? "\(rawValue)" }
}
