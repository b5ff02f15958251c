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
        asked.mask = try address(words[0])
        asked.forcesNet = true
      },
      Keyword("-prefixlen", operands: [Source("length")], help: "The mask's length; 32 is a host.")
      {
        asked, words, _ throws(Fault) in
        let length = Int(CNumber.atoi(words[0]))
        guard (0...32).contains(length) else { throw .worded("\(words[0]): bad value\n") }
        asked.mask = IPv4Prefix.mask(length: length)
        asked.forcesNet = length != 32
        asked.isHost = length == 32
      },
      Keyword("-dst", operands: [Source("address")], help: "The destination.") {
        asked, words, _ throws(Fault) in try asked.readDestination(words[0])
      },
      Keyword("-gateway", operands: [Source("address")], help: "The gateway.") {
        asked, words, session throws(Fault) in try asked.readGateway(words[0], session)
      },
      Keyword("-ifp", operands: [.interface()], help: "The interface that packets leave by.") {
        asked, words, session in
        // No interface has number 0, so that an unknown name is refused by the kernel.
        asked.interface = session.findInterface(words[0]) ?? InterfaceIndex.none
      },
      Keyword("-ifa", operands: [Source("address")], help: "The address packets leave with.") {
        asked, words, _ throws(Fault) in asked.sourceAddress = try address(words[0])
      },
      Keyword("-genmask", operands: [Source("mask")], help: "Is read, and means nothing.") {
        _, words, _ throws(Fault) in _ = try address(words[0])
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
      flag("-proto2", .RTF_PROTO2, "Set the flag that routing protocols use second."),
      flag("-xresolve", .RTF_XRESOLVE, "Another program is to resolve the route."),
      flag("-sticky", .RTF_STICKY, "Set the sticky flag."),
      Keyword("-nostick", help: "Clear the sticky flag.") { asked, _, _ in
        asked.flags.remove(.RTF_STICKY)
      },
      Keyword("-mtu", operands: [Source("n")], help: "The largest packet.") { asked, words, _ in
        asked.mtu = UInt32(bitPattern: CNumber.atoi(words[0]))
      },
      Keyword("-weight", operands: [Source("n")], help: "The weight.") { asked, words, _ in
        asked.weight = UInt32(bitPattern: CNumber.atoi(words[0]))
      },
      Keyword("-expire", operands: [Source("time")], help: "When it ends, in seconds since 1970.") {
        asked, words, _ in
        asked.expire = UInt64(bitPattern: Int64(CNumber.atoi(words[0])))
      },
      ignored("-hopcount"), ignored("-recvpipe"), ignored("-sendpipe"), ignored("-ssthresh"),
      ignored("-rtt"), ignored("-rttvar"),
      Keyword("-inet", help: "Addresses are of IPv4, as all are.") { _, _, _ in },
      Keyword(
        "-lock", "-lockrest", "-proxy", help: "Is accepted; the kernel keeps nothing of it."
      ) { _, _, _ in },
      Keyword("-inet6", "-link", "-atalk", "-sa", help: "Another family; there is none here.") {
        _, _, _ throws(Fault) in
        throw .failed("only IPv4 routes are supported")
      },
    ])

  private static func flag(
    _ word: String, _ flag: RouteFlags, _ help: String
  ) -> Keyword<Session, RouteWords> {
    Keyword(word, help: help) { asked, _, _ in asked.flags.insert(flag) }
  }

  /// A metric that 8.0 accepts and does not keep.
  private static func ignored(_ word: String) -> Keyword<Session, RouteWords> {
    Keyword(word, operands: [Source("n")], help: "A metric that the kernel does not keep.") {
      _, _, _ in
    }
  }
}
