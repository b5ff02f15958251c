// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// Contract 2 of a trace: JSON Lines, an object an event and a summary a packet.
///
/// The members are listed in Docs/Tracing.md.
struct JSONPrinter {
  /// The version of the format, `v` in each object.
  static let version = 1

  let session: Session
  let run: TraceRun
  /// The stack of the object that is made.
  private(set) var vnet: VnetIndex

  init(session: Session, run: TraceRun) {
    self.session = session
    self.run = run
    vnet = run.vnet
  }

  func inStack(_ vnet: VnetIndex) -> JSONPrinter {
    var printer = self
    printer.vnet = vnet
    return printer
  }

  func name(of interface: InterfaceIndex) -> String {
    session.name(of: interface, in: vnet)
  }

  /// All lines of a packet.
  func text(_ trace: PacketTrace) -> String {
    var text = ""
    let visits = trace.visits
    for (place, step) in trace.steps.enumerated() {
      let printer = inStack(trace.vnets[place])
      var object = head(trace)
      object.add("n", place + 1)
      printer.addStack(to: &object)
      object.add("t", run.time.nanoseconds)
      switch step {
      case .bytes(let sighting): printer.add(sighting, to: &object)
      case .event(let event): printer.add(event, isFast: trace.isFast(at: place), to: &object)
      }
      if let visit = visits[place] { object.add("loop", visit.count) }
      text += object.text + "\n"
    }
    return text + summary(trace).text + "\n"
  }

  /// The stack by its number, and by the name of its jail where it has one.
  func addStack(to object: inout JSONObject) {
    object.add("vnet", vnet.rawValue)
    if vnet != .zero { object.add("jail", session.name(of: vnet)) }
  }

  func head(_ trace: PacketTrace) -> JSONObject {
    var object = JSONObject()
    object.add("v", Self.version)
    object.add("pkt", "\(trace.number)")
    return object
  }

  private func add(_ sighting: TraceRun.Sighting, to object: inout JSONObject) {
    object.add("event", "bytes")
    switch sighting.moment {
    case .received(let interface):
      object.add("fn", "ether_input")
      object.add("moment", "received")
      object.add("if", name(of: interface))
    case .made:
      object.add("fn", "ip_output")
      object.add("moment", "made")
    case .transmitted(let interface):
      object.add("fn", "ether_output_frame")
      object.add("moment", "transmitted")
      object.add("if", name(of: interface))
    case .delivered(let proto):
      object.add("fn", "ip_input")
      object.add("moment", "delivered")
      object.add("proto", proto.rawValue)
    }
    object.add("bytes", Self.hex(sighting.bytes))
  }

  private func add(_ event: Event, isFast: Bool, to object: inout JSONObject) {
    switch event {
    case .snapshot: break
    case .made(let parent, let birth):
      object.add("event", "made")
      object.add("parent", "\(parent)")
      object.add("birth", birth.word)
    case .frame(let interface, let header):
      object.add("event", "frame")
      object.add("fn", "ether_input")
      if header.destination.isGroup {
        object.add("id", (header.destination.isBroadcast ? TraceID.ethBcast : .ethMcast).text)
      }
      object.add("if", name(of: interface))
      object.add("dst", "\(header.destination)")
      object.add("src", "\(header.source)")
      object.add("type", Int(header.type.rawValue).hex(digits: 4))
    case .ipInput(let interface):
      object.add("event", "input")
      object.add("fn", "ip_input")
      if interface != .none { object.add("if", name(of: interface)) }
    case .ipFastForward(let interface):
      object.add("event", "input")
      object.add("fn", "ip_fastforward")
      object.add("if", name(of: interface))
    case .passed(let id, let value, let bound):
      add("check", id, to: &object)
      object.add("value", value)
      object.add("bound", bound)
    case .waypoint(let id, let a, let b):
      add("waypoint", id, isFast: isFast, to: &object)
      object.add("value", a)
      object.add("bound", b)
      if id == .outFlowMiss { object.add("why", FlowRefusal(rawValue: UInt8(clamping: b))?.text) }
    case .netisr(let step): add(step, to: &object)
    case .counted(let counter):
      object.add("event", "counter")
      object.add("counter", counter.field)
      object.add("delta", 1)
    case .pfil(let direction, let interface):
      object.add("event", "pfil")
      object.add("fn", "pfil_run_hooks")
      object.add("dir", "\(direction)")
      if interface != .none { object.add("if", name(of: interface)) }
    case .frameFilter(let direction, let interface):
      object.add("event", "layer2")
      object.add("fn", "ether_ipfw_chk")
      object.add("dir", "\(direction)")
      object.add("if", name(of: interface))
    case .searchBehind(let rule):
      object.add("event", "behind")
      object.add("fn", "ipfw_chk")
      object.add("rule", rule)
    case .onePass(let rule):
      object.add("event", "one-pass")
      object.add("fn", "ipfw_chk")
      object.add("rule", rule)
    case .diverted(let port, let rule):
      object.add("event", "divert")
      object.add("fn", "ipfw_divert")
      object.add("port", port)
      object.add("rule", rule)
    case .reinjected(let step):
      object.add("event", "reinject")
      object.add("fn", "div_output")
      object.add("socket", step.socket.number)
      object.add("rule", step.cookie)
      object.add("dir", "\(step.direction)")
      if step.interface != .none { object.add("if", name(of: step.interface)) }
    case .rule(let step): add(step, to: &object)
    case .state(let step): step.add(to: &object)
    case .filterLoop(let rule):
      object.add("event", "loop")
      object.add("fn", "pfil_run_hooks")
      object.add("rule", rule)
    case .firewall(let step):
      object.add("event", "firewall")
      object.add("fn", "ipfw_chk")
      object.add("return", "\(step.verdict)")
      if step.argument != 0 { object.add("argument", step.argument) }
    case .fibChanged(let from, let to, let rule, let isTooLate):
      object.add("event", "fib")
      object.add("fn", "ipfw_chk")
      object.add("from", from.rawValue)
      object.add("fib", to.rawValue)
      object.add("fib_by", fibBy(.ipfw(rule: rule)))
      object.add("too_late", isTooLate)
    case .nat(let step): add(step, to: &object)
    case .route(let step):
      add("route", .outRoute, isFast: isFast, to: &object)
      add(step, to: &object)
      object.add("fib_by", fibBy(step.chooser))
    case .otherFibs(let fibs, let step):
      object.add("event", "other-fibs")
      object.add("fn", "rtalloc1_fib")
      object.add("fibs", fibs)
      add(step, to: &object)
    case .ttl(let from, let to):
      add("ttl", .fwdTtlDec, isFast: isFast, to: &object)
      object.add("ip_ttl", before: Int(from), after: Int(to))
    case .sourceChosen(let address):
      add("source", .outSrc, to: &object)
      object.add("src", "\(address)")
    case .mtu(let length, let mtu):
      add("mtu", .outMtu, isFast: isFast, to: &object)
      object.add("len", length)
      object.add("mtu", mtu)
    case .arp(let step): add(step, to: &object)
    case .bridge(let step): step.add(to: &object, name(of:))
    case .reply(let type, let code, let suppressed):
      add("reply", suppressed ?? .icmpError, to: &object)
      object.add("icmp", "\(type)/\(code)")
      object.add("made", suppressed == nil)
    case .socket(let step):
      object.add("event", "socket")
      object.add("fn", step.function)
      object.add("socket", step.index.number)
      object.add("proto", step.proto.rawValue)
      object.add("local", step.local.netstatText)
      object.add("foreign", step.foreign.netstatText)
      object.add("fib", step.fib.rawValue)
      if step.kind == .tcp { object.add("state", step.state.word) }
    case .carp(let step):
      object.add("event", "carp")
      object.add("fn", "carp_set_state")
      object.add("if", name(of: step.interface))
      object.add("from", step.from.word)
      object.add("to", step.to.word)
      object.add("reason", "\(step.reason)")
    case .reassembled(let first, let fragments, let length):
      add("reassembled", .reassDone, to: &object)
      object.add("first", "\(first)")
      object.add("fragments", fragments)
      object.add("len", length)
    case .discarded(let id): add("discarded", id, to: &object)
    case .end(let end):
      add("end", end.id, to: &object)
      add(end, to: &object)
    }
  }

  /// - Parameter isFast: The step is one of both paths, and the fast one made it; the table of ids
  ///   has the slow path's function.
  private func add(
    _ event: String, _ id: TraceID, isFast: Bool = false, to object: inout JSONObject
  ) {
    let isShared = ["ip_input", "ip_forward", "ip_output"].contains(id.function)
    object.add("event", event)
    object.add("fn", isFast && isShared ? "ip_fastforward" : id.function)
    object.add("id", id.text)
  }

  private func add(_ step: RuleStep, to object: inout JSONObject) {
    let rule = session.kernel[vnet].firewall.rule(at: Int(step.index))
    object.add("event", "rule")
    object.add("fn", "ipfw_chk")
    object.add("rule", step.number)
    object.add("text", RulePrinter.line(rule))
    object.add("match", step.isCounted)
    if let failed = step.failed {
      let reason = RulePrinter.whyNot(
        rule, failed: failed, value: step.value, interfaceName: name(of:))
      object.add("why", reason)
    } else if step.outcome == .disabled {
      object.add("why", "set \(rule.set) is disabled")
    } else if step.outcome == .state {
      object.add("why", "a state was found")
    }
  }

  private func add(_ step: RouteStep, to object: inout JSONObject) {
    object.add("fib", step.fib.rawValue)
    object.add("dst", "\(step.destination)")
    guard let answer = step.answer else { return }
    object.add("route", TracePrinter.name(of: answer.key))
    switch answer.gateway {
    case .address(let gateway): object.add("gw", "\(gateway)")
    case .link(let interface): object.add("gw", "link#\(interface.rawValue)")
    }
    object.add("if", name(of: answer.interface))
  }

  private func add(_ step: ArpStep, to object: inout JSONObject) {
    object.add("event", "arp")
    object.add("fn", "arpresolve")
    object.add("if", name(of: step.interface))
    object.add("nh", "\(step.nextHop)")
    switch step.outcome {
    case .resolved(let address): object.add("mac", "\(address)")
    case .held(let asked), .failing(let asked): object.add("asked", asked)
    case .refused: object.add("refused", true)
    case .ownAddress: object.add("own", true)
    }
  }

  private func add(_ end: End, to object: inout JSONObject) {
    object.add("verdict", end.verdict.word)
    if end.interface != .none { object.add("if", name(of: end.interface)) }
    object.add("nh", end.nextHop?.description)
    object.add("cause", end.cause?.text)
    if let rule = end.decidingRule { object.add("rule", rule) }
    object.add("icmp", end.icmp.map { "\($0.type)/\($0.code)" })
    if let pointer = end.pointer { object.add("pointer", pointer) }
    object.add("suppressed", end.suppressedBy?.text)
    object.add("errno", end.errno?.name)
  }

  func fibBy(_ chooser: FibChooser) -> JSONObject {
    var object = JSONObject()
    object.add("kind", chooser.kind)
    if case .ipfw(let rule) = chooser { object.add("rule", rule) }
    return object
  }

  static func hex(_ bytes: some Collection<UInt8>) -> String {
    bytes.map { Int($0).hex(digits: 2) }.joined()
  }
}
