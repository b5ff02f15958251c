// SPDX-License-Identifier: BSD-2-Clause

package import Netstack
import Shell
import Wire

/// Writes a dynamic rule the way `show_dyn_ipfw()` of ipfw(8) does.
package enum StatePrinter {
  /// The line of a state, without newline; for what is no IP there is an empty one behind it.
  package static func line(_ state: FirewallState, _ format: RuleFormat) -> String {
    var text = Int(state.rule).decimal(digits: 5)
    if let widths = format.counterWidths {
      text += " " + "\(state.packets)".padLeft(to: widths.packets)
      text += " " + "\(state.bytes)".padLeft(to: widths.bytes)
      text += " (\(state.remaining)s)"
    }
    switch state.kind {
    case .state: text += " STATE"
    case .limit: text += " LIMIT"
    case .parent(let count): text += " PARENT \(count)"
    }
    return text + " " + flow(state.flow)
  }

  /// Protocol and both ends.
  private static func flow(_ flow: FlowID) -> String {
    let proto = IPProtocol(rawValue: flow.proto).name ?? "proto \(flow.proto)"
    guard let (source, destination) = addresses(flow) else {
      return "\(proto) UNKNOWN <-> UNKNOWN\n"
    }
    return "\(proto) \(source) \(flow.sourcePort) <-> \(destination) \(flow.destinationPort)"
  }

  /// Nil for what is no IP.
  private static func addresses(_ flow: FlowID) -> (source: String, destination: String)? {
    switch flow.version {
    case 4: ("\(flow.source)", "\(flow.destination)")
    case 6:
      ("\(IPv6Address(rawValue: flow.source6))", "\(IPv6Address(rawValue: flow.destination6))")
    default: nil
    }
  }
}
