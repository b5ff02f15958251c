// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// What `ipfw nat N config` says of an instance (`struct cfg_nat`, netinet/ip_fw.h).
package struct NatConfiguration: Hashable, Sendable {
  package var number: Int32
  package var address = IPv4Address.any
  /// The interface whose address is taken, also when it changes.
  package var interface: InterfaceName?
  package var mode: AliasMode = []
  package var redirects: [NatRedirect] = []

  package init(number: Int32) { self.number = number }

  /// How many bytes a message about it takes; those of a 64-bit machine.
  package var messageSize: Int {
    redirects.reduce(NatConfiguration.ownSize) { $0 + $1.messageSize }
  }

  /// `sizeof(struct cfg_nat)`.
  private static let ownSize = 72
  /// The bytes of the longest message (`NAT_BUF_LEN`).
  package static let mostBytes = 1024
}

/// What comes in to an address, or a port of it, goes to one inside (`struct cfg_redir`).
package struct NatRedirect: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// All packets to the public address.
    case address
    /// `count` ports from the public one on. Remote ports go along with them if there are as many;
    /// port 0 alone stands for all.
    case port(IPProtocol, count: UInt16, remoteCount: UInt16)
    /// All packets of a protocol.
    case proto(IPProtocol)
  }
  package var kind: Kind
  /// The first one inside; of a pool 255.255.255.255, port 65535.
  package var local: Endpoint
  /// `.any` for the instance's own address.
  package var published: Endpoint
  /// `.any` for everybody.
  package var remote: Endpoint
  /// The pool that shares the work (LSNAT), in the order in which it is shown.
  package var servers: [Endpoint]

  package init(
    _ kind: Kind, local: Endpoint, published: Endpoint, remote: Endpoint = .any,
    servers: [Endpoint] = []
  ) {
    self.kind = kind
    self.local = local
    self.published = published
    self.remote = remote
    self.servers = servers
  }

  /// How many bytes of a message it takes.
  package var messageSize: Int {
    NatRedirect.ownSize + servers.count * NatRedirect.serverSize
  }

  /// `sizeof(struct cfg_redir)`, `sizeof(struct cfg_spool)`.
  package static let ownSize = 72
  package static let serverSize = 24
}

/// An instance of NAT (`struct cfg_nat` in the kernel).
struct NatInstance: ~Copyable, StateHashable {
  let number: Int32
  private(set) var configuration: NatConfiguration
  var library: AliasLibrary

  init(number: Int32, at moment: Instant) {
    self.number = number
    configuration = NatConfiguration(number: number)
    library = AliasLibrary(at: moment)
  }

  private init(copying other: borrowing NatInstance) {
    number = other.number
    configuration = other.configuration
    library = other.library.clone()
  }

  func clone() -> NatInstance { NatInstance(copying: self) }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(number)
    hasher.combine(configuration)
    hasher.combine(library)
  }

  /// Does what `ipfw_nat_cfg()` does: flags are only added, links stay unless the address changes, and
  /// redirections are made anew.
  mutating func configure(_ configuration: NatConfiguration) {
    library.set(configuration.mode)
    library.setAddress(configuration.address)
    library.removeAll { $0.isPermanent }
    for redirect in configuration.redirects { library.add(redirect) }
    self.configuration = configuration
    // C puts each in front of those before it, and servers too.
    self.configuration.redirects.reverse()
    for place in configuration.redirects.indices {
      self.configuration.redirects[place].servers.reverse()
    }
  }

  /// The interface has another address now.
  mutating func follow(_ address: IPv4Address) {
    configuration.address = address
    library.setAddress(address)
  }
}

extension AliasLibrary {
  /// Makes the permanent links of a redirection (`add_redir_spool_cfg`, `LibAliasRedirectPort` and the
  /// like); its pool is the first link's.
  mutating func add(_ redirect: NatRedirect) {
    let first: AliasLinkIndex
    switch redirect.kind {
    case .address:
      first = add(
        .address, inside: Endpoint(redirect.local.address, 0), outside: .any,
        alias: Endpoint(redirect.published.address, 0))
    case .proto(let proto):
      first = add(
        AliasKind(proto), inside: Endpoint(redirect.local.address, AliasLink.noPort),
        outside: Endpoint(redirect.remote.address, AliasLink.noPort),
        alias: Endpoint(redirect.published.address, 0))
    case .port(let proto, let count, let remoteCount):
      let isAnyPort = remoteCount == 1 && redirect.remote.port == 0
      first = add(redirect, proto, offset: 0, isAnyPort: isAnyPort)
      for offset in 1..<max(count, 1) {
        let link = add(redirect, proto, offset: offset, isAnyPort: isAnyPort)
        links[link.rawValue].isPermanent = true
      }
    }
    links[first.rawValue].isPermanent = true
    for server in redirect.servers { addServer(server, to: first) }
  }

  /// One port of a range; numbers go round at the end.
  private mutating func add(
    _ redirect: NatRedirect, _ proto: IPProtocol, offset: UInt16, isAnyPort: Bool
  ) -> AliasLinkIndex {
    func port(_ first: Endpoint) -> Endpoint { Endpoint(first.address, first.port &+ offset) }
    return add(
      AliasKind(proto), inside: port(redirect.local),
      outside: isAnyPort ? Endpoint(redirect.remote.address, 0) : port(redirect.remote),
      alias: port(redirect.published))
  }

  /// Puts a server at the end of a pool's ring; it has the first turn (`LibAliasAddServer`).
  private mutating func addServer(_ endpoint: Endpoint, to link: AliasLinkIndex) {
    let head = links[link.rawValue].server
    let server = servers.insert(AliasServer(endpoint: endpoint, next: head))
    if head == AliasLink.none {
      servers[server].next = server
    } else {
      var last = head
      while servers[last].next != head { last = servers[last].next }
      servers[last].next = server
    }
    links[link.rawValue].server = server
  }
}
