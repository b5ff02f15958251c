// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell

extension Commands {
  /// Sums the kernel's state up, so that two can be compared.
  package static let state = Command<Session>(
    "state", summary: "tell one state of the kernel from another", effect: .reads,
    forms: [
      Form(.keyword("hash")) { session, invocation, _ throws(Fault) in
        let hash = String(session.kernel.stateHash(), radix: 16)
        invocation.output.line(String(repeating: "0", count: 16 - hash.count) + hash)
      }
    ],
    description: [
      "'state hash' prints a number of 64 bits that the whole state of the kernel goes into: tables, "
        + "counters, sysctls, packets at rest, timers and the clock, of all network stacks. The same "
        + "commands give the same number in every run, on every machine; another number is another "
        + "state."
    ],
    examples: [Example("state hash", "Shows the number.")],
    seeAlso: ["expect(8)", "show(4)"],
    compatibility: ["This is a command of fibsh."]
  )
}
