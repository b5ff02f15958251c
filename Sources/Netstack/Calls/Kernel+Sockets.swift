// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// What was read from a socket.
package struct ReceivedDatagram: Hashable, Sendable {
  /// Who sent it; of a divert socket the address of the interface it came in by, and as port the
  /// number of the rule.
  package var source: Endpoint
  /// The interface that a divert socket names.
  package var interface: InterfaceName?
  package var bytes: [UInt8]
  /// When it came, which a socket with `SO_TIMESTAMP` tells.
  package var arrival: Instant

  package init(
    source: Endpoint, interface: InterfaceName? = nil, bytes: [UInt8],
    arrival: Instant = Instant(nanoseconds: 0)
  ) {
    (self.source, self.interface, self.bytes) = (source, interface, bytes)
    self.arrival = arrival
  }
}

/// A socket as it is, with its number.
package struct SocketInfo: Sendable {
  package var index: SocketIndex
  package var socket: Socket
}

/// The system calls on sockets (kern/uipc_syscalls.c, kern/uipc_socket.c).
extension Kernel {
  /// Makes a socket (`socket`): its forwarding table is the process's.
  ///
  /// - Parameter proto: What a raw socket is to receive, 0 for all, and what it sends.
  /// - Throws: `EPROTONOSUPPORT` for a divert socket where the kernel has no such module, and in a
  ///   jail without IPv4; `EPERM` for a raw one in a jail that may make none.
  package mutating func socket(
    vnet: VnetIndex, _ kind: SocketKind, proto: IPProtocol = IPProtocol(rawValue: 0),
    fib: FibNumber = .zero, by asker: PrisonID = .host
  ) throws(Errno) -> SocketIndex {
    if let prison = machine.prisons[asker], !prison.flags.contains(.PR_VNET), asker != .host {
      guard prison.hasIPv4 else { throw .EPROTONOSUPPORT }
      if kind == .raw, !prison.allowance.contains(.rawSockets) { throw .EPERM }
    }
    let receive: Int
    var send = Int.max
    let ttl = vnets[Int(vnet.rawValue)].sysctl.ttl
    let number: IPProtocol
    switch kind {
    case .udp: (number, receive, send) = (.udp, space(.udpRecvspace), space(.udpMaxdgram))
    case .tcp: (number, receive) = (.tcp, space(.tcpRecvspace))
    case .raw: (number, receive, send) = (proto, space(.rawRecvspace), space(.rawMaxdgram))
    case .divert:
      guard machine.options.ipdivert else { throw .EPROTONOSUPPORT }
      (number, receive, send) = (proto, Kernel.divertSpace, Kernel.divertSpace)
    }
    let reservable = 0...mostReserved
    guard reservable.contains(receive), kind == .tcp || reservable.contains(send) else {
      throw .ENOBUFS
    }
    guard vnets[Int(vnet.rawValue)].sockets.count < Kernel.mostSockets else { throw .ENFILE }
    return vnets[Int(vnet.rawValue)].sockets.insert(
      Socket(
        kind: kind, proto: number, fib: fib, fibChooser: fib == .zero ? .default : .socket,
        ttl: ttl, receive: ReceiveBuffer(limit: receive), sendLimit: send))
  }

  /// Room for the longest packet (`DIVRCVQ`, `DIVSNDQ`).
  private static let divertSpace = 65_536 + 100

  /// `kern.ipc.maxsockets`, of which all but this many are somebody else's.
  private static let mostSockets = 4096

  /// The largest buffer that a socket may reserve (`sb_max_adj`): of kern.ipc.maxsockbuf, the share
  /// of a cluster that holds data.
  var mostReserved: Int {
    let most = UInt64(bitPattern: machine.sysctl[.kernIpcMaxsockbuf])
    return Int(clamping: most / (256 + 2048) * 2048 + most % (256 + 2048) * 2048 / (256 + 2048))
  }

  private func space(_ key: SysctlKey) -> Int { Int(clamping: machine.sysctl[key]) }

  /// Gives a socket an address and a port of its own (`bind`); port 0 lets the kernel choose. A
  /// divert socket's address is no matter.
  package mutating func bind(
    vnet: VnetIndex, _ socket: SocketIndex, to local: Endpoint
  ) throws(Errno) {
    let stack = try stack(of: socket, vnet)
    if vnets[stack].sockets[socket].kind == .divert {
      return try vnets[stack].bindSocket(socket, to: Endpoint(.any, local.port), &machine)
    }
    guard vnets[stack].sockets[socket].kind == .raw else {
      return try vnets[stack].bindSocket(socket, to: local, &machine)
    }
    guard !vnets[stack].addresses.isEmpty,
      local.address == .any || vnets[stack].ifaWithAddress(local.address) != nil
    else { throw .EADDRNOTAVAIL }
    vnets[stack].sockets[socket].local.address = local.address
  }

  /// Names the only one that a socket talks with (`connect`). TCP's active open is not there.
  package mutating func connect(
    vnet: VnetIndex, _ socket: SocketIndex, to foreign: Endpoint
  ) throws(Errno) {
    let stack = try stack(of: socket, vnet)
    switch vnets[stack].sockets[socket].kind {
    case .tcp, .divert: throw .EOPNOTSUPP
    case .raw:
      guard !vnets[stack].addresses.isEmpty else { throw .EADDRNOTAVAIL }
      vnets[stack].sockets[socket].foreign.address = foreign.address
    case .udp:
      guard vnets[stack].sockets[socket].foreign.address == .any else { throw .EISCONN }
      let ends = try vnets[stack].connectSetup(socket, to: foreign, &machine)
      if vnets[stack].sockets[socket].local.port == 0 {
        vnets[stack].sockets[socket].options.insert(.INP_ANONPORT)
      }
      (vnets[stack].sockets[socket].local, vnets[stack].sockets[socket].foreign) = ends
    }
  }

  /// Makes a TCP socket take connections (`listen`); one without a port gets one.
  package mutating func listen(
    vnet: VnetIndex, _ socket: SocketIndex, backlog: Int = 128
  ) throws(Errno) {
    let stack = try stack(of: socket, vnet)
    guard vnets[stack].sockets[socket].kind == .tcp else { throw .EOPNOTSUPP }
    guard [.closed, .listen].contains(vnets[stack].sockets[socket].state),
      vnets[stack].sockets[socket].foreign == .any
    else { throw .EINVAL }
    if vnets[stack].sockets[socket].local.port == 0 {
      try vnets[stack].bindSocket(socket, to: nil, &machine)
    }
    vnets[stack].sockets[socket].state = .listen
    vnets[stack].sockets[socket].options.insert(.SO_ACCEPTCONN)
    // A backlog below 0 or too large is the most there may be.
    let most = Int(machine.sysctl[.kernIpcSomaxconn])
    vnets[stack].sockets[socket].backlog = (0...most).contains(backlog) ? backlog : most
  }

  /// Gives a socket another forwarding table (`SO_SETFIB`).
  ///
  /// - Throws: `EINVAL` unless there is such a table. 8.0 itself is off by one: it refuses 0 and
  ///   takes `net.fibs`.
  package mutating func setFib(
    vnet: VnetIndex, _ socket: SocketIndex, to fib: Int
  ) throws(Errno) {
    let stack = try stack(of: socket, vnet)
    guard (0..<vnets[stack].routes.fibCount).contains(fib) else { throw .EINVAL }
    vnets[stack].sockets[socket].fib = FibNumber(rawValue: UInt8(fib))
    vnets[stack].sockets[socket].fibChooser = .socket
  }

  /// Sets or clears options that are yes or no (`setsockopt`).
  package mutating func setOptions(
    vnet: VnetIndex, _ socket: SocketIndex, _ options: SocketOptions, _ isOn: Bool = true
  ) throws(Errno) {
    let stack = try stack(of: socket, vnet)
    if isOn {
      vnets[stack].sockets[socket].options.formUnion(options)
    } else {
      vnets[stack].sockets[socket].options.subtract(options)
    }
  }

  /// Demands a time to live of what comes in (`IP_MINTTL`); 0 demands nothing.
  package mutating func setMinimumTTL(
    vnet: VnetIndex, _ socket: SocketIndex, _ ttl: UInt8
  ) throws(Errno) {
    let stack = try stack(of: socket, vnet)
    vnets[stack].sockets[socket].minimumTTL = ttl
  }

  /// Says how multicasts are sent (`IP_MULTICAST_IF`, `_TTL`, `_LOOP`).
  package mutating func setMulticast(
    vnet: VnetIndex, _ socket: SocketIndex, _ options: MulticastOptions?
  ) throws(Errno) {
    let stack = try stack(of: socket, vnet)
    vnets[stack].sockets[socket].multicast = options
    vnets[stack].sockets[socket].hasMulticastState = true
  }

  /// Joins a group (`IP_ADD_MEMBERSHIP`), by default on the interface of the route to it.
  package mutating func join(
    vnet: VnetIndex, _ socket: SocketIndex, _ group: IPv4Address,
    on interface: InterfaceIndex? = nil
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let stack = try stack(of: socket, vnet)
    var silent = Silent()
    try vnets[stack].joinGroup(socket, group, on: interface, &machine, &silent)
    drain(&silent)
  }

  /// Takes a join back (`IP_DROP_MEMBERSHIP`).
  package mutating func leave(
    vnet: VnetIndex, _ socket: SocketIndex, _ group: IPv4Address,
    on interface: InterfaceIndex? = nil
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let stack = try stack(of: socket, vnet)
    var silent = Silent()
    try vnets[stack].leaveGroup(socket, group, on: interface, &machine, &silent)
    drain(&silent)
  }

  /// Sends (`sendto`): to nobody in particular where the socket is connected.
  ///
  /// - Parameter interface: For a divert socket, what its reader got as `interface`.
  package mutating func send(
    vnet: VnetIndex, _ socket: SocketIndex, _ bytes: [UInt8], to foreign: Endpoint? = nil,
    by interface: InterfaceName? = nil, tracer: inout Recorder
  ) throws(Errno) { try sendOn(vnet, socket, bytes, foreign, interface, &tracer) }

  /// Sends, and nobody listens.
  package mutating func send(
    vnet: VnetIndex, _ socket: SocketIndex, _ bytes: [UInt8], to foreign: Endpoint? = nil,
    by interface: InterfaceName? = nil
  ) throws(Errno) {
    var silent = Silent()
    try sendOn(vnet, socket, bytes, foreign, interface, &silent)
  }

  private mutating func sendOn<T: Tracer & ~Copyable>(
    _ vnet: VnetIndex, _ socket: SocketIndex, _ bytes: [UInt8], _ foreign: Endpoint?,
    _ interface: InterfaceName?, _ tracer: inout T
  ) throws(Errno) {
    let stack = try stack(of: socket, vnet)
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    try takeError(of: socket, stack)
    guard bytes.count <= vnets[stack].sockets[socket].sendLimit else { throw .EMSGSIZE }
    defer { drain(&tracer) }
    tracer.enter(vnet)
    switch vnets[stack].sockets[socket].kind {
    case .tcp: throw vnets[stack].sockets[socket].foreign == .any ? .ENOTCONN : .EOPNOTSUPP
    case .udp:
      try vnets[stack].udpOutput(bytes, on: socket, to: foreign, &machine, &tracer)
    case .raw:
      try vnets[stack].ripOutput(bytes, on: socket, to: foreign?.address, &machine, &tracer)
    case .divert:
      try vnets[stack].divOutput(
        bytes, on: socket, to: foreign, by: interface, &machine, &tracer)
    }
  }

  /// Reads what has waited longest (`recvfrom`); a raw socket gets the IP header too, whose length
  /// and offset fields the kernel has changed.
  ///
  /// - Throws: The error that waits for the socket, `EAGAIN` where nothing waits.
  package mutating func receive(
    vnet: VnetIndex, _ socket: SocketIndex
  ) throws(Errno) -> ReceivedDatagram {
    let stack = try stack(of: socket, vnet)
    guard let datagram = vnets[stack].sockets.takeFirst(of: socket) else {
      try takeError(of: socket, stack)
      throw .EAGAIN
    }
    let packet = Packet(datagram.packet)
    var bytes = machine.store.array(of: packet)
    machine.store.free(packet)
    if vnets[stack].sockets[socket].kind == .raw, let header = IPv4Header(bytes.rawBytes) {
      let length = Int(header.totalLength) - header.headerLength
      bytes[2] = UInt8(truncatingIfNeeded: length)
      bytes[3] = UInt8(truncatingIfNeeded: length >> 8)
      bytes[6] = UInt8(truncatingIfNeeded: header.fragment)
      bytes[7] = UInt8(truncatingIfNeeded: header.fragment >> 8)
      if header.protocol == .icmp { bytes.swapQuotedLength(at: header.headerLength) }
    }
    return ReceivedDatagram(
      source: datagram.source, interface: datagram.interface, bytes: bytes,
      arrival: datagram.arrival)
  }

  /// Gives a socket back with all that waits in it (`close`); a connection ends without a word.
  package mutating func close(vnet: VnetIndex, _ socket: SocketIndex) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let stack = try stack(of: socket, vnet)
    var silent = Silent()
    vnets[stack].leaveGroups(of: socket, &machine, &silent)
    vnets[stack].freeSocket(socket, &machine)
    drain(&silent)
  }

  /// All sockets, newest first, as the kernel lists them.
  package func sockets(vnet: VnetIndex) -> [SocketInfo] {
    let stack = Int(vnet.rawValue)
    var result: [SocketInfo] = []
    for position in 0..<vnets[stack].sockets.count {
      let index = vnets[stack].sockets.newest(at: position)
      result.append(SocketInfo(index: index, socket: vnets[stack].sockets[index]))
    }
    return result
  }

  /// The half-open connections, oldest first.
  package func halfOpenConnections(vnet: VnetIndex) -> [SynCacheEntry] {
    let stack = Int(vnet.rawValue)
    var result: [SynCacheEntry] = []
    for position in 0..<vnets[stack].synCache.count {
      result.append(vnets[stack].synCache[vnets[stack].synCache.entry(at: position)])
    }
    return result
  }

  /// The stack of a socket that exists.
  func stack(of socket: SocketIndex, _ vnet: VnetIndex) throws(Errno) -> Int {
    let stack = Int(vnet.rawValue)
    guard vnets[stack].sockets.contains(socket) else { throw .EBADF }
    return stack
  }

  /// Throws the error that waits for a socket, once (`so_error`).
  private mutating func takeError(of socket: SocketIndex, _ stack: Int) throws(Errno) {
    guard let error = vnets[stack].sockets[socket].error else { return }
    vnets[stack].sockets[socket].error = nil
    throw error
  }
}
