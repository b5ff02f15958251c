// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// Reads what stands behind `nat config` (`ipfw_config_nat`, sbin/ipfw/nat.c).
struct NatParser {
  private var words: ArraySlice<String>
  private let host: NatHost
  private var configuration = NatConfiguration(number: 0)
  /// How many bytes of the message redirections may still take; C forgets what is in front of them.
  private var room = NatConfiguration.mostBytes

  private init(_ words: ArraySlice<String>, _ host: NatHost) {
    self.words = words
    self.host = host
  }

  /// Reads the number of an instance and its options.
  static func parse(
    _ words: ArraySlice<String>, _ host: NatHost
  ) throws(Fault) -> NatConfiguration {
    var parser = NatParser(words, host)
    try parser.parse()
    return parser.configuration
  }

  private mutating func parse() throws(Fault) {
    guard let number = words.first, CNumber.hasDigit(number) else {
      throw .failed("missing nat id", status: 65)
    }
    configuration.number = CNumber.atoi(words.removeFirst())
    guard !words.isEmpty else { throw .failed("missing option", status: 65) }
    while let text = words.popFirst() {
      guard let word = NatWord(rawValue: text) else {
        throw .failed("unrecognised option ``\(text)''", status: 65)
      }
      switch word {
      case .ip:
        let text = try take("missing option")
        guard let address = IPv4Address(inetAton: text) else {
          throw .failed("bad ip address ``\(text)''", status: 65)
        }
        configuration.address = address
      case .interface:
        let name = try take("missing option")
        configuration.address = try host.address(ofInterface: name)
        configuration.interface = InterfaceName(name)
      case .redirectAddr: try parseAddress()
      case .redirectPort: try parsePort()
      case .redirectProto: try parseProto()
      case .log, .denyIn, .samePorts, .unregOnly, .reset, .reverse, .proxyOnly:
        configuration.mode.formUnion(word.mode ?? [])
      }
    }
  }

  private mutating func take(_ message: String) throws(Fault) -> String {
    guard let word = words.popFirst() else { throw .failed(message, status: 65) }
    return word
  }

  /// The next word unless it begins with a letter, as the options do.
  private mutating func takeOptional() -> String? {
    guard let word = words.first,
      word.utf8.first.map({ $0 | 0x20 }).map({ 0x61...0x7a ~= $0 }) != true
    else { return nil }
    return words.popFirst()
  }

  /// Counts bytes of the message.
  private mutating func spend(_ bytes: Int, _ word: NatWord) throws(Fault) {
    guard room >= bytes else {
      throw .failed("\(word.rawValue): buf is too small\n", status: 65)
    }
    room -= bytes
  }

  /// `redirect_addr` (`setup_redir_addr`).
  private mutating func parseAddress() throws(Fault) {
    try spend(NatRedirect.ownSize, .redirectAddr)
    let inside = try take("redirect_addr: missing local address")
    let isPool = inside.contains(",")
    let local = isPool ? .broadcast : try host.address(inside)
    let published = try host.address(try take("redirect_addr: missing public address"))
    var redirect = NatRedirect(
      .address, local: Endpoint(local, 0), published: Endpoint(published, 0))
    for server in isPool ? inside.split(separator: ",") : [] {
      try spend(NatRedirect.serverSize, .redirectAddr)
      redirect.servers.append(Endpoint(try host.address(String(server)), .max))
    }
    configuration.redirects.append(redirect)
  }

  /// `redirect_port` (`setup_redir_port`).
  private mutating func parsePort() throws(Fault) {
    try spend(NatRedirect.ownSize, .redirectPort)
    let name = try take("redirect_port: missing protocol")
    guard ["tcp", "udp", "sctp"].contains(name), let proto = IPProtocol(name: name) else {
      throw .failed("unknown protocol \(name). Expected sctp, tcp or udp", status: 65)
    }
    if name == "sctp" { throw .failed("redirect_port sctp: not in this fibsh", status: 69) }
    let inside = try take("redirect_port: missing local address")
    let isPool = inside.contains(",")
    var local = NatPorts(address: .broadcast, first: .max, count: 1)
    if !isPool { local = try host.addressAndPorts(inside, name) }
    let text = try take("redirect_port: missing public port")
    var published = NatPorts(address: .any, first: 0, count: 1)
    if text.contains(":") {
      published = try host.addressAndPorts(text, name)
    } else {
      (published.first, published.count) = try host.ports(text, name)
    }
    var remote = NatPorts(address: .any, first: 0, count: 1)
    if let text = takeOptional() {
      if text.contains(":") {
        remote = try host.addressAndPorts(text, name)
      } else {
        remote.address = try host.address(text)
      }
    }
    guard local.count == published.count else {
      throw .failed("redirect_port:port ranges must be equal in size", status: 65)
    }
    guard remote.count == local.count || remote.count == 1 && remote.first == 0 else {
      let message = "redirect_port: remote port mustbe 0 or equal to local port range in size"
      throw .failed(message, status: 65)
    }
    var redirect = NatRedirect(
      .port(proto, count: published.count, remoteCount: remote.count),
      local: Endpoint(local.address, local.first),
      published: Endpoint(published.address, published.first),
      remote: Endpoint(remote.address, remote.first))
    for server in isPool ? inside.split(separator: ",") : [] {
      try spend(NatRedirect.serverSize, .redirectPort)
      let ports = try host.addressAndPorts(String(server), name)
      guard ports.count == 1 else {
        let message = "redirect_port: local port must be single in this context"
        throw .failed(message, status: 65)
      }
      redirect.servers.append(Endpoint(ports.address, ports.first))
    }
    configuration.redirects.append(redirect)
  }

  /// `redirect_proto` (`setup_redir_proto`).
  private mutating func parseProto() throws(Fault) {
    try spend(NatRedirect.ownSize, .redirectProto)
    let name = try take("redirect_proto: missing protocol")
    guard let proto = IPProtocol(name: name) else {
      throw .failed("redirect_proto: unknown protocol \(name)", status: 65)
    }
    let local = try host.address(try take("redirect_proto: missing local address"))
    var redirect = NatRedirect(.proto(proto), local: Endpoint(local, 0), published: .any)
    if let published = takeOptional() {
      redirect.published.address = try host.address(published)
      if let remote = takeOptional() { redirect.remote.address = try host.address(remote) }
    }
    configuration.redirects.append(redirect)
  }
}

/// Ports of an address, one after the other.
struct NatPorts {
  var address: IPv4Address
  var first: UInt16
  var count: UInt16
}

/// What the parser asks the machine for.
struct NatHost {
  /// The address of a name.
  let resolve: (String) -> IPv4Address?
  /// The first address of an interface; nil without one. Throws where there is no interface.
  let interfaceAddress: (String) throws(Fault) -> IPv4Address?

  /// `set_addr_dynamic`.
  fileprivate func address(ofInterface name: String) throws(Fault) -> IPv4Address {
    guard let address = try interfaceAddress(name) else {
      throw .failed("\(name): cannot get interface address", status: 1)
    }
    return address
  }

  /// `StrToAddr`.
  fileprivate func address(_ text: String) throws(Fault) -> IPv4Address {
    guard let address = IPv4Address(inetAton: text) ?? resolve(text) else {
      throw .failed("unknown host \(text)", status: 1)
    }
    return address
  }

  /// `StrToAddrAndPortRange`.
  fileprivate func addressAndPorts(
    _ text: String, _ proto: String
  ) throws(Fault) -> NatPorts {
    guard let mark = text.firstIndex(of: ":") else {
      throw .failed("\(text) is missing port number", status: 65)
    }
    let address = try address(String(text[..<mark]))
    let (first, count) = try ports(String(text[text.index(after: mark)...]), proto)
    return NatPorts(address: address, first: first, count: count)
  }

  /// A service, a number that is cut to sixteen bits, or two with a dash (`StrToPortRange`).
  fileprivate func ports(
    _ text: String, _ proto: String
  ) throws(Fault) -> (first: UInt16, count: UInt16) {
    if let port = Services.port(named: text, proto) { return (port, 1) }
    guard let dash = text.firstIndex(of: "-") else {
      let number = CNumber(text, base: 10)
      guard number.isNumber else { throw .failed("\(text)/\(proto): unknown service", status: 65) }
      return (UInt16(truncatingIfNeeded: number.signed), 1)
    }
    let first = CNumber(text[..<dash], base: 10)
    let last = CNumber(text[text.index(after: dash)...], base: 10)
    let low = UInt16(truncatingIfNeeded: first.unsigned)
    let count = UInt16(truncatingIfNeeded: last.unsigned) &- low &+ 1
    guard first.isWhole, last.isNumber, UInt16(truncatingIfNeeded: last.unsigned) >= low, count > 0
    else {
      throw .failed("invalid port range \(text)", status: 65)
    }
    return (low, count)
  }
}
