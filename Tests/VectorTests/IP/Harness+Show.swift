// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// `show`: the state of the tables, as the recorder wrote it.
extension Harness {
  func show(_ words: [String]) throws(Refusal) -> [String: JSON] {
    switch words.count > 1 ? words[1] : "" {
    case "route": try showRoutes(words)
    case "arp": ["show": .text("arp"), "entries": .array(showArp())]
    case "if": ["show": .text("if"), "ifs": .array(showInterfaces())]
    case "ipfw": try showRules()
    default: throw .unsupported(words.joined(separator: " "))
    }
  }

  private func showRoutes(_ words: [String]) throws(Refusal) -> [String: JSON] {
    guard let fib = words.count > 2 ? UInt8(words[2]) : 0 else {
      throw .unsupported(words.joined(separator: " "))
    }
    let entries: [Rtentry]
    do throws(Errno) {
      entries = try kernel.routes(vnet: .zero, fib: FibNumber(rawValue: fib))
    } catch {
      throw .errno(error)
    }
    return [
      "show": .text("route"), "fib": .number(Int(fib)),
      "routes": .array(entries.map { routeMembers($0) }),
    ]
  }

  /// A route as `show route` and `route get` give it.
  func routeMembers(_ entry: Rtentry) -> JSON {
    let gateway =
      switch entry.gateway {
      case .address(let address): "\(address)"
      case .link(let interface): "link#\(kernel[.zero].interfaces[interface].name)"
      }
    // The route of an address on a machine whose lo0 has none refers in C to lo0's link-level address,
    // which the recorder shows as nothing; the model has the interface's own address there.
    let address = kernel[.zero].addresses[entry.address]
    // The recorder has no letter for what in_clsroute() sets on every dynamic route.
    let flags = entry.flags.subtracting(.RTF_PROTO3)
    let letters = RouteFlags.letterOrder.filter { letter in
      RouteFlags.faces.contains { $0.letter == letter && flags.contains($0.flag) }
    }
    return .object([
      "dst": .text("\(entry.key.destination)"),
      "mask": entry.key.isHost ? .null : .text("\(entry.key.mask)"), "gw": .text(gateway),
      "flags": .text(String(letters)),
      "if": .text("\(kernel[.zero].interfaces[entry.interface].name)"),
      "mtu": .number(Int(entry.mtu)), "use": .number(Int(entry.use)),
      "ifa": .text(address.interface == entry.interface ? "\(address.address)" : ""),
    ])
  }

  private func showArp() -> [JSON] {
    var entries: [JSON] = []
    // The recorder left loopback's table out.
    for interface in kernel[.zero].interfaces.all
    where kernel[.zero].interfaces[interface].type == .ethernet {
      for index in kernel[.zero].arp.entries(on: interface) {
        let entry = kernel[.zero].arp[index]
        let isPermanent = entry.flags.contains(.LLE_STATIC) || entry.expire == 0
        let left = isPermanent ? 0 : Int(entry.expire) - Int(kernel.machine.wallSeconds)
        entries.append(
          .object([
            "if": .text("\(kernel[.zero].interfaces[interface].name)"),
            "ip": .text("\(entry.address)"), "mac": .text("\(entry.hardwareAddress)"),
            "flags": .number(Int(entry.flags.rawValue)), "expire": .number(left),
            "asked": .number(Int(entry.asked)), "hold": .number(entry.held == nil ? 0 : 1),
          ]))
      }
    }
    return entries
  }

  private func showInterfaces() -> [JSON] {
    let driverFlags: InterfaceFlags = [.IFF_DRV_RUNNING, .IFF_DRV_OACTIVE]
    return kernel[.zero].interfaces.all.map { index in
      let interface = kernel[.zero].interfaces[index]
      var addresses: [JSON] = []
      var next = kernel[.zero].addresses.first(on: index)
      while let address = next {
        let record = kernel[.zero].addresses[address]
        // One field in C: the broadcast address or the other end.
        let other =
          interface.flags.contains(.IFF_BROADCAST) ? record.broadcast : record.peer ?? .any
        addresses.append(
          .object([
            "a": .text("\(record.address)"), "mask": .text(hex8(record.mask.rawValue)),
            "bcast": .text("\(other)"),
          ]))
        next = record.nextOnInterface
      }
      return .object([
        "name": .text("\(interface.name)"),
        "flags": .text(String(interface.flags.subtracting(driverFlags).rawValue, radix: 16)),
        "drv": .text(String(interface.flags.intersection(driverFlags).rawValue, radix: 16)),
        "mtu": .number(Int(interface.mtu)), "metric": .number(Int(interface.metric)),
        "link": .number(Int(interface.linkState.rawValue)), "addrs": .array(addresses),
      ])
    }
  }

  private func hex8(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
