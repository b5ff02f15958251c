// SPDX-License-Identifier: BSD-2-Clause

/// Who is what in the tree: the state machines of net/bridgestp.c.
extension SpanningTree {
  /// Finds the root and gives every port its role (`bstp_assign_roles`).
  mutating func assignRoles() {
    root = own
    rootTimes = TreeTimes(
      messageAge: 0, maxAge: maxAge, forwardDelay: forwardDelay, helloTime: helloTime)
    rootPort = .none
    var rootPlace: Int?
    for place in ports.indices where ports[place].info == .received {
      var priority = ports[place].priority
      priority.cost &+= ports[place].cost
      guard !priority.isOfBridge(own.bridge), priority < root else { continue }
      root = priority
      rootTimes = ports[place].times
      rootTimes.messageAge &+= SpanningTree.tick
      rootPlace = place
    }
    for place in ports.indices {
      ports[place].designated = TreePriority(
        root: root.root, cost: root.cost, bridge: own.bridge, port: ports[place].id)
      ports[place].designatedTimes = rootTimes
      ports[place].designatedTimes.helloTime = helloTime
      switch ports[place].info {
      case .disabled: setRole(.disabled, of: place)
      case .aged:
        setRole(.designated, of: place)
        updateInfo(place)
      case .mine:
        setRole(.designated, of: place)
        let isStale = rootPlace.map { ports[place].times != ports[$0].times } ?? false
        if ports[place].priority != ports[place].designated || isStale { updateInfo(place) }
      case .received where place == rootPlace:
        setRole(.root, of: place)
        rootPort = ports[place].interface
      case .received where ports[place].designated < ports[place].priority:
        setRole(.designated, of: place)
        updateInfo(place)
      case .received:
        setRole(
          ports[place].priority.isOfBridge(own.bridge) ? .backup : .alternate, of: place)
      }
    }
  }

  /// Makes what the bridge says of a port its information (`bstp_update_info`).
  private mutating func updateInfo(_ place: Int) {
    ports[place].proposes = false
    ports[place].isProposed = false
    if ports[place].isAgreed, !ports[place].isBetterOrSame(.mine) { ports[place].isAgreed = false }
    if ports[place].isSynced, !ports[place].isAgreed {
      ports[place].isSynced = false
      isAllSynced = false
    }
    ports[place].priority = ports[place].designated
    ports[place].times = ports[place].designatedTimes
    ports[place].info = .mine
    ports[place].hasNews = true
  }

  /// Runs the machines of a port (`bstp_update_state`).
  mutating func update(_ place: Int) {
    if !isAllSynced { isAllSynced = ports.allSatisfy { $0.isSynced || $0.role == .root } }
    updateRole(place)
    updateChange(place)
  }

  /// The machine of a port's role (`bstp_update_roles`).
  mutating func updateRole(_ place: Int) {
    switch ports[place].role {
    case .disabled: settle(place)
    case .alternate, .backup:
      answerProposal(place)
      settle(place)
    case .root: updateRoot(place)
    case .designated: updateDesignated(place)
    }
    if ports[place].hasNews { transmit(place) }
  }

  /// A port that forwards nothing waits for nobody.
  private mutating func settle(_ place: Int) {
    ports[place].syncs = false
    ports[place].isSynced = true
    ports[place].reroots = false
  }

  /// Agrees to what the other side proposed once all ports are in step, and has them step before.
  private mutating func answerProposal(_ place: Int) {
    if isAllSynced && !ports[place].agrees || ports[place].isProposed && ports[place].agrees {
      ports[place].isProposed = false
      if ports[place].role == .root { ports[place].syncs = false }
      ports[place].agrees = true
      ports[place].hasNews = true
    }
    if ports[place].isProposed, !ports[place].agrees {
      for other in ports.indices {
        ports[other].syncs = true
        ports[other].isSynced = false
      }
      isAllSynced = false
      ports[place].isProposed = false
    }
  }

  private mutating func updateRoot(_ place: Int) {
    if ports[place].state != .forwarding, !ports[place].reroots {
      for other in ports.indices { ports[other].reroots = true }
    }
    answerProposal(place)
    if ports[place].state != .forwarding,
      !ports[place].forwardDelay.isActive
        || isRerooted(place) && !ports[place].recentBackup.isActive
          && ports[place].version == .rstp
    {
      switch ports[place].state {
      case .discarding: setState(.learning, of: place)
      case .learning: setState(.forwarding, of: place)
      default: break
      }
    }
    if ports[place].state == .forwarding { ports[place].reroots = false }
  }

  private mutating func updateDesignated(_ place: Int) {
    if !ports[place].recentRoot.isActive { ports[place].reroots = false }
    let port = ports[place]
    if !port.isSynced && (port.state == .discarding || port.isAgreed || port.isEdge)
      || port.syncs && port.isSynced
    {
      ports[place].recentRoot.stop()
      ports[place].isSynced = true
      ports[place].syncs = false
    }
    if ports[place].state != .forwarding, !ports[place].isAgreed, !ports[place].proposes,
      !ports[place].isEdge
    {
      ports[place].proposes = true
      ports[place].hasNews = true
      ports[place].edgeDelay.start(
        ports[place].isPointToPoint
          ? SpanningTree.migrateDelay : ports[place].designatedTimes.maxAge)
    }
    advanceDesignated(place)
    if ports[place].syncs && !ports[place].isSynced
      || ports[place].reroots && ports[place].recentRoot.isActive,
      !ports[place].isEdge, ports[place].state != .discarding
    {
      setState(.discarding, of: place)
      startForwardDelay(place)
    }
  }

  /// On to forwarding: at once where the other side agreed or nobody is there.
  private mutating func advanceDesignated(_ place: Int) {
    let port = ports[place]
    guard port.state != .forwarding,
      !port.forwardDelay.isActive || port.isAgreed || port.isEdge,
      !port.recentRoot.isActive || !port.reroots, !port.syncs
    else { return }
    if port.isAgreed || port.isEdge || port.state == .learning {
      setState(.forwarding, of: place)
      ports[place].isAgreed = port.version == .rstp
    } else if port.state == .discarding {
      setState(.learning, of: place)
    }
  }

  /// Whether no other port was the root's of late (`bstp_rerooted`).
  private func isRerooted(_ place: Int) -> Bool {
    !ports.indices.contains { $0 != place && ports[$0].recentRoot.isActive }
  }

  mutating func startForwardDelay(_ place: Int) {
    let times = ports[place].designatedTimes
    ports[place].forwardDelay.start(
      ports[place].version == .rstp ? times.helloTime : times.forwardDelay)
  }

  /// Lets a port do more or less with frames (`bstp_set_port_state`).
  mutating func setState(_ state: TreeState, of place: Int) {
    guard ports[place].state != state else { return }
    ports[place].state = state
    switch state {
    case .learning: startForwardDelay(place)
    case .forwarding: ports[place].forwardDelay.stop()
    default: break
    }
    if !work.changed.contains(ports[place].interface) {
      work.changed.append(ports[place].interface)
    }
  }

  /// Gives a port another role (`bstp_set_port_role`).
  mutating func setRole(_ role: TreeRole, of place: Int) {
    guard ports[place].role != role else { return }
    let times = ports[place].designatedTimes
    switch ports[place].role {
    case .disabled: ports[place].forwardDelay.start(times.maxAge)
    case .backup, .alternate:
      if ports[place].role == .backup { ports[place].recentBackup.start(times.helloTime &* 2) }
      ports[place].forwardDelay.start(times.forwardDelay)
      settle(place)
    case .root: ports[place].recentRoot.start(15 * SpanningTree.tick)
    case .designated: break
    }
    ports[place].role = role
    ports[place].proposes = false
    isAllSynced = false
    switch role {
    case .disabled, .alternate, .backup:
      setState(.discarding, of: place)
      ports[place].recentRoot.stop()
      ports[place].forwardDelay.latch()
      settle(place)
    case .root:
      setState(.discarding, of: place)
      ports[place].recentRoot.latch()
    case .designated:
      ports[place].hello.start(times.helloTime)
      ports[place].agrees = false
    }
    updateChange(place)
  }
}

/// Changes of topology: who forgets the addresses that it learned.
extension SpanningTree {
  /// The machine of a port's part in it (`bstp_update_tc`).
  mutating func updateChange(_ place: Int) {
    let port = ports[place]
    let isInTree = port.role == .designated || port.role == .root
    switch port.change {
    case .active:
      if !isInTree || port.isEdge { setChange(.learning, of: place) }
      if ports[place].heardNotice { setChange(.notified, of: place) }
      if ports[place].heardChange { setChange(.heard, of: place) }
      if ports[place].propagates, !ports[place].isEdge { setChange(.propagates, of: place) }
      if ports[place].heardAck { setChange(.acknowledged, of: place) }
    case .inactive:
      if port.state == .learning || port.state == .forwarding, !port.isFlushing {
        setChange(.learning, of: place)
      }
    case .learning:
      if port.heardChange || port.heardNotice || port.heardAck || port.propagates {
        setChange(.learning, of: place)
      } else if !isInTree, port.state == .discarding {
        setChange(.inactive, of: place)
      }
      if isInTree, ports[place].state == .forwarding, !ports[place].isEdge {
        setChange(.detected, of: place)
      }
    case .detected, .propagates, .acknowledged, .heard, .notified: break
    }
  }

  /// Enters a state (`bstp_set_port_tc`); most lead straight back to `active`.
  mutating func setChange(_ change: TreeChange, of place: Int) {
    ports[place].change = change
    switch change {
    case .active: return
    case .inactive:
      ports[place].changeTimer.stop()
      flush(place)
      ports[place].acknowledges = false
      return
    case .learning:
      ports[place].heardChange = false
      ports[place].heardNotice = false
      ports[place].heardAck = false
      ports[place].propagates = false
      return
    case .detected:
      ports[place].startChangeTimer(rootTimes)
      tellOthers(place)
      ports[place].hasNews = true
      transmit(place)
    case .notified, .heard:
      if change == .notified { ports[place].startChangeTimer(rootTimes) }
      ports[place].heardChange = false
      ports[place].heardNotice = false
      if ports[place].role == .designated { ports[place].acknowledges = true }
      tellOthers(place)
    case .propagates:
      flush(place)
      ports[place].propagates = false
      ports[place].startChangeTimer(rootTimes)
    case .acknowledged:
      ports[place].changeTimer.stop()
      ports[place].heardAck = false
    }
    ports[place].change = .active
  }

  private mutating func flush(_ place: Int) {
    ports[place].isFlushing = true
    if !work.flushed.contains(ports[place].interface) {
      work.flushed.append(ports[place].interface)
    }
  }

  private mutating func tellOthers(_ place: Int) {
    for other in ports.indices where other != place { ports[other].propagates = true }
  }
}
