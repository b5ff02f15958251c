// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

/// The parameters of ifconfig(8).
extension InterfaceChange {
  static let table = KeywordTable<Session, InterfaceChange>(
    "parameters", flags + settings + addressing + capabilities + lifecycle)

  /// Words for kinds of interfaces and families that the model does not have.
  static let foreign: Set<String> = [
    "tunnel", "-tunnel", "deletetunnel", "vnet", "-vnet", "group", "-group", "media", "mediaopt",
    "-mediaopt", "mode", "inst", "instance", "vlan", "vlandev", "-vlandev", "vhid", "pass",
    "advbase", "advskew", "grekey", "ipdst", "addm", "deletem", "span", "-span", "laggport",
    "-laggport", "laggproto", "prefixlen", "eui64", "pltime", "vltime",
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
    Keyword(
      "linkstate",
      operands: [Source("state") { _ in ["up", "down", "unknown"].map { Candidate($0) } }],
      help: "A word of fibsh: put the simulated cable in (up), or pull it out (down)."
    ) { change, words, session throws(Fault) in
      let states: [String: LinkState] = ["up": .up, "down": .down, "unknown": .unknown]
      guard let state = states[words[0]] else { throw .failed("\(words[0]): bad value") }
      try change.call("linkstate") { kernel throws(Errno) in
        try kernel.setLinkState(vnet: session.vnet, interface: change.index, state)
      }
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
  ]

  /// Bits that no interface here has are masked away, as by `setifcap()`.
  private static let capabilities: [Keyword<Session, InterfaceChange>] =
    [
      capability("rxcsum", .IFCAP_RXCSUM, "checksums of received packets"),
      capability("txcsum", .IFCAP_TXCSUM, "checksums of sent packets"),
      capability("vlanmtu", .IFCAP_VLAN_MTU, "longer frames for VLANs"),
      capability("vlanhwtag", .IFCAP_VLAN_HWTAGGING, "VLAN tags"),
    ].flatMap { $0 }
    + [
      "netcons", "polling", "tso", "lro", "wol", "wol_ucast", "wol_mcast", "wol_magic",
      "vlanhwfilter", "vlanhwtso",
    ].flatMap { capability($0, [], "what no card here can") }

  private static let lifecycle: [Keyword<Session, InterfaceChange>] = [
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
        try change.call(word) { kernel throws(Errno) in
          let interface = kernel[session.vnet].interfaces[change.index]
          let enabled = interface.enabledCapabilities
          try kernel.setCapabilities(
            vnet: session.vnet, interface: change.index,
            (isOn ? enabled.union(bit) : enabled.subtracting(bit))
              .intersection(interface.capabilities))
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
