// SPDX-License-Identifier: BSD-2-Clause

/// Prints packets the way tcpdump 4.0.0 does, which FreeBSD 8.0 and 8.1 ship.
///
/// Decodes ARP, IPv4, ICMP, IGMP, UDP, TCP, GRE, IP in IP, the outside of ESP and AH, and VRRP (which
/// CARP is taken for). Not decoded, and so printed as tcpdump prints what it does not know: IPv6,
/// LLC, the payloads of UDP and TCP, OSPF, PIM and the other routing protocols, and the MPLS extension
/// of ICMP. What tcpdump 4.0.0 reads from stray memory behind a short capture prints as `[|tcp]`,
/// `[|ip]` or `[|ARP]`; a segment without flags as `none`, never as the flags of the one before.
public struct PacketPrinter: Sendable {
  /// What the bytes of a capture begin with.
  public enum LinkType: Hashable, Sendable {
    /// DLT_EN10MB.
    case ethernet
    /// DLT_NULL: an address family of 4 bytes in the order of the host that captured.
    case null
    /// DLT_RAW: the IP header.
    case raw
  }

  /// Which bytes follow a packet's text, and how.
  public enum Dump: Hashable, Sendable {
    case none
    /// -x, or -xx with the link header.
    case hex(withLink: Bool)
    /// -X, or -XX with the link header.
    case hexAndASCII(withLink: Bool)
    /// -A, or -AA with the link header.
    case ascii(withLink: Bool)
  }

  /// The options of tcpdump's command line that change a packet's text.
  public struct Options: Hashable, Sendable {
    /// How many -v; from 3 on nothing more is said.
    public var verbosity = 0
    /// How many -q.
    public var quietness = 0
    /// -e.
    public var showsLinkHeader = false
    /// -S.
    public var hasAbsoluteSequence = false
    /// -K.
    public var skipsChecksums = false
    /// -x, -X and -A.
    public var dump = Dump.none

    /// Begins with the options of `tcpdump -n`.
    public init() {}
  }

  public let options: Options
  /// nil with -n.
  let names: Names?
  /// Where each TCP connection's numbers began, so that later ones print as differences.
  var connections: [TCPConnection: TCPConnection.Bases] = [:]
  /// The text being made; the caller's, during `print`.
  var text = ""
  /// How many IP headers enclose the one being printed.
  var depth = 0

  /// Begins a run of tcpdump, with no connection seen yet.
  ///
  /// - Parameter names: What ports are called without -n.
  public init(options: Options = Options(), names: Names? = nil) {
    self.options = options
    self.names = names
  }

  /// Appends a packet's line or lines, newline included, without a time stamp.
  ///
  /// - Parameter bytes: What was captured, which may be less than `wireLength`.
  public mutating func print(
    _ bytes: RawSpan, wireLength: Int, link: LinkType, into text: inout String
  ) {
    swap(&self.text, &text)
    defer { swap(&self.text, &text) }
    switch link {
    case .ethernet: printEthernet(bytes, length: wireLength)
    case .null: printNull(bytes, length: wireLength)
    case .raw: printRaw(bytes, length: wireLength)
    }
    printDump(bytes, linkLength: link.headerLength)
    self.text += "\n"
  }

  /// Prints a frame, its header only with -e or if nothing else is known about it.
  private mutating func printEthernet(_ bytes: RawSpan, length: Int) {
    guard let header = EthernetHeader(bytes) else {
      text += "[|ether]"
      return
    }
    if options.showsLinkHeader { printEthernetHeader(header, length: length) }
    let payload = bytes.extracting(droppingFirst: EthernetHeader.size)
    guard
      !printPayload(payload, type: header.type, length: max(0, length - EthernetHeader.size))
    else { return }
    if !options.showsLinkHeader { printEthernetHeader(header, length: length) }
    printUnknown(payload)
  }

  private mutating func printEthernetHeader(_ header: EthernetHeader, length: Int) {
    text += "\(linkText(header.source)) > \(linkText(header.destination)), "
    if header.type.isLength {
      text += "802.3"
    } else if options.quietness > 0 {
      text += header.type.name ?? "Unknown Ethertype (\(hex(header.type.rawValue)))"
    } else {
      text += "ethertype \(header.type.name ?? "Unknown") (\(hex(header.type.rawValue)))"
    }
    text += ", length \(length): "
  }

  /// Prints what a type says the bytes are; false, with nothing printed, if it is not known.
  private mutating func printPayload(_ bytes: RawSpan, type: EtherType, length: Int) -> Bool {
    switch type {
    case .ipv4:
      printIPv4(bytes, length: length)
      return true
    case .arp, .reverseARP:
      printARP(bytes, length: length)
      return true
    case .vlan:
      return printVLAN(bytes, length: length)
    default:
      return false
    }
  }

  /// Prints a tag, which shows only with -e, and what it encloses.
  private mutating func printVLAN(_ bytes: RawSpan, length: Int) -> Bool {
    guard bytes.byteCount >= 4 else {
      text += "[|vlan]"
      return true
    }
    let tag = bytes.uint16(at: 0)
    let type = EtherType(rawValue: bytes.uint16(at: 2))
    if options.showsLinkHeader {
      text += "vlan \(tag & 0xfff), p \(tag >> 13)\(tag & 0x1000 == 0 ? "" : ", CFI"), "
      if !type.isLength { text += "ethertype \(type.name ?? hex(type.rawValue)), " }
    }
    let payload = bytes.extracting(droppingFirst: 4)
    return printPayload(payload, type: type, length: max(0, length - 4))
  }

  /// Prints a packet of the loopback interface; other families than IPv4 are not decoded.
  private mutating func printNull(_ bytes: RawSpan, length: Int) {
    guard bytes.byteCount >= 4 else {
      text += "[|null]"
      return
    }
    var family = bytes.uint32(at: 0)
    // A family is small, so a big one was written by a host of the other order.
    if family > 0xffff { family = family.byteSwapped }
    let payload = bytes.extracting(droppingFirst: 4)
    if options.showsLinkHeader || family != 2 { printFamily(family, length: length) }
    if family == 2 {
      printIPv4(payload, length: max(0, length - 4))
    } else {
      printUnknown(payload)
    }
  }

  private mutating func printFamily(_ family: UInt32, length: Int) {
    let name: String? =
      switch family {
      case 2: "IPv4"
      case 28: "IPv6"
      default: nil
      }
    if options.quietness > 0 {
      text += name ?? "Unknown AF \(family)"
    } else {
      text += "AF \(name ?? "Unknown") (\(family))"
    }
    text += ", length \(length): "
  }

  private mutating func printRaw(_ bytes: RawSpan, length: Int) {
    if options.showsLinkHeader { text += "ip: " }
    printIPv4(bytes, length: length)
  }

  /// Dumps what no decoder knows, unless the user asked for a dump of all or for quiet.
  mutating func printUnknown(_ bytes: RawSpan) {
    guard options.quietness == 0 else { return }
    switch options.dump {
    case .none, .ascii: HexDump.appendHexAndASCII(bytes, to: &text)
    case .hex, .hexAndASCII: break
    }
  }

  private mutating func printDump(_ bytes: RawSpan, linkLength: Int) {
    switch options.dump {
    case .none:
      break
    case .hex(let withLink):
      HexDump.appendHex(bytes.extracting(droppingFirst: withLink ? 0 : linkLength), to: &text)
    case .hexAndASCII(let withLink):
      let shown = bytes.extracting(droppingFirst: withLink ? 0 : linkLength)
      HexDump.appendHexAndASCII(shown, to: &text)
    case .ascii(let withLink):
      HexDump.appendASCII(bytes.extracting(droppingFirst: withLink ? 0 : linkLength), to: &text)
    }
  }

  /// The number as C's `0x%04x`.
  func hex(_ value: UInt16) -> String {
    var text = "0x"
    text.appendHex(value, digits: 4)
    return text
  }
}

extension PacketPrinter.LinkType {
  /// The bytes before the network header.
  var headerLength: Int {
    switch self {
    case .ethernet: EthernetHeader.size
    case .null: 4
    case .raw: 0
    }
  }
}

extension EtherType {
  /// RFC 903; the same layout as ARP.
  static var reverseARP: Self { Self(rawValue: 0x8035) }

  /// Whether this is an IEEE 802.3 length: ETHERMTU or less.
  var isLength: Bool { rawValue <= 1500 }

  /// tcpdump's name for the type.
  var name: String? {
    switch rawValue {
    case 0x0800: "IPv4"
    case 0x86dd: "IPv6"
    case 0x0806: "ARP"
    case 0x8035: "Reverse ARP"
    case 0x8100: "802.1Q"
    case 0x8847: "MPLS unicast"
    case 0x8848: "MPLS multicast"
    case 0x8863: "PPPoE D"
    case 0x8864: "PPPoE S"
    case 0x8808: "MPCP"
    case 0x8809: "Slow Protocols"
    case 0x888e: "EAPOL"
    case 0x88cc: "LLDP"
    case 0x9000: "Loopback"
    case 0x809b: "Appletalk"
    case 0x80f3: "Appletalk ARP"
    case 0x8137: "IPX"
    case 0x880b: "PPP"
    default: nil
    }
  }
}
