// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Whose a packet is, as far as a search found out (`ucred_lookup`).
enum OwnerSearch: Hashable, BitwiseCopyable {
  case unknown
  case nobody
  case found(SocketOwner)
}

extension Vnet {
  /// Whose socket a packet comes from or is for (`check_uidgid`); nil where there is none.
  ///
  /// What a socket sends brings it along. For other packets a socket is looked up, once in a search:
  /// of TCP only one with exactly these ends.
  func owner(of search: inout RuleSearch) -> SocketOwner? {
    guard let ip = search.facts.ip, search.facts.port(.source) != nil else { return nil }
    if search.owner == .unknown {
      let owner = search.sender ?? socket(of: search.facts, ip).map { sockets[$0].owner }
      search.owner = owner.map { .found($0) } ?? .nobody
    }
    guard case .found(let owner) = search.owner else { return nil }
    return owner
  }

  /// The socket of a packet: that of its sender on its way out, else that of its receiver.
  private func socket(of facts: borrowing PacketFacts, _ ip: IPv4Header) -> SocketIndex? {
    guard let sourcePort = facts.port(.source), let destinationPort = facts.port(.destination)
    else { return nil }
    let source = Endpoint(ip.source, sourcePort)
    let destination = Endpoint(ip.destination, destinationPort)
    let isOut = facts.direction == .out
    return sockets.find(
      facts.transport == .tcp ? .tcp : .udp, local: isOut ? source : destination,
      foreign: isOut ? destination : source, wildcard: facts.transport == .udp)
  }
}
