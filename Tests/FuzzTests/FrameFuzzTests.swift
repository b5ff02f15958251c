// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// Whatever comes in, the machine neither traps nor loses a packet.
///
/// A seed that fails is named by its test case; it fails again whenever it is run.
@Suite("Random frames") struct FrameFuzzTests {
  @Test(arguments: FuzzSize.frameSeeds) func keepAccount(seed: UInt64) throws {
    var kernel = try lab(seed: seed)
    var happenings = HappeningMaker(seed: seed, kernel)
    var recorder = Recorder()
    for number in 0..<FuzzSize.framesPerSeed {
      let place = "seed \(seed), happening \(number)"
      perform(happenings.next(), &kernel, &recorder)
      let tally = kernel.machine.tally
      #expect(tally.ended == tally.entered, "\(place): \(tally)")
      // Kept is what ARP holds, and what waits with the verdict that it waits.
      let most = Int(tally.held) + heldByARP(kernel)
      #expect(kernel.machine.store.buffersInUse <= most, "\(place)")
      #expect(wrongChecksums(recorder) == [], "\(place)")
      recorder.removeAll()
    }
    let tally = kernel.machine.tally
    #expect(min(tally.sent, tally.dropped) > 0, "seed \(seed): \(tally)")
    kernel.advance(to: kernel.machine.now.advanced(seconds: 7200))
    #expect(kernel.machine.tally.held == 0, "seed \(seed)")
    #expect(kernel.machine.store.buffersInUse == heldByARP(kernel), "seed \(seed)")
  }

  @Test(arguments: FuzzSize.frameSeeds) func aCloneDoesTheSame(seed: UInt64) throws {
    var kernel = try lab(seed: seed)
    var happenings = HappeningMaker(seed: seed &+ 1_000_000, kernel)
    for _ in 0..<FuzzSize.framesPerSeed / 2 {
      var ignored = Recorder()
      perform(happenings.next(), &kernel, &ignored)
    }
    var twin = kernel.clone()
    var recorder = Recorder()
    var twinRecorder = Recorder()
    for _ in 0..<FuzzSize.framesPerSeed / 2 {
      let happening = happenings.next()
      perform(happening, &kernel, &recorder)
      perform(happening, &twin, &twinRecorder)
    }
    #expect(recorder.bytes == twinRecorder.bytes, "seed \(seed)")
    #expect(recorder.entries.count == twinRecorder.entries.count, "seed \(seed)")
    #expect(kernel.machine.tally == twin.machine.tally, "seed \(seed)")
    #expect(kernel.machine.messages == twin.machine.messages, "seed \(seed)")
    #expect(kernel.machine.store.buffersInUse == twin.machine.store.buffersInUse, "seed \(seed)")
  }

  @Test(arguments: FuzzSize.frameSeeds) func listeningChangesNothing(seed: UInt64) throws {
    var kernel = try lab(seed: seed)
    var twin = kernel.clone()
    var happenings = HappeningMaker(seed: seed &+ 2_000_000, kernel)
    var recorder = Recorder()
    for _ in 0..<FuzzSize.framesPerSeed / 2 {
      guard case .frame(let frame) = happenings.next() else { continue }
      kernel.receive(frame, tracer: &recorder)
      twin.receive(frame)
      recorder.removeAll()
    }
    #expect(kernel.machine.tally == twin.machine.tally, "seed \(seed)")
    let counters = kernel[.zero].statistics.ip.changes(since: twin[.zero].statistics.ip)
    #expect(counters.isEmpty, "seed \(seed): \(counters)")
  }

  /// Three networks, a way out in two tables, neighbours, and rules that let most things pass.
  private func lab(seed: UInt64) throws -> Kernel {
    var options = KernelOptions.demo
    options.seed = seed
    var kernel = Kernel(options)
    for (unit, index) in kernel[.zero].interfaces.all.enumerated() where unit < 3 {
      let address = IPv4Address(10, 0, UInt8(unit), 1)
      try kernel.addAddress(
        vnet: .zero, interface: index, AddressRequest(address, mask: IPv4Prefix.mask(length: 24)))
      let neighbour = IPv4Address(10, 0, UInt8(unit), 2)
      try kernel.arpSet(
        vnet: .zero, interface: index, address: neighbour,
        hardwareAddress: EthernetAddress(rawValue: 0x02aa_0000_0001))
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
    for action in [
      RuleAction.count, .setfib(1), .unreach(code: 13),
      .forward(
        IPv4Address(10, 0, 2, 2), port: 0),
    ] {
      var rule = FirewallRule(action)
      if action != .count { rule.instructions = [Instruction(.proto(UInt16(47)))] }
      _ = try kernel.firewallAdd(vnet: .zero, rule: rule)
    }
    return kernel
  }

  /// Does it; what the kernel refuses is part of the test.
  private func perform(
    _ happening: Happening, _ kernel: inout Kernel, _ recorder: inout Recorder
  ) {
    switch happening {
    case .frame(let frame): kernel.receive(frame, tracer: &recorder)
    case .send(let packet): try? kernel.send(packet, tracer: &recorder)
    case .wait(let milliseconds):
      kernel.advance(
        to: kernel.machine.now.advanced(milliseconds: milliseconds), &recorder)
    case .set(let key, let value):
      if SysctlTree[key].scope == .machine {
        try? kernel.machine.sysctl.set(key, to: value)
      } else {
        try? kernel[.zero].sysctl.set(key, to: value)
      }
    case .route(let fib, let message, let isDeleted):
      if isDeleted {
        _ = try? kernel.routeDelete(vnet: .zero, fib: fib, message)
      } else {
        try? kernel.routeAdd(vnet: .zero, fib: fib, message)
      }
    case .flags(let interface, let set, let clear):
      try? kernel.setFlags(
        vnet: .zero, interface: interface, set: set, clear: clear, tracer: &recorder)
    case .address(let interface, let request, let isDeleted):
      if isDeleted {
        try? kernel.deleteAddress(
          vnet: .zero, interface: interface, request.address, tracer: &recorder)
      } else {
        try? kernel.addAddress(vnet: .zero, interface: interface, request, tracer: &recorder)
      }
    case .arp(let interface, let address, let hardware, let isDeleted):
      if isDeleted {
        try? kernel.arpDelete(vnet: .zero, interface: interface, address: address)
      } else {
        try? kernel.arpSet(
          vnet: .zero, interface: interface, address: address, hardwareAddress: hardware,
          tracer: &recorder)
      }
    case .mtu(let interface, let mtu):
      try? kernel.setMTU(vnet: .zero, interface: interface, mtu)
    case .group(let interface, let group, let isLeft):
      if isLeft {
        try? kernel.leaveGroup(vnet: .zero, interface: interface, group)
      } else {
        try? kernel.joinGroup(vnet: .zero, interface: interface, group)
      }
    }
  }

  private func heldByARP(_ kernel: borrowing Kernel) -> Int {
    var held = 0
    for info in kernel.arpEntries(vnet: .zero, includesDeleted: true)
    where info.entry.held != nil { held += 1 }
    return held
  }

  /// The IPv4 headers among the frames sent that do not sum to zero, in hexadecimal.
  private func wrongChecksums(_ recorder: borrowing Recorder) -> [String] {
    var wrong: [String] = []
    for snapshot in recorder.snapshots {
      guard case .transmitted = snapshot.moment else { continue }
      let frame = Array(recorder.bytes(of: snapshot))
      guard frame.count >= 34, frame[12] == 0x08, frame[13] == 0x00 else { continue }
      let headerLength = Int(frame[14] & 0xf) * 4
      guard headerLength >= 20, frame.count >= 14 + headerLength else {
        wrong.append("a header of \(headerLength) bytes")
        continue
      }
      var sum = InternetChecksum()
      sum.add(Array(frame[14..<14 + headerLength]).span.bytes)
      if sum.finish() != 0 { wrong.append("\(frame[14..<14 + headerLength])") }
    }
    return wrong
  }
}
