// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// The words of `nat N config` (`nat_params`, sbin/ipfw/nat.c); flags in the order they are shown.
enum NatWord: String, CaseIterable {
  case ip
  case interface = "if"
  case log
  case denyIn = "deny_in"
  case samePorts = "same_ports"
  case unregOnly = "unreg_only"
  case reset
  case reverse
  case proxyOnly = "proxy_only"
  case redirectAddr = "redirect_addr"
  case redirectPort = "redirect_port"
  case redirectProto = "redirect_proto"

  /// The flag it sets; nil for the words with operands.
  var mode: AliasMode? {
    switch self {
    case .log: .log
    case .denyIn: .denyIncoming
    case .samePorts: .samePorts
    case .unregOnly: .unregisteredOnly
    case .reset: .resetOnAddressChange
    case .reverse: .reverse
    case .proxyOnly: .proxyOnly
    case .ip, .interface, .redirectAddr, .redirectPort, .redirectProto: nil
    }
  }

  /// What it takes and what it does.
  var face: (operands: [String], help: String) {
    switch self {
    case .ip: (["address"], "What inner addresses are called outside.")
    case .interface: (["interface"], "Takes the address of an interface, also when it changes.")
    case .log: ([], "Keeps count of the links, for nat show.")
    case .denyIn: ([], "Lets nothing begin outside.")
    case .samePorts: ([], "Keeps ports where they are free, which it does anyway.")
    case .unregOnly: ([], "Translates private addresses only.")
    case .reset: ([], "Forgets links when the address changes, which it does anyway.")
    case .reverse: ([], "Takes in for out.")
    case .proxyOnly: ([], "Translates nothing but what comes in to a redirection.")
    case .redirectAddr:
      (["local[,local]", "public"], "What comes to an address goes to one inside.")
    case .redirectPort:
      (
        [
          "proto", "local:port[-port][,local:port]", "[public:]port[-port]",
          "[remote[:port[-port]]]",
        ],
        "What comes to a port goes to one inside."
      )
    case .redirectProto:
      (["proto", "local", "[public [remote]]"], "What comes of a protocol goes to one inside.")
    }
  }
}

extension NatConfiguration {
  /// The command that makes it, as ipfw(8) shows it (`print_nat_config`).
  var command: String {
    var words = ["ipfw nat \(UInt32(bitPattern: number)) config"]
    if let interface {
      words.append("if \(interface)")
    } else if address != .any {
      words.append("ip \(address)")
    }
    words += NatWord.allCases.filter { $0.mode.map(mode.contains) ?? false }.map(\.rawValue)
    return (words + redirects.map(\.words)).joined(separator: " ")
  }
}

extension NatRedirect {
  fileprivate var words: String {
    switch kind {
    case .address:
      return "\(NatWord.redirectAddr.rawValue) \(inside(withPorts: false)) \(published.address)"
    case .proto(let proto):
      var words = "\(NatWord.redirectProto.rawValue) \(proto) \(local.address)"
      if published.address != .any {
        words += " \(published.address)"
        if remote.address != .any { words += " \(remote.address)" }
      }
      return words
    case .port(let proto, let count, let remoteCount):
      let (count, remoteCount) = servers.isEmpty ? (count, remoteCount) : (1, 1)
      var words = "\(NatWord.redirectPort.rawValue) \(proto) \(inside(withPorts: true))"
      if servers.isEmpty { words += Self.end(local.port, count) }
      words += published.address == .any ? " " : " \(published.address):"
      words += "\(published.port)\(Self.end(published.port, count))"
      if remote.address != .any {
        words += " \(remote.address)"
        if remote.port != 0 { words += ":\(remote.port)\(Self.end(remote.port, remoteCount))" }
      }
      return words
    }
  }

  private func inside(withPorts: Bool) -> String {
    (servers.isEmpty ? [local] : servers)
      .map { withPorts ? "\($0.address):\($0.port)" : "\($0.address)" }.joined(separator: ",")
  }

  /// The last port of a range, or nothing for one port.
  private static func end(_ first: UInt16, _ count: UInt16) -> String {
    count > 1 ? "-\(Int(first) + Int(count) - 1)" : ""
  }
}
