// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("Bridges") struct BridgeTests {
  /// Three running cards; em0 and em1 in a bridge that is up.
  private static func lab() throws -> InterfaceLab {
    var lab = InterfaceLab(["em0 up", "em1 up", "em2 up", "bridge0 create"])
    for name in ["em0", "em1"] { #expect(lab.add(name) == nil) }
    #expect(lab.run("bridge0 up") == nil)
    return lab
  }

  @Test(
    arguments: [
      ("em9", .ENOENT), ("em0", .EEXIST), ("lo0", .EINVAL), ("bridge0", .EINVAL), ("em2", nil),
    ] as [(String, Errno?)])
  func takesMembersIn(_ name: String, _ error: Errno?) throws {
    var lab = try Self.lab()
    #expect(lab.add(name) == error)
  }

  @Test func checksInTheOrderOfTheOriginal() throws {
    var lab = try Self.lab()
    #expect(lab.run("bridge1 create") == nil)
    #expect(lab.add("em0", to: "bridge1") == .EBUSY)
    // The first interface sets the MTU before anybody asks whether it can be a member.
    #expect(lab.add("lo0", to: "bridge1") == .EINVAL)
    let value1 = try lab.kernel.interface(vnet: .zero, named: "bridge1").interface.mtu
    #expect(value1 == 16384)
    #expect(lab.run("em2 mtu 1400") == nil)
    #expect(lab.add("em2") == .EINVAL)
    #expect(lab.kernel.machine.messages.last == "bridge0: invalid MTU for em2")
    #expect(lab.run("bridge0 mtu 1400") == .EINVAL)
  }

  @Test func membersAreInPromiscuousMode() throws {
    var lab = try Self.lab()
    var flags = try lab.flags("em0")
    #expect(flags.contains(.IFF_PROMISC))
    #expect(lab.run("bridge0 destroy") == nil)
    flags = try lab.flags("em0")
    #expect(!flags.contains(.IFF_PROMISC))
    // One that changes its name leaves the bridge, and nobody tells it.
    lab = try Self.lab()
    #expect(lab.run("em0 name wan0") == nil)
    flags = try lab.flags("wan0")
    #expect(flags.contains(.IFF_PROMISC))
    let value2 = try lab.members()
    #expect(value2 == ["em1"])
    #expect(lab.run("em1 destroy") == nil)
    let value3 = try lab.members()
    #expect(value3 == [])
  }

  /// A station's address lives 1200 seconds; every 300 somebody looks.
  @Test func stationsAge() throws {
    var lab = try Self.lab()
    try lab.pass(from: 1, to: 2, on: "em0")
    let value4 = try lab.stations()
    #expect(value4 == ["02:aa:00:00:00:01 1 em0 1200"])
    lab.tick(1_199_000)
    let value5 = try lab.stations()
    #expect(value5 == ["02:aa:00:00:00:01 1 em0 1"])
    lab.tick(2000)
    let value6 = try lab.stations()
    #expect(value6 == [])
    try lab.pass(from: 1, to: 2, on: "em0")
    #expect(lab.run("bridge0 down") == nil)
    let value7 = try lab.stations()
    #expect(value7 == [])
  }

  @Test func countsOnTheBridgeToo() throws {
    var lab = try Self.lab()
    try lab.pass(from: 2, to: 1, on: "em1")
    lab.forget()
    try lab.pass(from: 1, to: 2, on: "em0")
    let frames = lab.sentFrames
    #expect(frames.count == 1)
    // Both frames; the first went to em0 as the one for a station that nobody knew.
    let value8 = try lab.counter(.ipackets, of: "bridge0")
    #expect(value8 == 2)
    let value9 = try lab.counter(.ibytes, of: "bridge0")
    #expect(value9 == 68)
    let value10 = try lab.counter(.opackets, of: "bridge0")
    #expect(value10 == 2)
    let value11 = try lab.counter(.obytes, of: "bridge0")
    #expect(value11 == 68)
    let value12 = try lab.counter(.obytes, of: "em1")
    #expect(value12 == 34)
    let tally = lab.kernel.machine.tally
    #expect(tally.entered == tally.ended)
  }

  /// A broadcast goes to the other members, to the bridge, which counts its bytes once more, and up
  /// the stack of its own member.
  @Test func broadcastsAreForAll() throws {
    var lab = try Self.lab()
    #expect(lab.add("em2") == nil)
    lab.forget()
    try lab.receive(frame(to: .broadcast, from: mac(1)), on: "em0")
    #expect(lab.sentFrames.count == 2)
    let value13 = try lab.counter(.imcasts, of: "bridge0")
    #expect(value13 == 2)
    let value14 = try lab.counter(.ibytes, of: "bridge0")
    #expect(value14 == 68)
    let value15 = try lab.counter(.ipackets, of: "bridge0")
    #expect(value15 == 1)
    let tally = lab.kernel.machine.tally
    #expect(tally.entered == tally.ended)
  }

  /// A VLAN's frames are filed under its tag, and leave with it.
  @Test func keepsVLANsApart() throws {
    var lab = try Self.lab()
    let rest: [UInt8] = [0x81, 0, 0, 5, 0x08, 0] + packet
    try lab.receive(bytes(mac(2)) + bytes(mac(1)) + rest, on: "em0")
    let value16 = try lab.stations()
    #expect(value16 == ["02:aa:00:00:00:01 5 em0 1200"])
    #expect(lab.sentFrames.last == bytes(mac(2)) + bytes(mac(1)) + rest)
    let value17 = try lab.counter(.obytes, of: "em1")
    #expect(value17 == 34)
  }

  @Test func aCloneForwardsAsTheOriginal() throws {
    var lab = try Self.lab()
    try lab.pass(from: 2, to: 1, on: "em1")
    var copy = lab.kernel.clone()
    let card = try lab.index("em0")
    let received = ReceivedFrame(frame(to: mac(2), from: mac(1)), on: card)
    _ = copy.receive(received)
    _ = lab.kernel.receive(received)
    for name in ["bridge0", "em0", "em1", "em2"] {
      let ours = try lab.kernel.interface(vnet: .zero, named: name).interface.statistics
      let theirs = try copy.interface(vnet: .zero, named: name).interface.statistics
      for counter in [InterfaceCounter.ipackets, .ibytes, .opackets, .obytes] {
        #expect(ours[counter] == theirs[counter], "\(name)")
      }
    }
  }

  /// Two bridges with two cables between them: the tree cuts one, and takes it when the other breaks.
  /// What lies behind a datagram is no part of it where it is too long for a member.
  @Test(arguments: [(60, 0, [82, 46]), (60, 40, [82, 46]), (10, 60, [44])])
  func cutsTheDatagramAlone(_ payload: Int, _ behind: Int, _ lengths: [Int]) throws {
    var kernel = Kernel()
    let bridge = try kernel.createInterface(vnet: .zero, named: "bridge0")
    for name in ["em0", "em1"] {
      let card = try kernel.interface(vnet: .zero, named: name).index
      try kernel.setFlags(vnet: .zero, interface: card, set: .IFF_UP)
      let own = try kernel.interface(vnet: .zero, named: "\(bridge)").index
      try kernel.addBridgeMember(vnet: .zero, interface: own, name)
      try kernel.setFlags(vnet: .zero, interface: own, set: .IFF_UP)
    }
    let (em0, em1) = (
      try kernel.interface(vnet: .zero, named: "em0").index,
      try kernel.interface(vnet: .zero, named: "em1").index
    )
    try kernel.setMTU(vnet: .zero, interface: em1, 72)
    let datagram = TestPacket(payload: [UInt8](repeating: 7, count: payload)).bytes
    let header = bytes(mac(2)) + bytes(mac(1)) + [8, 0]
    let rest = [UInt8](repeating: 9, count: behind)
    var recorder = Recorder()
    kernel.receive(ReceivedFrame(header + datagram + rest, on: em0), tracer: &recorder)
    let sent = recorder.snapshots.compactMap { snapshot -> Int? in
      guard case .transmitted = snapshot.moment else { return nil }
      return recorder.bytes(of: snapshot).count
    }
    #expect(sent == lengths)
  }

  @Test func theTreeCutsALoop() throws {
    var pair = try BridgePair()
    try pair.run(seconds: 5)
    let value18 = try pair.ports
    #expect(value18 == ["root forwarding, alternate discarding", "designated forwarding"])
    try pair.breakCable()
    try pair.run(seconds: 5)
    let value19 = try pair.ports
    #expect(value19 == ["disabled discarding, root forwarding", "disabled, designated"])
  }
}

private let packet: [UInt8] = [
  0x45, 0, 0, 20, 0, 1, 0, 0, 64, 253, 0x65, 0xe0, 10, 5, 0, 1, 10, 5, 0, 2,
]

private func bytes(_ address: EthernetAddress) -> [UInt8] {
  (0..<6).map { UInt8(truncatingIfNeeded: address.rawValue >> (40 - 8 * UInt64($0))) }
}

private func frame(to: EthernetAddress, from: EthernetAddress) -> [UInt8] {
  bytes(to) + bytes(from) + [8, 0] + packet
}

extension InterfaceLab {
  fileprivate mutating func add(_ name: String, to bridge: String = "bridge0") -> Errno? {
    do throws(Errno) {
      try kernel.addBridgeMember(vnet: .zero, interface: index(bridge), name)
      return nil
    } catch {
      return error
    }
  }

  fileprivate func flags(_ name: String) throws(Errno) -> InterfaceFlags {
    try kernel.interface(vnet: .zero, named: name).flags
  }

  fileprivate func info() throws(Errno) -> BridgeInfo {
    guard let info = try kernel.interface(vnet: .zero, named: "bridge0").bridge else {
      throw .ENXIO
    }
    return info
  }

  fileprivate func members() throws(Errno) -> [String] {
    try info().members.map { "\($0.name)" }
  }

  /// The stations with VLAN, member and the seconds they have left.
  fileprivate func stations() throws(Errno) -> [String] {
    try kernel.bridgeAddresses(vnet: .zero, interface: index("bridge0")).map {
      "\($0.address) \($0.vlan) \($0.interface) \($0.expire)"
    }
  }

  /// A frame of one station to another.
  fileprivate mutating func pass(
    from: UInt8, to: UInt8, on card: String
  ) throws(Errno) {
    try receive(frame(to: mac(to), from: mac(from)), on: card)
  }
}

/// Two machines with a bridge each, whose em0 and em1 are joined by cables.
private struct BridgePair: ~Copyable {
  private var first: Kernel
  private var second: Kernel
  private var isBroken = false
  /// The number of em0, after lo0.
  private let cut: UInt16 = 2

  init() throws {
    let follower = try Self.machine(2)
    let root = try Self.machine(1)
    first = follower
    second = root
  }

  /// A machine whose addresses end in a number.
  private static func machine(_ number: UInt8) throws -> Kernel {
    var options = KernelOptions()
    options.ethernetInterfaces = 0
    var kernel = Kernel(options)
    for unit in UInt8(0)..<2 {
      try kernel.createInterface(
        vnet: .zero, named: "em\(unit)",
        hardwareAddress: EthernetAddress(2, 0, 0, 0, number, unit))
    }
    try kernel.createInterface(vnet: .zero, named: "bridge0")
    let bridge = try kernel.interface(vnet: .zero, named: "bridge0").index
    for name in ["em1", "em0"] {
      let card = try kernel.interface(vnet: .zero, named: name).index
      try kernel.setFlags(
        vnet: .zero, interface: card, set: .IFF_UP, clear: [], fib: .zero)
      try kernel.addBridgeMember(vnet: .zero, interface: bridge, name)
      let flags = try kernel.bridgeFlags(vnet: .zero, interface: bridge, name)
      try kernel.setBridgeFlags(
        vnet: .zero, interface: bridge, name, flags.union(.IFBIF_STP))
    }
    try kernel.setFlags(vnet: .zero, interface: bridge, set: .IFF_UP, clear: [], fib: .zero)
    return kernel
  }

  /// Lets time pass, in which frames go from card to card.
  mutating func run(seconds: Int) throws {
    for _ in 0..<seconds {
      var ours = Recorder()
      var theirs = Recorder()
      first.advance(to: first.machine.now.advanced(seconds: 1), &ours)
      second.advance(to: second.machine.now.advanced(seconds: 1), &theirs)
      for _ in 0..<20 {
        let left = Self.sent(ours)
        let right = Self.sent(theirs)
        if left.isEmpty && right.isEmpty { break }
        ours.removeAll()
        theirs.removeAll()
        for frame in right where !isBroken || frame.interface.rawValue != cut {
          _ = first.receive(frame, tracer: &ours)
        }
        for frame in left where !isBroken || frame.interface.rawValue != cut {
          _ = second.receive(frame, tracer: &theirs)
        }
      }
    }
  }

  private static func sent(_ recorder: borrowing Recorder) -> [ReceivedFrame] {
    recorder.snapshots.compactMap { snapshot in
      guard case .transmitted(let interface) = snapshot.moment else { return nil }
      return ReceivedFrame(Array(recorder.bytes(of: snapshot)), on: interface)
    }
  }

  /// Pulls the cable of em0 out at both ends.
  mutating func breakCable() throws {
    isBroken = true
    for isFirst in [true, false] {
      var recorder = Recorder()
      if isFirst {
        let card = try first.interface(vnet: .zero, named: "em0").index
        try first.setLinkState(vnet: .zero, interface: card, .down, tracer: &recorder)
      } else {
        let card = try second.interface(vnet: .zero, named: "em0").index
        try second.setLinkState(vnet: .zero, interface: card, .down, tracer: &recorder)
      }
    }
  }

  /// How em0 and em1 stand on the bridge that is not the root and on the root; once what is equal.
  var ports: [String] {
    get throws {
      let members = try [Self.members(first), Self.members(second)]
      return members.enumerated().map { number, ports in
        let states = ports.map { "\($0.role) \($0.state)" }
        if number == 0 { return states.joined(separator: ", ") }
        return Set(states).count == 1
          ? states[0] : ports.map { "\($0.role)" }.joined(separator: ", ")
      }
    }
  }

  private static func members(_ kernel: borrowing Kernel) throws -> [BridgeMemberInfo] {
    try kernel.interface(vnet: .zero, named: "bridge0").bridge?.members ?? []
  }
}
