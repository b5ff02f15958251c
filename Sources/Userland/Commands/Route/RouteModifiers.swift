// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// The modifiers of route(8), which act in the order they stand.
extension RouteWords {
  static let table = KeywordTable<Session, RouteWords>(
    "modifiers",
    [
      Keyword("-net", help: "The destination is a network.") { asked, _, _ in
        asked.forcesNet = true
      },
      Keyword("-host", help: "The destination is a host.") { asked, _, _ in
        asked.forcesHost = true
      },
      Keyword(
        "-interface", "-iface", help: "The gateway behind this is an interface, or its address."
      ) { asked, _, _ in asked.isDirect = true },
      Keyword("-netmask", operands: [Source("mask")], help: "The network's mask.") {
        asked, words, _ throws(Fault) in
        asked.addresses.netmask = try asked.mask(words[0])
        asked.forcesNet = true
      },
      Keyword("-prefixlen", operands: [Source("length")], help: "The mask's length; 32 is a host.")
      { asked, words, _ throws(Fault) in try asked.readPrefixLength(words[0]) },
      Keyword("-dst", operands: [Source("address")], help: "The destination.") {
        asked, words, _ throws(Fault) in try asked.readDestination(words[0])
      },
      Keyword("-gateway", operands: [Source("address")], help: "The gateway.") {
        asked, words, session throws(Fault) in try asked.readGateway(words[0], session)
      },
      Keyword("-ifp", operands: [.interface()], help: "The interface that packets leave by.") {
        asked, words, _ in
        asked.addresses.interface = RouteWords.interface(words[0])
        asked.family = asked.family ?? .inet
      },
      Keyword("-ifa", operands: [Source("address")], help: "The address packets leave with.") {
        asked, words, _ throws(Fault) in asked.addresses.source = try asked.address(words[0])
      },
      Keyword("-genmask", operands: [Source("mask")], help: "Is read, and means nothing.") {
        asked, words, _ throws(Fault) in asked.addresses.genmask = try asked.mask(words[0])
      },
      Keyword("-static", help: "The route is made by hand, as all are unless told.") {
        asked, _, _ in
        asked.flags.insert(.RTF_STATIC)
      },
      Keyword("-nostatic", help: "The route is not marked as made by hand.") { asked, _, _ in
        asked.flags.remove(.RTF_STATIC)
      },
      flag("-reject", .RTF_REJECT, "Senders are told that nothing goes this way."),
      flag("-blackhole", .RTF_BLACKHOLE, "Packets vanish silently."),
      flag("-proto1", .RTF_PROTO1, "Set the flag that routing protocols use first."),
      // What asked for answers to ARP requests is RTF_ANNOUNCE, another name of this bit.
      flag(
        "-proto2", .RTF_PROTO2, "Set the flag that routing protocols use second.", also: "-proxy"),
      flag("-xresolve", .RTF_XRESOLVE, "Another program is to resolve the route."),
      flag("-sticky", .RTF_STICKY, "Set the sticky flag."),
      Keyword("-nostick", help: "Clear the sticky flag.") { asked, _, _ in
        asked.flags.remove(.RTF_STICKY)
      },
      metric("-mtu", \.mtu, .RTV_MTU, "The largest packet."),
      metric("-weight", \.weight, .RTV_WEIGHT, "The weight."),
      metric("-expire", \.expire, .RTV_EXPIRE, "When it ends, in seconds since 1970."),
      metric("-hopcount", \.hopcount, .RTV_HOPCOUNT, "Is told to listeners and not kept."),
      metric("-recvpipe", \.recvpipe, .RTV_RPIPE, "The same."),
      metric("-sendpipe", \.sendpipe, .RTV_SPIPE, "The same."),
      metric("-ssthresh", \.ssthresh, .RTV_SSTHRESH, "The same."),
      metric("-rtt", \.rtt, .RTV_RTT, "The same."),
      metric("-rttvar", \.rttvar, .RTV_RTTVAR, "The same."),
      Keyword("-lock", help: "Lock the next metric, which the kernel does not heed.") {
        asked, _, _ in asked.locksNext = true
      },
      Keyword("-lockrest", help: "Lock all metrics that follow.") { asked, _, _ in
        asked.locksRest = true
      },
      family("-inet", .inet, "Addresses are of IPv4, as they are unless told."),
      family("-inet6", .inet6, "Addresses are of IPv6, of which the kernel has no table."),
      family("-link", .link, "Addresses are of the link level, for which there is no table."),
      family("-atalk", .appleTalk, "Addresses are AppleTalk's, for which there is no table."),
      Keyword("-sa", help: "Addresses are bytes in hexadecimal; not supported.") {
        _, _, _ throws(Fault) in
        throw .failed("-sa: addresses in bytes are not supported")
      },
    ])

  private static func flag(
    _ word: String, _ flag: RouteFlags, _ help: String, also other: String? = nil
  ) -> Keyword<Session, RouteWords> {
    guard let other else {
      return Keyword(word, help: help) { asked, _, _ in asked.flags.insert(flag) }
    }
    return Keyword(word, other, help: help) { asked, _, _ in asked.flags.insert(flag) }
  }

  private static func metric(
    _ word: String, _ path: any WritableKeyPath<RouteMetrics, UInt64> & Sendable,
    _ flag: RouteMetricSet, _ help: String
  ) -> Keyword<Session, RouteWords> {
    Keyword(word, operands: [Source("n")], help: help) { asked, words, _ in
      asked.set(path, flag, words[0])
    }
  }

  private static func family(
    _ word: String, _ family: Family, _ help: String
  ) -> Keyword<Session, RouteWords> {
    Keyword(word, help: help) { asked, _, _ in asked.family = family }
  }
}
