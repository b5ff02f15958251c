// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

/// The parameters of carp interfaces (ifcarp.c).
extension InterfaceChange {
  static let carp: [Keyword<Session, InterfaceChange>] = [
    Keyword(
      "advbase", operands: [Source("seconds")],
      help: "Of carp, the seconds between two advertisements, up to 255."
    ) { change, words, _ throws(Fault) in
      try change.setCarp { $0.base = CNumber.atoi(words[0]) }
    },
    Keyword(
      "advskew", operands: [Source("n")],
      help: "Of carp, so many 256ths of a second more, up to 254: the smaller it is, the sooner "
        + "the host is the master."
    ) { change, words, _ throws(Fault) in
      try change.setCarp { $0.skew = CNumber.atoi(words[0]) }
    },
    Keyword(
      "pass", operands: [Source("phrase")],
      help: "Of carp, the password of the virtual host, of which 19 bytes count."
    ) { change, words, _ throws(Fault) in
      // CARP_KEY_LEN less the NUL that strlcpy(3) puts behind.
      try change.setCarp { $0.key = Array(words[0].utf8.prefix(19)) }
    },
    Keyword(
      "vhid", operands: [Source("n")],
      help: "Of carp, the number of the virtual host, 1 to 255, of which its link address is made."
    ) { change, words, _ throws(Fault) in
      let vhid = CNumber.atoi(words[0])
      guard vhid > 0 else { throw .failed("vhid must be greater than 0") }
      try change.setCarp { $0.vhid = vhid }
    },
  ]

  /// Asks what is set, and sets it with one thing changed.
  private func setCarp(_ change: (inout CarpSettings) -> Void) throws(Fault) {
    var settings = try session.call("ifconfig", "SIOCGVH") { kernel throws(Errno) in
      try kernel.carpSettings(vnet: session.vnet, interface: index)
    }
    change(&settings)
    _ = try session.call("ifconfig", "SIOCSVH") { kernel throws(Errno) in
      try kernel.setCarp(vnet: session.vnet, interface: index, settings)
    }
  }
}
