// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Which walk over the options of a packet this is: a stealthy router makes two.
enum OptionPass: BitwiseCopyable {
  /// As the packet comes in: all options, or with stealth source routes only.
  case arrival
  /// Before it is delivered here, with stealth: what the first walk left out.
  case delivery
}

/// What an option, or all of them, leads to.
private enum OptionOutcome: BitwiseCopyable {
  case proceed
  /// A source route put the next hop into the destination; groups are not forwarded to.
  case rerouted(isForwarded: Bool)
  /// The sender is told; `pointer` is the byte that a parameter problem blames.
  case refuse(TraceID, ICMPKind, pointer: UInt8?)
  /// Discarded in silence.
  case discard(TraceID)

  /// A parameter problem about the byte at an offset from the start of the header.
  static func bad(_ id: TraceID, at offset: Int) -> OptionOutcome {
    .refuse(id, ICMPKind(12, 0), pointer: UInt8(offset))
  }

  /// "Source route failed", for three reasons.
  static func sourceRouteFailed(_ id: TraceID) -> OptionOutcome {
    .refuse(id, ICMPKind(3, 5), pointer: nil)
  }
}

/// The options of a received packet: `ip_dooptions` (netinet/ip_options.c).
extension Vnet {
  /// Acts on the options of a packet that has some.
  ///
  /// Options that were acted on before a bad one stay changed, and the error quotes them so.
  ///
  /// - Returns: The packet where `ip_input` goes on with it, perhaps to another destination; nil
  ///   where it was forwarded, answered or dropped.
  mutating func ipDoOptions<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ pass: OptionPass, _ machine: inout Machine, _ tracer: inout T
  ) -> Packet? {
    let outcome: OptionOutcome
    switch machine.sysctl.processOptions {
    case 0: return packet
    case 2: outcome = .refuse(.optReject, ICMPKind(3, 13), pointer: nil)
    default: outcome = walkOptions(&packet, pass, &machine, &tracer)
    }
    switch outcome {
    case .proceed: return packet
    case .rerouted(let isForwarded):
      guard isForwarded, sysctl.forwarding else { return packet }
      tracer.emit(packet.number, .waypoint(.optSrForwarded, 0, 0))
      ipForward(packet, isSourceRouted: true, &machine, &tracer)
    case .refuse(let id, let kind, let pointer):
      reply(to: packet, kind, id, pointer: pointer, &machine, &tracer)
    case .discard(let id):
      drop(packet, id, &machine, &tracer)
    }
    return nil
  }

  /// From the first option to the last, or to the first that ends the packet.
  private mutating func walkOptions<T: Tracer & ~Copyable>(
    _ packet: inout Packet, _ pass: OptionPass, _ machine: inout Machine, _ tracer: inout T
  ) -> OptionOutcome {
    guard let header = IPv4Header(machine.store.bytes(of: packet)) else {
      preconditionFailure("ip_input checked that the header is there")
    }
    let isStealthy = machine.options.ipStealth && sysctl.stealth
    var outcome = OptionOutcome.proceed
    var position = IPv4Header.size
    while position < header.headerLength {
      let option = machine.store.option(at: position, of: packet, header.headerLength)
      if option.type == .endOfList { break }
      if option.isMalformed {
        return .bad(option.length < 2 ? .optBadTrunc : .optBadLen, at: position + 1)
      }
      var step = OptionOutcome.proceed
      switch option.type {
      case .looseSourceRoute, .strictSourceRoute:
        if !isStealthy || pass == .arrival {
          step = sourceRoute(option, at: position, &packet, &machine, &tracer)
        }
      case .recordRoute:
        if !isStealthy || pass == .delivery {
          step = recordRoute(option, at: position, packet, &machine, &tracer)
        }
      case .timestamp:
        if !isStealthy || pass == .delivery {
          step = timestamp(
            option, at: position, packet, arrivedFor: header.destination, &machine, &tracer)
        }
      default: break
      }
      switch step {
      case .proceed: break
      case .rerouted: outcome = step
      case .refuse, .discard: return step
      }
      position += option.length
    }
    return outcome
  }

  /// A source route: on to its next hop, or saved at its end (04, S1 to S8).
  private mutating func sourceRoute<T: Tracer & ~Copyable>(
    _ option: IPv4Options.Option, at position: Int, _ packet: inout Packet,
    _ machine: inout Machine, _ tracer: inout T
  ) -> OptionOutcome {
    let isStrict = option.type == .strictSourceRoute
    guard option.length >= 3 else {
      return .bad(isStrict ? .optBadSsrrLen : .optBadLsrrLen, at: position + 1)
    }
    let pointer = Int(machine.store.bytes(of: packet).uint8(at: position + 2))
    guard pointer >= 4 else {
      return .bad(isStrict ? .optBadSsrrPtr : .optBadLsrrPtr, at: position + 2)
    }
    let waypoint = isStrict ? TraceID.optSsrr : .optLsrr
    let destination = IPv4Address(rawValue: machine.store.bytes(of: packet).uint32(at: 16))
    guard ifaWithAddress(destination) != nil else {
      if isStrict { return .sourceRouteFailed(.optSsrrNothere) }
      return machine.sysctl.sourceroute ? .proceed : denySourceRoute(packet, &machine)
    }
    guard pointer + 3 <= option.length else {
      guard machine.sysctl.acceptSourceroute else { return denySourceRoute(packet, &machine) }
      packet.header.savedRoute = UInt8(position)
      tracer.emit(packet.number, .waypoint(waypoint, destination.rawValue, UInt32(pointer)))
      return .proceed
    }
    if machine.options.ipStealth, sysctl.stealth { return .discard(.optSrStealth) }
    guard machine.sysctl.sourceroute else {
      return sysctl.forwarding ? denySourceRoute(packet, &machine) : .discard(.optSrSilent)
    }
    let slot = position + pointer - 1
    let nextHop = IPv4Address(rawValue: machine.store.bytes(of: packet).uint32(at: slot))
    let leaving =
      isStrict
      ? ifaWithPeer(nextHop) ?? ifaWithNet(nextHop)
      : ipRtaddr(nextHop, packet.header, now: machine.now, &tracer)
    guard let leaving else { return .sourceRouteFailed(.optSrNohop) }
    var bytes = machine.store.mutableBytes(of: packet)
    bytes.store(nextHop.rawValue, at: 16)
    bytes.store(addresses[leaving].address.rawValue, at: slot)
    bytes.store(UInt8(pointer + 4), at: position + 2)
    tracer.emit(packet.number, .waypoint(waypoint, nextHop.rawValue, UInt32(pointer + 4)))
    return .rerouted(isForwarded: !nextHop.isMulticast)
  }

  /// Refuses a source route, and tells the operator who tried (S-reject).
  private func denySourceRoute(
    _ packet: borrowing Packet, _ machine: inout Machine
  ) -> OptionOutcome {
    if let header = IPv4Header(machine.store.bytes(of: packet)) {
      machine.log("attempted source route from \(header.source) to \(header.destination)")
    }
    return .sourceRouteFailed(.optSrDenied)
  }

  /// Notes the address the packet leaves by, or is for, unless the option is full.
  private mutating func recordRoute<T: Tracer & ~Copyable>(
    _ option: IPv4Options.Option, at position: Int, _ packet: borrowing Packet,
    _ machine: inout Machine, _ tracer: inout T
  ) -> OptionOutcome {
    guard option.length >= 3 else { return .bad(.optBadRrLen, at: position + 2) }
    let pointer = Int(machine.store.bytes(of: packet).uint8(at: position + 2))
    guard pointer >= 4 else { return .bad(.optBadRrPtr, at: position + 2) }
    guard pointer + 3 <= option.length else { return .proceed }
    let destination = IPv4Address(rawValue: machine.store.bytes(of: packet).uint32(at: 16))
    guard
      let index = ifaWithAddress(destination)
        ?? ipRtaddr(destination, packet.header, now: machine.now, &tracer)
    else { return .refuse(.optRrNoroute, ICMPKind(3, 1), pointer: nil) }
    let address = addresses[index].address.rawValue
    var bytes = machine.store.mutableBytes(of: packet)
    bytes.store(address, at: position + pointer - 1)
    bytes.store(UInt8(pointer + 4), at: position + 2)
    tracer.emit(packet.number, .waypoint(.optRr, address, UInt32(pointer + 4)))
    return .proceed
  }

  /// Notes the time, and as the option's flag says also by or for which address.
  ///
  /// The last slot of 4 bytes is never used: the C compares a pointer that counts from 1.
  ///
  /// - Parameter arrivedFor: The destination before any source route changed it.
  private mutating func timestamp<T: Tracer & ~Copyable>(
    _ option: IPv4Options.Option, at position: Int, _ packet: borrowing Packet,
    arrivedFor: IPv4Address, _ machine: inout Machine, _ tracer: inout T
  ) -> OptionOutcome {
    guard option.length >= 4, option.length <= 40 else {
      return .bad(.optBadTsLen, at: position + 1)
    }
    let pointer = Int(machine.store.bytes(of: packet).uint8(at: position + 2))
    guard pointer >= 5 else { return .bad(.optBadTsPtr, at: position + 1) }
    let flags = machine.store.bytes(of: packet).uint8(at: position + 3)
    guard pointer + 4 <= option.length else {
      return countMissedTime(flags, at: position, packet, &machine)
    }
    let slot = position + pointer - 1
    var address: IPv4Address?
    switch flags & 0xf {
    case TimestampFlag.timeOnly: break
    case TimestampFlag.timeAndAddress, TimestampFlag.prespecified:
      guard pointer + 7 <= option.length else { return .bad(.optBadTsRoom, at: position + 2) }
      address =
        flags & 0xf == TimestampFlag.prespecified
        ? listedAddress(at: slot, packet, machine) : arrivalAddress(packet.header, arrivedFor)
      if address == nil { return .proceed }
    default: return .bad(.optBadTsFlag, at: position + 3)
    }
    let time = machine.millisecondsSinceMidnight
    var bytes = machine.store.mutableBytes(of: packet)
    var written = 0
    if let address {
      bytes.store(address.rawValue, at: slot)
      written = 4
    }
    bytes.store(time, at: slot + written)
    bytes.store(UInt8(pointer + written + 4), at: position + 2)
    tracer.emit(packet.number, .waypoint(.optTs, address?.rawValue ?? 0, time))
    return .proceed
  }

  /// No room for the time: counts that in the option, up to 15.
  private func countMissedTime(
    _ flags: UInt8, at position: Int, _ packet: borrowing Packet, _ machine: inout Machine
  ) -> OptionOutcome {
    let counted = flags &+ 0x10
    var bytes = machine.store.mutableBytes(of: packet)
    bytes.store(counted, at: position + 3)
    return counted & 0xf0 == 0 ? .bad(.optBadTsOvf, at: position + 2) : .proceed
  }

  /// The address that the sender listed, if it is ours.
  private func listedAddress(
    at slot: Int, _ packet: borrowing Packet, _ machine: borrowing Machine
  ) -> IPv4Address? {
    let listed = IPv4Address(rawValue: machine.store.bytes(of: packet).uint32(at: slot))
    return ifaWithAddress(listed) == nil ? nil : listed
  }

  /// The address of the interface a packet came by, that fits its destination best.
  private func arrivalAddress(
    _ packet: Packet.Record, _ destination: IPv4Address
  ) -> IPv4Address? {
    guard packet.receivedOn != .none else { return nil }
    return ifaOf(interface: packet.receivedOn, for: destination).map { addresses[$0].address }
  }

  /// The address of the route to a destination, in the packet's table (`ip_rtaddr`).
  private mutating func ipRtaddr<T: Tracer & ~Copyable>(
    _ destination: IPv4Address, _ packet: Packet.Record, now: Instant, _ tracer: inout T
  ) -> AddressIndex? {
    let route = rtalloc1(destination, fib: packet.fib, report: true)
    emitRoute(route, destination, packet, &tracer)
    guard let route else { return nil }
    let address = routes[route].address
    rtfree(route, now: now)
    return address
  }
}

/// What a timestamp option's flag asks each router for (RFC 791, 3.1).
private enum TimestampFlag {
  static let timeOnly: UInt8 = 0
  static let timeAndAddress: UInt8 = 1
  /// The time, from those routers that the sender listed.
  static let prespecified: UInt8 = 3
}
