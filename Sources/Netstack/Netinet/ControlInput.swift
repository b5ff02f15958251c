// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What sockets learn of ICMP errors (`pr_ctlinput`, netinet/udp_usrreq.c, netinet/tcp_subr.c).
extension Vnet {
  /// Tells the socket that sent the quoted packet; only UDP and half-open TCP connections listen.
  ///
  /// - Parameter offset: Where the quoted header begins, of which icmp_input has checked that it
  ///   and eight bytes behind it are there.
  mutating func controlInput<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, quotedAt offset: Int, _ icmp: ICMPHeader,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    guard let errno = Errno(notifiedBy: icmp),
      let quoted = IPv4Header(machine.store.bytes(of: packet).extracting(droppingFirst: offset))
    else { return }
    let transport = offset + quoted.headerLength
    let local = Endpoint(quoted.source, machine.store.bytes(of: packet).uint16(at: transport))
    let foreign = Endpoint(
      quoted.destination, machine.store.bytes(of: packet).uint16(at: transport + 2))
    let sequence = machine.store.bytes(of: packet).uint32(at: transport + 4)
    switch quoted.protocol {
    case .udp:
      guard
        let socket = sockets.find(.udp, local: local, foreign: foreign, wildcard: false)
      else { return }
      sockets[socket].error = errno
      emitSocket(socket, packet.number, &tracer)
    case .tcp:
      // What an error does to a connection does not show before the connection sends.
      synCacheUnreach(
        local: local, foreign: foreign, sequence: sequence, packet.number, &machine, &tracer)
    default: break
    }
  }
}

extension Errno {
  /// The error of a process that an ICMP message stands for (`inetctlerrmap`); some have none.
  fileprivate init?(notifiedBy icmp: ICMPHeader) {
    switch (icmp.type, icmp.code) {
    case (.unreach, 4): self = .EMSGSIZE
    case (.unreach, 2), (.unreach, 3), (.unreach, 9), (.unreach, 10), (.unreach, 13):
      self = .ECONNREFUSED
    case (.unreach, _), (.timxceed, 0): self = .EHOSTUNREACH
    case (.paramprob, _): self = .ENOPROTOOPT
    default: return nil
    }
  }
}
