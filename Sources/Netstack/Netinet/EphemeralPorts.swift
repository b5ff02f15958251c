// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Where the kernel goes on when it chooses ports itself, and whether at random
/// (netinet/in_pcb.c).
struct EphemeralPorts: BitwiseCopyable, StateHashable {
  /// The range of ports that a socket asked for.
  enum Range: Int, BitwiseCopyable {
    case standard, high, low
  }

  /// The last port given, for each protocol and range (`ipi_lastport` and its like).
  private var cursors = InlineArray<6, UInt16>(repeating: 0)
  /// Choices since boot that count (`ipport_tcpallocs`), all and at the last tick.
  private var choices: Int64 = 0
  private var choicesAtTick: Int64 = 0
  /// Seconds for which choices go on in sequence (`ipport_stoprandom`).
  private(set) var secondsInSequence: Int64 = 0
  /// The second of the last tick.
  private var lastTick: UInt64 = 0

  func hash(into hasher: inout StateHasher) {
    hasher.combine(cursors)
    hasher.combine(choices)
    hasher.combine(choicesAtTick)
    hasher.combine(secondsInSequence)
    hasher.combine(lastTick)
  }

  subscript(kind: SocketKind, range: Range) -> UInt16 {
    get { cursors[Self.place(kind, range)] }
    set { cursors[Self.place(kind, range)] = newValue }
  }

  private static func place(_ kind: SocketKind, _ range: Range) -> Int {
    range.rawValue + (kind == .udp ? 3 : 0)
  }

  /// Counts a choice that is not UDP's.
  mutating func countChoice() { choices &+= 1 }

  /// Catches up with the ticks of once a second that are due (`ipport_tick`).
  ///
  /// Nothing asks for the outcome between two choices, so that a timer is not needed.
  mutating func tick(at second: UInt64, mostAtRandom: Int64, pause: Int64) {
    guard second > lastTick else { return }
    let quiet = Int64(clamping: second - lastTick - 1)
    lastTick = second
    let isQuiet = choices - choicesAtTick <= mostAtRandom
    choicesAtTick = choices
    secondsInSequence = isQuiet ? max(secondsInSequence - 1, 0) : pause
    // The seconds after the first saw no choice.
    guard quiet > 0 else { return }
    secondsInSequence = mostAtRandom >= 0 ? max(secondsInSequence - quiet, 0) : pause
  }
}

extension Vnet {
  /// A free port for a socket, as the kernel chooses it (the second half of `in_pcbbind_setup`).
  ///
  /// Chosen at random, the first port of a range comes only when the cursor wraps: it is moved
  /// before it is looked at.
  mutating func ephemeralPort(
    _ kind: SocketKind, _ options: SocketOptions, local: IPv4Address, wildcard: Bool,
    _ machine: inout Machine
  ) throws(Errno) -> UInt16 {
    let (range, bounds) = portRange(options)
    let (first, last) = (min(bounds.0, bounds.1), max(bounds.0, bounds.1))
    sockets.ports.tick(
      at: machine.now.seconds, mostAtRandom: sysctl[.ipPortrangeRandomcps],
      pause: sysctl[.ipPortrangeRandomtime])
    let isRandom =
      sysctl[.ipPortrangeRandomized] != 0
      && (kind == .udp || sockets.ports.secondsInSequence <= 0) && first != last
    if kind != .udp { sockets.ports.countChoice() }
    var cursor = sockets.ports[kind, range]
    if isRandom {
      let draw = UInt32(truncatingIfNeeded: machine.random.next())
      cursor = first + UInt16(draw % UInt32(last - first))
    }
    for _ in 0...Int(last - first) {
      cursor &+= 1
      if !(first...last).contains(cursor) { cursor = first }
      sockets.ports[kind, range] = cursor
      let candidate = Endpoint(local, cursor)
      if sockets.conflicting(kind, with: candidate, wildcard: wildcard) == nil { return cursor }
    }
    throw .EADDRNOTAVAIL
  }

  /// The range a socket's automatic port is from, with its bounds as the sysctls have them.
  private func portRange(_ options: SocketOptions) -> (EphemeralPorts.Range, (UInt16, UInt16)) {
    func port(_ key: SysctlKey) -> UInt16 { UInt16(clamping: sysctl[key]) }
    if options.contains(.INP_HIGHPORT) {
      return (.high, (port(.ipPortrangeHifirst), port(.ipPortrangeHilast)))
    }
    if options.contains(.INP_LOWPORT) {
      return (.low, (port(.ipPortrangeLowfirst), port(.ipPortrangeLowlast)))
    }
    return (.standard, (port(.ipPortrangeFirst), port(.ipPortrangeLast)))
  }
}
