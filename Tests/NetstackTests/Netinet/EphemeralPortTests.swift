// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("ephemeral ports") struct EphemeralPortTests {
  /// The ports of so many sockets of a kind that the kernel binds.
  private func ports(
    _ lab: inout SocketLab, _ kind: SocketKind, _ count: Int, _ options: SocketOptions = []
  ) throws -> [UInt16] {
    try (0..<count).map { _ in
      let socket = try lab.kernel.socket(vnet: .zero, kind)
      try lab.kernel.setOptions(vnet: .zero, socket, options)
      try lab.kernel.bind(vnet: .zero, socket, to: .any)
      return lab.state(socket).local.port
    }
  }

  @Test func inSequenceFromTheFirst() throws {
    var lab = try SocketLab([.ipPortrangeRandomized: 0])
    #expect(try ports(&lab, .udp, 3) == [10000, 10001, 10002])
    // Each protocol and each range has a cursor of its own.
    #expect(try ports(&lab, .tcp, 2) == [10000, 10001])
    #expect(try ports(&lab, .udp, 2, .INP_HIGHPORT) == [49152, 49153])
    #expect(try ports(&lab, .udp, 2, .INP_LOWPORT) == [600, 601])
    #expect(try ports(&lab, .udp, 1) == [10003])
  }

  @Test func atRandomTheFirstComesOnlyRoundTheEnd() throws {
    var lab = try SocketLab([.ipPortrangeFirst: 2000, .ipPortrangeLast: 2003])
    var first: Set<UInt16> = []
    for _ in 0..<60 {
      let socket = try lab.udp("*:0")
      first.insert(lab.state(socket).local.port)
      try lab.kernel.close(vnet: .zero, socket)
    }
    #expect(first == [2001, 2002, 2003])
    #expect(Set(try ports(&lab, .udp, 4)) == [2000, 2001, 2002, 2003])
    #expect(throws: Errno.EADDRNOTAVAIL) { try ports(&lab, .udp, 1) }
  }

  @Test func passesWhatIsTaken() throws {
    var lab = try SocketLab([.ipPortrangeRandomized: 0])
    _ = try lab.udp("10.0.0.1:10001")
    #expect(try ports(&lab, .udp, 2) == [10000, 10002])
  }

  @Test func aRangeOfOnePortIsNoLottery() throws {
    var lab = try SocketLab([.ipPortrangeFirst: 4000, .ipPortrangeLast: 4000])
    #expect(try ports(&lab, .udp, 1) == [4000])
    #expect(throws: Errno.EADDRNOTAVAIL) { try ports(&lab, .udp, 1) }
  }

  @Test func manyConnectionsASecondStopTheLottery() throws {
    var lab = try SocketLab([.ipPortrangeRandomcps: 5, .ipPortrangeRandomtime: 3])
    func isInSequence() throws -> Bool {
      let pair = try ports(&lab, .tcp, 2)
      return pair[1] == pair[0] + 1
    }
    _ = try ports(&lab, .tcp, 6)
    #expect(try !isInSequence())
    lab.kernel.advance(to: lab.kernel.machine.now.advanced(seconds: 1))
    #expect(try isInSequence())
    // UDP goes on as before.
    let datagrams = try ports(&lab, .udp, 2)
    #expect(datagrams[1] != datagrams[0] + 1)
    lab.kernel.advance(to: lab.kernel.machine.now.advanced(seconds: 2))
    #expect(try isInSequence())
    lab.kernel.advance(to: lab.kernel.machine.now.advanced(seconds: 1))
    #expect(try !isInSequence())
  }

  @Test func withoutAnAddressThereIsNoPort() throws {
    var options = KernelOptions()
    options.configuresLoopback = false
    var kernel = Kernel(options)
    let socket = try kernel.socket(vnet: .zero, .udp)
    #expect(throws: Errno.EADDRNOTAVAIL) { try kernel.bind(vnet: .zero, socket, to: .any) }
  }
}
