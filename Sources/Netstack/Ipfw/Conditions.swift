// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

extension Vnet {
  /// How the instructions of a rule go, from this one on: the inner loop of `ipfw_chk()`.
  ///
  /// Left to right, an or-block ends with its first yes. An or-block that was never closed reaches
  /// into the rule's action: a yes in it skips the action, which shows as a failure behind the last
  /// instruction.
  @inline(__always)
  mutating func outcome<T: Tracer & ~Copyable>(
    of rule: Firewall.Rule, at index: Int, from start: Int, _ search: inout RuleSearch,
    _ packet: inout Packet, _ machine: inout Machine, _ tracer: inout T
  ) -> RuleOutcome {
    var isBlockMet = false
    for offset in start..<Int(rule.instructionCount) {
      let instruction = firewall.instructions[Int(rule.firstInstruction) + offset]
      if isBlockMet {
        isBlockMet = instruction.orNext
        continue
      }
      let answer: Bool
      switch instruction.match {
      case .probeState:
        if let parent = lookupState(&search, &packet, &machine, &tracer) {
          return .state(parent: parent)
        }
        answer = true
      case .keepState, .limit:
        guard
          installState(instruction.match, at: index, search, packet, &machine, &tracer)
        else { return .refused }
        answer = true
      case .tag(let tag):
        let tag = search.argument(tag)
        answer = !instruction.isNegated
        if instruction.isNegated {
          machine.store.tags.remove(tag, from: &packet.header.firstTag)
        } else if !machine.store.tags.contains(tag, from: packet.header.firstTag) {
          // A tag has sixteen bits, but all that a table gave are looked for.
          machine.store.tags.prepend(tag & 0xffff, to: &packet.header.firstTag)
        }
        search.numbers[.tags] = machine.store.tags.bits(from: packet.header.firstTag)
        search.classes.chain = 0
      default:
        let screen = firewall.screens.screens[Int(rule.firstInstruction) + offset]
        answer =
          screen.kind == .exact
          ? screen.admits(search.numbers) != screen.isNegated
          : isMet(instruction.match, of: rule, &search, packet, &machine)
      }
      if answer != instruction.isNegated {
        isBlockMet = instruction.orNext
      } else if !instruction.orNext {
        return .failed(offset)
      }
    }
    return isBlockMet ? .failed(Int(rule.instructionCount)) : .met
  }

  /// Whether a packet meets one condition, its negation aside: the big switch of `ipfw_chk()`.
  private mutating func isMet(
    _ match: Match, of rule: Firewall.Rule, _ search: inout RuleSearch,
    _ packet: borrowing Packet, _ machine: inout Machine
  ) -> Bool {
    switch match {
    case .networks(let end, let words): return isIn(words, of: rule, search.facts.address(end))
    case .hosts(let end, let base, _, let words):
      return isHost(base, words, of: rule, search.facts.address(end))
    case .ports(let end, let words): return isIn(words, of: rule, search.facts.port(end))
    case .interface(let role, let test):
      if isMet(test, by: search.facts.interface(role)) { return true }
      if case .pattern(let pattern) = test, let number = firewall.screens.number(of: pattern) {
        search.numbers.rule(outPattern: number, role)
      }
      return false
    case .number(let field, let words): return isIn(words, of: rule, search.facts.number(field))
    case .flags(let field, let set, let clear):
      guard let bits = search.facts.bits(field, machine.store.bytes(of: packet)) else {
        return false
      }
      return bits & set == set && bits & clear == 0
    case .tcpSequence(let number): return search.facts.tcp?.sequence == number
    case .tcpAcknowledgement(let number): return search.facts.tcp?.acknowledgement == number
    case .tcpWindow(let window): return search.facts.tcp?.window == window
    case .verifyReversePath:
      guard search.facts.direction == .in, search.facts.received != .none else { return true }
      return verifyPath(search.facts, from: search.facts.received, now: machine.now)
    case .verifySourceReachable:
      // What goes out never has it: so 8.0 was seen to do, whatever the manual says.
      guard search.facts.direction == .in, let ip = search.facts.ip, ip.headerLength > 0 else {
        return false
      }
      return verifyPath(search.facts, from: nil, now: machine.now)
    case .antispoof:
      guard search.facts.direction == .in else { return true }
      if search.facts.isIPv6 { return !isLocalAddress6(machine.store.bytes(of: packet)) }
      guard let ip = search.facts.ip, ip.headerLength > 0, isOnLocalNet(ip.source) else {
        return true
      }
      return verifyPath(search.facts, from: search.facts.received, now: machine.now)
    case .ipsec: return false
    case .log:
      if sysctl.fwVerbose { ipfwLog(rule, search, packet, &machine) }
      return true
    case .table(let end, let table, let value):
      guard let address = search.facts.address(end),
        let found = firewall.tables.find(table, address)
      else {
        search.numbers.rule(out: table, end)
        return false
      }
      if let value { return found == value }
      search.tablearg = found
      return true
    case .tagged(let tag):
      return machine.store.tags.contains(search.argument(tag), from: packet.header.firstTag)
    case .taggedIn(let words):
      return machine.store.tags.contains(from: packet.header.firstTag) {
        isIn(words, of: rule, UInt16(truncatingIfNeeded: $0))
      }
    case .macType(let words): return isIn(words, of: rule, search.facts.frame?.type.rawValue)
    case .probability(let bound):
      search.draw = UInt32(truncatingIfNeeded: machine.random.next() >> 33)
      return search.draw < bound
    case .altq: return true
    case .mac(let words): return search.facts.frame.map { isFrame(words, of: rule, $0) } ?? false
    case .user(let user): return owner(of: &search)?.user == user
    case .group(let group): return owner(of: &search)?.group == group
    case .jail(let jail): return owner(of: &search)?.jail == jail
    case .address6(let end, let words):
      return search.facts.isIPv6
        && isAddress6(words, of: rule, end, machine.store.bytes(of: packet))
    case .networks6(let end, let words):
      return search.facts.isIPv6 && isIn(words, of: rule, end, machine.store.bytes(of: packet))
    // No interface has an IPv6 address.
    case .me6: return false
    case .icmp6Types(let words):
      guard search.facts.isIPv6, !search.facts.isFragment, search.facts.proto == 58 else {
        return false
      }
      let type = Int(search.facts.six.flags)
      guard type <= 201, type / 32 < words.count else { return false }
      let bits = firewall.words[Int(rule.firstWord) + Int(words.start) + type / 32]
      return bits & (1 << UInt32(type % 32)) != 0
    case .flowIDs(let words):
      // C compares with version and class too, and so with no label at all.
      guard search.facts.isIPv6 else { return false }
      let first = machine.store.bytes(of: packet).uint32(at: 0)
      for index in words.indices where firewall.words[Int(rule.firstWord) + index] == first {
        return true
      }
      return false
    case .extensionHeaders(let bits): return search.facts.six.extensionHeaders & bits != 0
    case .probeState, .keepState, .limit, .tag:
      preconditionFailure("these come before")
    case .proto, .ip4, .ip6, .address, .me, .inbound, .fragment, .fib, .version, .precedence,
      .comment,
      .layer2, .established, .icmpTypes, .diverted:
      preconditionFailure("their screens are exact")
    }
  }

  /// Whether a number lies in one of the ranges.
  @inline(__always)
  private func isIn(_ words: WordRange, of rule: Firewall.Rule, _ number: UInt16?) -> Bool {
    guard let number else { return false }
    for index in words.indices
    where NumberRange(word: firewall.words[Int(rule.firstWord) + index]).contains(number) {
      return true
    }
    return false
  }

  /// Whether a frame's addresses, masked, are the ones that three words make.
  private func isFrame(
    _ words: WordRange, of rule: Firewall.Rule, _ frame: EthernetHeader
  ) -> Bool {
    let (to, from) = (frame.destination.rawValue, frame.source.rawValue)
    let first = Int(rule.firstWord) + Int(words.start)
    return firewall.words[first] == UInt32(truncatingIfNeeded: to >> 16) & firewall.words[first + 3]
      && firewall.words[first + 1]
        == UInt32(truncatingIfNeeded: to << 16 | from >> 32) & firewall.words[first + 4]
      && firewall.words[first + 2] == UInt32(truncatingIfNeeded: from) & firewall.words[first + 5]
  }

  /// Whether an address lies in one of the networks.
  @inline(__always)
  private func isIn(_ words: WordRange, of rule: Firewall.Rule, _ address: IPv4Address?) -> Bool {
    guard let address else { return false }
    let first = Int(rule.firstWord) + Int(words.start)
    for index in stride(from: first, to: first + Int(words.count), by: 2)
    where address.rawValue & firewall.words[index + 1] == firewall.words[index] {
      return true
    }
    return false
  }

  /// Whether the bit of an address is set; the bits begin at `base`.
  @inline(__always)
  private func isHost(
    _ base: IPv4Address, _ words: WordRange, of rule: Firewall.Rule, _ address: IPv4Address?
  ) -> Bool {
    guard let address, address >= base else { return false }
    let distance = address.rawValue - base.rawValue
    guard distance / 32 < words.count else { return false }
    let word = firewall.words[Int(rule.firstWord) + Int(words.start) + Int(distance / 32)]
    return word & (1 << (distance % 32)) != 0
  }

  /// Whether an interface is the one that is meant (`iface_match`); none is never.
  private func isMet(_ test: InterfaceTest, by index: InterfaceIndex) -> Bool {
    guard index != .none else { return false }
    switch test {
    case .name(let name): return interfaces[index].name == name
    case .pattern(let pattern): return interfaces[index].name.matches(pattern: pattern)
    case .address(let address):
      var next = addresses.first(on: index)
      while let candidate = next {
        if addresses[candidate].address == address { return true }
        next = addresses[candidate].nextOnInterface
      }
      return false
    }
  }

  /// Whether packets to the source would leave by the interface; without one, whether there is a
  /// real route to it that is not the default (`verify_path`).
  ///
  /// The interface is that of the route's address: a route to an own address leads through lo0.
  private mutating func verifyPath(
    _ facts: borrowing PacketFacts, from interface: InterfaceIndex?, now: Instant
  ) -> Bool {
    // There are no routes for IPv6.
    if facts.isIPv6 { return false }
    // The source of what is no IP is 0.0.0.0, which has a route where there is a default.
    let source = facts.ip?.source ?? .any
    guard let found = rtalloc1(source, fib: facts.fib, report: true) else { return false }
    let route = routes[found]
    rtfree(found, now: now)
    if let interface { return addresses[route.address].interface == interface }
    return route.key.destination != .any
      && route.flags.isDisjoint(with: [.RTF_REJECT, .RTF_BLACKHOLE])
  }

  /// Whether an address belongs to the network of one of ours (`in_localaddr`).
  private func isOnLocalNet(_ address: IPv4Address) -> Bool {
    for position in 0..<addresses.count {
      let own = addresses[addresses.configured(at: position)]
      if address & own.mask == own.subnet { return true }
    }
    return false
  }
}

extension PacketFacts {
  /// The bits of a flag field; nil where the packet has none, or has broken IP options.
  @inline(__always)
  func bits(_ field: FlagField, _ bytes: RawSpan) -> UInt8? {
    switch field {
    case .iptos: return ip?.tos
    case .ipoptions:
      guard let ip else { return nil }
      return PacketOptions.ip(bytes, headerLength: ip.headerLength)
    case .tcpflags: return tcp?.flags.rawValue
    case .tcpoptions:
      guard let tcp else { return nil }
      let segment = bytes.extracting(droppingFirst: ip?.headerLength ?? Int(six.transport))
      return PacketOptions.tcp(segment, headerLength: tcp.headerLength)
    }
  }
}
