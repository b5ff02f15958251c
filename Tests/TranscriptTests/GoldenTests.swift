// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Netstack
import Shell
import Testing
import Userland
import Wire

/// What real machines printed, byte for byte.
///
/// A file of `Golden` has what to boot with (`boot `), lines that set the state up (`$ `), typed lines (`% `) with the recorded
/// answer below, recorded lines that the model does not give (`! `), whose reason stands in
/// Docs/Fidelity.md, and what it gives instead (`= `). `poke` sets what no command of ours can: another driver's capabilities and
/// flags, and a route's use after months. `repeat N COMMAND` runs a command often.
@Suite("Golden outputs") struct GoldenTests {
  private static let directory = Repository.root.appending(path: "Tests/TranscriptTests/Golden")

  private static let used = Repository.files(in: directory, ext: "txt").map(\.lastPathComponent)

  /// The recorded outputs there are but those of ipfw(8) over a stub, which GoldenRuleTests has.
  private static let recorded = [
    "arp_an_newer", "handbook_bridge_create", "handbook_bridge_stp", "handbook_ifconfig_dc",
    "handbook_jls", "handbook_lagg", "handbook_netstat_rn", "handbook_ping", "handbook_route_add",
    "ifconfig_a_freebsd60", "ifconfig_a_freebsd81", "ifconfig_a_freebsd8_bce",
    "ifconfig_a_freebsd9_aliases", "ifconfig_a_freebsd9_ipfw0", "ifconfig_a_freebsd9_wlan",
    "ifconfig_freebsd81_bge_nd6", "ifconfig_freebsd8_salt", "ipfw_list_rc", "ipfw_pipe_show",
    "netstat_ian_freebsd", "netstat_r_freebsd7_bsdrp", "netstat_rn_freebsd93",
    "netstat_w_freebsd8", "route_get_freebsd8", "setfib_ivorde",
  ]

  @Test(arguments: used) func answersAsRecorded(_ name: String) throws {
    let file = Self.directory.appending(path: name)
    let text = try String(contentsOf: file, encoding: .utf8)
    let sitting = Sitting(
      registry: Registry(Commands.all + [Poke.command, Poke.repetition]),
      options: try SessionOptions(boot: text))
    var count = 0
    for step in GoldenStep.steps(of: text) {
      let answer = sitting.type(step.typed)
      if let expected = step.expected {
        #expect(answer == expected, "% \(step.typed)")
        count += 1
      } else {
        #expect(sitting.interpreter.status == 0, "$ \(step.typed): \(answer)")
      }
    }
    #expect(count > 0)
  }

  /// Each recorded output is used whole, or what of it is not has its reason in Docs/Fidelity.md.
  @Test func whatIsNotUsedHasAReason() throws {
    let fidelity = try String(
      contentsOf: Repository.root.appending(path: "Docs/Fidelity.md"), encoding: .utf8)
    for name in Self.recorded {
      let file = Self.directory.appending(path: "\(name).txt")
      let text = try? String(contentsOf: file, encoding: .utf8)
      let isWhole = text.map { !$0.contains("\n! ") && !$0.hasPrefix("! ") } ?? false
      let hasReason = fidelity.contains("| `\(name)`") || fidelity.contains(", `\(name)`")
      #expect(isWhole != hasReason, "\(name)")
    }
    #expect(Set(Self.used).isSubset(of: Set(Self.recorded.map { "\($0).txt" })))
  }
}

/// One typed line of a recorded output.
private struct GoldenStep {
  let typed: String
  /// The recorded answer; nil for a line that only sets the state up.
  var expected: String?

  static func steps(of text: String) -> [GoldenStep] {
    var steps: [GoldenStep] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if line.hasPrefix("boot ") {
        continue
      } else if line.hasPrefix("$ ") {
        steps.append(GoldenStep(typed: String(line.dropFirst(2))))
      } else if line.hasPrefix("% ") {
        steps.append(GoldenStep(typed: String(line.dropFirst(2)), expected: ""))
      } else if line.hasPrefix("= ") {
        steps[steps.count - 1].expected? += line.dropFirst(2) + "\n"
      } else if !line.hasPrefix("! ") {
        steps[steps.count - 1].expected? += line + "\n"
      }
    }
    return steps
  }
}

/// `poke options IF HEX`, `poke flags IF HEX` (more flags) and `poke use DESTINATION N`.
private enum Poke {
  static let command = Command<Session>(
    "poke", summary: "set what no command can", effect: .changes, options: nil
  ) { session, _, arguments throws(Fault) in
    let words = arguments.operands
    let isDone =
      switch words.first {
      case "options" where words.count == 3: options(words[1], words[2], session)
      case "flags" where words.count == 3: flags(words[1], words[2], session)
      case "use" where words.count == 3: use(words[1], words[2], session)
      default: false
      }
    if !isDone { throw .usage() }
  }

  private static func options(_ name: String, _ hex: String, _ session: Session) -> Bool {
    guard let index = session.findInterface(name), let bits = UInt32(hex, radix: 16) else {
      return false
    }
    let capabilities = InterfaceCapabilities(rawValue: bits)
    session.kernel[session.vnet].interfaces[index].capabilities = capabilities
    session.kernel[session.vnet].interfaces[index].enabledCapabilities = capabilities
    return true
  }

  private static func flags(_ name: String, _ hex: String, _ session: Session) -> Bool {
    guard let index = session.findInterface(name), let bits = UInt32(hex, radix: 16) else {
      return false
    }
    let more = InterfaceFlags(rawValue: bits)
    session.kernel[session.vnet].interfaces[index].flags.formUnion(more)
    return true
  }

  private static func use(_ word: String, _ count: String, _ session: Session) -> Bool {
    let text = word == "default" ? "0.0.0.0" : word
    guard let destination = IPv4Address(dottedQuad: text), let count = UInt64(count) else {
      return false
    }
    let vnet = session.vnet
    let routes = session.kernel[vnet].routes.routes(in: session.fib)
    guard
      let route = routes.first(where: {
        session.kernel[vnet].routes[$0].key.destination == destination
      })
    else { return false }
    session.kernel[vnet].routes[route].use = count
    return true
  }

  static let repetition = Command<Session>(
    "repeat", summary: "run a command often", effect: .changes, options: nil
  ) { _, invocation, arguments throws(Fault) in
    guard let count = arguments.operands.first.flatMap(Int.init) else { throw .usage() }
    for _ in 0..<count {
      let words = Array(arguments.operands.dropFirst())
      let status = invocation.interpreter.run(words: words)
      if status != 0 { throw .silent(status) }
    }
  }
}
