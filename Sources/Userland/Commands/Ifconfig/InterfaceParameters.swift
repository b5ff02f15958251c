// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

/// The parameters of ifconfig(8).
extension InterfaceChange {
  static let table = KeywordTable<Session, InterfaceChange>(
    "parameters",
    flags + settings + addressing + capabilities + media + vlans + tunnels + carp + groups
      + bridges + model + lifecycle)

  /// Words for kinds of interfaces and families that the model does not have.
  static let foreign: Set<String> = [
    "laggport", "-laggport", "laggproto", "anycast",
    "tentative", "-tentative", "deprecated",
    "-deprecated", "autoconf", "-autoconf", "accept_rtadv", "-accept_rtadv", "defaultif",
    "-defaultif", "ifdisabled", "-ifdisabled", "nud", "-nud", "prefer_source", "-prefer_source",
    "auto_linklocal", "-auto_linklocal",
  ]

  private static let flags: [Keyword<Session, InterfaceChange>] = [
    flag("up", set: .IFF_UP, "Bring it up; its addresses' routes come back."),
    flag("down", clear: .IFF_UP, "Bring it down; its addresses' routes go."),
    flag("arp", clear: .IFF_NOARP, "Find neighbours by ARP."),
    flag("-arp", set: .IFF_NOARP, "Use no ARP."),
    flag("promisc", set: .IFF_PPROMISC, "Take frames for other stations too."),
    flag("-promisc", clear: .IFF_PPROMISC, "Take no frames for other stations."),
    flag("monitor", set: .IFF_MONITOR, "Show packets to observers only."),
    flag("-monitor", clear: .IFF_MONITOR, "Take packets for the host too."),
    flag("staticarp", set: .IFF_STATICARP, "Use only the ARP entries that were set."),
    flag("-staticarp", clear: .IFF_STATICARP, "Ask for neighbours too."),
    flag("debug", set: .IFF_DEBUG, "Set the driver's debug flag."),
    flag("-debug", clear: .IFF_DEBUG, "Clear the driver's debug flag."),
    flag("link0", set: .IFF_LINK0, "Set the driver's first flag."),
    flag("-link0", clear: .IFF_LINK0, "Clear the driver's first flag."),
    flag("link1", set: .IFF_LINK1, "Set the driver's second flag."),
    flag("-link1", clear: .IFF_LINK1, "Clear the driver's second flag."),
    flag("link2", set: .IFF_LINK2, "Set the driver's third flag."),
    flag("-link2", clear: .IFF_LINK2, "Clear the driver's third flag."),
    flag("normal", clear: .IFF_LINK0, "The same as -link0."),
    flag("compress", set: .IFF_LINK0, "The same as link0."),
    flag("noicmp", set: .IFF_LINK1, "The same as link1."),
  ]

  private static let settings: [Keyword<Session, InterfaceChange>] = [
    Keyword("mtu", operands: [Source("n")], help: "The largest packet, in bytes.") {
      change, words, session in
      change.tryCall("ioctl (set mtu)") { kernel throws(Errno) in
        try kernel.setMTU(
          vnet: session.vnet, interface: change.index, Int(CNumber.atoi(words[0])))
      }
    },
    Keyword("metric", operands: [Source("n")], help: "A number for routing daemons.") {
      change, words, session in
      change.tryCall("ioctl (set metric)") { kernel throws(Errno) in
        try kernel.setMetric(
          vnet: session.vnet, interface: change.index,
          UInt32(bitPattern: CNumber.atoi(words[0])))
      }
    },
    Keyword("name", operands: [Source("name")], help: "Another name.") { change, words, session in
      change.tryCall("ioctl (set name)") { kernel throws(Errno) in
        try kernel.rename(vnet: session.vnet, interface: change.index, to: words[0])
      }
    },
    Keyword("description", "descr", operands: [Source("text")], help: "What it is for.") {
      change, words, _ in change.describe(words[0])
    },
    Keyword("-description", "-descr", help: "Forget what it is for.") { change, _, _ in
      change.describe(nil)
    },
  ]

  private static let addressing: [Keyword<Session, InterfaceChange>] = [
    Keyword("alias", "add", help: "The address is one more.") { change, _, _ in
      change.setAlias(1)
    },
    Keyword(
      "-alias", "delete", "remove", help: "Delete the address, or the first one if none is given."
    ) { change, _, _ in change.setAlias(-1) },
    Keyword("netmask", operands: [Source("mask")], help: "The address's mask.") {
      change, words, _ throws(Fault) in try change.setMask(words[0])
    },
    Keyword("broadcast", operands: [Source("address")], help: "The broadcast address.") {
      change, words, _ throws(Fault) in try change.setDestination(words[0])
    },
    Keyword("ipdst", operands: [Source("address")], help: "Read, and nothing more is done.") {
      change, words, _ throws(Fault) in try change.setTunnelDestination(words[0])
    },
    Keyword("prefixlen", operands: [Source("n")], help: "For IPv6; of IPv4 it does nothing.") {
      _, _, _ in
    },
    lifetime("pltime"), lifetime("vltime"),
    Keyword("eui64", help: "For IPv6 alone.") { _, _, _ throws(Fault) in
      throw .failed("eui64 not allowed for the AF")
    },
  ]

  private static func lifetime(_ word: String) -> Keyword<Session, InterfaceChange> {
    Keyword(word, operands: [Source("n")], help: "For IPv6 alone.") { _, words, _ throws(Fault) in
      guard CNumber(words[0]).isNumber else { throw .failed("invalid \(word)") }
      throw .failed("\(word) not allowed for the AF")
    }
  }

  /// Bits that an interface does not have are masked away (`setifcap()`).
  private static let capabilities: [Keyword<Session, InterfaceChange>] = [
    capability("rxcsum", .IFCAP_RXCSUM, "checksums of received packets"),
    capability("txcsum", .IFCAP_TXCSUM, "checksums of sent packets"),
    capability("netcons", .IFCAP_NETCONS, "a console by network"),
    capability("polling", .IFCAP_POLLING, "polling"),
    capability("tso", .IFCAP_TSO, "cutting of TCP segments"),
    capability("lro", .IFCAP_LRO, "joining of TCP segments"),
    capability("wol", .IFCAP_WOL, "waking by packets of any kind"),
    capability("wol_ucast", .IFCAP_WOL_UCAST, "waking by packets for it"),
    capability("wol_mcast", .IFCAP_WOL_MCAST, "waking by multicasts"),
    capability("wol_magic", .IFCAP_WOL_MAGIC, "waking by magic packets"),
    capability("vlanmtu", .IFCAP_VLAN_MTU, "longer frames for VLANs"),
    capability("vlanhwtag", .IFCAP_VLAN_HWTAGGING, "VLAN tags"),
    capability("vlanhwfilter", .IFCAP_VLAN_HWFILTER, "choosing of frames by VLAN"),
    capability("vlanhwtso", .IFCAP_VLAN_HWTSO, "cutting of TCP segments of VLANs"),
  ].flatMap { $0 }

  private static let lifecycle: [Keyword<Session, InterfaceChange>] = [
    Keyword("vnet", operands: [.jail()], help: "Move it to the network stack of a jail.") {
      change, words, session throws(Fault) in
      let jail = try session.prisonID(of: words[0])
      try session.call("ifconfig", "SIOCSIFVNET") { kernel throws(Errno) in
        try kernel.lendInterface(
          vnet: session.vnet, interface: change.index, to: jail, by: session.prison)
      }
    },
    Keyword("-vnet", operands: [.jail()], help: "Take it back from a jail.") {
      change, words, session throws(Fault) in try change.reclaim(from: words[0])
    },
    creation("create", "Make the interface; only as the first parameter, of one not there."),
    creation("plumb", "The same as create."),
    Keyword("destroy", "unplumb", help: "Remove an interface that was created.") {
      change, _, session throws(Fault) in
      _ = try session.call("ifconfig", "SIOCIFDESTROY") { kernel throws(Errno) in
        try kernel.destroyInterface(vnet: session.vnet, interface: change.index)
      }
    },
  ]

  /// What is there cannot be made: the word is then taken for an address.
  private static func creation(
    _ word: String, _ help: String
  ) -> Keyword<Session, InterfaceChange> {
    Keyword(word, help: help) { _, _, _ throws(Fault) in throw .failed("\(word): bad value") }
  }

  private static func flag(
    _ word: String, set: InterfaceFlags = [], clear: InterfaceFlags = [], _ help: String
  ) -> Keyword<Session, InterfaceChange> {
    Keyword(word, help: help) { change, _, session throws(Fault) in
      _ = try change.current("ioctl (SIOCGIFFLAGS)")
      try change.call(word) { kernel throws(Errno) in
        try kernel.setFlags(
          vnet: session.vnet, interface: change.index, set: set, clear: clear, fib: session.fib)
      }
    }
  }

  private static func capability(
    _ word: String, _ bit: InterfaceCapabilities, _ what: String
  ) -> [Keyword<Session, InterfaceChange>] {
    [(word, true), ("-\(word)", false)].map { word, isOn in
      let help = isOn ? "Let the card do \(what)." : "Let the card not do \(what)."
      return Keyword(word, help: help) { change, _, session throws(Fault) in
        let interface = try change.current("ioctl (SIOCGIFCAP)")
        let enabled = interface.enabledCapabilities
        let wanted = isOn ? enabled.union(bit) : enabled.subtracting(bit)
        try change.call(word) { kernel throws(Errno) in
          try kernel.setCapabilities(
            vnet: session.vnet, interface: change.index,
            wanted.intersection(interface.capabilities))
        }
      }
    }
  }

  private func describe(_ text: String?) {
    tryCall("ioctl (set descr)") { kernel throws(Errno) in
      try kernel.setDescription(vnet: session.vnet, interface: index, text)
    }
  }
}
