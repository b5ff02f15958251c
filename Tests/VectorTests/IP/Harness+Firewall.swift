// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Userland

/// `ipfw`, and `show ipfw`.
extension Harness {
  mutating func ipfw(_ words: [String]) throws(Refusal) {
    let text = words.joined(separator: " ")
    let number = words.count > 2 ? UInt16(words[2]) : nil
    do throws(Errno) {
      switch words.count > 1 ? words[1] : "" {
      case "enable": try kernel[.zero].sysctl.set(.ipFwEnable, to: 1)
      case "disable": try kernel[.zero].sysctl.set(.ipFwEnable, to: 0)
      case "add": _ = try kernel.firewallAdd(vnet: .zero, rule: try rule(words))
      case "delete": try kernel.firewallDelete(vnet: .zero, .number(number ?? 0))
      case "flush": try kernel.firewallFlush(vnet: .zero)
      case "zero": try kernel.firewallZero(vnet: .zero, number.map { .number($0) } ?? .all)
      default: throw .ENOSYS
      }
    } catch .ENOSYS {
      throw .unsupported(text)
    } catch {
      throw .errno(error)
    }
  }

  /// What the recorder's front end made of a rule: it left FIBs to the kernel, and took the bits of
  /// `iptos` as a number too.
  private func rule(_ words: [String]) throws(Errno) -> FirewallRule {
    let limit = kernel[.zero].sysctl.fwVerboseLimit
    let surroundings = RuleSurroundings(fibCount: .max, verboseLimit: limit, warn: { _ in })
    let words = words.dropFirst(2).map { $0 == "0x10" ? "lowdelay" : $0 }
    guard let rule = try? RuleParser.parse(words, surroundings) else { throw .ENOSYS }
    return rule
  }

  func showRules() throws(Refusal) -> [String: JSON] {
    do throws(Errno) {
      let rules = try kernel.firewallRules(vnet: .zero).map { rule in
        JSON.object([
          "num": .number(Int(rule.number)), "pkts": .number(Int(rule.packets)),
          "bytes": .number(Int(rule.bytes)),
        ])
      }
      return ["err": .number(0), "show": .text("ipfw"), "rules": .array(rules)]
    } catch {
      throw .errno(error)
    }
  }
}
