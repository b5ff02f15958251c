// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What ioctls, links and the clock do to the tree (net/bridgestp.c).
extension SpanningTree {
  /// Begins anew with what is set (`bstp_reinit`): without ports or cards the bridge has no address.
  mutating func restart() {
    guard !ports.isEmpty, let address = lowestAddress else {
      own.bridge = UInt64(rank) << 48
      own.root = own.bridge
      root = own
      for place in ports.indices {
        ports[place].info = .disabled
        setRole(.disabled, of: place)
      }
      isTicking = false
      return
    }
    let id = UInt64(rank) << 48 | address.rawValue
    own = TreePriority(root: id, cost: 0, bridge: id, port: 0)
    if isRunning { isTicking = true }
    for place in ports.indices {
      ports[place].id = UInt16(ports[place].rank) << 8 | ports[place].interface.rawValue & 0xfff
      followLink(place)
    }
    assignRoles()
    linkTimer.start(SpanningTree.linkPeriod)
  }

  /// The bridge goes up (`bstp_init`).
  mutating func start() {
    isTicking = true
    isRunning = true
    restart()
  }

  /// The bridge goes down (`bstp_stop`).
  mutating func stop() {
    for place in ports.indices { setState(.discarding, of: place) }
    isRunning = false
    isTicking = false
  }

  /// A port takes part from now on (`bstp_enable`).
  mutating func enable(_ interface: InterfaceIndex) {
    guard let place = idle.firstIndex(where: { $0.interface == interface }) else { return }
    ports.insert(idle.remove(at: place), at: 0)
    ports[0].isMember = true
    ports[0].hasNews = true
    restart()
    updateRole(0)
  }

  /// A port takes part no more (`bstp_disable`).
  mutating func disable(_ interface: InterfaceIndex) {
    guard let place = place(of: interface) else { return }
    disablePort(place)
    var port = ports.remove(at: place)
    port.isMember = false
    idle.insert(port, at: 0)
    restart()
  }

  /// The link of a port changed (`bstp_linkstate`).
  mutating func linkChanged(_ interface: InterfaceIndex) {
    guard let place = place(of: interface) else { return }
    followLink(place)
    update(place)
  }

  /// Takes a port in or out as its link is (`bstp_ifupdstatus`).
  mutating func followLink(_ place: Int) {
    let link = ports[place].link
    guard link.isKnown else {
      if ports[place].info != .disabled { disablePort(place) }
      return
    }
    guard link.isActive else {
      guard ports[place].role != .disabled else { return }
      disablePort(place)
      if ports[place].isAdminEdge, ports[place].version == .rstp { ports[place].isEdge = true }
      return
    }
    if ports[place].isAutoLink { ports[place].isPointToPoint = link.isFullDuplex }
    if ports[place].isCostPending {
      ports[place].cost = ports[place].automaticCost()
      ports[place].isCostPending = false
    }
    if ports[place].role == .disabled {
      ports[place].info = .aged
      assignRoles()
    }
  }

  private mutating func disablePort(_ place: Int) {
    ports[place].info = .disabled
    assignRoles()
  }

  /// A second is over (`bstp_tick`).
  mutating func tick() {
    guard isRunning else { return }
    if linkTimer.expires() {
      for place in ports.indices { followLink(place) }
      linkTimer.start(SpanningTree.linkPeriod)
    }
    for place in ports.indices {
      _ = ports[place].changeTimer.expires()
      _ = ports[place].recentRoot.expires()
      _ = ports[place].forwardDelay.expires()
      _ = ports[place].recentBackup.expires()
      if ports[place].hello.expires() { helloEnds(place) }
      if ports[place].messageAge.expires(), ports[place].info == .received {
        ports[place].info = .aged
        assignRoles()
      }
      if ports[place].migrateDelay.expires() { ports[place].canMigrate = true }
      if ports[place].edgeDelay.expires() { ports[place].edgeDelayEnds() }
      update(place)
      if ports[place].sent > 0 { ports[place].sent -= 1 }
    }
    isTicking = true
  }

  /// `EPERM` but with plain STP, `EINVAL` for other times than 1 and 2 s (`bstp_set_htime`).
  mutating func setHelloTime(_ seconds: Int) throws(Errno) {
    guard version == .stp else { throw .EPERM }
    guard (1...2).contains(seconds) else { throw .EINVAL }
    helloTime = UInt16(seconds) * SpanningTree.tick
    restart()
  }

  /// `EINVAL` for other times than 4 to 30 s (`bstp_set_fdelay`).
  mutating func setForwardDelay(_ seconds: Int) throws(Errno) {
    guard (4...30).contains(seconds) else { throw .EINVAL }
    forwardDelay = UInt16(seconds) * SpanningTree.tick
    restart()
  }

  /// `EINVAL` for other times than 6 to 40 s (`bstp_set_maxage`).
  mutating func setMaxAge(_ seconds: Int) throws(Errno) {
    guard (6...40).contains(seconds) else { throw .EINVAL }
    maxAge = UInt16(seconds) * SpanningTree.tick
    restart()
  }

  /// `EINVAL` for other counts than 1 to 10 (`bstp_set_holdcount`).
  mutating func setHoldCount(_ count: Int) throws(Errno) {
    guard (1...10).contains(count) else { throw .EINVAL }
    holdCount = UInt8(count)
    for place in ports.indices { ports[place].sent = 0 }
  }

  /// Speaks another version from now on (`bstp_set_protocol`).
  mutating func setVersion(_ wanted: TreeProtocol) {
    version = wanted
    helloTime = 2 * SpanningTree.tick
    for place in ports.indices {
      ports[place].info = .disabled
      ports[place].sent = 0
      ports[place].setVersion(wanted.rawValue)
      setRole(.disabled, of: place)
      setChange(.inactive, of: place)
      ports[place].recentBackup.stop()
    }
    restart()
  }

  /// In steps of 4096; `EINVAL` for more than 61440 (`bstp_set_priority`).
  mutating func setRank(_ number: Int) throws(Errno) {
    guard (0...61_440).contains(number) else { throw .EINVAL }
    rank = UInt16(number - number % 4096)
    restart()
  }

  /// A port's, in steps of 16; `EINVAL` for more than 240 (`bstp_set_port_priority`).
  mutating func setRank(_ number: Int, of interface: InterfaceIndex) throws(Errno) {
    guard (0...240).contains(number) else { throw .EINVAL }
    change(interface) { $0.rank = UInt8(number - number % 16) }
    restart()
  }

  /// What a way through a port costs, 0 for what its link says; `EINVAL` for more than 200000000
  /// (`bstp_set_path_cost`).
  mutating func setCost(_ cost: UInt32, of interface: InterfaceIndex) throws(Errno) {
    guard cost <= SpanningTree.greatestCost else { throw .EINVAL }
    change(interface) { port in
      port.isAdminCost = cost != 0
      if cost != 0 {
        port.cost = port.version == .stp ? min(cost, 65_535) : cost
      } else {
        port.cost = port.automaticCost()
      }
    }
    restart()
  }

  /// What an administrator says of a port (`bstp_set_edge`, `_autoedge`, `_ptp`, `_autoptp`).
  mutating func setFlags(_ flags: BridgeMemberFlags, of interface: InterfaceIndex) {
    let isAutoLink = flags.contains(.IFBIF_BSTP_AUTOPTP)
    change(interface) { port in
      port.isEdge = flags.contains(.IFBIF_BSTP_EDGE)
      port.isAdminEdge = port.isEdge
      port.isAutoEdge = flags.contains(.IFBIF_BSTP_AUTOEDGE)
      if port.isAutoEdge, !port.edgeDelay.isActive { port.edgeDelayEnds() }
      port.isPointToPoint = flags.contains(.IFBIF_BSTP_PTP)
      port.isAutoLink = isAutoLink
    }
    if isAutoLink, let place = place(of: interface), ports[place].role != .disabled {
      followLink(place)
    }
  }

  /// The flags that tell of a port (`bridge_ioctl_gifflags`).
  func flags(of interface: InterfaceIndex) -> BridgeMemberFlags {
    guard let port = self[interface] else { return [] }
    var flags: BridgeMemberFlags = []
    if port.isEdge { flags.insert(.IFBIF_BSTP_EDGE) }
    if port.isAutoEdge { flags.insert(.IFBIF_BSTP_AUTOEDGE) }
    if port.isPointToPoint { flags.insert(.IFBIF_BSTP_PTP) }
    if port.isAutoLink { flags.insert(.IFBIF_BSTP_AUTOPTP) }
    if port.isAdminEdge { flags.insert(.IFBIF_BSTP_ADMEDGE) }
    if port.isAdminCost { flags.insert(.IFBIF_BSTP_ADMCOST) }
    return flags
  }
}
