// SPDX-License-Identifier: BSD-2-Clause

import Netstack

/// The lines of netisr: what became of a packet, and why its stream is the one it is.
extension TracePrinter {
  func netisrLine(_ step: NetisrStep) -> TraceLine {
    // A kernel with one stream has nothing to choose.
    let hasChoice = step.streams > 1 && step.reason != .caller
    var text = step.id.sentence
    if step.id == .isrQueued, step.length > 0, hasChoice || step.length * 2 > step.limit {
      text += ": \(step.netisr.name) \(step.length) of \(step.limit)"
    }
    return TraceLine(
      "netisr", step.id.outcome, text,
      notes: hasChoice ? ["stream \(step.stream) on CPU \(step.cpu), by \(why(step))"] : [],
      level: hasChoice && step.id != .isrWorker ? .hits : .checks)
  }

  /// What chose the stream.
  private func why(_ step: NetisrStep) -> String {
    switch step.reason {
    case .caller, .onlyStream: "itself"
    case .flow(let flow): "flow id \(flow)"
    case .source(.none, let source): "source \(source)"
    case .source(let interface, let source):
      "interface \(name(of: interface)), index \(interface.rawValue)"
        + (source == 0 ? "" : ", and source \(source)")
    case .cpu(let place): "the pair of \(session.name(of: place.interface, in: place.vnet))"
    }
  }
}

extension TraceID {
  /// The word of netisr's lines.
  fileprivate var outcome: String {
    switch self {
    case .isrDirect: "direct"
    case .isrHybrid: "hybrid"
    case .isrWorker: "worker"
    default: "queued"
    }
  }
}

extension JSONPrinter {
  func add(_ step: NetisrStep, to object: inout JSONObject) {
    object.add("event", "netisr")
    object.add("fn", step.id.function)
    object.add("id", step.id.text)
    object.add("proto", step.netisr.name)
    object.add("cpu", step.cpu)
    if step.reason != .caller { object.add("stream", step.stream) }
    switch step.reason {
    case .caller: break
    case .onlyStream: object.add("by", "only")
    case .flow(let flow):
      object.add("by", "flow")
      object.add("flowid", flow)
    case .source(let interface, let source):
      object.add("by", "source")
      if interface != .none { object.add("if", name(of: interface)) }
      object.add("source", source)
    case .cpu(let place):
      object.add("by", "cpu")
      object.add("if", session.name(of: place.interface, in: place.vnet))
      object.add("if_vnet", place.vnet.rawValue)
    }
    if step.id == .isrQueued {
      object.add("len", step.length)
      object.add("limit", step.limit)
    }
  }
}
