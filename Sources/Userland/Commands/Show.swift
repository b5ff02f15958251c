// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell

extension Commands {
  /// What ddb(4) shows of the kernel.
  package static let show = Command<Session>(
    "show", section: 4, summary: "show what the kernel debugger would", effect: .reads,
    usage: .generated(status: 1), options: nil,
    operands: [
      Source("structure", "What to show.") { _ in
        DebuggerView.all.map { Candidate($0.name, $0.help) }
      }
    ],
    description: ["Shows structures of the kernel as the debugger of 8.0 does."]
      + DebuggerView.all.map { "\($0.name): \($0.help)" },
    examples: [
      Example("show netisr", "Shows the queues of the protocols."),
      Example("show vnets", "Shows the network stacks."),
    ],
    seeAlso: ["jail(8)", "netstat(1)"],
    compatibility: [
      "There is no ddb(4). Addresses are made up of the numbers of things, and the same each time."
    ]
  ) { session, invocation, arguments throws(Fault) in
    let words = arguments.operands.joined(separator: " ")
    guard !words.isEmpty else { throw .usage() }
    guard let view = DebuggerView.all.first(where: { $0.name == words }) else {
      throw .failed("No such command")
    }
    view.show(session, invocation.output)
  }
}

/// A `show` command of ddb(4): its words, what they show, and how.
struct DebuggerView: Sendable {
  let name: String
  let help: String
  let show: @Sendable (Session, Output) -> Void

  /// All of them; each lives beside what it shows.
  static let all = [
    DebuggerView(name: "vnets", help: "The network stacks, the newest first.") { session, output in
      for index in session.kernel.vnetList { session.showVnet(index, output) }
    },
    DebuggerView(name: "netisr", help: "The queues of the protocols, by CPU.") { session, output in
      output.write(NetisrReport(session).debuggerText)
    },
  ]
}

extension Session {
  /// One stack of `show vnets` (net/vnet.c).
  fileprivate func showVnet(_ index: VnetIndex, _ output: Output) {
    func hex(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }
    let magic = hex(VnetIndex.magic)
    output.line("vnet            = \(hex(index.address))")
    output.line(" vnet_magic_n   = \(magic) (ok, orig \(magic))")
    output.line(" vnet_ifcnt     = \(kernel[index].interfaces.count)")
    output.line(" vnet_sockcnt   = \(kernel[index].sockets.count)")
    output.line(" vnet_data_mem  = \(hex(index.dataAddress))")
    output.line(" vnet_data_base = \(hex(index.dataAddress &- VnetIndex.dataStart))")
    output.line("")
  }
}
