// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// What setsockopt(2) sets of a socket beyond yes and no, and what select(2) asks of one.
extension Kernel {
  /// Whether reading returns at once: with what waits, or with an error (`soreadable`).
  package func isReadable(vnet: VnetIndex, _ socket: SocketIndex) throws(Errno) -> Bool {
    let stack = try stack(of: socket, vnet)
    return vnets[stack].sockets[socket].receive.count > 0
      || vnets[stack].sockets[socket].error != nil
  }

  /// Where a socket is bound (`getsockname`).
  package func name(vnet: VnetIndex, of socket: SocketIndex) throws(Errno) -> Endpoint {
    vnets[try stack(of: socket, vnet)].sockets[socket].local
  }

  /// The time to live of what it sends (`IP_TTL`).
  package mutating func setTTL(
    vnet: VnetIndex, _ socket: SocketIndex, _ ttl: UInt8
  ) throws(Errno) {
    vnets[try stack(of: socket, vnet)].sockets[socket].ttl = ttl
  }

  /// The type of service of what it sends (`IP_TOS`).
  package mutating func setTOS(
    vnet: VnetIndex, _ socket: SocketIndex, _ tos: UInt8
  ) throws(Errno) {
    vnets[try stack(of: socket, vnet)].sockets[socket].tos = tos
  }

  /// The room for what waits to be read (`SO_RCVBUF`).
  ///
  /// - Throws: `ENOBUFS` beyond what kern.ipc.maxsockbuf leaves.
  package mutating func setReceiveSpace(
    vnet: VnetIndex, _ socket: SocketIndex, _ bytes: Int
  ) throws(Errno) {
    let stack = try stack(of: socket, vnet)
    try checkReservation(bytes)
    vnets[stack].sockets[socket].receive.limit = bytes
  }

  /// The longest datagram that it sends (`SO_SNDBUF`).
  package mutating func setSendSpace(
    vnet: VnetIndex, _ socket: SocketIndex, _ bytes: Int
  ) throws(Errno) {
    let stack = try stack(of: socket, vnet)
    try checkReservation(bytes)
    vnets[stack].sockets[socket].sendLimit = bytes
  }

  /// `EINVAL` for less than a byte, `ENOBUFS` for more than there may be.
  private func checkReservation(_ bytes: Int) throws(Errno) {
    guard bytes >= 1 else { throw .EINVAL }
    guard bytes <= mostReserved else { throw .ENOBUFS }
  }

  /// Options that go into the header of what it sends (`IP_OPTIONS`); none takes them away.
  ///
  /// - Throws: `EINVAL` unless they are whole words, at most 40 bytes, and well formed.
  package mutating func setIPOptions(
    vnet: VnetIndex, _ socket: SocketIndex, _ options: [UInt8]
  ) throws(Errno) {
    let stack = try stack(of: socket, vnet)
    vnets[stack].sockets.setIPOptions([], of: socket)
    guard !options.isEmpty else { return }
    guard let kept = SocketIPOptions.kept(options) else { throw .EINVAL }
    vnets[stack].sockets.setIPOptions(kept, of: socket)
  }

  /// The interface that multicasts go out by, named by one of its addresses (`IP_MULTICAST_IF`).
  package mutating func setMulticastInterface(
    vnet: VnetIndex, _ socket: SocketIndex, _ address: IPv4Address
  ) throws(Errno) {
    let stack = try stack(of: socket, vnet)
    var interface: InterfaceIndex?
    if address != .any {
      guard let own = vnets[stack].addresses.own(address) else { throw .EADDRNOTAVAIL }
      let found = vnets[stack].addresses[own].interface
      guard vnets[stack].interfaces[found].flags.contains(.IFF_MULTICAST) else {
        throw .EOPNOTSUPP
      }
      interface = found
    }
    try changeMulticast(vnet, socket) { $0.interface = interface }
  }

  /// The time to live of multicasts (`IP_MULTICAST_TTL`).
  package mutating func setMulticastTTL(
    vnet: VnetIndex, _ socket: SocketIndex, _ ttl: UInt8
  ) throws(Errno) { try changeMulticast(vnet, socket) { $0.ttl = ttl } }

  /// Whether this host hears its own multicasts (`IP_MULTICAST_LOOP`).
  package mutating func setMulticastLoop(
    vnet: VnetIndex, _ socket: SocketIndex, _ loops: Bool
  ) throws(Errno) { try changeMulticast(vnet, socket) { $0.loops = loops } }

  /// Changes how a socket's multicasts are sent, or begins with how they are without a word
  /// (`inp_findmoptions`).
  private mutating func changeMulticast(
    _ vnet: VnetIndex, _ socket: SocketIndex, _ change: (inout MulticastOptions) -> Void
  ) throws(Errno) {
    let stack = try stack(of: socket, vnet)
    var options =
      vnets[stack].sockets[socket].multicast
      ?? MulticastOptions(loops: machine.sysctl.mcastLoop)
    change(&options)
    try setMulticast(vnet: vnet, socket, options)
  }
}
