// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// ICMP errors: `icmp_error` (netinet/ip_icmp.c).
extension Vnet {
  /// The ICMP header and the word behind it, which every error has (`ICMP_MINLEN`).
  static let icmpMinimum = 8
  /// What an error may quote at most: a cluster less the two headers.
  private static let quoteMaximum = 2048 - IPv4Header.size - icmpMinimum

  /// Tells the sender of a packet what went wrong, unless a rule forbids it.
  ///
  /// Consumes the packet or the part of it that the caller kept; the caller gives the packet's
  /// verdict. Not rate limited: only the callers that 8.0 limits ask `badport_bandlim` first.
  ///
  /// - Parameters:
  ///   - code: The code, or of a parameter problem the byte it blames.
  ///   - gateway: What a redirect recommends.
  ///   - mtu: What "needs fragmentation" reports; 0 leaves the field zero.
  /// - Returns: Why no error was made, or nil where one was.
  mutating func icmpError<T: Tracer & ~Copyable>(
    _ original: consuming Packet, type: UInt8, code: UInt8, gateway: IPv4Address, mtu: UInt32,
    _ machine: inout Machine, _ tracer: inout T
  ) -> TraceID? {
    let number = original.number
    let icmpType = ICMPType(rawValue: type)
    if icmpType != .redirect { count(icmp: .error, number, &tracer) }
    // The fast path may bring a packet that is cut inside its header.
    var suppressed: TraceID? = .icmpSupShort
    if let header = IPv4Header(machine.store.bytes(of: original)) {
      switch icmpQuotable(original, header, icmpType, number, machine, &tracer) {
      case .failure(let id, _): suppressed = id
      case .success(let quoted):
        suppressed = buildICMPError(
          original, header, icmpType, code: code, gateway: gateway, mtu: mtu, quoted: quoted,
          &machine, &tracer)
      }
    }
    machine.store.free(original)
    let told = icmpType == .paramprob ? 0 : code
    tracer.emit(number, .reply(type: type, code: told, suppressedBy: suppressed))
    return suppressed
  }

  /// Tells the sender of a packet why it goes no further, and ends the packet: `replied`, or
  /// `dropped` where no error was made. What the id counts is counted in both cases.
  ///
  /// - Parameters:
  ///   - pointer: The byte that a parameter problem blames.
  ///   - mtu: What "needs fragmentation" reports.
  mutating func reply<T: Tracer & ~Copyable>(
    to packet: consuming Packet, _ kind: ICMPKind, _ id: TraceID, pointer: UInt8? = nil,
    mtu: UInt32 = 0, _ machine: inout Machine, _ tracer: inout T
  ) {
    let number = packet.number
    let suppressed = icmpError(
      packet, type: kind.type, code: pointer ?? kind.code, gateway: .any, mtu: mtu, &machine,
      &tracer)
    if let counter = id.ipCounter { count(counter, number, &tracer) }
    if let counter = id.secondIPCounter { count(counter, number, &tracer) }
    var end = End(suppressed == nil ? .replied : .dropped, id)
    end.icmp = kind
    end.pointer = pointer
    end.suppressedBy = suppressed
    machine.end(number, end, &tracer)
  }

  /// How many bytes to quote, or why nothing is sent (E2 to E7).
  private mutating func icmpQuotable<T: Tracer & ~Copyable>(
    _ original: borrowing Packet, _ header: IPv4Header, _ type: ICMPType,
    _ number: PacketNumber, _ machine: borrowing Machine, _ tracer: inout T
  ) -> Step<Int> {
    if header.fragment & ~(IPv4Header.MF | IPv4Header.DF) != 0 {
      return .failure(.icmpSupFrag, nil)
    }
    if !original.header.flags.isDisjoint(with: [.broadcast, .multicast]) {
      return .failure(.icmpSupL2bcast, nil)
    }
    let headerLength = header.headerLength
    let first = min(original.header.firstBufferCount.map(Int.init) ?? .max, original.count)
    if header.protocol == .icmp, type != .redirect, first >= headerLength + Vnet.icmpMinimum {
      let inner = ICMPType(rawValue: machine.store.bytes(of: original).uint8(at: headerLength))
      guard inner.isInformational else {
        count(icmp: .oldicmp, number, &tracer)
        return .failure(.icmpSupIcmp, nil)
      }
    }
    guard headerLength + Vnet.icmpMinimum <= first else { return .failure(.icmpSupShort, nil) }
    let rest = Int(header.totalLength) - headerLength
    // C compares without signs, so that a length below the header's allows all.
    let allowed = rest < 0 ? sysctl.quotelen : min(sysctl.quotelen, rest)
    var payload = max(Vnet.icmpMinimum, allowed)
    if header.protocol == .tcp, headerLength + TCPHeader.size <= original.count {
      // C gathers a TCP header that is spread over buffers, then reads where it was before: what
      // it finds there was never seen to be a header.
      guard headerLength + TCPHeader.size <= first else { return .failure(.icmpSupBadtcp, nil) }
      let offset = machine.store.bytes(of: original).uint8(at: headerLength + 12)
      let tcpLength = Int(offset >> 4) * 4
      guard tcpLength >= TCPHeader.size, rest >= tcpLength else {
        return .failure(.icmpSupBadtcp, nil)
      }
      if headerLength + tcpLength <= original.count {
        payload = max(tcpLength, allowed)
      }
    }
    return .success(min(headerLength + payload, original.count, Vnet.quoteMaximum))
  }

  /// Builds the error and sends it back (E8, E9).
  private mutating func buildICMPError<T: Tracer & ~Copyable>(
    _ original: borrowing Packet, _ header: IPv4Header, _ type: ICMPType, code: UInt8,
    gateway: IPv4Address, mtu: UInt32, quoted: Int, _ machine: inout Machine,
    _ tracer: inout T
  ) -> TraceID? {
    let length = IPv4Header.size + Vnet.icmpMinimum + quoted
    guard var error = machine.store.allocate(count: length, number: original.number) else {
      return .icmpSupNomem
    }
    let number = machine.newChild()
    error.header.number = number
    tracer.emit(original.number, .waypoint(.icmpQuote, UInt32(quoted), 0))
    var icmp = ICMPHeader(type: type, code: code)
    switch type {
    case .redirect: icmp.rest = gateway.rawValue
    case .paramprob:
      icmp.rest = UInt32(code) << 24
      icmp.code = 0
    case .unreach where code == 4: icmp.rest = mtu & 0xffff
    default: break
    }
    tracer.emit(
      number,
      .made(parent: original.number, birth: .icmpError(type: type.rawValue, code: icmp.code)))
    error.header.fib = original.header.fib
    error.header.fibChooser = original.header.fib == .zero ? .default : .reply
    error.header.receivedOn = original.header.receivedOn
    error.header.vnet = original.header.vnet
    error.header.flags = original.header.flags.intersection(.skipFirewall)
    machine.store.copyBytes(
      from: original, at: 0, count: quoted, to: error,
      at: IPv4Header.size + Vnet.icmpMinimum)
    // The flags and offset of the offender stay: DF, and MF of a first fragment.
    var own = header
    own.version = 4
    own.headerWords = 5
    own.tos = 0
    own.protocol = .icmp
    own.totalLength = UInt16(length)
    var bytes = machine.store.mutableBytes(of: error)
    own.write(into: &bytes, at: 0)
    icmp.write(into: &bytes, at: IPv4Header.size)
    statistics.icmp.countOutput(type: type.rawValue)
    tracer.emit(number, .counted(.icmpOut(type: type.rawValue)))
    icmpReflect(error, &machine, &tracer)
    return nil
  }
}
