// SPDX-License-Identifier: BSD-2-Clause

import Wire

// Interfaces and addresses are set here without the calls that make them, to test routes alone.
@testable import Netstack

/// The numbers that a lab's interfaces get, in the order they are attached.
enum LabInterface {
  static let em0 = InterfaceIndex(rawValue: 1)
  static let em1 = InterfaceIndex(rawValue: 2)
  static let em2 = InterfaceIndex(rawValue: 3)
  static let gif0 = InterfaceIndex(rawValue: 4)
  static let lo0 = InterfaceIndex(rawValue: 5)
}

extension Vnet {
  /// A stack with em0 10.0.0.1/24, em1 10.0.1.1/24, em2 10.0.2.1/24, a gif0 without address and
  /// lo0, and the routes that ifconfig(8) makes for them.
  static func lab(fibs: Int = 2) -> Vnet {
    var options = KernelOptions()
    options.routeTables = fibs
    options.ethernetInterfaces = 0
    var vnet = Vnet(index: .zero, options)
    vnet.equipLab()
    return vnet
  }

  private mutating func equipLab() {
    let ethernet: InterfaceFlags = [.IFF_UP, .IFF_BROADCAST, .IFF_DRV_RUNNING, .IFF_MULTICAST]
    for unit in 0..<3 { attach("em\(unit)", .em, ethernet, mtu: 1500) }
    attach("gif0", .gif, [.IFF_UP, .IFF_POINTOPOINT], mtu: 1280)
    attach("lo0", .lo, [.IFF_UP, .IFF_LOOPBACK, .IFF_DRV_RUNNING], mtu: 16384)
    loopback = LabInterface.lo0
    connect(LabInterface.lo0, IPv4Address(127, 0, 0, 1), length: 8)
    connect(LabInterface.em0, IPv4Address(10, 0, 0, 1), length: 24)
    connect(LabInterface.em1, IPv4Address(10, 0, 1, 1), length: 24)
    connect(LabInterface.em2, IPv4Address(10, 0, 2, 1), length: 24)
  }

  private mutating func attach(
    _ name: String, _ driver: InterfaceDriver, _ flags: InterfaceFlags, mtu: UInt32
  ) {
    guard let name = InterfaceName(name) else { preconditionFailure("a lab's names are valid") }
    _ = interfaces.attach(
      Ifnet(
        name: name, index: .none, driver: driver, flags: flags, mtu: mtu, hardwareAddress: .zero,
        queueLimit: 50))
  }

  /// Adds an address with its routes: its network or itself in every FIB, itself over lo0 in FIB 0.
  @discardableResult
  mutating func connect(
    _ interface: InterfaceIndex, _ address: IPv4Address, length: Int
  ) -> AddressIndex {
    let mask = IPv4Prefix.mask(length: length)
    let isLoopback = interface == LabInterface.lo0
    let index = addresses.insert(
      InterfaceAddress(
        address: address, mask: mask, interface: interface,
        broadcast: isLoopback ? .any : (address & mask) | ~mask, peer: isLoopback ? address : nil))
    let key = isLoopback ? RouteKey(host: address) : RouteKey(network: address, mask: mask)
    for fib in 0..<routes.fibCount {
      var prefix = RouteRequest(key: key, gateway: .link(interface))
      prefix.address = index
      _ = try? rtAdd(prefix, fib: FibNumber(rawValue: UInt8(fib)))
    }
    guard !isLoopback else { return index }
    var own = RouteRequest(
      key: RouteKey(host: address), gateway: .link(interface), flags: .RTF_STATIC)
    own.interface = loopback
    _ = try? rtAdd(own, fib: .zero)
    return index
  }

  /// A table as `show route` of the vectors has it, without what ifconfig(8) made.
  func added(in fib: UInt8 = 0) -> [String] {
    routes.routes(in: FibNumber(rawValue: fib)).map { routes[$0] }
      .filter { $0.flags.contains(.RTF_GATEWAY) || $0.key.destination.rawValue >> 24 > 127 }
      .map { text($0) }
  }

  /// One route: key, gateway, flags, interface, source.
  func text(_ route: Rtentry) -> String {
    let key =
      route.key.isHost ? "\(route.key.destination)" : "\(route.key.destination)/\(route.key.mask)"
    let gateway =
      switch route.gateway {
      case .address(let address): "\(address)"
      case .link(let interface): "link#\(interface.rawValue)"
      }
    let flags = String(
      RouteFlags.letterOrder.filter { letter in
        RouteFlags.faces.contains { $0.letter == letter && route.flags.contains($0.flag) }
      })
    let source = addresses[route.address].address
    return "\(key) \(gateway) \(flags) \(interfaces[route.interface].name) \(source)"
  }
}

/// What a call throws, or nil.
func errno(_ call: () throws(Errno) -> Void) -> Errno? {
  do throws(Errno) {
    try call()
    return nil
  } catch {
    return error
  }
}
