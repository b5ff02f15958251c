// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// Address translation.
extension TracePrinter {
  /// What an instance made of a packet: which end became what, by which link; or why nothing did.
  func natLine(_ step: NatStep) -> TraceLine {
    TraceLine(
      "nat \(step.instance)", step.outcome.passes ? "\(step.direction)" : "refused", step.text,
      notes: step.note.map { [$0] } ?? [], takesCounters: false)
  }
}

extension NatStep {
  /// `source 10.1.0.7:5000 -> 203.0.113.9:5000`, or why it was refused.
  var text: String {
    if let refusal = outcome.refusal { return refusal }
    guard let before, let after else { return "" }
    let end = end == .source ? "source" : "destination"
    return before == after
      ? "\(end) \(before.text) stays" : "\(end) \(before.text) -> \(after.text)"
  }

  /// The link that was used, or why none was.
  fileprivate var note: String? {
    guard outcome.passes, let before else { return nil }
    let isUnchanged = before == after
    switch link {
    case .new where end == .destination && isUnchanged: return "new link: nothing is known for it"
    case .new where end == .source && isUnchanged && mode.contains(.unregisteredOnly):
      return "new link: unreg_only, and no private address"
    case .none where before.isLaterFragment: return "a fragment: no link"
    case .none: return mode.contains(.proxyOnly) ? "proxy_only: no link" : nil
    default: return link.text
    }
  }
}

extension NatEnd {
  /// The address with its port or identifier, if it has one.
  var text: String {
    guard let port else { return "\(address)" }
    return proto == .icmp ? "\(address) id \(port)" : "\(address):\(port)"
  }
}

extension NatOutcome {
  var passes: Bool { self == .passes }

  /// Why a packet is refused.
  var refusal: String? {
    switch self {
    case .passes: nil
    case .ignored(let reason): reason.text
    case .unresolvedFragment: "a fragment whose first one was not seen"
    case .noInstance: "there is no such instance"
    case .noMemory: "no buffer that is long enough"
    }
  }
}

extension AliasLinkAge {
  /// What is said of the link.
  var text: String {
    switch self {
    case .none: "no link"
    case .known: "known link"
    case .new: "new link"
    case .redirected: "new link of a redirection"
    }
  }
}

extension AliasReason {
  fileprivate var text: String {
    switch self {
    case .mangled: "its lengths cannot be true"
    case .tooShort: "it ends before what would be translated"
    case .denyIn: "no link for it, and deny_in lets it make none"
    case .noLink: "no link for it, and proxy_only makes none"
    case .quoteUnknown: "an error about a packet that has no link"
    case .noPort: "no port is free for it"
    case .icmpType: "ICMP of this type is not translated"
    case .quotedProtocol: "an error about a packet of another protocol"
    }
  }
}

extension JSONPrinter {
  /// The members of a translation.
  func add(_ step: NatStep, to object: inout JSONObject) {
    object.add("event", "nat")
    object.add("fn", "ipfw_nat")
    object.add("nat", step.instance)
    object.add("rule", step.rule)
    object.add("dir", "\(step.direction)")
    object.add("passes", step.outcome.passes)
    if let refusal = step.outcome.refusal { return object.add("why", refusal) }
    object.add("link", "\(step.link)")
    object.add("end", step.end == .source ? "src" : "dst")
    object.add("before", step.before?.text)
    object.add("after", step.after?.text)
  }
}
