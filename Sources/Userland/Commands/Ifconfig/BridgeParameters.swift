// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// The parameters of bridges (ifbridge.c).
extension InterfaceChange {
  static let bridges: [Keyword<Session, InterfaceChange>] =
    bridgeMembers + bridgeFlags.flatMap { $0 } + bridgeAddresses + bridgeNumbers
    + bridgeMemberNumbers

  private static let member = Source<Session>.interface(name: "iface")
  private static let number = Source<Session>("n")

  private static let bridgeMembers: [Keyword<Session, InterfaceChange>] = [
    Keyword("addm", operands: [member], help: "Of a bridge, take an interface in.") {
      change, words, session throws(Fault) in
      try session.call("ifconfig", "BRDGADD \(words[0])") { kernel throws(Errno) in
        try kernel.addBridgeMember(vnet: session.vnet, interface: change.index, words[0])
      }
    },
    Keyword("deletem", operands: [member], help: "Of a bridge, take a member out.") {
      change, words, session throws(Fault) in
      try session.call("ifconfig", "BRDGDEL \(words[0])") { kernel throws(Errno) in
        try kernel.deleteBridgeMember(vnet: session.vnet, interface: change.index, words[0])
      }
    },
    Keyword("span", operands: [member], help: "Of a bridge, give an interface a copy of all.") {
      change, words, session throws(Fault) in
      try session.call("ifconfig", "BRDGADDS \(words[0])") { kernel throws(Errno) in
        try kernel.setBridgeSpan(
          vnet: session.vnet, interface: change.index, words[0], isOn: true)
      }
    },
    Keyword("-span", operands: [member], help: "Of a bridge, give it no more copies.") {
      change, words, session throws(Fault) in
      try session.call("ifconfig", "BRDGDELS \(words[0])") { kernel throws(Errno) in
        try kernel.setBridgeSpan(
          vnet: session.vnet, interface: change.index, words[0], isOn: false)
      }
    },
  ]

  private static let bridgeFlags: [[Keyword<Session, InterfaceChange>]] = [
    bridgeFlag("discover", .IFBIF_DISCOVER, "gets frames for unknown stations"),
    bridgeFlag("learn", .IFBIF_LEARNING, "learns which stations are behind it"),
    bridgeFlag("sticky", .IFBIF_STICKY, "keeps the stations that it learns"),
    bridgeFlag("private", .IFBIF_PRIVATE, "exchanges nothing with other private members"),
    bridgeFlag("stp", .IFBIF_STP, "takes part in the spanning tree"),
    bridgeFlag("edge", .IFBIF_BSTP_EDGE, "has no bridge behind it"),
    bridgeFlag("autoedge", .IFBIF_BSTP_AUTOEDGE, "finds out whether there is a bridge"),
    bridgeFlag("ptp", .IFBIF_BSTP_PTP, "has one bridge behind it at most"),
    bridgeFlag("autoptp", .IFBIF_BSTP_AUTOPTP, "finds that out by its link being full-duplex"),
  ]

  /// A word and its opposite (`do_bridgeflag()`).
  private static func bridgeFlag(
    _ word: String, _ flag: BridgeMemberFlags, _ what: String
  ) -> [Keyword<Session, InterfaceChange>] {
    [(word, true), ("-\(word)", false)].map { word, isOn in
      let help =
        isOn ? "Of a bridge, the member \(what)." : "Of a bridge, turn that off for the member."
      return Keyword(word, operands: [member], help: help) { change, words, session throws(Fault) in
        var flags = try session.call("ifconfig", "unable to get bridge flags") {
          kernel throws(Errno) in
          try kernel.bridgeFlags(vnet: session.vnet, interface: change.index, words[0])
        }
        if isOn { flags.insert(flag) } else { flags.remove(flag) }
        try session.call("ifconfig", "unable to set bridge flags") { kernel throws(Errno) in
          try kernel.setBridgeFlags(
            vnet: session.vnet, interface: change.index, words[0], flags)
        }
      }
    }
  }

  private static let bridgeAddresses: [Keyword<Session, InterfaceChange>] = [
    Keyword("flush", help: "Of a bridge, forget the stations that were learned.") {
      change, _, session throws(Fault) in
      try session.call("ifconfig", "BRDGFLUSH") { kernel throws(Errno) in
        try kernel.flushBridge(vnet: session.vnet, interface: change.index, all: false)
      }
    },
    Keyword("flushall", help: "Of a bridge, forget all stations.") {
      change, _, session throws(Fault) in
      try session.call("ifconfig", "BRDGFLUSH") { kernel throws(Errno) in
        try kernel.flushBridge(vnet: session.vnet, interface: change.index, all: true)
      }
    },
    Keyword(
      "static", operands: [member, Source("address")],
      help: "Of a bridge, say that a station is behind a member."
    ) { change, words, session throws(Fault) in
      guard let address = EthernetAddress(words[1]) else {
        throw .failed("\(words[0]): invalid address: \(words[1])")
      }
      try session.call("ifconfig", "BRDGSADDR \(words[0])") { kernel throws(Errno) in
        try kernel.addBridgeAddress(
          vnet: session.vnet, interface: change.index, words[0], address)
      }
    },
    Keyword("deladdr", operands: [Source("address")], help: "Of a bridge, forget a station.") {
      change, words, session throws(Fault) in
      guard let address = EthernetAddress(words[0]) else {
        throw .failed("invalid address: \(words[0])")
      }
      try session.call("ifconfig", "BRDGDADDR \(words[0])") { kernel throws(Errno) in
        try kernel.deleteBridgeAddress(vnet: session.vnet, interface: change.index, address)
      }
    },
    Keyword("addr", help: "Of a bridge, list the stations, newest first.") {
      change, _, session throws(Fault) in
      let stations = try session.call("ifconfig", "unable to get address cache") {
        kernel throws(Errno) in
        try kernel.bridgeAddresses(vnet: session.vnet, interface: change.index)
      }
      for station in stations { change.output.line(station.line) }
    },
  ]

  private static let bridgeNumbers: [Keyword<Session, InterfaceChange>] = [
    bridgeNumber("maxaddr", "BRDGSCACHE", "the most stations", .max) {
      .routeLimit(UInt32(truncatingIfNeeded: $0))
    },
    bridgeNumber("timeout", "BRDGSTO", "the seconds that stations are remembered", .max) {
      .timeout(UInt32(truncatingIfNeeded: $0))
    },
    bridgeNumber("priority", "BRDGSPRI", "its priority in the spanning tree", 0xffff) {
      .priority(UInt16(truncatingIfNeeded: $0))
    },
    bridgeNumber("hellotime", "BRDGSHT", "the seconds between messages", 0xff) {
      .helloTime(UInt8(truncatingIfNeeded: $0))
    },
    bridgeNumber("fwddelay", "BRDGSFD", "the seconds before a port forwards", 0xff) {
      .forwardDelay(UInt8(truncatingIfNeeded: $0))
    },
    bridgeNumber("maxage", "BRDGSMA", "the seconds that messages are good for", 0xff) {
      .maxAge(UInt8(truncatingIfNeeded: $0))
    },
    bridgeNumber("holdcnt", "BRDGSTXHC", "the messages a port may send before it waits", 0xff) {
      .holdCount(UInt8(truncatingIfNeeded: $0))
    },
    Keyword(
      "proto",
      operands: [Source("proto") { _ in ["stp", "rstp"].map { Candidate($0) } }],
      help: "Of a bridge, the protocol of its spanning tree."
    ) { change, words, session throws(Fault) in
      let version: TreeProtocol
      switch words[0].lowercased() {
      case "stp": version = .stp
      case "rstp": version = .rstp
      default: throw .failed("unknown stp protocol")
      }
      try session.call("ifconfig", "BRDGSPROTO \(words[0])") { kernel throws(Errno) in
        try kernel.setBridge(vnet: session.vnet, interface: change.index, .version(version))
      }
    },
  ]

  private static func bridgeNumber(
    _ word: String, _ what: String, _ help: String, _ most: UInt32,
    _ setting: @escaping @Sendable (UInt64) -> BridgeSetting
  ) -> Keyword<Session, InterfaceChange> {
    Keyword(word, operands: [number], help: "Of a bridge, \(help).") {
      change, words, session throws(Fault) in
      let value = try bridgeValue(words[0], most: UInt64(most))
      try session.call("ifconfig", "\(what) \(words[0])") { kernel throws(Errno) in
        try kernel.setBridge(vnet: session.vnet, interface: change.index, setting(value))
      }
    }
  }

  private static let bridgeMemberNumbers: [Keyword<Session, InterfaceChange>] = [
    bridgeMemberNumber("ifpriority", "BRDGSIFPRIO", "its priority in the spanning tree", 0xff) {
      .priority(UInt8(truncatingIfNeeded: $0))
    },
    bridgeMemberNumber("ifpathcost", "BRDGSIFCOST", "what a way through it costs", .max) {
      .cost(UInt32(truncatingIfNeeded: $0))
    },
    bridgeMemberNumber("ifmaxaddr", "BRDGSIFAMAX", "the most stations behind it", 0xffff_ffff) {
      .addressLimit(UInt32(truncatingIfNeeded: $0))
    },
  ]

  private static func bridgeMemberNumber(
    _ word: String, _ what: String, _ help: String, _ most: UInt64,
    _ setting: @escaping @Sendable (UInt64) -> BridgeMemberSetting
  ) -> Keyword<Session, InterfaceChange> {
    Keyword(word, operands: [member, number], help: "Of a bridge's member, \(help).") {
      change, words, session throws(Fault) in
      let value = try bridgeValue(words[1], most: most)
      try session.call("ifconfig", "\(what) \(words[1])") { kernel throws(Errno) in
        try kernel.setBridgeMember(
          vnet: session.vnet, interface: change.index, words[0], setting(value))
      }
    }
  }

  /// A number as `get_val()` reads it.
  private static func bridgeValue(_ text: String, most: UInt64) throws(Fault) -> UInt64 {
    let number = CNumber(text)
    guard number.isWhole, number.unsigned <= most else { throw .failed("invalid value: \(text)") }
    return number.unsigned
  }
}

extension BridgeAddress {
  /// A line of `addr` (`bridge_addresses()`).
  fileprivate var line: String {
    var words: [String] = []
    if flags.contains(.IFBAF_STATIC) { words.append("STATIC") }
    if flags.contains(.IFBAF_STICKY) { words.append("STICKY") }
    return "\(address) Vlan\(vlan) \(interface) \(expire) flags="
      + "\(UInt32(flags.rawValue).hex())<\(words.joined(separator: ","))>"
  }
}

extension BridgeInfo {
  /// What ifconfig(8) shows of a bridge (`bridge_status()`).
  var lines: [String] {
    var lines = [
      "\tid \(address) priority \(priority) hellotime \(helloTime) fwddelay \(forwardDelay)",
      "\tmaxage \(maxAge) holdcnt \(holdCount) proto \(version) maxaddr \(routeLimit) "
        + "timeout \(timeout)",
      "\troot id \(root) priority \(rootPriority) ifcost \(rootCost) port \(rootPort)",
    ]
    // As wide as what stands before a member's name.
    let pad = "\t        "
    for member in members {
      let words = BridgeMemberFlags.words.filter { member.flags.contains($0.flag) }.map(\.word)
      lines.append(
        "\tmember: \(member.name) flags=\(member.flags.rawValue.hex())"
          + "<\(words.joined(separator: ","))>")
      var line =
        "\(pad)ifmaxaddr \(member.addressLimit) port \(member.port) "
        + "priority \(member.priority) path cost \(member.cost)"
      if member.flags.contains(.IFBIF_STP) { line += " proto \(member.version)" }
      lines.append(line)
      if member.flags.contains(.IFBIF_STP) {
        lines.append("\(pad)role \(member.role) state \(member.state)")
      }
    }
    return lines
  }
}
