// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell
import Wire

/// Every command of the program; each is a static member in a file of its own.
package enum Commands {}

/// Places for things of the network, with what is there now as candidates.
extension Source where World == Session {
  /// An interface's name.
  package static func interface(
    _ help: String = "The name of an interface.", name: String = "interface"
  ) -> Self {
    Source(name, help) { session in session.interfaces.map(session.face) }
  }

  /// One of several words with what they mean.
  static func listed(
    _ name: String, _ words: [(word: String, help: String)], help: String = ""
  ) -> Self {
    let candidates = words.map { Candidate($0.word, $0.help) }
    return Source(name, help) { _ in candidates }
  }

  /// The number of a forwarding table.
  package static func fib(_ help: String = "The number of a forwarding table.") -> Self {
    Source("fib", help) { session in
      (0..<session.fibCount).map { number in
        let count = session.routes(in: FibNumber(rawValue: UInt8(truncatingIfNeeded: number))).count
        return Candidate("\(number)", count == 1 ? "1 route" : "\(count) routes")
      }
    }
  }
}

/// What completion says of things of the network.
extension Session {
  /// An interface with its state and addresses.
  func face(of index: InterfaceIndex) -> Candidate {
    let interface = interface(index)
    var words = [interface.flags.contains(.IFF_UP) ? "up" : "down"]
    if interface.linkState != .up && interface.type == .ethernet { words.append("no carrier") }
    words += addresses(of: index).map { "\($0.address)/\($0.mask.prefixLength ?? 32)" }
    return Candidate("\(interface.name)", words.joined(separator: ", "))
  }

  private func addresses(of index: InterfaceIndex) -> [InterfaceAddress] {
    kernel.interfaces(vnet: vnet).first { $0.index == index }?.addresses ?? []
  }

  /// The addresses of this host, with their interfaces.
  var ownAddresses: [Candidate] {
    kernel.interfaces(vnet: vnet).flatMap { info in
      info.addresses.map { Candidate("\($0.address)", "\(info.name)") }
    }
  }

  /// The addresses of others that ARP knows, with their interfaces.
  var neighbourAddresses: [Candidate] {
    let own = Set(ownAddresses.map(\.text))
    return kernel.arpEntries(vnet: vnet).filter { !own.contains("\($0.entry.address)") }.map {
      Candidate("\($0.entry.address)", "a neighbour on \($0.interfaceName)")
    }
  }

  /// The routes of a table; none where there is no such table.
  func routes(in fib: FibNumber) -> [Rtentry] {
    do throws(Errno) {
      return try kernel.routes(vnet: vnet, fib: fib)
    } catch {
      return []
    }
  }
}

extension Operand where World == Session, Value == InterfaceIndex {
  /// An interface that must exist; the error is ifconfig(8)'s.
  static var interface: Self {
    .one(.interface()) { word, session throws(Fault) in
      guard let index = session.findInterface(word) else {
        throw .failed("interface \(word) does not exist")
      }
      return index
    }
  }
}
