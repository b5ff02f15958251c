// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// `route` and `sysctl`.
extension Harness {
  /// What route(8) sends through the routing socket of a process in a FIB.
  mutating func route(_ words: [String]) throws(Refusal) -> [String: JSON] {
    var rest = words.dropFirst()
    var fib = FibNumber.zero
    if rest.first == "-fib" {
      rest.removeFirst()
      guard let number = rest.popFirst().flatMap({ UInt8($0) }) else {
        throw .unsupported(words.joined(separator: " "))
      }
      fib = FibNumber(rawValue: number)
    }
    guard let verb = rest.popFirst() else { throw .unsupported("route without a verb") }
    if verb == "get" { return try routeGet(rest, fib) }
    let message = try routeMessage(rest)
    do throws(Errno) {
      switch verb {
      case "add": try kernel.routeAdd(vnet: .zero, fib: fib, message)
      case "change": try kernel.routeChange(vnet: .zero, fib: fib, message)
      case "delete": try kernel.routeDelete(vnet: .zero, fib: fib, message)
      default: throw .EINVAL
      }
    } catch {
      throw .errno(error)
    }
    return ["err": .number(0)]
  }

  private func routeGet(
    _ words: ArraySlice<String>, _ fib: FibNumber
  ) throws(Refusal) -> [String: JSON] {
    guard let word = words.first else { throw .unsupported("route get without an address") }
    let address = try Word.address(word)
    var answer = JSON.null
    do throws(Errno) {
      var entry = try kernel.routeGet(vnet: .zero, fib: fib, destination: address).entry
      // The recorder looked in the table itself; the mark is the routing socket's.
      entry.flags.remove(.RTF_DONE)
      answer = routeMembers(entry)
    } catch .ESRCH {
      // No route is an answer.
    } catch {
      throw .errno(error)
    }
    return ["routeget": .text(word), "fib": .number(Int(fib.rawValue)), "rt": answer]
  }

  private func routeMessage(_ words: ArraySlice<String>) throws(Refusal) -> RouteMessage {
    var rest = words
    let isHost = rest.first == "-host"
    if rest.first == "-host" || rest.first == "-net" { rest.removeFirst() }
    guard let destination = rest.popFirst() else { throw .unsupported("route to nowhere") }
    var message =
      if destination == "default" {
        RouteMessage(destination: .any, mask: .any)
      } else {
        try routeDestination(destination, isHost)
      }
    message.flags = [.RTF_UP, .RTF_STATIC]
    if isHost { message.flags.insert(.RTF_HOST) }
    if let gateway = rest.first, !gateway.hasPrefix("-") {
      rest.removeFirst()
      message.gateway = .address(try Word.address(gateway))
      message.flags.insert(.RTF_GATEWAY)
    }
    while let option = rest.popFirst() {
      switch option {
      case "-reject": message.flags.insert(.RTF_REJECT)
      case "-blackhole": message.flags.insert(.RTF_BLACKHOLE)
      case "-proto1": message.flags.insert(.RTF_PROTO1)
      case "-nostatic": message.flags.remove(.RTF_STATIC)
      case "-mtu": message.mtu = rest.popFirst().flatMap { UInt32($0) }
      case "-netmask": message.mask = try Word.address(rest.popFirst() ?? "")
      case "-ifp": message.interface = try interface(rest.popFirst() ?? "")
      case "-ifa": message.sourceAddress = try Word.address(rest.popFirst() ?? "")
      case "-interface":
        message.gateway = .link(try interface(rest.popFirst() ?? ""))
        message.flags.remove(.RTF_GATEWAY)
      default: throw .unsupported("route \(option)")
      }
    }
    return message
  }

  private func routeDestination(
    _ text: String, _ isHost: Bool
  ) throws(Refusal) -> RouteMessage {
    let (address, mask) = try Word.prefix(text)
    return RouteMessage(
      destination: address, mask: isHost ? nil : mask ?? address.classfulMask)
  }

  /// Reads or writes a leaf as sysctl(3) does.
  mutating func sysctl(_ words: [String]) throws(Refusal) -> [String: JSON] {
    guard words.count == 2 else { throw .unsupported(words.joined(separator: " ")) }
    let parts = words[1].split(separator: "=", maxSplits: 1).map(String.init)
    guard let row = SysctlTree.node(named: parts[0]), kernel.has(row), let key = row.key else {
      throw .errno(.ENOENT)
    }
    guard parts.count == 2 else {
      let value: JSON =
        switch kernel.sysctl(key, vnet: .zero, fib: .zero) {
        case .number(let number): .number(Int(number))
        case .text(let text): .text(text)
        case .structure: .null
        }
      return ["sysctl": .text(parts[0]), "value": value]
    }
    do throws(Errno) {
      if row.kind == .string {
        try kernel.setSysctl(key, to: parts[1], vnet: .zero)
      } else {
        guard let value = Int64(parts[1]) else { throw .EINVAL }
        try kernel.setSysctl(key, to: value, vnet: .zero)
      }
    } catch {
      throw .errno(error)
    }
    return ["err": .number(0)]
  }
}
