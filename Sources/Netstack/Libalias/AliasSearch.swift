// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// Finding and making links (the second half of netinet/libalias/alias_db.c).
extension AliasLibrary {
  /// The link of a packet on its way out, by both ends (`FindLinkOut`).
  ///
  /// - Parameter replacesPartial: A redirection that knows less of the other end becomes a link of its
  ///   own for it.
  mutating func findOut(
    _ kind: AliasKind, inside: Endpoint, outside: Endpoint, replacesPartial: Bool
  ) -> AliasLinkIndex? {
    if let link = searchOut(kind, inside, outside, replacesPartial) { return link }
    // A redirection to the instance's own address has it as 0.0.0.0.
    guard address != .any, inside.address == address else { return nil }
    return searchOut(kind, Endpoint(.any, inside.port), outside, replacesPartial)
  }

  /// `_FindLinkOut`.
  private mutating func searchOut(
    _ kind: AliasKind, _ inside: Endpoint, _ outside: Endpoint, _ replacesPartial: Bool
  ) -> AliasLinkIndex? {
    if let link = exactOut(kind, inside, outside) { return link }
    guard replacesPartial else { return nil }
    var found: AliasLinkIndex?
    if outside.port != 0, outside.address != .any {
      found =
        exactOut(kind, inside, Endpoint(outside.address, 0))
        ?? exactOut(kind, inside, Endpoint(.any, outside.port))
    }
    if found == nil, outside.port != 0 || outside.address != .any {
      found = exactOut(kind, inside, .any)
    }
    guard let found else { return nil }
    let alias = links[found.rawValue].alias
    return replace(found, kind, inside: inside, outside: outside, alias: alias)
  }

  /// The newest link of both ends that is not a pool's; it is used now.
  private mutating func exactOut(
    _ kind: AliasKind, _ inside: Endpoint, _ outside: Endpoint
  ) -> AliasLinkIndex? {
    var next = tableOut[AliasLibrary.chainOut(kind, inside: inside, outside: outside)]
    while next != AliasLink.none {
      let link = links[next]
      if link.outside == outside, link.inside == inside, link.kind == kind,
        link.server == AliasLink.none
      {
        links[next].timestamp = now
        return AliasLinkIndex(rawValue: next)
      }
      next = link.nextOut
    }
    return nil
  }

  /// The link of a packet on its way in, by the other end and the alias (`FindLinkIn`).
  mutating func findIn(
    _ kind: AliasKind, outside: Endpoint, alias: Endpoint, replacesPartial: Bool
  ) -> AliasLinkIndex? {
    if let link = searchIn(kind, outside, alias, replacesPartial) { return link }
    guard address != .any, alias.address == address else { return nil }
    return searchIn(kind, outside, Endpoint(.any, alias.port), replacesPartial)
  }

  /// `_FindLinkIn`: the link that knows most of the other end, the newest of several.
  private mutating func searchIn(
    _ kind: AliasKind, _ outside: Endpoint, _ alias: Endpoint, _ replacesPartial: Bool
  ) -> AliasLinkIndex? {
    var unknownPort = AliasLink.none
    var unknownAddress = AliasLink.none
    var unknownAll = AliasLink.none
    var found = AliasLink.none
    var next = tableIn[AliasLibrary.chainIn(kind, alias: alias)]
    while next != AliasLink.none {
      let link = links[next]
      if link.alias == alias, link.kind == kind {
        let hasAddress = outside.address != .any && link.outside.address != .any
        let hasPort = outside.port != 0 && link.outside.port != 0
        switch (hasAddress, hasPort) {
        case (true, true): if link.outside == outside { found = next }
        case (false, false): if unknownAll == AliasLink.none { unknownAll = next }
        case (false, true):
          if unknownAddress == AliasLink.none, link.outside.port == outside.port {
            unknownAddress = next
          }
        case (true, false):
          if unknownPort == AliasLink.none, link.outside.address == outside.address {
            unknownPort = next
          }
        }
        if found != AliasLink.none { break }
      }
      next = link.nextIn
    }
    if found != AliasLink.none {
      links[found].timestamp = now
    } else if unknownPort != AliasLink.none {
      found = unknownPort
    } else if unknownAddress != AliasLink.none {
      found = unknownAddress
    } else {
      found = unknownAll
    }
    guard found != AliasLink.none else { return nil }
    let index = AliasLinkIndex(rawValue: found)
    let link = links[found]
    guard replacesPartial, link.isPartial || link.server != AliasLink.none else { return index }
    let inside = link.server == AliasLink.none ? link.inside : takeTurn(index)
    return replace(index, kind, inside: inside, outside: outside, alias: alias)
  }

  /// The server of a pool whose turn it is; the next has the next.
  private mutating func takeTurn(_ link: AliasLinkIndex) -> Endpoint {
    let server = servers[links[link.rawValue].server]
    links[link.rawValue].server = server.next
    return server.endpoint
  }

  /// Makes a link that knows more, in place of one unless that is permanent (`ReLink`).
  private mutating func replace(
    _ old: AliasLinkIndex, _ kind: AliasKind, inside: Endpoint, outside: Endpoint, alias: Endpoint
  ) -> AliasLinkIndex {
    let new = add(kind, inside: inside, outside: outside, alias: alias)
    if !links[old.rawValue].isPermanent { remove(old) }
    linkAge = .redirected
    return new
  }

  /// Makes a link (`AddLink` with a port).
  mutating func add(
    _ kind: AliasKind, inside: Endpoint, outside: Endpoint, alias: Endpoint
  ) -> AliasLinkIndex {
    linkAge = .new
    return insert(
      AliasLink(
        kind: kind, inside: inside, outside: outside, alias: alias, timestamp: now,
        lifetime: kind.lifetime))
  }

  /// Makes a link of which the alias port is free (`AddLink` with `GET_ALIAS_PORT`): the inner port, or
  /// one drawn at random; nil if none is found in twenty tries (`GetNewPort`).
  mutating func add(
    _ kind: AliasKind, inside: Endpoint, outside: Endpoint, aliasAddress: IPv4Address,
    _ random: inout RandomSource
  ) -> AliasLinkIndex? {
    let isPartial = outside.address == .any || outside.port == 0
    var port = inside.port
    if !mode.contains(.samePorts) { port = AliasLibrary.drawPort(&random) }
    for _ in 0..<AliasLibrary.mostTrials {
      let alias = Endpoint(aliasAddress, port)
      let user = findIn(kind, outside: outside, alias: alias, replacesPartial: false)
      if user.map({ !isPartial && links[$0.rawValue].isPartial }) ?? true {
        return add(kind, inside: inside, outside: outside, alias: alias)
      }
      port = AliasLibrary.drawPort(&random)
    }
    return nil
  }

  /// `GET_NEW_PORT_MAX_ATTEMPTS`.
  private static let mostTrials = 20

  /// A port of the upper half (`ALIAS_PORT_BASE`, `ALIAS_PORT_MASK`).
  private static func drawPort(_ random: inout RandomSource) -> UInt16 {
    0x8000 | UInt16(truncatingIfNeeded: random.next()) & 0x7fff
  }

  /// Where a packet goes for which nothing is known: as a static translation says, or to whom it is
  /// addressed (`FindOriginalAddress`).
  mutating func originalAddress(of alias: IPv4Address) -> IPv4Address {
    guard
      let index = findIn(.address, outside: .any, alias: Endpoint(alias, 0), replacesPartial: false)
    else { return alias }
    let link = links[index.rawValue]
    if link.server != AliasLink.none { return takeTurn(index).address }
    if link.inside.address != .any { return link.inside.address }
    return address == .any ? alias : address
  }

  /// What an inner address is called outside (`FindAliasAddress`).
  mutating func aliasAddress(of original: IPv4Address) -> IPv4Address {
    let index = findOut(
      .address, inside: Endpoint(original, 0), outside: .any, replacesPartial: false)
    let alias = index.map { links[$0.rawValue].alias.address } ?? .any
    if alias != .any { return alias }
    return address == .any ? original : address
  }

  /// The inner end of a link, with the instance's address for none (`GetOriginalAddress`).
  func original(_ link: AliasLinkIndex) -> Endpoint {
    let inside = links[link.rawValue].inside
    return inside.address == .any ? Endpoint(address, inside.port) : inside
  }

  /// What the inner end of a link is called (`GetAliasAddress`).
  func alias(_ link: AliasLinkIndex) -> Endpoint {
    let alias = links[link.rawValue].alias
    return alias.address == .any ? Endpoint(address, alias.port) : alias
  }
}
