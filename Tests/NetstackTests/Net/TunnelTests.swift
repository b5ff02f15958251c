// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// A host with a tunnel of the given kind to 10.0.0.2: 10.8.0.1 is here, 10.8.0.2 there.
private func near(_ kind: String, _ more: [String] = []) -> InterfaceLab {
  InterfaceLab(
    [
      "lo0 127.0.0.1/8", "em0 10.0.0.1/24", "\(kind) create", "\(kind) tunnel 10.0.0.1 10.0.0.2",
      "\(kind) 10.8.0.1/32 10.8.0.2", "arp 10.0.0.2 02:aa:00:00:00:02",
    ] + more)
}

/// The host at the other end.
private func far(_ kind: String, _ more: [String] = []) -> InterfaceLab {
  InterfaceLab(
    [
      "lo0 127.0.0.1/8", "em0 10.0.0.2/24", "em0 ether 02:aa:00:00:00:02", "\(kind) create",
      "\(kind) tunnel 10.0.0.2 10.0.0.1", "\(kind) 10.8.0.2/32 10.8.0.1",
      "arp 10.0.0.1 02:00:00:00:00:00",
    ] + more)
}

/// The IP header at a place of a frame.
private func header(of frame: [UInt8], at place: Int) -> IPv4Header? {
  let bytes = Array(frame.dropFirst(place))
  return IPv4Header(bytes.rawBytes)
}

/// An echo request from 10.8.0.1 to 10.8.0.2.
private let echoRequest: [UInt8] = {
  var bytes = [UInt8](repeating: 0, count: 28)
  let header = IPv4Header(
    totalLength: 28, identification: 7, protocol: .icmp, source: ip("10.8.0.1"),
    destination: ip("10.8.0.2"))
  bytes.withMutableRawBytes { header.write(into: &$0, at: 0) }
  // Type 8, and the checksum of nothing else.
  (bytes[20], bytes[22], bytes[23]) = (8, 0xf7, 0xff)
  return bytes
}()

@Suite("gif and gre") struct TunnelTests {
  /// Each kind, and gre as RFC 2004 has it too.
  @Test(arguments: [("gif0", []), ("gre0", []), ("gre0", ["gre0 -link0"])])
  func packetsCrossFromHostToHost(kind: String, more: [String]) throws {
    var here = near(kind, more)
    var there = far(kind, more)
    try here.kernel.send(
      LocalPacket(echoRequest, socket: .rawHeaderIncluded), tracer: &here.recorder)
    #expect(here.ends == ["SENT out.sent"])
    let frame = try #require(here.sentFrames.last)
    try there.receive(frame)
    let answer = try #require(there.sentFrames.last)
    here.forget()
    try here.receive(answer)
    // Nobody waits for the reply, but ICMP has counted it.
    #expect(here.kernel[.zero].statistics.icmp.inhist[0] == 1, "\(here.ends)")
    let counts = try (
      here.counter(.opackets, of: kind), here.counter(.ipackets, of: kind),
      there.counter(.ipackets, of: kind), there.counter(.opackets, of: kind)
    )
    #expect(counts == (1, 1, 1, 1))
  }

  @Test func gifWrapsInAnHeaderOfItsOwn() throws {
    var lab = near("gif0")
    #expect(lab.send(to: "10.8.0.2", id: 7) == nil)
    let frame = try #require(lab.sentFrames.last)
    let outer = try #require(header(of: frame, at: 14))
    let inner = try #require(header(of: frame, at: 34))
    #expect(outer.protocol == .ipip && outer.ttl == 30 && outer.totalLength == 56)
    #expect("\(outer.source) \(outer.destination)" == "10.0.0.1 10.0.0.2")
    #expect(inner.identification == 7 && outer.identification != 7)
    let bytes = try lab.counter(.obytes, of: "gif0")
    #expect(bytes == 36)
  }

  @Test func greKeepsServiceAndIdentificationAndAddsAKey() throws {
    var lab = near("gre0", ["gre0 grekey 258"])
    #expect(lab.send(to: "10.8.0.2", id: 7) == nil)
    let frame = try #require(lab.sentFrames.last)
    let outer = try #require(header(of: frame, at: 14))
    #expect(outer.protocol == .gre && outer.identification == 7 && outer.ttl == 30)
    #expect(Array(frame[34..<42]) == [0x20, 0, 8, 0, 0, 0, 1, 2])
    let (bytes, state) = try (lab.counter(.obytes, of: "gre0"), lab.state("gre0"))
    #expect(bytes == 64 && state == "9051 1472")
  }

  @Test func greWithoutLink0PutsAShortHeaderBehindThePacketsOwn() throws {
    var lab = near("gre0", ["gre0 -link0"])
    #expect(lab.send(to: "10.8.0.2", id: 7) == nil)
    let frame = try #require(lab.sentFrames.last)
    let outer = try #require(header(of: frame, at: 14))
    #expect(outer.protocol == .mobile && outer.totalLength == 44 && outer.identification == 7)
    #expect("\(outer.source) \(outer.destination)" == "10.0.0.1 10.0.0.2")
    // The source is the tunnel's own end, so that it is not carried along.
    #expect(Array(frame[34..<42]) == [17, 0, 0xe4, 0xf5, 10, 8, 0, 2])
  }

  @Test func outerPacketsHaveTheTableOfWhoMadeTheTunnel() throws {
    for kind in ["gif0", "gre0"] {
      var lab = InterfaceLab([
        "lo0 127.0.0.1/8", "em0 10.0.0.1/24", "em1 10.1.0.1/24",
        "route 172.16.0.0/16 10.0.0.2", "setfib 1 route 172.16.0.0/16 10.1.0.2",
        "setfib 1 \(kind) create", "\(kind) tunnel 10.1.0.1 172.16.0.1",
        "\(kind) 10.8.0.1/32 10.8.0.2",
      ])
      #expect(lab.send(to: "10.8.0.2") == nil)
      #expect(lab.frames == ["em1 who-has 10.1.0.2 tell 10.1.0.1"])
    }
  }

  @Test(
    arguments: [
      ("gif0", "gif0 deletetunnel", .ENETDOWN, "gif.down"),
      ("gif0", "gif0 tunnel 10.0.0.1 0.0.0.0", .ENETUNREACH, "gif.noroute"),
      ("gif0", "gif0 tunnel 10.0.0.1 172.16.0.1", .ENETUNREACH, "gif.noroute"),
      ("gif0", "gif0 tunnel 10.0.0.1 10.8.0.2", .ENETUNREACH, "gif.self"),
      ("gre0", "gre0 deletetunnel", .ENETDOWN, "gre.down"),
      ("gre0", "gre0 tunnel 10.0.0.1 172.16.0.1", .ENETDOWN, "gre.down"),
    ] as [(String, String, Errno, String)])
  func refusesToSend(_ kind: String, _ command: String, _ error: Errno, _ end: String) throws {
    var lab = near(kind)
    #expect(lab.run(command) == nil)
    lab.forget()
    #expect(lab.send(to: "10.8.0.2") == error)
    #expect(lab.ends == ["DROPPED \(end)"])
    let errors = try lab.counter(.oerrors, of: kind)
    #expect(errors == 1)
  }

  @Test func aDownTunnelWithAStaticRouteSaysSo() throws {
    for (kind, end) in [("gif0", "gif.down"), ("gre0", "gre.down")] {
      var lab = near(kind, ["route 10.9.0.0/16 10.8.0.2", "\(kind) down"])
      #expect(lab.send(to: "10.9.0.1") == .ENETDOWN)
      #expect(lab.ends == ["DROPPED \(end)"])
    }
  }

  @Test func wrapsOnceUnlessToldOtherwise() throws {
    // gif1 goes through gif0.
    var lab = near(
      "gif0",
      ["gif1 create", "gif1 tunnel 10.8.0.1 10.8.0.2", "gif1 10.9.0.1/32 10.9.0.2"])
    #expect(lab.send(to: "10.9.0.2") == .EIO)
    #expect(lab.ends == ["DROPPED gif.nested"])
    #expect(
      lab.kernel.machine.messages == ["gif_output: recursively called too many times(2)"])
    lab.forget()
    #expect(lab.run("sysctl max_nesting 2") == nil)
    #expect(lab.send(to: "10.9.0.2") == nil)
    #expect(lab.sentFrames.last?.count == 14 + 20 + 20 + 36)
  }

  @Test func twoTunnelsMayNotHaveTheSameEnds() {
    var lab = near("gif0", ["gif1 create"])
    #expect(lab.run("gif1 tunnel 10.0.0.1 10.0.0.2") == .EADDRNOTAVAIL)
    #expect(lab.run("sysctl parallel_tunnels 1") == nil)
    #expect(lab.run("gif1 tunnel 10.0.0.1 10.0.0.2") == nil)
    #expect(lab.run("em0 tunnel 10.0.0.1 10.0.0.2") == .EINVAL)
    #expect(lab.run("em0 deletetunnel") == .EINVAL)
  }

  @Test(
    arguments: [
      ("gif0 mtu 1279", .EINVAL), ("gif0 mtu 8192", nil), ("gif0 mtu 8193", .EINVAL),
      ("gre0 mtu 575", .EINVAL), ("gre0 mtu 9000", nil), ("gif0 grekey 1", .EINVAL),
    ] as [(String, Errno?)]) func checksSettings(_ command: String, _ error: Errno?)
  {
    var lab = near("gif0", ["gre0 create"])
    #expect(lab.run(command) == error)
  }

  @Test func flagsTellWhetherThereAreEnds() throws {
    var lab = InterfaceLab(["em0 10.0.0.1/24", "gif0 create", "gre0 create"])
    func states() throws -> [String] { try ["gif0", "gre0"].map { try lab.state($0) } }
    #expect(try states() == ["8010 1280", "9010 1476"])
    for kind in ["gif0", "gre0"] {
      #expect(lab.run("\(kind) 10.8.0.1") == .EDESTADDRREQ)
      #expect(lab.run("\(kind) tunnel 10.0.0.1 10.0.0.2") == nil)
      #expect(lab.run("\(kind) up") == nil)
    }
    #expect(try states() == ["8051 1280", "9051 1476"])
    for kind in ["gif0", "gre0"] { #expect(lab.run("\(kind) deletetunnel") == nil) }
    #expect(try states() == ["8011 1280", "9051 1476"])
  }
}

@Suite("Packets out of tunnels") struct EncapInputTests {
  /// A packet from 10.0.0.2 to 10.0.0.1 with 36 bytes inside.
  private func wrapped(
    _ proto: IPProtocol = .ipip, tos: UInt8 = 0, from source: String = "10.0.0.2",
    gre: [UInt8] = [], innerTOS: UInt8 = 0, innerLength: Int = 36
  ) -> [UInt8] {
    let length = 20 + gre.count + innerLength
    var bytes = [UInt8](repeating: 0, count: 14 + length)
    for (place, byte) in gre.enumerated() { bytes[34 + place] = byte }
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    EthernetHeader(
      destination: EthernetAddress(2, 0, 0, 0, 0, 0), source: mac(2), type: .ipv4
    ).write(into: &raw, at: 0)
    let outer = IPv4Header(
      tos: tos, totalLength: UInt16(length), identification: 1, protocol: proto,
      source: ip(source), destination: ip("10.0.0.1"))
    write(outer, at: 14, into: &raw)
    if innerLength >= 20 {
      let inner = IPv4Header(
        tos: innerTOS, totalLength: UInt16(innerLength), identification: 2,
        protocol: IPProtocol(rawValue: 99), source: ip("10.8.0.2"), destination: ip("10.8.0.1"))
      write(inner, at: 34 + gre.count, into: &raw)
    }
    return bytes
  }

  private func write(_ header: IPv4Header, at place: Int, into raw: inout MutableRawSpan) {
    var header = header
    var alone = [UInt8](repeating: 0, count: 20)
    var span = alone.mutableSpan
    var bytes = span.mutableBytes
    header.write(into: &bytes, at: 0)
    header.checksum = IPv4Header.checksum(of: bytes.bytes, headerLength: 20)
    header.write(into: &raw, at: place)
  }

  private func ends(_ lab: inout InterfaceLab, _ frame: [UInt8]) throws -> [String] {
    lab.forget()
    try lab.receive(frame)
    return lab.ends
  }

  @Test func gifTakesWhatItsOtherEndSends() throws {
    var lab = near("gif0")
    // 99 is nobody's protocol.
    #expect(try ends(&lab, wrapped()) == ["DROPPED raw.noproto"])
    let counts = try (lab.counter(.ipackets, of: "gif0"), lab.counter(.ibytes, of: "gif0"))
    #expect(counts == (1, 36))
    #expect(try ends(&lab, wrapped(.ipv6)) == ["DROPPED gif.other"])
    #expect(try ends(&lab, wrapped(.etherip)) == ["DROPPED gif.other"])
    #expect(try ends(&lab, wrapped(innerLength: 12)) == ["DROPPED gif.short"])
    // From elsewhere, and while it is down, raw sockets may have it.
    #expect(try ends(&lab, wrapped(from: "10.0.0.3")) == ["DROPPED raw.noproto"])
    #expect(lab.run("gif0 down") == nil)
    #expect(try ends(&lab, wrapped()) == ["DROPPED raw.noproto"])
    let after = try lab.counter(.ipackets, of: "gif0")
    #expect(after == 1)
  }

  @Test func gifLooksWhereThePacketComesFrom() throws {
    // The way to the other end is em1, but the packet comes by em0.
    var lab = near(
      "gif0",
      ["em1 10.1.0.1/24", "gif0 tunnel 10.0.0.1 172.16.0.1", "route 172.16.0.0/16 10.1.0.2"])
    let frame = wrapped(from: "172.16.0.1")
    _ = try ends(&lab, frame)
    let filtered = try lab.counter(.ipackets, of: "gif0")
    #expect(filtered == 0)
    #expect(lab.run("gif0 link2") == nil)
    _ = try ends(&lab, frame)
    let taken = try lab.counter(.ipackets, of: "gif0")
    #expect(taken == 1)
  }

  @Test func marksOfCongestionComeInsideWithLink1() throws {
    var lab = near("gif0")
    #expect(try ends(&lab, wrapped(tos: 3)) == ["DROPPED raw.noproto"])
    #expect(lab.run("gif0 link1") == nil)
    #expect(try ends(&lab, wrapped(tos: 3)) == ["DROPPED gif.ecn"])
    // The mark damages the inner header's checksum.
    #expect(try ends(&lab, wrapped(tos: 3, innerTOS: 2)) == ["DROPPED ip.badsum"])
    #expect(try ends(&lab, wrapped(tos: 3, innerTOS: 3)) == ["DROPPED raw.noproto"])
  }

  @Test(
    arguments: [
      ([0, 0, 8, 0], "DROPPED raw.noproto", 1, 1), ([0x20, 0, 8, 0, 9, 9, 9, 9], "", 1, 1),
      ([0xb0, 0, 8, 0, 0, 0, 0, 0, 9, 9, 9, 9, 0, 0, 0, 1], "", 1, 1),
      ([0, 0, 0x88, 0x3e], "", 1, 1), ([0x40, 0, 8, 0, 0, 0, 0, 0], "", 1, 0),
      ([0, 0, 0x86, 0xdd], "", 1, 0),
    ] as [([UInt8], String, UInt64, UInt64)])
  func greStepsOverWhatItDoesNotRead(
    _ header: [UInt8], _ end: String, _ counted: UInt64, _ taken: UInt64
  ) throws {
    var lab = near("gre0")
    let before = lab.kernel[.zero].statistics.ip[.total]
    #expect(try ends(&lab, wrapped(.gre, gre: header)) == ["DROPPED raw.noproto"])
    let packets = try lab.counter(.ipackets, of: "gre0")
    // What is taken goes through ip_input a second time.
    let passes = lab.kernel[.zero].statistics.ip[.total] - before
    #expect(packets == counted && passes == 1 + taken)
  }

  @Test func greEndsWhatIsTooShort() throws {
    var lab = near("gre0")
    #expect(try ends(&lab, wrapped(.gre, gre: [0, 0], innerLength: 0)) == ["DROPPED gre.short"])
    #expect(
      try ends(&lab, wrapped(.gre, gre: [0x20, 0, 8, 0], innerLength: 0)) == ["DROPPED gre.short"])
  }
}
