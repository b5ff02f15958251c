// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Shell
import Userland
import Wire

// The hook is asked alone, without the IP path around it: no call does that.
@testable import Netstack

/// The recorder's machine, and ipfw(8) on it.
final class VerdictLab {
  let session: Session
  /// The seed of the numbers that the last packet made rules draw.
  private var seed: UInt64 = 1
  private let transcript = Transcript()
  private let shell: Interpreter<Session>
  /// How much of the transcript earlier commands wrote.
  private var seen = (out: 0, error: 0)
  /// The ports that divert sockets listen on.
  private var divertPorts: Set<UInt16> = []
  /// How many lines of the kernel's log were read.
  private var logged = 0

  /// Boots a machine with the interfaces and routes of a setting, and no others.
  init(_ setting: VerdictSetting) throws {
    var options = SessionOptions()
    options.kernel = KernelOptions()
    options.kernel.routeTables = FibNumber.limit
    options.kernel.ipfirewall = true
    options.kernel.ipfirewallForward = true
    options.kernel.ipfirewallVerbose = true
    options.kernel.dummynet = true
    options.kernel.ipdivert = true
    options.kernel.netgraph = true
    options.kernel.ethernetInterfaces = 0
    options.kernel.configuresLoopback = false
    session = Session(options)
    shell = Interpreter(world: session, registry: Commands.registry, output: transcript.output())
    session.kernel.advance(to: Instant(seconds: 1000))
    // The recorder loads the firewall now.
    session.kernel.vnets[0].firewall.states.firstTick = Instant(seconds: 1001)
    for text in setting.interfaces { try addInterface(text) }
    for fib in 0..<FibNumber.limit {
      let fib = FibNumber(rawValue: UInt8(fib))
      for route in session.kernel.vnets[0].routes.routes(in: fib) {
        session.kernel.vnets[0].routes.remove(route)
      }
    }
    for text in setting.routes { try addRoute(text) }
    logged = session.kernel.machine.messages.count
  }

  /// A machine in the state of another, to be asked without a tracer.
  convenience init(_ setting: VerdictSetting, twin: VerdictLab) throws {
    try self.init(setting)
    session.kernel = twin.session.kernel.clone()
    divertPorts = twin.divertPorts
    logged = twin.logged
  }

  private func addInterface(_ text: String) throws {
    let words = text.split(separator: " ").map(String.init)
    if session.findInterface(words[0]) == nil {
      let made = try session.kernel.createInterface(
        vnet: .zero, named: words[0].hasPrefix("em") ? words[0] : "em")
      let index = session.kernel[.zero].interfaces.index(named: made) ?? .none
      if "\(made)" != words[0] {
        try session.kernel.rename(vnet: .zero, interface: index, to: words[0])
      }
    }
    let interface = try interface(words[0])
    guard words.count > 1 else { return }
    let (address, mask) = try Word.prefix(words[1])
    try session.kernel.addAddress(
      vnet: .zero, interface: interface, AddressRequest(address, mask: mask))
  }

  private func addRoute(_ text: String) throws {
    let words = text.split(separator: " ").map(String.init)
    guard words.count >= 3, let fib = UInt8(words[0]) else { throw Refusal.unsupported(text) }
    let (destination, mask) =
      words[1] == "default" ? (IPv4Address.any, IPv4Address.any) : try Word.prefix(words[1])
    var message = RouteMessage(destination: destination, mask: mask)
    message.gateway = .link(try interface(words[2]))
    message.flags = .RTF_STATIC
    switch words.dropFirst(3).first {
    case "reject": message.flags.insert(.RTF_REJECT)
    case "blackhole": message.flags.insert(.RTF_BLACKHOLE)
    default: break
    }
    try session.kernel.routeAdd(vnet: .zero, fib: FibNumber(rawValue: fib), message)
  }

  /// Begins a series of random numbers.
  func draw(seed: UInt64) {
    self.seed = seed
    session.kernel.machine.random = RandomSource(seed: seed)
    logged = session.kernel.machine.messages.count
  }

  /// Draws as another machine did for its last packet.
  func drawAs(_ other: VerdictLab) { draw(seed: other.seed) }

  /// Makes a socket of a scenario.
  func addSocket(_ text: String) throws {
    var words = text.split(separator: " ").map(String.init)[...]
    func end() throws -> Endpoint {
      guard let address = words.popFirst(), let port = words.popFirst().flatMap({ UInt16($0) })
      else { throw Refusal.unsupported(text) }
      return Endpoint(address == "*" ? .any : try Word.address(address), port)
    }
    let isTCP = words.popFirst() == "tcp"
    let (local, foreign) = (try end(), try end())
    let numbers = words.compactMap { UInt32($0) }
    guard numbers.count == 3 else { throw Refusal.unsupported(text) }
    let index = try session.kernel.socket(vnet: .zero, isTCP ? .tcp : .udp)
    session.kernel.vnets[0].sockets[index].local = local
    session.kernel.vnets[0].sockets[index].foreign = foreign
    session.kernel.vnets[0].sockets[index].owner = SocketOwner(
      user: numbers[0], group: numbers[1], jail: numbers[2])
  }

  func interface(_ name: String) throws -> InterfaceIndex {
    if name.isEmpty { return .none }
    guard let index = session.findInterface(name) else { throw Refusal.unsupported(name) }
    return index
  }

  /// Runs ipfw(8) on the words of a text.
  func ipfw(_ text: String) -> (status: Int, out: String, error: String) {
    let words = text.split(separator: " ").map { "'\($0)'" }
    shell.run(text: "ipfw " + words.joined(separator: " "))
    let out = String(transcript.out.dropFirst(seen.out))
    let error = String(transcript.error.dropFirst(seen.error))
    seen = (transcript.out.count, transcript.error.count)
    try? bindDivertSockets()
    return (Int(shell.status), out, error)
  }

  /// Listens on each port that a rule may divert to.
  private func bindDivertSockets() throws {
    var ports: Set<UInt16> = []
    for rule in try session.kernel.firewallRules(vnet: .zero) {
      guard let port = rule.action.divertPort else { continue }
      if port == RuleAction.tablearg {
        // Without a table the argument is 0.
        ports.insert(0)
        for table in 0..<FirewallTables.count {
          let entries = session.kernel.vnets[0].firewall.tables.list(UInt16(table))
          ports.formUnion(entries.map { UInt16(truncatingIfNeeded: $0.value) })
        }
      } else {
        ports.insert(port)
      }
    }
    for port in ports.subtracting(divertPorts).sorted() {
      let socket = try session.kernel.socket(vnet: .zero, .divert)
      // Port 0 is that of a socket that was never bound.
      if port != 0 { try session.kernel.bind(vnet: .zero, socket, to: Endpoint(.any, port)) }
      divertPorts.insert(port)
    }
  }

  /// The kernel's lines since the last call, but for those of ARP: the recorder did not send what
  /// rules answer.
  func takeLog() -> [JSON] {
    let lines = session.kernel.machine.messages.dropFirst(logged)
    logged = session.kernel.machine.messages.count
    return lines.filter { !$0.hasPrefix("arpresolve: ") }.map { .text($0) }
  }
}

extension RuleAction {
  /// The port that it diverts to.
  fileprivate var divertPort: UInt16? {
    switch self {
    case .divert(let port), .tee(let port): port
    default: nil
    }
  }
}
