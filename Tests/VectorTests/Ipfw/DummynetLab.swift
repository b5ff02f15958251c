// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Shell
import Userland
import Wire

// The hook is asked alone, without the IP path around it, and packets that leave dummynet come
// straight back to it: no call does that.
@testable import Netstack

/// The recorder's machine: the firewall's hook, dummynet and ipfw(8), at uptime 1000 s.
final class DummynetLab {
  private let session: Session

  init() {
    var options = SessionOptions()
    options.kernel.firewallDefaultsToAccept = false
    options.kernel.dummynet = true
    session = Session(options)
    session.kernel.advance(to: Instant(seconds: 1000))
  }

  /// The members of a step that say what is done, rather than what comes of it.
  static let questions: Set<String> = ["ipfw", "pkt", "msec", "sysctl", "sysctl?"]

  /// Does what a step says, and returns what came of it in the recorder's words.
  func run(_ step: JSON) throws -> [String: JSON] {
    if let text = step["ipfw"]?.text {
      let words = text.split(separator: " ").map(String.init)
      let (status, transcript) = type("ipfw", words)
      return [
        "rc": .number(status), "out": .text(transcript.out), "err": .text(transcript.error),
      ]
    }
    if let packet = step["pkt"] { return ["result": try pass(packet)] }
    if let milliseconds = step["msec"]?.number { return ["events": wait(milliseconds)] }
    if let text = step["sysctl"]?.text { return ["errno": set(text)] }
    if let name = step["sysctl?"]?.text { return read(name) }
    return [:]
  }

  private func type(_ command: String, _ words: [String]) -> (Int, Transcript) {
    let transcript = Transcript()
    let interpreter = Interpreter(
      world: session, registry: Registry([Commands.ipfw]), output: transcript.output())
    let status = interpreter.run(
      words: [command] + words, output: transcript.output(), input: .empty)
    return (Int(status), transcript)
  }

  private func set(_ text: String) -> JSON {
    let parts = text.split(separator: "=").map(String.init)
    guard let key = SysctlTree.node(named: parts[0])?.key, let value = Int64(parts.last ?? "")
    else {
      return .number(Int(Errno.ENOENT.rawValue))
    }
    do throws(Errno) {
      try session.kernel.setSysctl(key, to: value, vnet: .zero)
      return .number(0)
    } catch {
      return .number(Int(error.rawValue))
    }
  }

  private func read(_ name: String) -> [String: JSON] {
    guard let key = SysctlTree.node(named: name)?.key,
      case .number(let value) = session.kernel.sysctl(key, vnet: .zero, fib: .zero)
    else { return ["errno": .number(Int(Errno.ENOENT.rawValue))] }
    return ["errno": .number(0), "value": .number(Int(value))]
  }
}

/// Packets and time.
extension DummynetLab {
  private func interface(_ name: JSON?) -> InterfaceIndex {
    name?.text.flatMap { InterfaceName($0) }.flatMap {
      session.kernel[.zero].interfaces.index(named: $0)
    } ?? .none
  }

  /// Shows a packet to the hook.
  private func pass(_ packet: JSON) throws -> JSON {
    let number = session.kernel.machine.newRoot()
    let bytes = try Word.bytes(packet["hex"]?.text ?? "-")
    guard var handle = session.kernel.machine.store.take(bytes.span.bytes, number: number) else {
      throw Refusal.unsupported("\(packet)")
    }
    handle.header.receivedOn = interface(packet["recv"])
    if let fib = packet["fib"]?.number { handle.header.fib = FibNumber(rawValue: UInt8(fib)) }
    let isOut = packet["dir"]?.text == "out"
    let place = FilterPlace(
      isOut ? .out : .in, isOut ? interface(packet["xmit"]) : handle.header.receivedOn)
    var result = ask(handle, place)
    result["events"] = .array([])
    return .object(result)
  }

  /// Asks the hook and ends the packet, unless something keeps it.
  private func ask(_ packet: consuming Packet, _ place: FilterPlace) -> [String: JSON] {
    let fib = packet.header.fib
    let (ending, events) = session.kernel.askHook(packet, place)
    var result: [String: JSON] = ["consumed": .number(1), "errno": .number(0)]
    switch ending {
    case .passed(let fib):
      result["consumed"] = .number(0)
      result["fib"] = .number(Int(fib.rawValue))
    case .denied: result["errno"] = .number(Int(Errno.EACCES.rawValue))
    case .taken(let errno): result["errno"] = .number(Int(errno?.rawValue ?? 0))
    }
    result["passes"] = .array(passes(events, ending.word, fib))
    return result
  }

  /// The calls of the rule list: a packet that need not wait begins another.
  private func passes(_ events: [Event], _ verdict: String, _ fib: FibNumber) -> [JSON] {
    var passes: [JSON] = []
    var (hits, fib) = ([UInt16](), fib)
    func end(_ verdict: String) {
      guard let rule = hits.last else { return }
      var pass: [String: JSON] = [
        "ret": .text(verdict), "rule": .number(Int(rule)),
        "hits": .array(hits.map { .number(Int($0)) }), "fib": .number(Int(fib.rawValue)),
      ]
      if verdict == "DUMMYNET" { pass["cookie"] = cookie(of: rule) }
      passes.append(.object(pass))
      hits = []
    }
    for event in events {
      switch event {
      case .rule(let step) where step.failed == nil: hits.append(step.number)
      case .fibChanged(_, let changed, _, _): fib = changed
      case .waypoint(.dnFast, _, _): end("DUMMYNET")
      default: break
      }
    }
    end(verdict)
    return passes
  }

  /// The number of the pipe or queue that a rule names.
  private func cookie(of number: UInt16) -> JSON {
    let rules = (try? session.kernel.firewallRules(vnet: .zero)) ?? []
    for rule in rules where rule.number == number {
      switch rule.action {
      case .pipe(let pipe), .queue(let pipe): return .number(Int(pipe))
      default: continue
      }
    }
    return .null
  }

  /// Lets time pass; what leaves dummynet comes back to the hook.
  private func wait(_ milliseconds: Int) -> JSON {
    let end = session.kernel.machine.now.advanced(milliseconds: UInt64(milliseconds))
    var events: [JSON] = []
    while let tick = session.kernel.machine.dummynet.timerTick,
      Dummynet.moment(of: tick) <= end
    {
      session.kernel.machine.timers.cancel(.dummynet, vnet: .zero)
      session.kernel.advance(to: Dummynet.moment(of: tick))
      var chain = session.kernel.machine.dummynetTask()
      while let packet = session.kernel.machine.dummynet.popFirst(&chain) {
        events.append(.array([.text("dn_out"), leave(packet)]))
      }
    }
    session.kernel.advance(to: end)
    return .array(events)
  }

  private func leave(_ waiting: DummynetPacket) -> JSON {
    let isOut = waiting.exit.isOut
    let interface = isOut ? waiting.interface : waiting.record.receivedOn
    session.kernel.machine.tally[.held] &-= 1
    let packet = Packet(waiting.record)
    let header = IPv4Header(session.kernel.machine.store.array(of: packet).rawBytes)
    var event = ask(packet, FilterPlace(isOut ? .out : .in, interface))
    event["fib"] = nil
    event["ms"] = .number(Int(session.kernel.machine.now.ticks))
    event["dir"] = .text(isOut ? "out" : "in")
    event["ip_id"] = .number(Int(header?.identification ?? 0))
    event["ip_len"] = .number(Int(header?.totalLength ?? 0))
    return .object(event)
  }
}

/// What the hook did with a packet.
private enum HookEnding {
  case passed(FibNumber)
  case denied
  case taken(Errno?)

  /// What the last call of the rule list returned.
  var word: String {
    switch self {
    case .passed: "PASS"
    case .denied: "DENY"
    case .taken: "DUMMYNET"
    }
  }
}

extension Kernel {
  /// Shows a packet to the firewall's hook, and ends it unless something keeps it.
  fileprivate mutating func askHook(
    _ packet: consuming Packet, _ place: FilterPlace
  ) -> (HookEnding, [Event]) {
    var recorder = Recorder()
    let ending: HookEnding
    let outer = machine.enter(.zero)
    defer { machine.leave(to: outer) }
    switch vnets[0].pfilRunHooks(packet, place, &machine, &recorder) {
    case .pass(let passed):
      ending = .passed(passed.header.fib)
      machine.finish(passed, End(.sent, .outSent), &recorder)
    case .denied(let refused, _):
      ending = .denied
      machine.finish(refused, End(.denied, .outFwDeny), &recorder)
    case .taken(let errno): ending = .taken(errno)
    }
    return (ending, recorder.entries.map(\.event))
  }
}
