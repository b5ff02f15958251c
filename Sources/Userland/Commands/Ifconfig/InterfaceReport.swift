// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// How ifconfig(8) shows an interface (`status()` of ifconfig.c).
extension InterfaceInfo {
  /// All lines about the interface; with a family only the addresses of that.
  func report(_ family: AddressFamily?, showsMedia: Bool, showsGroups: Bool) -> String {
    var lines = [
      "\(name): flags=\(flags.faces) metric \(interface.metric) mtu \(interface.mtu)"
    ]
    if let description { lines.append("\tdescription: \(description)") }
    if !interface.enabledCapabilities.isEmpty {
      lines.append("\toptions=\(interface.enabledCapabilities.faces)")
    }
    if showsMedia, !interface.capabilities.isEmpty {
      lines.append("\tcapabilities=\(interface.capabilities.faces)")
    }
    if let tunnel {
      lines.append("\ttunnel inet \(tunnel.source) --> \(tunnel.destination)")
    }
    if family == nil || isLink(family), let hardwareAddress {
      lines.append("\tether \(hardwareAddress)")
    }
    if family == nil || family == .inet { lines += addresses.map(line) }
    if family == nil {
      lines += media?.lines(showsAll: showsMedia) ?? []
      lines += deviceLines
      let names = groups.filter { $0 != "all" }
      if showsGroups, !names.isEmpty {
        lines.append("\tgroups: " + names.map { "\($0) " }.joined())
      }
      lines += bridge?.lines ?? []
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Whether `-l` lists the interface with a family: every interface has a link-level address, but
  /// not all one of Ethernet.
  func has(_ family: AddressFamily?) -> Bool {
    switch family {
    case nil: true
    case .inet: !addresses.isEmpty
    case .link(let word): word != "ether" || hardwareAddress != nil
    case .other: false
    }
  }

  /// What a VLAN, a carp interface or a tunnel adds.
  private var deviceLines: [String] {
    var lines: [String] = []
    if let vlan {
      let parent = vlan.parent.map { "\($0)" } ?? "<none>"
      lines.append("\tvlan: \(vlan.tag) parent interface: \(parent)")
    }
    if let carp, carp.vhid > 0 {
      lines.append(
        "\tcarp: \(carp.state.word) vhid \(carp.vhid) advbase \(carp.base) advskew \(carp.skew)")
    }
    if tunnelKey != 0 { lines.append("\tgrekey: \(Int32(bitPattern: tunnelKey))") }
    if tunnelOptions != 0 {
      let words = [(UInt32(0x1), "ACCEPT_REV_ETHIP_VER"), (0x10, "SEND_REV_ETHIP_VER")]
      let set = words.filter { tunnelOptions & $0.0 != 0 }.map(\.1)
      lines.append("\toptions=\(bits(tunnelOptions, set))")
    }
    return lines
  }

  private func isLink(_ family: AddressFamily?) -> Bool {
    if case .link = family { true } else { false }
  }

  /// A line of an address; without a broadcast address it ends in a blank.
  private func line(_ address: InterfaceAddress) -> String {
    var line = "\tinet \(address.address) "
    if flags.contains(.IFF_POINTOPOINT) { line += "--> \(address.peer ?? .any) " }
    line += "netmask 0x\(address.mask.rawValue.hex()) "
    if flags.contains(.IFF_BROADCAST), address.broadcast != .any {
      line += "broadcast \(address.broadcast)"
    }
    return line
  }
}

extension InterfaceFlags {
  /// The flags as ifconfig(8) prints them: hex, and the names of those that have one.
  var faces: String {
    bits(rawValue, InterfaceFlags.words.filter { contains($0.flag) }.map(\.word))
  }
}

extension InterfaceCapabilities {
  /// The capabilities as ifconfig(8) prints them.
  var faces: String {
    bits(rawValue, InterfaceCapabilities.words.filter { contains($0.flag) }.map(\.word))
  }
}

/// Bits in hex and by name (`printb()`).
private func bits(_ value: UInt32, _ names: [String]) -> String {
  "\(value.hex())<\(names.joined(separator: ","))>"
}
