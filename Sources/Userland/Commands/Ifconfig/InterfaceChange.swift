// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What one call of ifconfig(8) does to an interface (`ifconfig()` of ifconfig.c).
///
/// Settings act as they are read. The address waits until all words are, because flags may change
/// what it means.
struct InterfaceChange {
  let index: InterfaceIndex
  let session: Session
  private let output: Output

  private var family = AddressFamily.inet
  /// -1 after `delete`, 1 after `alias`.
  private var alias = 0
  private var deletesAddress = false
  private var addsAddress = true
  /// The record to delete, or nil for the first.
  private var doomed: IPv4Address?
  private var hasAddress = false
  private var hasMask = false
  private var request = AddressRequest(nil)
  private var hardwareAddress: [UInt8] = []

  init(_ index: InterfaceIndex, _ session: Session, _ output: Output) {
    self.index = index
    self.session = session
    self.output = output
  }

  /// Does what the words behind the interface's name ask.
  mutating func perform(_ words: ArraySlice<String>) throws(Fault) {
    var words = words
    if let family = words.first.flatMap(AddressFamily.init) {
      if case .other(let name) = family { throw .failed("\(name): only IPv4 is supported") }
      self.family = family
      words.removeFirst()
    }
    try InterfaceChange.table.parse(
      words, into: &self, session,
      missing: { _, name in .failed("'\(name)' requires argument") },
      positional: { change, rest throws(Fault) in
        guard let word = rest.popFirst() else { return }
        guard !InterfaceChange.foreign.contains(word) else {
          throw .failed("\(word): not supported")
        }
        if change.hasAddress {
          try change.setDestination(word)
        } else {
          try change.setAddress(word)
        }
      })
    try changeAddress()
  }

  /// Makes a system call; an error ends the program (`Perror()`).
  func call(_ what: String, _ body: (inout Kernel) throws(Errno) -> Void) throws(Fault) {
    do throws(Errno) {
      try body(&session.kernel)
    } catch {
      throw failed(what, error)
    }
  }

  /// Makes a system call; of an error only a warning is printed.
  func tryCall(_ what: String, _ body: (inout Kernel) throws(Errno) -> Void) {
    do throws(Errno) {
      try body(&session.kernel)
    } catch {
      output.writeError("ifconfig: \(what): \(error.message)\n")
    }
  }

  private func failed(_ what: String, _ errno: Errno) -> Fault {
    switch errno {
    case .ENXIO: .failed("\(what): no such interface")
    case .EPERM: .failed("\(what): permission denied")
    default: .failed("\(what): \(errno.message)")
    }
  }
}

/// The address.
extension InterfaceChange {
  /// `alias`, or with -1 `delete` (`notealias()`).
  mutating func setAlias(_ value: Int) {
    if hasAddress, alias == 0, value < 0 { doomed = request.address }
    alias = value
    deletesAddress = value < 0
    if value < 0 { addsAddress = false }
  }

  /// The first word that is no parameter (`setifaddr()`).
  private mutating func setAddress(_ text: String) throws(Fault) {
    hasAddress = true
    guard family == .inet else {
      hardwareAddress = try InterfaceChange.linkAddress(text)
      return
    }
    if alias == 0 { deletesAddress = true }
    if alias < 0 {
      doomed = try InterfaceChange.address(text)
      return
    }
    guard let slash = text.lastIndex(of: "/") else {
      request.address = try InterfaceChange.address(text)
      return
    }
    request.mask = try InterfaceChange.mask(text[text.index(after: slash)...], of: text)
    request.address = try InterfaceChange.address(String(text[..<slash]))
  }

  /// `netmask`.
  mutating func setMask(_ text: String) throws(Fault) {
    hasMask = true
    request.mask = try notLinkLevel(text)
  }

  /// `broadcast`, or the second word that is no parameter: they share a place.
  mutating func setDestination(_ text: String) throws(Fault) {
    request.destination = try notLinkLevel(text)
  }

  private func notLinkLevel(_ text: String) throws(Fault) -> IPv4Address {
    guard family == .inet else {
      throw .failed("can't set link-level netmask or broadcast")
    }
    return try InterfaceChange.address(text)
  }

  /// Deletes and adds what the words asked for.
  private mutating func changeAddress() throws(Fault) {
    if case .link(let name) = family {
      if deletesAddress {
        let interface = session.name(of: index)
        output.writeError("ifconfig: interface \(interface) cannot change \(name) addresses!\n")
      }
      if addsAddress, hasAddress || hasMask { try setHardwareAddress() }
      return
    }
    let (vnet, fib) = (session.vnet, session.fib)
    if deletesAddress {
      do throws(Errno) {
        try session.kernel.deleteAddress(vnet: vnet, interface: index, doomed, fib: fib)
      } catch {
        guard error == .EADDRNOTAVAIL, alias >= 0 else {
          throw failed("ioctl (SIOCDIFADDR)", error)
        }
      }
    }
    guard addsAddress, hasAddress || hasMask else { return }
    try call("ioctl (SIOCAIFADDR)") { kernel throws(Errno) in
      try kernel.addAddress(vnet: vnet, interface: index, request, fib: fib)
    }
  }

  /// The length may not change, which of lo0 is 0 (`if_setlladdr()`).
  private func setHardwareAddress() throws(Fault) {
    try call("ioctl (SIOCAIFADDR)") { kernel throws(Errno) in
      let length = kernel[session.vnet].interfaces[index].type == .ethernet ? 6 : 0
      guard hardwareAddress.count == length else { throw .EINVAL }
      let value = hardwareAddress.reduce(0) { $0 << 8 | UInt64($1) }
      try kernel.setHardwareAddress(
        vnet: session.vnet, interface: index, EthernetAddress(rawValue: value))
    }
  }

  private static func address(_ text: String) throws(Fault) -> IPv4Address {
    guard let address = IPv4Address(inetAton: text) else { throw .failed("\(text): bad value") }
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
