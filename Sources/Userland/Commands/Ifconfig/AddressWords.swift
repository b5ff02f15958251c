// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What the words of a call say about the address (the globals of ifconfig.c and af_inet.c).
struct AddressWords {
  /// -1 after `delete`, 1 after `alias`.
  fileprivate var alias = 0
  fileprivate var isDeleting = false
  fileprivate var isAdding = true
  /// The record to delete, or nil for the first.
  fileprivate var doomed: IPv4Address?
  fileprivate var isGiven = false
  fileprivate var hasMask = false
  fileprivate var request = AddressRequest(nil)
  fileprivate var linkAddress: [UInt8] = []
}

extension InterfaceChange {
  /// `alias`, or with -1 `delete` (`notealias()`).
  mutating func setAlias(_ value: Int) {
    if address.isGiven, address.alias == 0, value < 0 { address.doomed = address.request.address }
    address.alias = value
    address.isDeleting = value < 0
    if value < 0 { address.isAdding = false }
  }

  /// A word that is no parameter: the first is the address (`setifaddr()`), any other shares the place
  /// of `broadcast` (`setifdstaddr()`).
  mutating func setAddress(_ text: String) throws(Fault) {
    guard !address.isGiven else { return try setDestination(text) }
    address.isGiven = true
    guard family == .inet else {
      guard address.alias >= 0 else {
        throw .failed("can't set link-level netmask or broadcast")
      }
      address.linkAddress = try InterfaceChange.linkAddress(text)
      return
    }
    if address.alias == 0 { address.isDeleting = true }
    if address.alias < 0 {
      address.doomed = try InterfaceChange.address(text)
      return
    }
    guard let slash = text.lastIndex(of: "/") else {
      address.request.address = try InterfaceChange.address(text)
      return
    }
    address.request.mask = try InterfaceChange.mask(text[text.index(after: slash)...], of: text)
    address.request.address = try InterfaceChange.address(String(text[..<slash]))
  }

  /// `netmask`.
  mutating func setMask(_ text: String) throws(Fault) {
    address.hasMask = true
    address.request.mask = try notLinkLevel(text)
  }

  /// `broadcast`.
  mutating func setDestination(_ text: String) throws(Fault) {
    address.request.destination = try notLinkLevel(text)
  }

  /// `ipdst`: the address is read, and nothing is changed after all (`setifipdst()`).
  mutating func setTunnelDestination(_ text: String) throws(Fault) {
    address.request.destination = try InterfaceChange.address(text)
    address.isDeleting = false
    address.isAdding = false
  }

  private func notLinkLevel(_ text: String) throws(Fault) -> IPv4Address {
    guard family == .inet else {
      throw .failed("can't set link-level netmask or broadcast")
    }
    return try InterfaceChange.address(text)
  }

  /// Deletes and adds what the words asked for.
  func changeAddress() throws(Fault) {
    if case .link(let name) = family { return try changeLinkAddress(name) }
    let (vnet, fib) = (session.vnet, session.fib)
    if address.isDeleting {
      do throws(Errno) {
        try session.kernel.deleteAddress(vnet: vnet, interface: index, address.doomed, fib: fib)
      } catch {
        guard error == .EADDRNOTAVAIL, address.alias >= 0 else {
          throw failed("ioctl (SIOCDIFADDR)", error)
        }
      }
    }
    guard address.isAdding, address.isGiven || address.hasMask else { return }
    try call("ioctl (SIOCAIFADDR)") { kernel throws(Errno) in
      try kernel.addAddress(vnet: vnet, interface: index, address.request, fib: fib)
    }
  }

  private func changeLinkAddress(_ family: String) throws(Fault) {
    if address.isDeleting {
      let interface = session.name(of: index)
      output.writeError("ifconfig: interface \(interface) cannot change \(family) addresses!\n")
    }
    guard address.isAdding, address.isGiven else { return }
    try call("ioctl (SIOCAIFADDR)") { kernel throws(Errno) in
      try kernel.setLinkAddress(
        vnet: session.vnet, interface: index, address.linkAddress)
    }
  }

  static func address(_ text: String) throws(Fault) -> IPv4Address {
    guard let address = IPv4Address(host: text) else { throw .failed("\(text): bad value") }
    return address
  }

  /// The mask of a length behind a slash.
  private static func mask(_ length: Substring, of text: String) throws(Fault) -> IPv4Address {
    let number = CNumber(length, base: 10)
    guard let first = length.utf8.first, (0x30...0x39).contains(first), number.isWhole else {
      throw .failed("\(text): bad value (width invalid)")
    }
    guard number.signed <= 32 else { throw .failed("\(text): bad value (width too large)") }
    return IPv4Prefix.mask(length: Int(number.signed))
  }

  /// Hex bytes between dots, colons or dashes, or two digits each (link_addr(3)).
  private static func linkAddress(_ text: String) throws(Fault) -> [UInt8] {
    var bytes: [UInt8] = []
    var digits = 0
    for character in text {
      guard character.isASCII, let value = character.hexDigitValue else {
        guard ".:-".contains(character) else { break }
        digits = 0
        continue
      }
      if digits == 1, let last = bytes.popLast() {
        bytes.append(last << 4 | UInt8(value))
      } else {
        bytes.append(UInt8(value))
      }
      digits = digits == 1 ? 0 : 1
    }
    guard bytes.count <= 14 else { throw .failed("malformed link-level address") }
    return bytes
  }
}
