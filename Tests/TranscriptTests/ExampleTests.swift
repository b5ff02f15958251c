// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Testing
import Userland

/// The examples of the manual pages are lines that work.
@Suite("Examples") struct ExampleTests {
  private static let lines = Commands.registry.commands.flatMap { command in
    command.examples.map { "\(command.name)\t\($0.line)" }
  }

  /// A small network, so that examples find what they name.
  private static let network = """
    ifconfig em0 inet 10.1.0.1/16
    ifconfig em1 inet 198.51.100.2/24
    arp -s 10.1.0.7 02:00:00:00:00:07
    arp -s 198.51.100.1 02:00:00:00:01:01
    sysctl net.inet.ip.forwarding=1
    """

  @Test(arguments: lines) func works(_ example: String) throws {
    let parts = example.split(separator: "\t", maxSplits: 1).map(String.init)
    let command = try #require(Commands.registry[parts[0]])
    let sitting = Sitting()
    _ = sitting.type(Self.network)
    #expect(sitting.interpreter.status == 0)
    let answer = sitting.type(parts[1])
    #expect(!answer.contains(command.usageText), "\(answer)")
    #expect(!answer.contains("not found"), "\(answer)")
    #expect(sitting.interpreter.status != command.usage.status || command.usage.status == 1)
  }
}
