// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell

/// Every command of the program; each is a static member in a file of its own.
package enum Commands {}

/// Places for things of the network, with what is there now as candidates.
extension Source where World == Session {
  /// An interface's name.
  package static func interface(
    _ help: String = "The name of an interface.", name: String = "interface"
  ) -> Self {
    Source(name, help) { session in session.interfaceNames.map { Candidate($0) } }
  }

  /// The number of a forwarding table.
  package static func fib(_ help: String = "The number of a forwarding table.") -> Self {
    Source("fib", help) { session in (0..<session.fibCount).map { Candidate("\($0)") } }
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
