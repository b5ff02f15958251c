// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Netstack
import Testing
import Wire

/// The address of a dotted quad.
func ip(_ text: some StringProtocol) -> IPv4Address {
  guard let address = IPv4Address(dottedQuad: text) else {
    preconditionFailure("a test's addresses are valid: \(text)")
  }
  return address
}

/// The Ethernet address 02:aa:00:00:00:NN.
func mac(_ last: UInt8) -> EthernetAddress { EthernetAddress(2, 0xaa, 0, 0, 0, last) }

/// A machine that is driven by short commands, and whose answers are lines.
///
/// As the recorded answers' kernel it has lo0 first, then the cards that `cards` names, without
/// addresses, and two tables unless told otherwise.
struct InterfaceLab: ~Copyable {
  var kernel: Kernel
  var recorder = Recorder()

  init(cards: Int = 3, _ commands: [String] = []) {
    var options = KernelOptions()
    options.routeTables = 2
    options.ethernetInterfaces = 0
    options.configuresLoopback = false
    options.carp = true
    kernel = Kernel(options)
    for unit in 0..<cards { _ = run("em\(unit) create") }
    for command in commands {
      if let errno = run(command) { Issue.record("\(command): \(errno.name)") }
    }
    forget()
  }

  /// The machine of the recorded answers' base: 10.0.N.1/24 on em0, em1 and em2.
  static var base: InterfaceLab {
    InterfaceLab([
      "lo0 127.0.0.1/8", "em0 10.0.0.1/24", "em1 10.0.1.1/24", "em2 10.0.2.1/24",
    ])
  }

  /// Runs `IF WORD…` with the words of ifconfig(8), an address alone being one more, `setfib N IF …`,
  /// `arp IP MAC [pub] [temp]`, `arp -d IP`, `route NET/LEN GATEWAY`, `sysctl KEY N`, `tick MS`.
  mutating func run(_ command: String) -> Errno? {
    var words = command.split(separator: " ").map(String.init)
    var fib = FibNumber.zero
    if words[0] == "setfib" {
      fib = FibNumber(rawValue: UInt8(words[1]) ?? 0)
      words.removeFirst(2)
    }
    do throws(Errno) {
      switch words[0] {
      case "arp": try arp(Array(words.dropFirst()))
      case "route": try route(words[1], words[2], fib)
      case "tick": tick(UInt64(words[1]) ?? 0)
      case "sysctl": sysctl(words[1], Int64(words[2]) ?? 0)
      default: try ifconfig(words[0], Array(words.dropFirst()), fib)
      }
      return nil
    } catch {
      return error
    }
  }

  private mutating func sysctl(_ name: String, _ value: Int64) {
    switch name {
    case "proxyall": kernel.vnets[0].sysctl[.linkEtherInetProxyall] = value
    case "max_age": kernel.vnets[0].sysctl[.linkEtherInetMaxAge] = value
    case "maxtries": kernel.vnets[0].sysctl[.linkEtherInetMaxtries] = value
    case "log_arp_movements": kernel.machine.sysctl[.linkEtherInetLogArpMovements] = value
    case "log_arp_permanent_modify":
      kernel.machine.sysctl[.linkEtherInetLogArpPermanentModify] = value
    case "useloopback": kernel.vnets[0].sysctl[.linkEtherInetUseloopback] = value
    case "same_prefix_carp_only": kernel.vnets[0].sysctl[.ipSamePrefixCarpOnly] = value
    case "add_addr_allfibs": kernel.machine.sysctl[.addAddrAllfibs] = value
    case "max_nesting": kernel.vnets[0].sysctl[.linkGifMaxNesting] = value
    case "parallel_tunnels": kernel.vnets[0].sysctl[.linkGifParallelTunnels] = value
    case "forwarding": kernel.vnets[0].sysctl[.ipForwarding] = value
    case "check_interface": kernel.vnets[0].sysctl[.ipCheckInterface] = value
    case "carp.allow": kernel.machine.sysctl[.carpAllow] = value
    case "carp.preempt": kernel.machine.sysctl[.carpPreempt] = value
    case "carp.log": kernel.machine.sysctl[.carpLog] = value
    case "carp.arpbalance": kernel.machine.sysctl[.carpArpbalance] = value
    case "fail_point": kernel.machine.store.failures = value
    default: preconditionFailure("a test's sysctls are known: \(name)")
    }
  }

  /// The index of an interface.
  func index(_ name: String) throws(Errno) -> InterfaceIndex {
    try kernel.interface(vnet: .zero, named: name).index
  }

  private mutating func ifconfig(
    _ name: String, _ words: [String], _ fib: FibNumber
  ) throws(Errno) {
    if words[0] == "create" {
      try kernel.createInterface(vnet: .zero, named: name, fib: fib)
      return
    }
    let interface = try index(name)
    switch words[0] {
    case "destroy":
      try kernel.destroyInterface(vnet: .zero, interface: interface, tracer: &recorder)
    case "up": try flags(interface, set: .IFF_UP, fib)
    case "down": try flags(interface, clear: .IFF_UP, fib)
    case "-arp": try flags(interface, set: .IFF_NOARP, fib)
    case "promisc": try flags(interface, set: .IFF_PPROMISC, fib)
    case "-promisc": try flags(interface, clear: .IFF_PPROMISC, fib)
    case "-link0": try flags(interface, clear: .IFF_LINK0, fib)
    case "link1": try flags(interface, set: .IFF_LINK1, fib)
    case "link2": try flags(interface, set: .IFF_LINK2, fib)
    case "vlan":
      let request = VLANRequest(parent: words[2], tag: UInt16(words[1]) ?? 0)
      try kernel.setVLAN(vnet: .zero, interface: interface, request)
    case "-vlandev":
      try kernel.setVLAN(vnet: .zero, interface: interface, VLANRequest(parent: "", tag: 0))
    case "tunnel":
      let ends = TunnelEnds(source: ip(words[1]), destination: ip(words[2]))
      try kernel.setTunnel(vnet: .zero, interface: interface, ends)
    case "deletetunnel": try kernel.deleteTunnel(vnet: .zero, interface: interface)
    case "grekey":
      try kernel.setTunnelKey(vnet: .zero, interface: interface, UInt32(words[1]) ?? 0)
    case "vhid", "advbase", "advskew", "pass": try carp(interface, words[0], words[1])
    case "link":
      let state: LinkState = words[1] == "up" ? .up : .down
      try kernel.setLinkState(vnet: .zero, interface: interface, state, tracer: &recorder)
    case "group": try kernel.addToGroup(vnet: .zero, interface: interface, words[1])
    case "-group": try kernel.removeFromGroup(vnet: .zero, interface: interface, words[1])
    case "staticarp": try flags(interface, set: .IFF_STATICARP, fib)
    case "mtu": try kernel.setMTU(vnet: .zero, interface: interface, Int(words[1]) ?? 0)
    case "name": try kernel.rename(vnet: .zero, interface: interface, to: words[1])
    case "ether":
      let bytes = words[1].split(separator: ":").compactMap { UInt8($0, radix: 16) }
      try kernel.setLinkAddress(vnet: .zero, interface: interface, bytes, tracer: &recorder)
    case "delete":
      try kernel.deleteAddress(
        vnet: .zero, interface: interface, nil, fib: fib, tracer: &recorder)
    case let word where word.hasPrefix("-"):
      try kernel.deleteAddress(
        vnet: .zero, interface: interface, ip(word.dropFirst()), fib: fib, tracer: &recorder)
    default:
      let parts = words[0].split(separator: "/")
      let mask = parts.count == 2 ? IPv4Prefix.mask(length: Int(parts[1]) ?? 0) : nil
      let request = AddressRequest(
        ip(parts[0]), mask: mask, destination: words.count > 1 ? ip(words[1]) : nil)
      try kernel.addAddress(
        vnet: .zero, interface: interface, request, fib: fib, tracer: &recorder)
    }
  }

  /// One thing of a carp interface, as ifconfig(8) sets it.
  private mutating func carp(
    _ interface: InterfaceIndex, _ word: String, _ value: String
  ) throws(Errno) {
    var settings = try kernel.carpSettings(vnet: .zero, interface: interface)
    switch word {
    case "vhid": settings.vhid = Int32(value) ?? 0
    case "advbase": settings.base = Int32(value) ?? 0
    case "advskew": settings.skew = Int32(value) ?? 0
    default: settings.key = Array(value.utf8)
    }
    try kernel.setCarp(vnet: .zero, interface: interface, settings, tracer: &recorder)
  }

  private mutating func flags(
    _ interface: InterfaceIndex, set: InterfaceFlags = [], clear: InterfaceFlags = [],
    _ fib: FibNumber
  ) throws(Errno) {
    try kernel.setFlags(
      vnet: .zero, interface: interface, set: set, clear: clear, fib: fib, tracer: &recorder)
  }

  private mutating func arp(_ words: [String]) throws(Errno) {
    let isDeleting = words[0] == "-d"
    let address = ip(words[isDeleting ? 1 : 0])
    let interface: InterfaceIndex
    do {
      interface = try kernel.arpInterface(
        vnet: .zero, fib: .zero, for: address, isSetting: !isDeleting)
    } catch {
      throw .ESRCH
    }
    if isDeleting {
      return try kernel.arpDelete(vnet: .zero, interface: interface, address: address)
    }
    try kernel.arpSet(
      vnet: .zero, interface: interface, address: address,
      hardwareAddress: EthernetAddress(words[1]) ?? .zero, isTemporary: words.contains("temp"),
      isPublished: words.contains("pub"), isProxyOnly: words.contains("only"),
      tracer: &recorder)
  }

  private mutating func route(
    _ network: String, _ gateway: String, _ fib: FibNumber
  ) throws(Errno) {
    let parts = network.split(separator: "/")
    var message = RouteMessage(
      destination: ip(parts[0]), mask: IPv4Prefix.mask(length: Int(parts[1]) ?? 0),
      gateway: .address(ip(gateway)))
    message.flags = [.RTF_UP, .RTF_GATEWAY, .RTF_STATIC]
    try kernel.routeAdd(vnet: .zero, fib: fib, message)
  }

  /// Moves the clock by milliseconds.
  mutating func tick(_ milliseconds: UInt64) {
    kernel.advance(to: kernel.machine.now.advanced(milliseconds: milliseconds), &recorder)
  }

  /// Sends a packet of 36 bytes from a raw socket; the id tells it from others.
  mutating func send(to target: String, id: UInt16 = 1, fib: UInt8 = 0) -> Errno? {
    let header = IPv4Header(
      totalLength: 36, identification: id, protocol: .udp, source: ip("10.0.0.1"),
      destination: ip(target))
    var bytes = [UInt8](repeating: 0, count: 36)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    header.write(into: &raw, at: 0)
    let packet = LocalPacket(
      bytes, socket: .rawHeaderIncluded, fib: FibNumber(rawValue: fib), chooser: .process)
    do throws(Errno) {
      try kernel.send(packet, tracer: &recorder)
      return nil
    } catch {
      return error
    }
  }

  /// A card receives a frame.
  mutating func receive(_ frame: [UInt8], on name: String = "em0") throws(Errno) {
    kernel.receive(ReceivedFrame(frame, on: try index(name)), tracer: &recorder)
  }

  /// A card receives an ARP packet for Ethernet and IPv4.
  mutating func receive(
    _ operation: ARPOperation, from hardware: EthernetAddress, _ sender: String,
    for target: String, on name: String = "em0"
  ) throws(Errno) {
    try receive(arpFrame(operation, from: hardware, sender, for: target), on: name)
  }
}

/// A whole frame with an ARP packet, broadcast.
func arpFrame(
  _ operation: ARPOperation, from hardware: EthernetAddress, _ sender: String,
  for target: String
) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: EthernetHeader.size + ARPHeader.size)
  var span = bytes.mutableSpan
  var raw = span.mutableBytes
  EthernetHeader(destination: .broadcast, source: hardware, type: .arp).write(into: &raw, at: 0)
  ARPHeader(
    operation: operation, senderHardware: hardware, senderProtocol: ip(sender),
    targetHardware: .zero, targetProtocol: ip(target)
  ).write(into: &raw, at: EthernetHeader.size)
  return bytes
}
