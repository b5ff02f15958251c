// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// The interfaces as `netstat -i` shows them (`intpr()` of if.c).
struct InterfaceRows {
  private let interfaces: [InterfaceInfo]
  private let settings: NetstatSettings
  /// The groups of each interface, the most recent first.
  private var groups: [InterfaceIndex: [IPv4Address]] = [:]

  init(_ session: Session, _ settings: NetstatSettings) {
    self.settings = settings
    interfaces = session.kernel.interfaces(vnet: session.vnet).filter {
      settings.interface == nil || settings.interface == "\($0.name)"
    }
    for info in interfaces {
      // The interface was just listed, so that it is there.
      let found = try? session.kernel.memberships(vnet: session.vnet, interface: info.index)
      groups[info.index] = found?.map(\.group)
    }
  }

  /// The whole listing.
  var text: String {
    ([heading] + interfaces.flatMap(rows)).map { $0 + "\n" }.joined()
  }

  /// What a row counts; nil cells show as a dash.
  private struct Cells {
    var ipackets: UInt64?
    var ierrors: UInt64?
    var idrops: UInt64?
    var ibytes: UInt64?
    var opackets: UInt64?
    var oerrors: UInt64?
    var obytes: UInt64?
    var collisions: UInt64?
    var drops: UInt64?
  }

  private var nameWidth: Int { settings.isWide ? 7 : 5 }

  private var heading: String {
    var cells = [
      "Name".padRight(to: nameWidth), "Mtu".padLeft(to: 5), "Network".padRight(to: 13),
      "Address".padRight(to: 17), "Ipkts".padLeft(to: 8), "Ierrs".padLeft(to: 5),
      "Idrop".padLeft(to: 5),
    ]
    if settings.has("b") { cells.append("Ibytes".padLeft(to: 10)) }
    cells += ["Opkts".padLeft(to: 8), "Oerrs".padLeft(to: 5)]
    if settings.has("b") { cells.append("Obytes".padLeft(to: 10)) }
    cells.append("Coll".padLeft(to: 5))
    if settings.has("d") { cells.append("Drop") }
    return cells.joined(separator: " ")
  }

  /// A row for the link level and one for each address.
  private func rows(_ info: InterfaceInfo) -> [String] {
    var lines: [String] = []
    if settings.family == nil || settings.family == .link {
      lines.append(linkRow(info))
      if settings.has("a") { lines += linkGroups(info) }
    }
    if settings.family == nil || settings.family == .inet {
      for address in info.addresses {
        lines.append(row(address, info))
        guard settings.has("a") else { continue }
        for group in groups[info.index, default: []] { lines.append(groupRow("\(group)")) }
      }
    }
    return lines
  }

  private func linkRow(_ info: InterfaceInfo) -> String {
    let counters = info.interface.statistics
    let cells = Cells(
      ipackets: counters[.ipackets], ierrors: counters[.ierrors], idrops: counters[.iqdrops],
      ibytes: counters[.ibytes], opackets: counters[.opackets], oerrors: counters[.oerrors],
      obytes: counters[.obytes], collisions: counters[.collisions], drops: counters[.sndDrops])
    let number = "<Link#\(info.index.rawValue)>".padRight(to: 13, limit: 13)
    // Every byte of an address has a colon or a blank behind it.
    let address = info.hardwareAddress.map { "\($0) " } ?? ""
    return start(info) + (number + " " + address).padRight(to: 32) + self.cells(cells)
  }

  private func row(_ address: InterfaceAddress, _ info: InterfaceInfo) -> String {
    let cells = Cells(
      ipackets: address.ipackets, ibytes: address.ibytes, opackets: address.opackets,
      obytes: address.obytes)
    let network = settings.network(address.subnet, mask: address.mask)
    return start(info) + network.padRight(to: 13, limit: 13) + " "
      + settings.host(address.address).padRight(to: 17, limit: 17) + " " + self.cells(cells)
  }

  /// Name and MTU; an interface that is down has a star.
  private func start(_ info: InterfaceInfo) -> String {
    let name = "\(info.name)" + (info.flags.contains(.IFF_UP) ? "" : "*")
    return name.padRight(to: nameWidth, limit: nameWidth) + " "
      + info.interface.mtu.padLeft(to: 5) + " "
  }

  private func cells(_ cells: Cells) -> String {
    var shown = [
      settings.cell(cells.ipackets, 8), settings.cell(cells.ierrors, 5),
      settings.cell(cells.idrops, 5),
    ]
    if settings.has("b") { shown.append(settings.cell(cells.ibytes, 10)) }
    shown += [settings.cell(cells.opackets, 8), settings.cell(cells.oerrors, 5)]
    if settings.has("b") { shown.append(settings.cell(cells.obytes, 10)) }
    shown.append(settings.cell(cells.collisions, 5))
    if settings.has("d") { shown.append(settings.cell(cells.drops, 4) + " ") }
    return shown.joined(separator: " ")
  }

  /// The hardware groups of a card, with the frames to groups that it received and sent. Groups
  /// that differ in their highest bits only share one, which keeps the place of the oldest.
  private func linkGroups(_ info: InterfaceInfo) -> [String] {
    guard info.hardwareAddress != nil else { return [] }
    let counters = info.interface.statistics
    var oldestFirst: [EthernetAddress] = []
    for group in groups[info.index, default: []].reversed() {
      let address = EthernetAddress.multicast(for: group)
      if !oldestFirst.contains(address) { oldestFirst.append(address) }
    }
    return oldestFirst.reversed().map { address in
      groupRow("\(address)") + " " + counters[.imcasts].padLeft(to: 8)
        + String(repeating: " ", count: settings.has("b") ? 17 : 6)
        + " " + counters[.omcasts].padLeft(to: 8)
    }
  }

  private func groupRow(_ group: String) -> String {
    String(repeating: " ", count: settings.isWide ? 27 : 25) + " "
      + group.padRight(to: 17, limit: 17)
  }
}
