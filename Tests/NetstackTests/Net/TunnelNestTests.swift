// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// A packet from 10.8.0.1 to 10.8.0.2, zeros behind its header.
private func packet(_ length: UInt16) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: Int(length))
  let header = IPv4Header(
    totalLength: length, identification: 7, protocol: .icmp, source: ip("10.8.0.1"),
    destination: ip("10.8.0.2"))
  bytes.withMutableRawBytes { header.write(into: &$0, at: 0) }
  return bytes
}

@Suite("Tunnels in tunnels") struct TunnelNestTests {
  @Test func noticesALoopOfTunnels() throws {
    // Each of the two is the other's way.
    var lab = InterfaceLab([
      "lo0 127.0.0.1/8", "em0 10.0.0.1/24", "sysctl max_nesting 50", "gif0 create", "gif1 create",
      "gif0 tunnel 10.0.0.1 10.9.0.2", "gif1 tunnel 10.0.0.1 10.8.0.2",
      "gif0 10.8.0.1/32 10.8.0.2", "gif1 10.9.0.1/32 10.9.0.2",
    ])
    #expect(lab.send(to: "10.8.0.2") == .EIO)
    #expect(lab.ends == ["DROPPED gif.loop"])
    #expect(lab.kernel.machine.messages == ["gif_output: loop detected on gif0"])
    let errors = try (lab.counter(.oerrors, of: "gif0"), lab.counter(.oerrors, of: "gif1"))
    #expect(errors == (2, 1))
  }

  /// Both ends are this host, where what comes out is forwarded into the tunnel again: with the time
  /// to live it ends, and without, in stealth, it is cut.
  @Test(arguments: [Int64(0), 1]) func aTunnelToItselfEnds(stealth: Int64) throws {
    var kernel = Kernel(.demo)
    kernel[.zero].sysctl[.ipForwarding] = 1
    kernel[.zero].sysctl[.ipStealth] = stealth
    let (here, there) = (ip("10.8.0.1"), ip("10.8.0.2"))
    let card = try kernel.interface(vnet: .zero, named: "em0").index
    try kernel.addAddress(
      vnet: .zero, interface: card,
      AddressRequest(ip("10.0.0.1"), mask: IPv4Prefix.mask(length: 24)))
    try kernel.createInterface(vnet: .zero, named: "gif0")
    let gif = try kernel.interface(vnet: .zero, named: "gif0").index
    try kernel.setTunnel(
      vnet: .zero, interface: gif,
      TunnelEnds(source: ip("10.0.0.1"), destination: ip("10.0.0.1")))
    try kernel.addAddress(
      vnet: .zero, interface: gif, AddressRequest(here, mask: .broadcast, destination: there))
    try kernel.send(LocalPacket(packet(28), socket: .rawHeaderIncluded))
    let tally = kernel.machine.tally
    let inUse = kernel.machine.store.buffersInUse
    #expect(tally.ended == tally.entered && tally.held == 0 && inUse == 0)
    let isCut = kernel.machine.messages.contains { $0.contains("a loop, cut here") }
    #expect(isCut == (stealth == 1))
    let wrapped = try kernel.interface(vnet: .zero, named: "gif0").interface.statistics
    #expect(wrapped[.opackets] > 60)
  }

  /// Headers in front of the longest packet: its length is what 16 bits keep of it, and none is lost.
  @Test func wrapsTheLongestPacket() throws {
    var commands = ["lo0 127.0.0.1/8", "em0 10.0.0.1/24", "arp 10.0.0.2 02:aa:00:00:00:02"]
    for unit in 0..<4 {
      commands += [
        "gre\(unit) create", "gre\(unit) mtu 65535",
        "gre\(unit) 10.\(unit + 8).0.1/32 10.\(unit + 8).0.2", "gre\(unit) link1",
      ]
    }
    for unit in 0..<3 {
      commands.append("gre\(unit) tunnel 10.\(unit + 9).0.1 10.\(unit + 9).0.2")
    }
    var lab = InterfaceLab(commands + ["gre3 tunnel 10.0.0.1 10.0.0.2"])
    for length in [65_535, 65_500, 65_440] as [UInt16] {
      try? lab.kernel.send(
        LocalPacket(packet(length), socket: .rawHeaderIncluded), tracer: &lab.recorder)
    }
    let tally = lab.kernel.machine.tally
    let inUse = lab.kernel.machine.store.buffersInUse
    #expect(tally.ended == tally.entered && inUse == Int(tally.held))
    let first = try lab.kernel.interface(vnet: .zero, named: "gre0").interface.statistics
    #expect(first[.opackets] == 3)
  }

  @Test func aDeepNestFindsRoomForItsHeaders() throws {
    var commands = ["lo0 127.0.0.1/8", "em0 10.0.0.1/24", "arp 10.0.0.2 02:aa:00:00:00:02"]
    for unit in 0..<10 {
      let below = unit == 0 ? "10.0.0" : "10.8.\(unit - 1)"
      commands += [
        "gif\(unit) create", "gif\(unit) tunnel \(below).1 \(below).2",
        "gif\(unit) 10.8.\(unit).1/32 10.8.\(unit).2",
      ]
    }
    var lab = InterfaceLab(commands + ["sysctl max_nesting 10"])
    #expect(lab.send(to: "10.8.9.2") == nil)
    #expect(lab.sentFrames.last?.count == 14 + 10 * 20 + 36)
    let tally = lab.kernel.machine.tally
    #expect(tally.entered == tally.ended)
  }
}
