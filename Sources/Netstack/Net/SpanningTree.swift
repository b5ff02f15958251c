// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// `BSTP_IFSTATE_` of net/bridgestp.h: what a port does with frames.
package enum TreeState: UInt8, BitwiseCopyable, Sendable {
  case disabled, listening, learning, forwarding, blocking, discarding
}

/// `BSTP_ROLE_`: where a port stands in the tree.
package enum TreeRole: UInt8, BitwiseCopyable, Sendable {
  case disabled, root, designated, alternate, backup
}

/// The protocols' versions, with their numbers.
package enum TreeProtocol: UInt8, BitwiseCopyable, Sendable {
  case stp = 0
  case rstp = 2
}

/// What bridges compare, the better one being the lesser (`struct bstp_pri_vector`).
struct TreePriority: Hashable, Comparable, BitwiseCopyable, Sendable {
  var root: UInt64 = 0
  var cost: UInt32 = 0
  var bridge: UInt64 = 0
  var port: UInt16 = 0

  static func < (a: TreePriority, b: TreePriority) -> Bool {
    (a.root, a.cost, a.bridge, a.port) < (b.root, b.cost, b.bridge, b.port)
  }

  /// Whether both are of bridges with one address (`bstp_same_bridgeid`).
  func isOfBridge(_ other: UInt64) -> Bool { bridge << 16 == other << 16 }

  /// Whether a message takes its place: it is better, or from the same port (`bstp_info_superior`).
  func yields(to message: TreePriority) -> Bool {
    message < self || isOfBridge(message.bridge) && message.port & 0xfff == port & 0xfff
  }
}

/// Times that a root tells the others, in 1/256 seconds.
struct TreeTimes: Hashable, BitwiseCopyable, Sendable {
  var messageAge: UInt16 = 0
  var maxAge: UInt16 = 0
  var forwardDelay: UInt16 = 0
  var helloTime: UInt16 = 0
}

/// A timer that each tick of a second counts down (`struct bstp_timer`).
struct TreeTimer: BitwiseCopyable, Sendable {
  private(set) var isActive = false
  private var isLatched = false
  private var value: Int32 = 0

  mutating func start(_ time: UInt16) { (isActive, isLatched, value) = (true, false, Int32(time)) }
  mutating func stop() { (isActive, isLatched, value) = (false, false, 0) }
  /// It is active from now on and does not run out.
  mutating func latch() { (isActive, isLatched) = (true, true) }

  /// Counts down; whether it has run out now.
  mutating func expires() -> Bool {
    guard isActive, !isLatched else { return false }
    value -= Int32(SpanningTree.tick)
    guard value <= 0 else { return false }
    stop()
    return true
  }
}

/// How a port notices changes of topology (`BSTP_TCSTATE_`); the states in between last no time.
enum TreeChange: BitwiseCopyable, Sendable {
  case active, detected, inactive, learning, propagates, acknowledged, heard, notified
}

/// Whose information a port has (`BSTP_INFO_`).
enum TreeInfo: BitwiseCopyable, Sendable {
  case disabled, received, mine, aged
}

/// What the tree is told of a port's interface.
struct TreeLink: BitwiseCopyable, Sendable {
  var address = EthernetAddress.zero
  /// The driver runs (`IFF_DRV_RUNNING`).
  var isRunning = false
  /// It is up, and its driver knows its media.
  var isKnown = false
  /// There is a carrier, and the link is full-duplex.
  var isActive = false
  var isFullDuplex = false
  /// Nobody knows better than that the cable is out (`LINK_STATE_DOWN`).
  var isDown = false
  /// Bits a second (`if_baudrate`).
  var rate: UInt64 = 0
}

/// A port of the spanning tree (`struct bstp_port`).
struct TreePort: BitwiseCopyable, Sendable {
  let interface: InterfaceIndex
  var link: TreeLink
  /// It takes part (`bp_active`).
  var isMember = false
  var version: TreeProtocol
  var isAdminCost = false, isAutoEdge = true, isAutoLink = true, isAdminEdge = false
  var isCostPending = false, canMigrate = false, hasNews = false
  var cost: UInt32 = 0
  var times = TreeTimes()
  var designatedTimes = TreeTimes()
  var edgeDelay = TreeTimer(), forwardDelay = TreeTimer(), hello = TreeTimer()
  var messageAge = TreeTimer(), migrateDelay = TreeTimer(), recentBackup = TreeTimer()
  var recentRoot = TreeTimer(), changeTimer = TreeTimer()
  var message = TreeMessage()
  var designated = TreePriority()
  var priority = TreePriority()
  var id: UInt16 = 0
  var state = TreeState.discarding
  var change = TreeChange.inactive
  var role = TreeRole.disabled
  var info = TreeInfo.disabled
  /// The high byte of `id` (`bp_priority`).
  var rank: UInt8 = 0x80
  var isPointToPoint = false, isEdge = false, isFlushing = false
  var acknowledges = false, propagates = false
  var agrees = false, isAgreed = false, syncs = false, isSynced = false
  var proposes = false, isProposed = false, reroots = false
  var heardChange = false, heardAck = false, heardNotice = false
  /// Messages sent, less one a second.
  var sent: UInt8 = 0

  init(_ interface: InterfaceIndex, _ link: TreeLink, _ version: TreeProtocol) {
    (self.interface, self.link, self.version) = (interface, link, version)
    setVersion(version.rawValue)
    cost = automaticCost()
  }

  /// Sets the version it speaks (`bstp_set_port_proto`); numbers of no version do nothing.
  mutating func setVersion(_ number: UInt8) {
    guard let wanted = TreeProtocol(rawValue: number) else { return }
    switch wanted {
    case .stp:
      migrateDelay.stop()
      isEdge = false
      cost = min(cost, 65_535)
    case .rstp: migrateDelay.start(SpanningTree.migrateDelay)
    }
    version = wanted
    canMigrate = false
  }

  /// The cost of its link by 802.1D-2004, 17.14 (`bstp_calc_path_cost`).
  mutating func automaticCost() -> UInt32 {
    if isAdminCost { return cost }
    if link.isDown {
      isCostPending = true
      return SpanningTree.unknownCost
    }
    guard link.rate >= 1000 else { return SpanningTree.unknownCost }
    let cost = min(20_000_000_000 / (link.rate / 1000), UInt64(SpanningTree.greatestCost))
    return version == .stp ? UInt32(min(cost, 65_535)) : UInt32(cost)
  }

  /// The edge delay is over: nobody is there who speaks the protocol (`bstp_edge_delay_expiry`).
  mutating func edgeDelayEnds() {
    if isAutoEdge, version == .rstp, proposes, role == .designated { isEdge = true }
  }

  /// Whether what a port knows is as good (`bstp_pdu_bettersame`).
  func isBetterOrSame(_ kind: TreeInfo) -> Bool {
    guard info == kind else { return false }
    return kind == .received ? message.priority <= priority : designated <= priority
  }

  mutating func startChangeTimer(_ rootTimes: TreeTimes) {
    guard !changeTimer.isActive else { return }
    switch version {
    case .rstp:
      changeTimer.start(designatedTimes.helloTime &+ SpanningTree.tick)
      hasNews = true
    case .stp: changeTimer.start(rootTimes.maxAge &+ rootTimes.forwardDelay)
    }
  }

  mutating func startMessageAge() {
    let isFresh = Int(times.messageAge) + Int(SpanningTree.tick) <= Int(times.maxAge)
    messageAge.start(isFresh ? times.helloTime &* 3 : 0)
  }
}

/// The state of 802.1D on a bridge (`struct bstp_state`, net/bridgestp.c).
///
/// It knows nothing of packets: what it wants sent, flushed and logged it leaves in `work`.
struct SpanningTree: Sendable {
  /// A second in the units of the protocol (`BSTP_TICK_VAL`).
  static let tick: UInt16 = 256
  static let migrateDelay = 3 * tick
  static let linkPeriod = 15 * tick
  static let unknownCost: UInt32 = 55
  static let greatestCost: UInt32 = 200_000_000

  /// What a step leaves to be done.
  struct Work: Sendable {
    var frames: [(interface: InterfaceIndex, bytes: [UInt8])] = []
    /// Ports whose state changed, and those whose addresses are to be forgotten.
    var changed: [InterfaceIndex] = []
    var flushed: [InterfaceIndex] = []
  }

  var isRunning = false
  /// The tick is set (`callout_pending`).
  var isTicking = false
  /// The lowest address of the stack's Ethernet cards, by which the bridge goes.
  var lowestAddress: EthernetAddress?
  var own = TreePriority()
  var root = TreePriority()
  var rootPort = InterfaceIndex.none
  var version = TreeProtocol.rstp
  var maxAge = 20 * tick
  var forwardDelay = 15 * tick
  var helloTime = 2 * tick
  var rootTimes = TreeTimes()
  var rank: UInt16 = 0x8000
  var holdCount: UInt8 = 6
  var isAllSynced = false
  var linkTimer = TreeTimer()
  /// The ports that take part, newest first, and those of the other members.
  var ports: [TreePort] = []
  var idle: [TreePort] = []
  var work = Work()

  func place(of interface: InterfaceIndex) -> Int? {
    ports.firstIndex { $0.interface == interface }
  }

  /// A port, whether it takes part or not.
  subscript(interface: InterfaceIndex) -> TreePort? {
    ports.first { $0.interface == interface } ?? idle.first { $0.interface == interface }
  }

  /// Changes a port, whether it takes part or not.
  mutating func change(_ interface: InterfaceIndex, _ body: (inout TreePort) -> Void) {
    for place in ports.indices where ports[place].interface == interface { body(&ports[place]) }
    for place in idle.indices where idle[place].interface == interface { body(&idle[place]) }
  }
}
