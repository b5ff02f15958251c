// SPDX-License-Identifier: BSD-2-Clause

/// What all stacks of a kernel share: memory, time, randomness, queues.
package struct Machine: ~Copyable, StateHashable {
  private let pin = Pin()
  package let options: KernelOptions
  /// The values of the sysctls that all stacks share.
  package var sysctl: MachineSysctls
  package var store = PacketStore()
  /// The moment it is; only `Kernel.advance(to:)` moves it. Boot is at uptime 1 s.
  package var now = Instant(seconds: 1) { didSet { second = now.seconds } }
  /// The seconds of `now`, which packets ask for more often than it changes.
  private var second: UInt64 = 1
  package var timers = TimerQueue()
  package var random: RandomSource
  /// The IP identifications drawn at random of late.
  var randomIDs = RandomIDs()
  /// Packets that wait for a protocol, and the workers that hand them on (netisr).
  package var netisr = NetisrQueue()
  /// Pipes and queues that delay packets, one set for all stacks.
  package var dummynet = Dummynet()
  /// CARP, which is one for all stacks.
  package var carp = CarpShared()
  /// Changes of links that are still to be told of.
  var linkTasks = LinkTasks()
  /// What is on the wires of the cards, outside of the modelled system.
  package var medium = Medium()
  /// The pairs of interfaces that are joined, in one stack or between two.
  package var epairs = EpairTable()
  /// The kernel's message buffer: what `dmesg` shows.
  package var messages: [String] = []
  /// How many messages there ever were.
  package private(set) var messageCount = 0
  /// Who watches interfaces, and what they have not read yet.
  package var observers = Observers()
  /// How many packets ended how; `held` is a gauge and falls when a held packet goes on.
  package var tally = Tally()
  /// When some stack's `net.inet.ip.rtexpire` was last cut; C has one for all (`in_rtqtimo_one`).
  var lastRouteCut: UInt64 = 0
  /// The thread that looks through the flow tables.
  var flowCleaner = FlowCleaner()
  /// The jails, the host's own among them.
  package var prisons: PrisonTable
  /// The stack that code works for now (`curvnet`), where a packet, a timer or a call set it.
  private(set) var curvnet: VnetIndex?
  /// How many stacks there were besides the first.
  var lastVnet: UInt64 = 0
  private var lastRoot: UInt32 = 0
  private var lastChild: UInt32 = 0

  init(_ options: KernelOptions) {
    self.options = options
    sysctl = MachineSysctls(options)
    random = RandomSource(seed: options.seed)
    prisons = PrisonTable()
    let uuid = sysctl[text: .kernHostuuid] ?? ""
    prisons.update(.host) { $0.hostuuid = uuid }
    bootNetisr()
  }

  /// Works for a stack from now on (`CURVNET_SET_QUIET`).
  ///
  /// - Returns: What `leave` is to put back.
  @inline(__always)
  mutating func enter(_ vnet: VnetIndex) -> VnetIndex? {
    defer { curvnet = vnet }
    return curvnet
  }

  /// Works for the stack of before again (`CURVNET_RESTORE`).
  @inline(__always)
  mutating func leave(to outer: VnetIndex?) { curvnet = outer }

  /// Traps, in a debug build, where a stack's function runs while another is current, or none
  /// (`VNET_ASSERT`).
  @inline(__always)
  func assertCurrent(_ vnet: VnetIndex) {
    assert(curvnet == vnet, "the function belongs to the current stack")
  }

  /// Uptime in the 32 bits that counters of seconds have (`time_uptime`).
  var uptime: UInt32 { UInt32(truncatingIfNeeded: second) }

  /// The wall clock in seconds (`time_second`).
  package var wallSeconds: UInt64 { options.bootTime &+ second &- 1 }

  /// Milliseconds since midnight UTC, as ICMP and IP timestamps have them (`iptime`).
  var millisecondsSinceMidnight: UInt32 {
    let milliseconds = now.nanoseconds / 1_000_000 % 1000
    return UInt32((wallSeconds % 86_400) * 1000 + milliseconds)
  }

  /// A number for a packet that sets things in motion.
  package mutating func newRoot() -> PacketNumber {
    lastRoot &+= 1
    lastChild = 0
    tally.entered &+= 1
    return PacketNumber(root: lastRoot)
  }

  /// The number of the latest packet that set things in motion.
  var latestRoot: PacketNumber { PacketNumber(root: lastRoot) }

  /// Counts packets that set nothing in motion but themselves, and were sent.
  @inline(__always)
  mutating func countSent(roots: UInt64) {
    lastRoot &+= UInt32(truncatingIfNeeded: roots)
    lastChild = 0
    tally.entered &+= roots
    tally.sent &+= roots
  }

  /// A number for a packet made on the way of what is in motion.
  mutating func newChild() -> PacketNumber {
    lastChild &+= 1
    tally.entered &+= 1
    return PacketNumber(root: lastRoot, child: lastChild)
  }

  /// Prints to the console and the message buffer (`log`, `printf`).
  mutating func log(_ text: @autoclosure () -> String) {
    messages.append(text())
    messageCount += 1
    if messages.count > Machine.messageLimit { messages.removeFirst(Machine.messageLimit / 4) }
  }

  /// Lines kept for `dmesg`.
  private static let messageLimit = 4096

  func clone() -> Machine {
    var copy = Machine(options)
    copy.sysctl = sysctl.clone()
    copy.store = store.clone()
    copy.now = now
    copy.timers = timers.clone()
    copy.random = random
    copy.randomIDs = randomIDs.clone()
    copy.netisr = netisr.clone()
    copy.dummynet = dummynet.clone()
    copy.carp = carp
    copy.linkTasks = linkTasks.clone()
    copy.medium = medium
    copy.epairs = epairs.clone()
    copy.messages = messages
    copy.messageCount = messageCount
    copy.observers = observers
    copy.tally = tally
    copy.lastRouteCut = lastRouteCut
    copy.flowCleaner = flowCleaner
    copy.prisons = prisons
    copy.lastVnet = lastVnet
    copy.curvnet = curvnet
    copy.lastRoot = lastRoot
    copy.lastChild = lastChild
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(options)
    hasher.combine(sysctl)
    hasher.combine(store)
    hasher.combine(now)
    hasher.combine(timers)
    hasher.combine(random)
    hasher.combine(randomIDs)
    hasher.combine(netisr)
    hasher.combine(dummynet)
    hasher.combine(carp)
    hasher.combine(linkTasks)
    hasher.combine(medium)
    hasher.combine(epairs)
    hasher.combine(messages)
    hasher.combine(messageCount)
    hasher.combine(observers)
    hasher.combine(tally)
    hasher.combine(lastRouteCut)
    hasher.combine(flowCleaner)
    hasher.combine(prisons)
    hasher.combine(curvnet)
    hasher.combine(lastVnet)
    hasher.combine(lastRoot)
    hasher.combine(lastChild)
  }

  /// Gives the one verdict a packet gets: counts it and tells the tracer.
  @inline(__always)
  mutating func end<T: Tracer & ~Copyable>(_ number: PacketNumber, _ end: End, _ tracer: inout T) {
    tally[end.verdict] &+= 1
    tracer.emit(number, .end(end))
  }

  /// Ends a packet that is not to go on: frees it and gives its verdict.
  @inline(__always)
  mutating func finish<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ end: End, _ tracer: inout T
  ) {
    let number = packet.number
    store.free(packet)
    self.end(number, end, &tracer)
  }
}

/// How many packets entered and how they ended.
package struct Tally: Hashable, BitwiseCopyable, Sendable {
  /// Injected, sent by a process, or made on the way.
  package var entered: UInt64 = 0
  package var sent: UInt64 = 0
  package var delivered: UInt64 = 0
  /// Waiting now: a packet that goes on is taken off again.
  package var held: UInt64 = 0
  package var denied: UInt64 = 0
  package var dropped: UInt64 = 0
  package var replied: UInt64 = 0
  package var consumed: UInt64 = 0

  package init() {}

  package subscript(verdict: Verdict) -> UInt64 {
    get {
      switch verdict {
      case .sent: sent
      case .delivered: delivered
      case .held: held
      case .denied: denied
      case .dropped: dropped
      case .replied: replied
      case .consumed: consumed
      }
    }
    set {
      switch verdict {
      case .sent: sent = newValue
      case .delivered: delivered = newValue
      case .held: held = newValue
      case .denied: denied = newValue
      case .dropped: dropped = newValue
      case .replied: replied = newValue
      case .consumed: consumed = newValue
      }
    }
  }

  /// The sum over all verdicts: equals `entered` whenever nothing is in motion.
  package var ended: UInt64 { sent + delivered + held + denied + dropped + replied + consumed }
}
