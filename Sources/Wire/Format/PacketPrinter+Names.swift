// SPDX-License-Identifier: BSD-2-Clause

extension PacketPrinter {
  /// Where names come from that stand for numbers without -n; addresses have none.
  public struct Names: Sendable {
    let port: @Sendable (_ port: UInt16, _ protocol: IPProtocol) -> String?

    /// Takes the names of ports from a table, such as that of /etc/services.
    public init(port: @escaping @Sendable (_ port: UInt16, _ protocol: IPProtocol) -> String?) {
      self.port = port
    }
  }

  /// A port as tcpport_string() and udpport_string() write it.
  func portText(_ port: UInt16, _ proto: IPProtocol) -> String {
    names?.port(port, proto) ?? "\(port)"
  }

  /// A link address as etheraddr_string() writes it: with names, the maker behind it.
  func linkText(_ address: EthernetAddress) -> String {
    guard names != nil else { return "\(address)" }
    guard !address.isBroadcast else { return "Broadcast" }
    return "\(address) (oui \(Self.maker(UInt32(address.rawValue >> 24))))"
  }

  /// The owner of the first three bytes of a link address (oui.c), as far as tcpdump knows.
  private static func maker(_ number: UInt32) -> String {
    switch number {
    case 0x000000: "Ethernet"
    case 0x00000c: "Cisco"
    case 0x000081: "Nortel Networks SONMP"
    case 0x0000f8: "Cisco bridged"
    case 0x0080c2: "Ethernet bridged"
    case 0x00a03e: "ATM Forum"
    case 0x00e02f: "DOCSIS Spanning Tree"
    case 0x080007: "Appletalk"
    case 0x009069: "Juniper"
    case 0x080009: "Hewlett-Packard"
    case 0x00120f: "IEEE 802.3 Private"
    case 0x0012bb: "ANSI/TIA"
    default: "Unknown"
    }
  }
}
