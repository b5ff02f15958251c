// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// `if`, `ifconfig` and `arp`.
extension Harness {
  mutating func createInterface(_ words: [String]) throws(Refusal) {
    guard words.count == 3 else { throw .unsupported(words.joined(separator: " ")) }
    let address = try Word.ethernet(words[2])
    do throws(Errno) {
      try kernel.createInterface(vnet: .zero, named: words[1], hardwareAddress: address)
    } catch {
      throw .errno(error)
    }
  }

  /// What ifconfig(8) does, word by word.
  mutating func ifconfig(_ words: [String]) throws(Refusal) {
    guard words.count >= 3 else { throw .unsupported(words.joined(separator: " ")) }
    let interface = try interface(words[1])
    var rest = words.dropFirst(2)
    if rest.first == "inet" { return try setAddress(rest.dropFirst(), on: interface) }
    while let word = rest.popFirst() {
      switch word {
      case "up": try setFlags(interface, set: .IFF_UP)
      case "down": try setFlags(interface, clear: .IFF_UP)
      case "arp": try setFlags(interface, clear: .IFF_NOARP)
      case "-arp": try setFlags(interface, set: .IFF_NOARP)
      default: try setParameter(word, rest.popFirst() ?? "", of: interface)
      }
    }
  }

  private mutating func setFlags(
    _ interface: InterfaceIndex, set: InterfaceFlags = [], clear: InterfaceFlags = []
  ) throws(Refusal) {
    do throws(Errno) {
      try kernel.setFlags(
        vnet: .zero, interface: interface, set: set, clear: clear, tracer: &recorder)
    } catch {
      throw .errno(error)
    }
  }

  private mutating func setParameter(
    _ word: String, _ value: String, of interface: InterfaceIndex
  ) throws(Refusal) {
    do throws(Errno) {
      switch (word, value) {
      case ("mtu", _):
        guard let mtu = Int(value) else { throw .EINVAL }
        try kernel.setMTU(vnet: .zero, interface: interface, mtu)
      case ("link", "up"): try kernel.setLinkState(vnet: .zero, interface: interface, .up)
      case ("link", "down"): try kernel.setLinkState(vnet: .zero, interface: interface, .down)
      case ("link", _): try kernel.setLinkState(vnet: .zero, interface: interface, .unknown)
      case ("stall", _):
        try kernel.setStalled(
          vnet: .zero, interface: interface, value == "on", tracer: &recorder)
      case ("qlen", _):
        guard let limit = UInt32(value) else { throw .EINVAL }
        try kernel.setQueueLimit(vnet: .zero, interface: interface, limit)
      case ("hwassist", _):
        let isHex = value.hasPrefix("0x")
        guard let mask = UInt32(isHex ? String(value.dropFirst(2)) : value, radix: isHex ? 16 : 10)
        else { throw .EINVAL }
        try kernel.setHardwareAssist(
          vnet: .zero, interface: interface, HardwareAssist(rawValue: mask))
      default:
        // The recorder's answer to a word that 8.0's ifconfig(8) does not have, such as `fib`.
        throw .EINVAL
      }
    } catch {
      throw .errno(error)
    }
  }

  /// `inet`: deletes, or adds after deleting the first address unless `alias` says otherwise.
  private mutating func setAddress(
    _ words: ArraySlice<String>, on interface: InterfaceIndex
  ) throws(Refusal) {
    var rest = words
    let (address, mask) = try Word.prefix(rest.popFirst() ?? "")
    var request = AddressRequest(address, mask: mask)
    var verb = ""
    while let word = rest.popFirst() {
      switch word {
      case "alias", "-alias": verb = word
      case "netmask": request.mask = try Word.address(rest.popFirst() ?? "")
      case "broadcast": request.destination = try Word.address(rest.popFirst() ?? "")
      default: request.destination = try Word.address(word)
      }
    }
    do throws(Errno) {
      if verb == "-alias" {
        try kernel.deleteAddress(
          vnet: .zero, interface: interface, address, tracer: &recorder)
        return
      }
      if verb.isEmpty, kernel[.zero].addresses.first(on: interface) != nil {
        try kernel.deleteAddress(vnet: .zero, interface: interface, nil, tracer: &recorder)
      }
      try kernel.addAddress(vnet: .zero, interface: interface, request, tracer: &recorder)
    } catch {
      throw .errno(error)
    }
  }

  /// `arp -s` and `arp -d`: on the interface of the host's route, whatever that is.
  mutating func arp(_ words: [String]) throws(Refusal) {
    guard words.count >= 3 else { throw .unsupported(words.joined(separator: " ")) }
    let address = try Word.address(words[2])
    do throws(Errno) {
      let interface = try routedInterface(address)
      if words[1] == "-d" {
        return try kernel.arpDelete(vnet: .zero, interface: interface, address: address)
      }
      guard words.count >= 4, let hardware = EthernetAddress(words[3]) else { throw .EINVAL }
      try kernel.arpSet(
        vnet: .zero, interface: interface, address: address, hardwareAddress: hardware,
        isPublished: words.dropFirst(4).contains("pub"), tracer: &recorder)
    } catch {
      throw .errno(error)
    }
  }

  /// The recorder looked the host up in the kernel, which counts where there is no route.
  private mutating func routedInterface(_ address: IPv4Address) throws(Errno) -> InterfaceIndex {
    do throws(Errno) {
      return try kernel.routeGet(vnet: .zero, fib: .zero, destination: address).entry.interface
    } catch {
      kernel[.zero].statistics.route[.unreach] += 1
      throw error
    }
  }
}
