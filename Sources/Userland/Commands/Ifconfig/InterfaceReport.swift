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
    if family == nil || isLink(family), let hardwareAddress {
      lines.append("\tether \(hardwareAddress)")
    }
    if family == nil || family == .inet { lines += addresses.map(line) }
    if family == nil {
      lines += mediaLines(showsMedia)
      if showsGroups, let group { lines.append("\tgroups: \(group) ") }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Whether the interface has an address of the family; every one has without a family.
  func has(_ family: AddressFamily?) -> Bool {
    switch family {
    case nil: true
    case .inet: !addresses.isEmpty
    case .link: hardwareAddress != nil
    case .other: false
    }
  }

  /// The group it is in besides "all": a clone's is its cloner.
  var group: String? { interface.type == .loopback ? "lo" : nil }

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

  /// What em(4) says of its cable; loopback interfaces have no media.
  private func mediaLines(_ showsAll: Bool) -> [String] {
    guard interface.type == .ethernet else { return [] }
    let isActive = interface.linkState == .up
    let active = isActive ? " (1000baseT <full-duplex>)" : ""
    let lines = [
      "\tmedia: Ethernet autoselect\(active)", "\tstatus: \(isActive ? "active" : "no carrier")",
    ]
    guard showsAll else { return lines }
    let supported = [
      "autoselect", "1000baseT", "1000baseT mediaopt full-duplex",
      "100baseTX mediaopt full-duplex", "100baseTX", "10baseT/UTP mediaopt full-duplex",
      "10baseT/UTP",
    ]
    return lines + ["\tsupported media:"] + supported.map { "\t\tmedia \($0)" }
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
