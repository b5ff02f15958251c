// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// When IGMP reports: states, versions and the fast timer (netinet/igmp.c).
///
/// C's fast timer runs every 200 ms; here it is set only while something counts down, at the same
/// moments. C's slow timer does nothing but end the time of an old querier, which is asked for
/// when it matters.
extension Vnet {
  /// Fast ticks a second (`PR_FASTHZ`), and milliseconds between two.
  static let fastTicks: UInt32 = 5
  private static let fastPeriod: UInt64 = 200
  /// Milliseconds between the slow timer's ticks (`PR_SLOWHZ`).
  private static let slowPeriod: UInt64 = 500
  /// Seconds to answer a query of version 1, and after joining (`IGMP_V1V2_MAX_RI`).
  static let oldResponseSeconds: UInt32 = 10

  /// The version spoken on an interface (`igi_version`): the one of an old querier while it is taken
  /// to be there, else `net.inet.igmp.default_version`.
  ///
  /// A change of the sysctl shows at once; in C within half a second.
  package func igmpVersion(on interface: InterfaceIndex, now: Instant) -> UInt8 {
    let link = multicast[interface]
    if let until = link.version1Until, now < until, sysctl.igmpV1enable { return 1 }
    if let until = link.version2Until, now < until, sysctl.igmpV2enable { return 2 }
    return sysctl.igmpDefaultVersion
  }

  /// A querier of version 1 or 2 was heard: its version is spoken until it is silent for a while
  /// (`igmp_set_version`, RFC 3376 8.12).
  mutating func igmpSetVersion(
    _ version: UInt8, on interface: InterfaceIndex, _ machine: borrowing Machine
  ) {
    var link = multicast[interface]
    let isNew = igmpVersion(on: interface, now: machine.now) != version
    let seconds = link.robustness * link.queryInterval + link.responseInterval
    let until = machine.now.nextTick(every: Vnet.slowPeriod).advanced(seconds: UInt64(seconds))
    link.version1Until = version == 1 ? until : nil
    link.version2Until = version == 2 ? until : nil
    if isNew { link.generalTimer = 0 }
    multicast[interface] = link
    if isNew { cancelLinkTimers(on: interface) }
  }

  /// What version 3 has pending is dropped when an older one is spoken
  /// (`igmp_v3_cancel_link_timers`).
  private mutating func cancelLinkTimers(on interface: InterfaceIndex) {
    var place = 0
    while place < multicast.groups.count {
      guard multicast.groups[place].interface == interface else {
        place += 1
        continue
      }
      multicast.groups[place].timer = 0
      multicast.groups[place].changeTimer = 0
      switch multicast.groups[place].state {
      case .leaving:
        multicast.groups.remove(at: place)
        continue
      case .groupQueryPending: multicast.groups[place].state = .reporting
      case .silent, .reporting, .idle, .lazy: break
      }
      place += 1
    }
  }

  /// Whether a group is ever reported (`igmp_isgroupreported`).
  func igmpIsReported(_ group: IPv4Address) -> Bool {
    group != .allHostsGroup && (sysctl.igmpSendlocal || !group.isLocalGroup)
  }

  /// The first join of a group (`igmp_initial_join`): versions 1 and 2 report at once, version 3 at
  /// the next fast tick, so that more changes fit into the message.
  mutating func igmpInitialJoin<T: Tracer & ~Copyable>(
    _ group: IPv4Address, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    guard let place = multicast.find(group, on: interface) else { return }
    var membership = Membership(group: group, interface: interface, state: .silent)
    membership.isAnnounced = true
    let isLoopback = interfaces[interface].flags.contains(.IFF_LOOPBACK)
    if !isLoopback && igmpIsReported(group) {
      let version = igmpVersion(on: interface, now: machine.now)
      if version == 3 {
        membership.state = .reporting
        membership.isAnnounced = false
        membership.changesLeft = multicast[interface].robustness
        membership.changeTimer = 1
      } else {
        membership.state = .idle
        let kind: IGMPReport = version == 2 ? .version2 : .version1
        if igmpReport(kind, group, on: interface, &machine, &tracer) == nil {
          membership.timer = machine.igmpDelay(Vnet.oldResponseSeconds * Vnet.fastTicks)
        }
      }
    }
    multicast.groups[place] = membership
    setFastTimer(&machine)
  }

  /// The last leave of a group (`igmp_final_leave`). Version 1 says nothing; a report that another
  /// host made instead of ours is not taken back; nor what was not told yet.
  mutating func igmpFinalLeave<T: Tracer & ~Copyable>(
    _ place: Int, _ machine: inout Machine, _ tracer: inout T
  ) {
    let membership = multicast.groups[place]
    let interface = membership.interface
    let version = igmpVersion(on: interface, now: machine.now)
    let mustTell =
      membership.isAnnounced && membership.state != .silent && membership.state != .lazy
    guard mustTell, version == 3 else {
      multicast.groups.remove(at: place)
      if mustTell, version == 2 {
        _ = igmpReport(.leave, membership.group, on: interface, &machine, &tracer)
      }
      return
    }
    multicast.groups[place].state = .leaving
    multicast.groups[place].timer = 0
    multicast.groups[place].changesLeft = multicast[interface].robustness
    multicast.groups[place].changeTimer = 1
    setFastTimer(&machine)
  }

  /// Counts every timer down and sends what falls due (`igmp_fasttimo`).
  mutating func igmpFastTimo<T: Tracer & ~Copyable>(
    _ machine: inout Machine, _ tracer: inout T
  ) {
    multicast.isTicking = false
    // The list of IGMP's interfaces has the newest first.
    for position in (0..<interfaces.count).reversed() {
      let interface = interfaces.attached(at: position)
      var link = multicast[interface]
      guard Vnet.countDown(&link.generalTimer) else {
        if link.generalTimer > 0 { multicast[interface] = link }
        continue
      }
      multicast[interface] = link
      answerGeneralQuery(on: interface, &machine, &tracer)
    }
    for position in (0..<interfaces.count).reversed() {
      let interface = interfaces.attached(at: position)
      let version = igmpVersion(on: interface, now: machine.now)
      if version == 3 {
        tickGroups(on: interface, &machine, &tracer)
      } else {
        tickOldGroups(version, on: interface, &machine, &tracer)
      }
    }
    setFastTimer(&machine)
  }

  /// Sets the fast timer if anything counts down and it is not set yet.
  mutating func setFastTimer(_ machine: inout Machine) {
    guard !multicast.isTicking, hasWork(now: machine.now) else { return }
    multicast.isTicking = true
    machine.timers.set(
      .igmpFast, vnet: index, at: machine.now.nextTick(every: Vnet.fastPeriod))
  }

  private func hasWork(now: Instant) -> Bool {
    for place in 0..<multicast.groups.count {
      let membership = multicast.groups[place]
      if membership.timer > 0 { return true }
      if membership.changeTimer > 0, igmpVersion(on: membership.interface, now: now) == 3 {
        return true
      }
    }
    for position in 0..<interfaces.count
    where multicast[interfaces.attached(at: position)].generalTimer > 0 {
      return true
    }
    return false
  }

  /// A general query's answer is due: one record for each group (`igmp_v3_dispatch_general_query`).
  private mutating func answerGeneralQuery<T: Tracer & ~Copyable>(
    on interface: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    var records = UniqueArray<IGMPRecord>()
    for place in 0..<multicast.groups.count
    where multicast.groups[place].interface == interface {
      switch multicast.groups[place].state {
      case .silent, .groupQueryPending, .leaving: continue
      case .reporting, .idle, .lazy: break
      }
      multicast.groups[place].state = .reporting
      records.append(IGMPRecord(.modeIsExclude, multicast.groups[place].group))
    }
    igmpSendRecords(records, on: interface, limit: .answer, &machine, &tracer)
  }

  /// The groups of an interface that speaks version 3 (`igmp_v3_process_group_timers`).
  private mutating func tickGroups<T: Tracer & ~Copyable>(
    on interface: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    var answers = UniqueArray<IGMPRecord>()
    var changes = UniqueArray<IGMPRecord>()
    // All groups of the interface repeat themselves after the same delay.
    var delay: UInt32?
    var place = 0
    while place < multicast.groups.count {
      defer { place += 1 }
      var membership = multicast.groups[place]
      guard membership.interface == interface else { continue }
      let mustAnswer = Vnet.countDown(&membership.timer)
      let mustTell = Vnet.countDown(&membership.changeTimer)
      if mustAnswer, membership.state == .groupQueryPending {
        answers.append(IGMPRecord(.modeIsExclude, membership.group))
        membership.state = .reporting
      }
      switch membership.state {
      case .reporting, .groupQueryPending, .leaving:
        guard mustTell else { break }
        membership.changesLeft -= 1
        membership.isAnnounced = true
        if membership.changesLeft > 0 {
          let seconds = multicast[interface].unsolicitedInterval
          let drawn = delay ?? machine.igmpDelay(seconds * Vnet.fastTicks)
          delay = drawn
          membership.changeTimer = drawn
        }
        let isLeaving = membership.state == .leaving
        changes.append(IGMPRecord(isLeaving ? .toInclude : .toExclude, membership.group))
        if isLeaving, membership.changesLeft == 0 {
          multicast.groups.remove(at: place)
          place -= 1
          continue
        }
      case .silent, .idle, .lazy: break
      }
      multicast.groups[place] = membership
    }
    igmpSendRecords(answers, on: interface, limit: .answer, &machine, &tracer)
    igmpSendRecords(changes, on: interface, limit: .change, &machine, &tracer)
  }

  /// The groups of an interface that speaks version 1 or 2 (`igmp_v1v2_process_group_timer`).
  private mutating func tickOldGroups<T: Tracer & ~Copyable>(
    _ version: UInt8, on interface: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    for place in 0..<multicast.groups.count
    where multicast.groups[place].interface == interface {
      guard Vnet.countDown(&multicast.groups[place].timer),
        multicast.groups[place].state == .reporting
      else { continue }
      multicast.groups[place].state = .idle
      _ = igmpReport(
        version == 2 ? .version2 : .version1, multicast.groups[place].group, on: interface,
        &machine, &tracer)
    }
  }

  /// One tick of a timer that runs; whether it just ran out.
  private static func countDown(_ timer: inout UInt32) -> Bool {
    guard timer > 0 else { return false }
    timer -= 1
    return timer == 0
  }
}

extension Machine {
  /// A random number of fast ticks from 1 to `limit` (`IGMP_RANDOM_DELAY`).
  mutating func igmpDelay(_ limit: UInt32) -> UInt32 {
    UInt32(random.next() % UInt64(max(limit, 1))) + 1
  }
}

extension Instant {
  /// The next tick of a protocol timer with this period in milliseconds: they run from boot on, a
  /// millisecond past the full second.
  func nextTick(every period: UInt64) -> Instant {
    let first = Instant(seconds: 0).advanced(milliseconds: 1)
    guard self >= first else { return first }
    let passed = (nanoseconds - first.nanoseconds) / (period * 1_000_000)
    return first.advanced(milliseconds: (passed + 1) * period)
  }
}
