// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// A place in a vnet's table of sockets (`struct inpcb *`).
package struct SocketIndex: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  package var rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }

  /// The number that traces and `sock` call the socket by: from 1 on.
  package init?(number: Int) {
    guard let value = Int32(exactly: number), value > 0 else { return nil }
    rawValue = value - 1
  }

  package var number: Int { Int(rawValue) + 1 }
}

/// The protocol switch entry that a socket was made with.
package enum SocketKind: UInt8, BitwiseCopyable, Sendable {
  case udp, tcp, raw, divert
}

/// An address and a port; 0 stands for any of either.
package struct Endpoint: Hashable, BitwiseCopyable, Sendable {
  package var address: IPv4Address
  package var port: UInt16

  package init(_ address: IPv4Address, _ port: UInt16) {
    self.address = address
    self.port = port
  }

  package static let any = Endpoint(.any, 0)
}

/// What a process set on its socket (`so_options`), and above those bits what IP keeps
/// (`inp_flags`).
package struct SocketOptions: OptionSet, BitwiseCopyable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let SO_ACCEPTCONN = SocketOptions(rawValue: 0x2)
  package static let SO_REUSEADDR = SocketOptions(rawValue: 0x4)
  package static let SO_DONTROUTE = SocketOptions(rawValue: 0x10)
  package static let SO_BROADCAST = SocketOptions(rawValue: 0x20)
  package static let SO_REUSEPORT = SocketOptions(rawValue: 0x200)
  package static let IP_HDRINCL = SocketOptions(rawValue: 1 << 16)
  package static let IP_ONESBCAST = SocketOptions(rawValue: 1 << 17)
  package static let IP_DONTFRAG = SocketOptions(rawValue: 1 << 18)
  /// `IP_PORTRANGE_HIGH` and `IP_PORTRANGE_LOW`.
  package static let INP_HIGHPORT = SocketOptions(rawValue: 1 << 19)
  package static let INP_LOWPORT = SocketOptions(rawValue: 1 << 20)
  /// The kernel chose the port.
  package static let INP_ANONPORT = SocketOptions(rawValue: 1 << 21)
  /// The connection is over, and no look-up finds the socket.
  package static let INP_DROPPED = SocketOptions(rawValue: 1 << 22)
}

/// The states of a TCP socket that the model has (`TCPS_`, netinet/tcp_fsm.h).
package enum TCPState: UInt8, BitwiseCopyable, Sendable {
  case closed, listen, synReceived, established, closeWait

  /// The word of netstat(1) (`tcpstates`).
  package var word: String {
    switch self {
    case .closed: "CLOSED"
    case .listen: "LISTEN"
    case .synReceived: "SYN_RCVD"
    case .established: "ESTABLISHED"
    case .closeWait: "CLOSE_WAIT"
    }
  }
}

/// How much waits to be read from a socket (`struct sockbuf`), and where it begins.
package struct ReceiveBuffer: BitwiseCopyable, Sendable {
  /// Bytes that wait, senders' addresses included (`sb_cc`).
  package var count = 0
  /// The most that may (`sb_hiwat`).
  package var limit: Int
  /// Memory that they occupy (`sb_mbcnt`).
  package var memory = 0
  /// The first and the last datagram in the table, or -1.
  var first: Int32 = -1
  var last: Int32 = -1

  init(limit: Int) { self.limit = limit }

  /// `kern.ipc.maxsockbuf`.
  private static let maximum = 262_144
  /// `kern.ipc.sockbuf_waste_factor`: memory may be so much more than bytes.
  private static let waste = 8
  /// What a datagram occupies: an mbuf for the sender's address, one with a cluster for the bytes.
  static let memoryOfDatagram = 256 + 256 + 2048

  /// What is free (`sbspace`).
  var space: Int { min(limit - count, memoryLimit - memory) }

  /// The most memory (`sb_mbmax`).
  package var memoryLimit: Int { ReceiveBuffer.memoryLimit(for: limit) }

  /// The most memory of a buffer for so many bytes.
  package static func memoryLimit(for limit: Int) -> Int {
    min(limit &* ReceiveBuffer.waste, ReceiveBuffer.maximum)
  }

  /// How many mbufs, and how many of them with a cluster, wait (`sb_mcnt`, `sb_ccnt`).
  package var mbufs: Int { 2 * clusters }
  package var clusters: Int { memory / ReceiveBuffer.memoryOfDatagram }
}

/// Whose a socket is (`so_cred`). All processes of the model are root's, outside of jails.
package struct SocketOwner: Hashable, BitwiseCopyable, Sendable {
  package var user: UInt32
  /// The first of the groups.
  package var group: UInt32
  package var jail: UInt32

  package init(user: UInt32 = 0, group: UInt32 = 0, jail: UInt32 = 0) {
    (self.user, self.group, self.jail) = (user, group, jail)
  }
}

/// A socket with its protocol control block (`struct socket`, `struct inpcb`, `struct tcpcb`).
package struct Socket: BitwiseCopyable, Sendable {
  package let kind: SocketKind
  /// The protocol of its packets; of a raw socket the one asked for, 0 for all.
  package let proto: IPProtocol
  package var owner = SocketOwner()
  package var local = Endpoint.any
  package var foreign = Endpoint.any
  /// The forwarding table of what it sends (`so_fibnum`, `inc_fibnum`), and who chose it.
  package var fib: FibNumber
  package var fibChooser: FibChooser
  package var options: SocketOptions = []
  package var tos: UInt8 = 0
  package var ttl: UInt8
  /// Packets that come with less are refused (`IP_MINTTL`).
  package var minimumTTL: UInt8 = 0
  /// How its multicasts are sent, where it asked for something.
  package var multicast: MulticastOptions?
  /// It asked for something about multicasts, and gets only those it joins (`inp_moptions`).
  package var hasMulticastState = false
  /// What the next call returns (`so_error`).
  package var error: Errno?
  package var receive: ReceiveBuffer
  /// The largest datagram it may send (`so_snd.sb_hiwat`).
  package var sendLimit: Int
  package var state = TCPState.closed
  /// The most connections that may wait for accept(2) (`so_qlimit`).
  package var backlog = 0
  /// The next sequence number expected of the other end (`rcv_nxt`).
  var receiveNext: UInt32 = 0
  /// The window it told the other end (`rcv_wnd`).
  var receiveWindow: UInt32 = 0

  /// The flags that its packets bring to `ip_output`.
  var outputFlags: OutputFlags {
    var flags: OutputFlags = []
    if options.contains(.SO_DONTROUTE) { flags.insert(.IP_ROUTETOIF) }
    if options.contains(.SO_BROADCAST) || kind == .raw { flags.insert(.IP_ALLOWBROADCAST) }
    if options.contains(.IP_ONESBCAST) { flags.insert(.IP_SENDONES) }
    return flags
  }

  /// Whether it takes what comes from this sender to this address, both possibly unset.
  func accepts(_ destination: IPv4Address, from source: Endpoint) -> Bool {
    (local.address == .any || local.address == destination)
      && (foreign.address == .any || foreign.address == source.address)
      && (foreign.port == 0 || foreign.port == source.port)
  }
}

/// A datagram that waits to be read: a packet at rest, and who sent it.
struct QueuedDatagram: BitwiseCopyable {
  var packet: Packet.Record
  var source: Endpoint
  /// The interface that a divert socket names.
  var interface: InterfaceName?
  /// When it came (`SO_TIMESTAMP`).
  var arrival: Instant
  /// What it counts in `sb_cc`.
  var charge: Int
  var next: Int32 = -1
}
