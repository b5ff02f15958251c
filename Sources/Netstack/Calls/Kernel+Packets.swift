// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// A packet that a local process sends.
package struct LocalPacket: Sendable {
  /// The kind of socket it is sent on.
  package enum Socket: Sendable {
    /// A raw socket with `IP_HDRINCL`: the process wrote the header.
    case rawHeaderIncluded
    /// A socket whose protocol leaves version, id and header length to `ip_output`.
    case cooked
    /// A UDP socket: as `cooked`, and the datagram's checksum is made.
    case udp
  }

  package var bytes: [UInt8]
  package var socket: Socket
  /// The socket's forwarding table, and who chose it.
  package var fib: FibNumber
  package var fibChooser: FibChooser
  /// The CPU that the process runs on.
  package var cpu = 0
  /// Whose the socket is.
  package var owner = SocketOwner()
  package var flags: OutputFlags = []
  package var multicast: MulticastOptions?
  /// The socket's `IP_OPTIONS`: the first hop of a source route or zeros, then the options.
  package var options: [UInt8]?

  package init(
    _ bytes: [UInt8], socket: Socket, fib: FibNumber = .zero, chooser: FibChooser = .default
  ) {
    self.bytes = bytes
    self.socket = socket
    self.fib = fib
    fibChooser = chooser
  }
}

/// The two ways a packet enters the machine, each with and without somebody listening.
extension Kernel {
  /// A driver received a frame; everything it sets in motion runs to completion.
  @discardableResult
  package mutating func receive(
    _ frame: ReceivedFrame, vnet: VnetIndex = .zero, tracer: inout Recorder
  ) -> PacketNumber { receiveFrame(frame.bytes.rawBytes, frame.facts, vnet, &tracer) }

  /// A driver received a frame, and nobody listens.
  @discardableResult
  package mutating func receive(
    _ frame: ReceivedFrame, vnet: VnetIndex = .zero
  ) -> PacketNumber {
    if usesExpressLane,
      let number = receiveExpress(frame.bytes.rawBytes, frame.facts, vnet)
    {
      return number
    }
    var silent = Silent()
    return receiveFrame(frame.bytes.rawBytes, frame.facts, vnet, &silent)
  }

  /// A process sends a packet; everything it sets in motion runs to completion.
  ///
  /// - Throws: What the send call returns. The packet has its number and verdict all the same.
  package mutating func send(
    _ packet: LocalPacket, vnet: VnetIndex = .zero, tracer: inout Recorder
  ) throws(Errno) {
    if let errno = sendPacket(packet, vnet, &tracer) { throw errno }
  }

  /// A process sends a packet, and nobody listens.
  package mutating func send(_ packet: LocalPacket, vnet: VnetIndex = .zero) throws(Errno) {
    var silent = Silent()
    if let errno = sendPacket(packet, vnet, &silent) { throw errno }
  }

  mutating func receiveFrame<T: Tracer & ~Copyable>(
    _ bytes: RawSpan, _ frame: FrameFacts, _ vnet: VnetIndex, _ tracer: inout T
  ) -> PacketNumber {
    let number = machine.newRoot()
    let stack = Int(vnet.rawValue)
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    tracer.enter(vnet)
    machine.netisr.run(on: frame.cpu)
    vnets[stack].interfaces[frame.interface].statistics[.ipackets] &+= 1
    guard var packet = machine.store.take(bytes, number: number) else {
      vnets[stack].interfaces[frame.interface].statistics[.iqdrops] &+= 1
      machine.end(number, End(.dropped, .ifQfull), &tracer)
      return number
    }
    packet.header.receivedOn = frame.interface
    packet.header.vnet = vnet
    if let fib = frame.fib {
      packet.header.fib = fib.mark
      packet.header.fibChooser = .interface
    }
    if let flow = frame.flowID {
      packet.header.flowID = flow
      packet.header.flags.insert(.flowID)
    }
    switch frame.checksum {
    case .none: break
    case .good: packet.header.flags.formUnion([.ipChecked, .ipValid])
    case .bad: packet.header.flags.insert(.ipChecked)
    }
    if let first = frame.firstBufferCount {
      packet.header.firstBufferCount = UInt32(first + EthernetHeader.size)
    }
    if frame.skipsEtherInput {
      if let header = EthernetHeader(bytes), header.destination.isGroup {
        packet.header.flags.insert(header.destination.isBroadcast ? .broadcast : .multicast)
      }
      packet.trimFront(min(EthernetHeader.size, packet.count))
      // Loopback's own input knows no fast path.
      if vnets[stack].interfaces[frame.interface].type == .loopback {
        vnets[stack].netisrDispatch(packet, .ip, &machine, &tracer)
      } else {
        vnets[stack].linkInputIP(packet, &machine, &tracer)
      }
    } else {
      vnets[stack].etherInput(packet, on: frame.interface, &machine, &tracer)
    }
    drain(&tracer)
    return number
  }

  private mutating func sendPacket<T: Tracer & ~Copyable>(
    _ packet: LocalPacket, _ vnet: VnetIndex, _ tracer: inout T
  ) -> Errno? {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    tracer.enter(vnet)
    machine.netisr.run(on: packet.cpu)
    let errno = vnets[Int(vnet.rawValue)].socketOutput(packet, &machine, &tracer)
    drain(&tracer)
    return errno
  }
}

extension Vnet {
  /// What the protocols do before `ip_output`: `rip_output` and `udp_output`.
  mutating func socketOutput<T: Tracer & ~Copyable>(
    _ local: LocalPacket, _ machine: inout Machine, _ tracer: inout T
  ) -> Errno? {
    let number = machine.newRoot()
    let bytes = unsafe local.bytes.span.bytes
    if let (id, errno) = socketCheck(local) {
      var end = End(.dropped, id)
      end.errno = errno
      machine.end(number, end, &tracer)
      return errno
    }
    guard var packet = machine.store.take(bytes, number: number) else {
      var end = End(.dropped, .outQfull)
      end.errno = .ENOBUFS
      machine.end(number, end, &tracer)
      return .ENOBUFS
    }
    packet.header.vnet = index
    packet.header.fib = local.fib
    packet.header.fibChooser = local.fibChooser
    if T.isOn { tracer.recordBytes(number, .made, machine.store.bytes(of: packet)) }
    var request = OutputRequest(
      flags: local.flags, socketFib: local.fib, multicast: local.multicast)
    request.sender = local.owner
    switch local.socket {
    case .rawHeaderIncluded:
      request.flags.insert(.IP_RAWOUTPUT)
      count(.rawout, number, &tracer)
      giveMissingID(packet, &machine)
    case .cooked: break
    case .udp:
      count(udp: .opackets, number, &tracer)
    }
    let ttl = IPv4Header(machine.store.bytes(of: packet))?.ttl ?? 0
    if let options = local.options.flatMap(OptionBytes.init) {
      request.flowKey = IPv4Header(machine.store.bytes(of: packet))?.destination
      ipInsertOptions(options, into: &packet, &machine, &tracer)
    }
    let record = packet.header
    let result = ipOutput(packet, request, &machine, &tracer)
    if let used = result.route { rtfree(used, now: machine.now) }
    endOutput(record, result, ttl: ttl, &machine, &tracer)
    return result.errno
  }

  /// The checks of a raw socket's writer (`rip_output`).
  private func socketCheck(_ local: LocalPacket) -> (TraceID, Errno)? {
    let bytes = local.bytes
    guard bytes.count <= 65_535 else { return (.rawOutMsgsize, .EMSGSIZE) }
    guard bytes.count >= IPv4Header.size else { return (.rawOutInval, .EINVAL) }
    let headerLength = Int(bytes[0] & 0xf) * 4
    let length = Int(bytes[2]) << 8 | Int(bytes[3])
    guard headerLength >= IPv4Header.size, headerLength <= bytes.count, length <= bytes.count,
      length >= headerLength
    else { return (.rawOutInval, .EINVAL) }
    guard let options = local.options else { return nil }
    // Options of the socket and of the process's own header exclude each other.
    guard OptionBytes(options) != nil,
      local.socket != .rawHeaderIncluded || headerLength == IPv4Header.size
    else { return (.rawOutInval, .EINVAL) }
    return nil
  }

  /// A header that a process wrote with id 0 gets the next one.
  private mutating func giveMissingID(_ packet: borrowing Packet, _ machine: inout Machine) {
    guard machine.store.bytes(of: packet).uint16(at: 4) == 0 else { return }
    let identification = nextIPID(&machine)
    var bytes = machine.store.mutableBytes(of: packet)
    bytes.store(identification, at: 4)
  }
}
