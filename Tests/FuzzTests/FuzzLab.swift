// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// The machine that random things happen to.
extension Kernel {
  /// Three networks, a way out in two tables, neighbours, and rules that let most things pass.
  static func fuzzLab(seed: UInt64, _ options: KernelOptions = .demo) throws -> Kernel {
    var options = options
    options.seed = seed
    options.cpus = [1, 4, 2, 3][Int(seed % 4)]
    options.netisr.maxthreads = options.cpus
    var kernel = Kernel(options)
    for (unit, index) in kernel[.zero].interfaces.all.enumerated() where unit < 3 {
      let address = IPv4Address(10, 0, UInt8(unit), 1)
      try kernel.addAddress(
        vnet: .zero, interface: index, AddressRequest(address, mask: IPv4Prefix.mask(length: 24)))
      let neighbour = IPv4Address(10, 0, UInt8(unit), 2)
      try kernel.arpSet(
        vnet: .zero, interface: index, address: neighbour,
        hardwareAddress: EthernetAddress(rawValue: 0x02aa_0000_0001))
      // Somebody who answers whatever is sent there, but for a seed in three.
      var host = Neighbor(
        neighbour, EthernetAddress(rawValue: 0x02aa_0000_0001), on: index)
      host.networks = [IPv4Prefix(.any, length: 0)]
      if seed % 3 == 0 { host.habit = .flaps(period: 1_000_000_000) }
      try kernel.setNeighbor(host)
    }
    for (fib, unit) in [(UInt8(0), UInt8(1)), (1, 2)] {
      var message = RouteMessage(
        destination: IPv4Address(192, 168, 0, 0), mask: IPv4Prefix.mask(length: 16),
        gateway: .address(IPv4Address(10, 0, unit, 2)))
      message.flags = [.RTF_UP, .RTF_GATEWAY, .RTF_STATIC]
      try kernel.routeAdd(vnet: .zero, fib: FibNumber(rawValue: fib), message)
    }
    kernel[.zero].sysctl[.ipForwarding] = 1
    kernel[.zero].sysctl[.ipFastforwarding] = Int64(seed % 2)
    try kernel.addRules()
    var pipe = PipeSettings()
    pipe.number = 1
    try kernel.dummynetConfigure(pipe)
    try kernel.openSockets()
    return kernel
  }

  /// The rules: some for each action.
  mutating func addRules() throws {
    for action in [
      RuleAction.count, .setfib(1), .unreach(code: 13),
      .forward(
        IPv4Address(10, 0, 2, 2), port: 0),
    ] {
      var rule = FirewallRule(action)
      if action != .count { rule.instructions = [Instruction(.proto(UInt16(47)))] }
      _ = try firewallAdd(vnet: .zero, rule: rule)
    }
    try addDiversions()
    try addTranslations()
    try addStates()
    for (action, proto) in [(RuleAction.pipe(1), UInt16(1)), (.queue(1), 6)] {
      var rule = FirewallRule(action)
      rule.instructions = [Instruction(.proto(proto))]
      _ = try firewallAdd(vnet: .zero, rule: rule)
    }
  }

  /// Rules that divert, copy and reassemble one packet of ten each, and stop frames.
  mutating func addDiversions() throws {
    for (number, action, inbound) in [
      (UInt16(10), RuleAction.tee(1000), true), (20, .reass, true), (20, .divert(1000), true),
      (30, .divert(1001), true), (30, .divert(1000), false), (40, .reass, false),
      (50, .tee(1000), false),
    ] {
      var rule = FirewallRule(action)
      rule.number = number
      rule.instructions = [
        Instruction(.probability(UInt32(Int32.max) / 10)),
        Instruction(.inbound, isNegated: !inbound),
      ]
      _ = try firewallAdd(vnet: .zero, rule: rule)
    }
    for (number, action) in [(UInt16(60), RuleAction.deny), (61, .reass), (62, .pipe(1))] {
      var rule = FirewallRule(action)
      rule.number = number
      rule.instructions = [
        Instruction(.probability(UInt32(Int32.max) / 10)), Instruction(.layer2),
      ]
      _ = try firewallAdd(vnet: .zero, rule: rule)
    }
  }

  /// Rules that translate one packet of some, each way and the wrong way round.
  mutating func addTranslations() throws {
    for number in [Int32(1), 2] {
      var configuration = NatConfiguration(number: number)
      configuration.address = IPv4Address(10, 0, 1, 1)
      configuration.mode = number == 1 ? [] : [.reverse, .denyIncoming]
      configuration.redirects = [
        NatRedirect(
          .address, local: Endpoint(IPv4Address(10, 0, 0, 77), 0),
          published: Endpoint(IPv4Address(10, 0, 2, 1), 0))
      ]
      try natConfigure(vnet: .zero, configuration)
      var rule = FirewallRule(.nat(UInt16(number)))
      rule.number = 70
      rule.instructions = [Instruction(.probability(UInt32(Int32.max) / 10))]
      _ = try firewallAdd(vnet: .zero, rule: rule)
    }
  }

  /// Rules that make states of what passes and let it go on, a `tee` among them that its own state
  /// may lead back to.
  mutating func addStates() throws {
    for (number, action, proto, match) in [
      (UInt16(5), RuleAction.checkState, UInt16(0), Match?.none), (70, .count, 6, .keepState),
      (71, .count, 17, .limit([.sourceAddress, .destinationPort], 3)),
      (72, .tee(1000), 1, .keepState), (73, .count, 17, .keepState),
    ] {
      var rule = FirewallRule(action)
      rule.number = number
      if let match {
        rule.instructions = [
          Instruction(.probability(UInt32(Int32.max) / 2)), Instruction(.probeState),
          Instruction(.proto(proto)), Instruction(match),
        ]
      }
      _ = try firewallAdd(vnet: .zero, rule: rule)
    }
  }

  /// Sockets of every kind on ports that the packets have.
  mutating func openSockets() throws {
    for (kind, proto, port) in [
      (SocketKind.udp, UInt8(17), UInt16(53)), (.tcp, 6, 80), (.raw, 1, 0), (.raw, 0, 0),
      (.divert, 0, 1000),
    ] {
      let proto = IPProtocol(rawValue: proto)
      let number = try socket(vnet: .zero, kind, proto: proto, fib: FibNumber(rawValue: 1))
      if kind != .raw { try bind(vnet: .zero, number, to: Endpoint(.any, port)) }
      if kind == .tcp { try listen(vnet: .zero, number) }
    }
  }

  /// Does it; what the kernel refuses is part of the test.
  mutating func perform(_ happening: Happening, _ recorder: inout Recorder) {
    switch happening {
    case .frame(let frame): receive(frame, tracer: &recorder)
    case .send(let packet): try? send(packet, tracer: &recorder)
    case .wait(let milliseconds):
      advance(
        to: machine.now.advanced(milliseconds: milliseconds), &recorder)
    case .set(let key, let value): try? setSysctl(key, to: value, vnet: .zero)
    case .stop(let cpus):
      machine.sysctl[.debugNetisrStop] = cpus
      settleNetisr(&recorder)
    case .route(let fib, let message, let isDeleted):
      if isDeleted {
        _ = try? routeDelete(vnet: .zero, fib: fib, message)
      } else {
        try? routeAdd(vnet: .zero, fib: fib, message)
      }
    case .flags(let interface, let set, let clear):
      try? setFlags(
        vnet: .zero, interface: interface, set: set, clear: clear, tracer: &recorder)
    case .address(let interface, let request, let isDeleted):
      if isDeleted {
        try? deleteAddress(
          vnet: .zero, interface: interface, request.address, tracer: &recorder)
      } else {
        try? addAddress(vnet: .zero, interface: interface, request, tracer: &recorder)
      }
    case .arp(let interface, let address, let hardware, let isDeleted):
      if isDeleted {
        try? arpDelete(vnet: .zero, interface: interface, address: address)
      } else {
        try? arpSet(
          vnet: .zero, interface: interface, address: address, hardwareAddress: hardware,
          tracer: &recorder)
      }
    case .read: readSockets()
    case .sendBack(let rule, let address, let flip):
      sendBack(rule, address, flip, &recorder)
    case .pipe(let settings, let isDeleted):
      if isDeleted {
        try? dummynetDelete(
          pipe: settings.number, queue: settings.flowSet.number, tracer: &recorder)
      } else {
        try? dummynetConfigure(settings)
      }
    case .rules(let change): perform(change)
    case .mtu(let interface, let mtu):
      try? setMTU(vnet: .zero, interface: interface, mtu)
    case .group(let interface, let group, let isLeft):
      if isLeft {
        try? leaveGroup(vnet: .zero, interface: interface, group, tracer: &recorder)
      } else {
        try? joinGroup(vnet: .zero, interface: interface, group, tracer: &recorder)
      }
    }
  }

  private mutating func perform(_ change: RuleChange) {
    switch change {
    case .delete(let number): try? firewallDelete(vnet: .zero, .number(number))
    case .flush: try? firewallFlush(vnet: .zero)
    case .renew:
      try? firewallFlush(vnet: .zero)
      try? addRules()
    case .move(let number, let set): try? firewallMove(vnet: .zero, .number(number), to: set)
    case .sets(let disabled, let enabled):
      try? firewallSets(vnet: .zero, disable: disabled, enable: enabled)
    case .natDelete(let number): try? natDelete(vnet: .zero, number)
    }
  }

  /// Gives back what waits longest in divert sockets, with a byte of it changed.
  private mutating func sendBack(
    _ rule: UInt16?, _ address: IPv4Address?, _ flip: (place: Int, bits: UInt8),
    _ recorder: inout Recorder
  ) {
    for info in sockets(vnet: .zero) where info.socket.kind == .divert {
      guard var datagram = try? receive(vnet: .zero, info.index) else { continue }
      if let rule { datagram.source.port = rule }
      if let address { datagram.source.address = address }
      if flip.place < datagram.bytes.count { datagram.bytes[flip.place] ^= flip.bits }
      if flip.place % 16 == 7 { datagram.bytes.removeLast(min(flip.place, datagram.bytes.count)) }
      try? send(
        vnet: .zero, info.index, datagram.bytes, to: flip.place == 9 ? nil : datagram.source,
        by: datagram.interface, tracer: &recorder)
    }
  }

  /// Reads all sockets until nothing waits.
  mutating func readSockets() {
    for info in sockets(vnet: .zero) {
      while (try? receive(vnet: .zero, info.index)) != nil {}
    }
  }

  /// The packets that wait in ARP entries.
  var heldByARP: Int {
    vnetList.reduce(0) {
      $0 + arpEntries(vnet: $1, includesDeleted: true).count { $0.entry.held != nil }
    }
  }

  /// No fewer than the packets that wait in sockets: each counts its bytes there.
  var heldBySockets: Int {
    sockets(vnet: .zero).reduce(0) { $0 + $1.socket.receive.count }
  }
}
