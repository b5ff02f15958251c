// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// The source address of traceroute(8)'s packets, and the server it would ask.
extension Process {
  /// The address that `-s` and `-i` name, or the one that the kernel would choose (`findsaddr`).
  func sourceAddress(_ options: TracerouteOptions) throws(Fault) -> IPv4Address {
    let interfaces = session.kernel.interfaces(vnet: vnet).filter {
      $0.flags.contains(.IFF_UP) && !$0.addresses.isEmpty
    }
    guard !interfaces.isEmpty else { throw .failed("Can't find any network interfaces") }
    var device: IPv4Address?
    if let name = options.interface {
      guard let found = interfaces.first(where: { "\($0.name)" == name }) else {
        throw .failed("Can't find interface \(name.truncated(to: 32))")
      }
      device = found.addresses.first?.address
    }
    guard let name = options.source else {
      if let device { return device }
      return try chosenAddress(for: options.destination)
    }
    let address = try TracerouteOptions.address(of: name)
    if let device, device != address, let interface = options.interface {
      throw .failed("\(name) is not on interface \(interface.truncated(to: 32))")
    }
    return address
  }

  /// The address that a UDP socket gets when it is connected.
  private func chosenAddress(for destination: IPv4Address) throws(Fault) -> IPv4Address {
    let (vnet, fib) = (self.vnet, self.fib)
    do throws(Errno) {
      let socket = try session.kernel.socket(vnet: vnet, .udp, fib: fib, by: prison)
      defer { try? session.kernel.close(vnet: vnet, socket) }
      try session.kernel.connect(vnet: vnet, socket, to: Endpoint(destination, 65_535))
      return try session.kernel.name(vnet: vnet, of: socket).address
    } catch {
      throw .failed("findsaddr: failed to connect to peer for src addr selection.")
    }
  }

  /// Tries to reach the server that knows the numbers of autonomous systems (`as_setup`), which
  /// fails: no name server answers, and TCP does not connect.
  func tryServer(_ name: String?, _ output: Output) {
    let name = name ?? "whois.radb.net"
    if let address = IPv4Address(host: name) {
      let (vnet, fib) = (self.vnet, self.fib)
      do throws(Errno) {
        let socket = try session.kernel.socket(vnet: vnet, .tcp, fib: fib, by: prison)
        defer { try? session.kernel.close(vnet: vnet, socket) }
        try session.kernel.connect(vnet: vnet, socket, to: Endpoint(address, 43))
      } catch {
        output.writeError("traceroute: connect: \(error.message)\n")
      }
    } else {
      output.writeError(
        "traceroute: \(name): hostname nor servname provided, or not known\n")
    }
    output.writeError("traceroute: as_setup failed, AS# lookups disabled\n")
  }
}
