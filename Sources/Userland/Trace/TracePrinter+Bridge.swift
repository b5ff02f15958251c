// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// What bridges do with frames.
extension TracePrinter {
  /// What a bridge found or decided, and about which member or station.
  func bridgeLine(_ step: BridgeStep) -> TraceLine {
    let bridge = name(of: step.bridge)
    let member = step.member == .none ? "" : name(of: step.member)
    let vlan = step.vlan == 1 ? "" : " vlan \(step.vlan)"
    let station = "\(step.address)\(vlan)"
    let function = step.id.function
    switch step.id {
    case .ethBridge: return TraceLine(function, bridge, "from its member \(member)")
    case .brOurs: return TraceLine(function, "ours", "for \(member): goes up as received there")
    case .brLearned: return TraceLine(function, "learned", "\(station) is behind \(member)")
    case .brMoved: return TraceLine(function, "moved", "\(station) is behind \(member) now")
    case .brSeen:
      return TraceLine(
        function, "seen", "\(station) is still behind \(member)", level: .tried)
    case .brKnown: return TraceLine(function, "to \(member)", "\(station) is behind it")
    case .brUnknown:
      return TraceLine(function, "to all", "nobody knows behind which member \(station) is")
    case .brGroup: return TraceLine(function, "to all", "\(station) are several stations")
    case .brSkipSource:
      return TraceLine(function, "not \(member)", "it came from there", level: .tried)
    case .brSkipPrivate, .brSkipBlocked, .brSkipDiscover, .brSkipDown:
      let reason = step.id.sentence.split(separator: ": ").last.map(String.init) ?? ""
      return TraceLine(function, "not \(member)", reason)
    case .brPfil: return TraceLine(function, member, step.id.sentence, takesCounters: false)
    default: return TraceLine(function, step.id.text, "\(station): \(step.id.sentence)")
    }
  }
}

extension BridgeStep {
  /// The step as a line of JSON has it.
  func add(to object: inout JSONObject, _ name: (InterfaceIndex) -> String) {
    object.add("event", "bridge")
    object.add("fn", id.function)
    object.add("id", id.text)
    object.add("bridge", bridge == .none ? nil : name(bridge))
    object.add("if", member == .none ? nil : name(member))
    if address != .zero {
      object.add("mac", "\(address)")
      object.add("vlan", vlan)
    }
  }
}
