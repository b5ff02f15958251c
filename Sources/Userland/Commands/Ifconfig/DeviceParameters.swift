// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// The parameters of kinds of interfaces, of groups, and those that are the model's own.
extension InterfaceChange {
  static let media: [Keyword<Session, InterfaceChange>] = [
    Keyword("media", operands: [mediaType], help: "The medium to use.") {
      change, words, _ throws(Fault) in try change.setMedia(words[0])
    },
    Keyword("mediaopt", operands: [mediaOptions], help: "Options of the medium to turn on.") {
      change, words, _ throws(Fault) in try change.setMediaOptions(words[0], isOn: true)
    },
    Keyword("-mediaopt", operands: [mediaOptions], help: "Options of the medium to turn off.") {
      change, words, _ throws(Fault) in try change.setMediaOptions(words[0], isOn: false)
    },
    Keyword("mode", operands: [Source("mode")], help: "For wireless; Ethernet has no modes.") {
      change, _, _ throws(Fault) in try change.setMediaMode()
    },
    Keyword("instance", "inst", operands: [Source("n")], help: "Which of its media is meant.") {
      change, words, _ throws(Fault) in try change.setMediaInstance(words[0])
    },
  ]

  private static let mediaType = Source<Session>("type") { _ in
    MediaWords.subtypes.map { Candidate($0.word) }
  }

  private static let mediaOptions = Source<Session>("options") { _ in
    MediaWords.options.map { Candidate($0.word) }
  }

  static let vlans: [Keyword<Session, InterfaceChange>] = [
    Keyword("vlan", operands: [Source("tag")], help: "Of a VLAN, the tag; with vlandev.") {
      change, words, _ throws(Fault) in try change.setVLAN(tag: words[0])
    },
    Keyword(
      "vlandev", operands: [.interface(name: "iface")],
      help: "Of a VLAN, the card that carries it; with vlan."
    ) { change, words, _ throws(Fault) in try change.setVLAN(parent: words[0]) },
    .taking(
      "-vlandev", operands: [.interface(name: "iface").optional],
      help: "Of a VLAN, take it off its card; a word behind is not heeded."
    ) { change, rest, _ throws(Fault) in
      rest = rest.dropFirst()
      try change.unsetVLAN()
    },
  ]

  static let tunnels: [Keyword<Session, InterfaceChange>] = [
    Keyword(
      "tunnel", operands: [Source("src_addr"), Source("dest_addr")],
      help: "Of gif and gre, the addresses of the outer packets."
    ) { change, words, _ throws(Fault) in try change.setTunnel(words[0], words[1]) },
    Keyword("-tunnel", "deletetunnel", help: "Of gif and gre, forget those.") {
      change, _, session throws(Fault) in
      try session.call("ifconfig", "SIOCDIFPHYADDR") { kernel throws(Errno) in
        try kernel.deleteTunnel(vnet: session.vnet, interface: change.index)
      }
    },
    Keyword("grekey", operands: [Source("n")], help: "Of gre, the key; 0 for none.") {
      change, words, session in
      let key = UInt32(truncatingIfNeeded: CNumber(words[0], base: 10).signed)
      change.tryCall("ioctl (set grekey)") { kernel throws(Errno) in
        try kernel.setTunnelKey(vnet: session.vnet, interface: change.index, key)
      }
    },
    tunnelOption("accept_rev_ethip_ver", set: 0x1, "Of gif, take frames with a reversed version."),
    tunnelOption("-accept_rev_ethip_ver", clear: 0x1, "Of gif, take none such."),
    tunnelOption("send_rev_ethip_ver", set: 0x10, "Of gif, send frames with a reversed version."),
    tunnelOption("-send_rev_ethip_ver", clear: 0x10, "Of gif, send none such."),
  ]

  private static func tunnelOption(
    _ word: String, set: UInt32 = 0, clear: UInt32 = 0, _ help: String
  ) -> Keyword<Session, InterfaceChange> {
    Keyword(word, help: help) { change, _, session in
      change.tryCall("ioctl(GIFGOPTS)") { kernel throws(Errno) in
        try kernel.setTunnelOptions(
          vnet: session.vnet, interface: change.index, set: set, clear: clear)
      }
    }
  }

  /// `tunnel` (`settunnel()` and `in_set_tunnel()`).
  private func setTunnel(_ source: String, _ destination: String) throws(Fault) {
    if case .link(let name) = family {
      // Nothing has failed, which warn(3) has a text for.
      output.writeError(
        "ifconfig: address family \(name) does not support tunnel setup: Undefined error: 0\n")
      return
    }
    let ends = try (
      InterfaceChange.tunnelEnd(source), InterfaceChange.tunnelEnd(destination)
    )
    guard (ends.0 == nil) == (ends.1 == nil) else {
      throw .failed("source and destination address families do not match")
    }
    guard let source = ends.0, let destination = ends.1 else {
      throw .failed("tunnel: only IPv4 is supported")
    }
    tryCall("SIOCSIFPHYADDR") { kernel throws(Errno) in
      try kernel.setTunnel(
        vnet: session.vnet, interface: index,
        TunnelEnds(source: source, destination: destination))
    }
  }

  /// An address of a tunnel; nil for one of IPv6.
  private static func tunnelEnd(_ text: String) throws(Fault) -> IPv4Address? {
    if let address = IPv4Address(host: text) { return address }
    if IPv6Address(text) != nil { return nil }
    throw .failed(
      "error in parsing address string: hostname nor servname provided, or not known")
  }

  static let groups: [Keyword<Session, InterfaceChange>] = [
    Keyword("group", operands: [Source("name")], help: "Put it into a group.") {
      change, words, session throws(Fault) in
      try checkGroup(words[0], "setifgroup")
      try session.call("ifconfig", " SIOCAIFGROUP") { kernel throws(Errno) in
        try kernel.addToGroup(vnet: session.vnet, interface: change.index, words[0])
      }
    },
    Keyword("-group", operands: [Source("name")], help: "Take it out of a group.") {
      change, words, session throws(Fault) in
      try checkGroup(words[0], "unsetifgroup")
      try session.call("ifconfig", "SIOCDIFGROUP") { kernel throws(Errno) in
        try kernel.removeFromGroup(vnet: session.vnet, interface: change.index, words[0])
      }
    },
  ]

  private static func checkGroup(_ name: String, _ function: String) throws(Fault) {
    if let last = name.utf8.last, (0x30...0x39).contains(last) {
      throw .failed("\(function): group names may not end in a digit")
    }
    guard name.utf8.count <= InterfaceName.maximumLength else {
      throw .failed("\(function): group name too long")
    }
  }

  /// What 8.0 has no words for: the world that its cards are in.
  static let model: [Keyword<Session, InterfaceChange>] = [
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
    Keyword(
      "linkmedia", operands: [mediaType],
      help: "A word of fibsh: what the other end of the cable offers to autoselection, full-duplex."
    ) { change, words, session throws(Fault) in
      guard let subtype = MediaWords.subtype(words[0]) else {
        throw .failed("unknown media subtype: \(words[0])")
      }
      try change.call("linkmedia") { kernel throws(Errno) in
        try kernel.setOfferedMedia(
          vnet: session.vnet, interface: change.index,
          .ethernet(subtype, MediaWord.IFM_FDX))
      }
    },
    Keyword(
      "capabilities", operands: [Source("hex")],
      help: "A word of fibsh: the options that the simulated card has, which are all on then."
    ) { change, words, session throws(Fault) in
      let number = CNumber(words[0], base: 16)
      guard number.isWhole, let bits = UInt32(exactly: number.unsigned) else {
        throw .failed("\(words[0]): bad value")
      }
      try change.call("capabilities") { kernel throws(Errno) in
        try kernel.equip(
          vnet: session.vnet, interface: change.index,
          with: InterfaceCapabilities(rawValue: bits))
      }
    },
  ]
}
