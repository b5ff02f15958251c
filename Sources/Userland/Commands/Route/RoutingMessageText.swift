// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// Messages in words, as `route monitor` and `route -v` show them (`print_rtmsg()` of route.c).
extension RoutingMessage {
  /// The whole message, with a newline at its end.
  var text: String {
    var text = "\(type.caption): len \(length), "
    switch header {
    case .route(let header):
      text += "pid: \(header.process), seq \(header.sequence), errno \(header.errno), flags:"
      text += header.flags.text + details
      return text
    case .interface(let index, let state, let flags):
      text += "if# \(index.rawValue), link: \(state.word), flags:"
      text += bracketed(InterfaceFlags.routeWords.filter { flags.contains($0.flag) }.map(\.word))
    case .address(let metric, let flags):
      text += "metric \(metric), flags:" + flags.text
    case .membership: break
    case .announcement(let index, let isArrival):
      return text + "if# \(index.rawValue), what: \(isArrival ? "arrival" : "departure")\n"
    }
    return text + addresses.text
  }

  /// The lines below the first of a message about a route (`pmsg_common()`).
  var details: String {
    "\nlocks: \(route.metrics.locks.text) inits: \(route.inits.text)" + addresses.text
  }
}

extension RoutingMessageType {
  /// What route(8) calls it.
  var caption: String {
    switch self {
    case .RTM_ADD: "RTM_ADD: Add Route"
    case .RTM_DELETE: "RTM_DELETE: Delete Route"
    case .RTM_CHANGE: "RTM_CHANGE: Change Metrics or flags"
    case .RTM_GET: "RTM_GET: Report Metrics"
    case .RTM_LOSING: "RTM_LOSING: Kernel Suspects Partitioning"
    case .RTM_REDIRECT: "RTM_REDIRECT: Told to use different route"
    case .RTM_MISS: "RTM_MISS: Lookup failed on this address"
    case .RTM_LOCK: "RTM_LOCK: fix specified metrics"
    case .RTM_OLDADD: "RTM_OLDADD: caused by SIOCADDRT"
    case .RTM_OLDDEL: "RTM_OLDDEL: caused by SIOCDELRT"
    case .RTM_RESOLVE: "RTM_RESOLVE: Route created by cloning"
    case .RTM_NEWADDR: "RTM_NEWADDR: address being added to iface"
    case .RTM_DELADDR: "RTM_DELADDR: address being removed from iface"
    case .RTM_IFINFO: "RTM_IFINFO: iface status change"
    case .RTM_NEWMADDR: "RTM_NEWMADDR: new multicast group membership on iface"
    case .RTM_DELMADDR: "RTM_DELMADDR: multicast group membership removed from iface"
    case .RTM_IFANNOUNCE: "RTM_IFANNOUNCE: interface arrival/departure"
    }
  }
}

extension RoutingAddresses {
  /// The addresses of a message: which, and what they are (`pmsg_addrs()`).
  fileprivate var text: String {
    let present = self.present
    if present.isEmpty { return "\n" }
    return "\nsockaddrs: \(bracketed(present.map(\.name)))\n"
      + present.map { " " + $0.address.text }.joined() + "\n"
  }

  /// What -v says of the addresses that it writes (`sodump()`); those without family it passes over.
  var dump: String {
    let names = [
      "DST": "so_dst", "GATEWAY": "so_gate", "NETMASK": "so_mask", "GENMASK": "so_genmask",
      "IFP": "so_ifp", "IFA": "so_ifa",
    ]
    return present.map { row in
      guard let name = names[row.name] else { return "" }
      switch row.address {
      case .inet(let address), .inetMask(let address): return "\(name): inet \(address); "
      case .link(let link): return "\(name): link \(link.text); "
      case .appleTalk(let net, let node): return "\(name): atalk \(net).\(node); "
      case .empty, .inet6, .inet6Mask, .treeMask, .bareMask: return ""
      }
    }.joined()
  }
}

extension RoutingAddress {
  /// An address; 0.0.0.0 and nothing are `default` wherever they stand (`routename()`).
  var text: String {
    switch self {
    case .empty: "default"
    case .inet(let address), .inetMask(let address): address == .any ? "default" : "\(address)"
    case .treeMask(let mask): bytes(of: mask, family: 255, port: "ffff")
    case .bareMask(let mask): bytes(of: mask, family: 0, port: "0")
    case .inet6(let address), .inet6Mask(let address): "\(address)"
    case .appleTalk(let net, let node): "atalk \(net).\(node)"
    case .link(let link): link.text
    }
  }

  /// A mask of no known family, in the 16-bit words of a little-endian machine.
  private func bytes(of mask: IPv4Address, family: Int, port: String) -> String {
    guard mask != .any else { return "default" }
    let swapped = mask.rawValue.byteSwapped
    let halves = [swapped & 0xffff, swapped >> 16].prefix(length > 6 ? 2 : 1)
    return "(\(family)) \(port)" + halves.map { " " + $0.hex() }.joined()
  }
}

extension LinkAddress {
  /// As link_ntoa(3) writes it: the name, and the bytes without leading zeros.
  var text: String {
    guard let hardwareAddress else { return name ?? "" }
    let bytes = stride(from: 40, through: 0, by: -8).map {
      (hardwareAddress.rawValue >> UInt64($0) & 0xff).hex()
    }
    return (name.map { $0 + ":" } ?? "") + bytes.joined(separator: ".")
  }
}

extension RouteFlags {
  /// The words of the flags that are set, in bit order.
  var text: String { bracketed(RouteFlags.faces.filter { contains($0.flag) }.map(\.word)) }
}

extension RouteMetricSet {
  fileprivate var text: String {
    bracketed(RouteMetricSet.words.filter { contains($0.flag) }.map(\.word))
  }
}

extension LinkState {
  fileprivate var word: String {
    switch self {
    case .unknown: "unknown"
    case .down: "down"
    case .up: "up"
    }
  }
}

extension InterfaceFlags {
  /// The words of route(8), which differ from ifconfig(8)'s, in bit order; it knows 16 bits.
  fileprivate static let routeWords: [(flag: InterfaceFlags, word: String)] = [
    (.IFF_UP, "UP"), (.IFF_BROADCAST, "BROADCAST"), (.IFF_DEBUG, "DEBUG"),
    (.IFF_LOOPBACK, "LOOPBACK"), (.IFF_POINTOPOINT, "PTP"), (.IFF_SMART, "b6"),
    (.IFF_DRV_RUNNING, "RUNNING"), (.IFF_NOARP, "NOARP"), (.IFF_PROMISC, "PPROMISC"),
    (.IFF_ALLMULTI, "ALLMULTI"), (.IFF_DRV_OACTIVE, "OACTIVE"), (.IFF_SIMPLEX, "SIMPLEX"),
    (.IFF_LINK0, "LINK0"), (.IFF_LINK1, "LINK1"), (.IFF_LINK2, "LINK2"),
    (.IFF_MULTICAST, "MULTICAST"),
  ]
}

/// Bits by name between angle brackets, or nothing (`bprintf()`).
private func bracketed(_ words: [String]) -> String {
  words.isEmpty ? "" : "<\(words.joined(separator: ","))>"
}
