// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// A message of another bridge (`struct bstp_config_unit`).
struct TreeMessage: BitwiseCopyable, Sendable {
  var priority = TreePriority()
  var times = TreeTimes()
  var role = TreeRole.disabled
  var acknowledges = false, tellsChange = false, proposes = false, agrees = false
  var learns = false, forwards = false
}

/// Bridge protocol data units (net/bridgestp.c).
extension SpanningTree {
  /// Where messages go (`bstp_etheraddr`).
  static let group = EthernetAddress(0x01, 0x80, 0xc2, 0, 0, 0)

  /// `BSTP_PDU_F_` bits of the flags; the role has two of them.
  private enum Bit {
    static let change: UInt8 = 0x01
    static let proposal: UInt8 = 0x02
    static let roleShift: UInt8 = 2
    static let learning: UInt8 = 0x10
    static let forwarding: UInt8 = 0x20
    static let agreement: UInt8 = 0x40
    static let acknowledgement: UInt8 = 0x80
    /// What each version knows.
    static func known(_ version: TreeProtocol) -> UInt8 { version == .stp ? 0x81 : 0x7f }
  }

  /// The types of messages (`BSTP_MSGTYPE_`).
  private enum Kind {
    static let configuration: UInt8 = 0x00
    static let rapid: UInt8 = 0x02
    static let notification: UInt8 = 0x80
  }

  /// Bytes of LLC and message (`BSTP_BPDU_STP_LEN`, `BSTP_BPDU_RSTP_LEN`), and of a notification.
  private static let configurationLength = 38
  private static let rapidLength = 39
  private static let notificationLength = 7

  /// The hello timer ran out (`bstp_hello_timer_expiry`).
  mutating func helloEnds(_ place: Int) {
    let port = ports[place]
    guard
      port.hasNews || port.role == .designated || port.role == .root && port.changeTimer.isActive
    else { return }
    ports[place].hello.start(port.designatedTimes.helloTime)
    ports[place].hasNews = true
    transmit(place)
  }

  /// Sends what a port has to say, unless it has said too much of late (`bstp_transmit`).
  mutating func transmit(_ place: Int) {
    guard isRunning else { return }
    guard ports[place].hello.isActive else { return helloEnds(place) }
    guard ports[place].sent <= holdCount else { return }
    switch (ports[place].version, ports[place].role) {
    case (.rstp, _), (.stp, .designated):
      sendMessage(place)
      ports[place].acknowledges = false
    case (.stp, .root): sendNotification(place)
    default: break
    }
    ports[place].hello.start(ports[place].designatedTimes.helloTime)
    ports[place].hasNews = false
  }

  /// `bstp_transmit_bpdu` and `bstp_send_bpdu`.
  private mutating func sendMessage(_ place: Int) {
    let port = ports[place]
    let isRapid = port.version == .rstp
    let length = isRapid ? SpanningTree.rapidLength : SpanningTree.configurationLength
    var frame = FrameWriter(port.link.address, length: length)
    frame.add(0, bytes: 2)
    frame.add(UInt64(port.version.rawValue), bytes: 1)
    frame.add(UInt64(isRapid ? Kind.rapid : Kind.configuration), bytes: 1)
    frame.add(UInt64(flags(of: port)), bytes: 1)
    frame.add(port.designated.root, bytes: 8)
    frame.add(UInt64(port.designated.cost), bytes: 4)
    frame.add(port.designated.bridge, bytes: 8)
    frame.add(UInt64(port.id), bytes: 2)
    let times = port.designatedTimes
    for time in [times.messageAge, times.maxAge, times.helloTime, times.forwardDelay] {
      frame.add(UInt64(time), bytes: 2)
    }
    if isRapid { frame.add(0, bytes: 1) }
    send(frame.bytes, on: place)
  }

  /// `bstp_transmit_tcn`.
  private mutating func sendNotification(_ place: Int) {
    var frame = FrameWriter(ports[place].link.address, length: SpanningTree.notificationLength)
    frame.add(0, bytes: 3)
    frame.add(UInt64(Kind.notification), bytes: 1)
    send(frame.bytes, on: place)
  }

  private mutating func send(_ bytes: [UInt8], on place: Int) {
    guard ports[place].link.isRunning else { return }
    ports[place].sent &+= 1
    work.frames.append((ports[place].interface, bytes))
  }

  /// `bstp_pdu_flags`.
  private func flags(of port: TreePort) -> UInt8 {
    var flags: UInt8 = 0
    if port.proposes, port.state != .forwarding { flags |= Bit.proposal }
    if port.agrees { flags |= Bit.agreement }
    if port.changeTimer.isActive { flags |= Bit.change }
    if port.acknowledges { flags |= Bit.acknowledgement }
    if port.state == .learning || port.state == .forwarding { flags |= Bit.learning }
    if port.state == .forwarding { flags |= Bit.forwarding }
    switch port.role {
    case .root: flags |= 2 << Bit.roleShift
    case .alternate, .backup: flags |= 1 << Bit.roleShift
    case .designated: flags |= 3 << Bit.roleShift
    case .disabled: break
    }
    return flags & Bit.known(port.version)
  }

  /// Reads a frame that came to the group's address (`bstp_input`).
  ///
  /// - Returns: Whether the port takes part, so that somebody reads it.
  mutating func receive(_ frame: [UInt8], on interface: InterfaceIndex) -> Bool {
    guard let place = place(of: interface) else { return false }
    let length = Int(frame[12]) << 8 | Int(frame[13])
    let message = frame.dropFirst(EthernetHeader.size).prefix(length)
    let bytes = Array(message)
    guard bytes.count >= SpanningTree.notificationLength,
      bytes[0] == 0x42, bytes[1] == 0x42, bytes[2] == 0x03, bytes[3] == 0, bytes[4] == 0
    else { return true }
    let version = min(bytes[5], TreeProtocol.rstp.rawValue)
    if version != ports[place].version.rawValue {
      guard ports[place].canMigrate else { return true }
      ports[place].setVersion(version)
    }
    ports[place].isEdge = false
    ports[place].edgeDelay.start(SpanningTree.migrateDelay)
    switch (version, bytes[6]) {
    case (0, Kind.notification):
      ports[place].heardNotice = true
      updateChange(place)
    case (0, Kind.configuration) where bytes.count >= SpanningTree.configurationLength,
      (2, Kind.rapid) where bytes.count >= SpanningTree.rapidLength:
      decode(bytes, on: place)
      received(place)
    default: break
    }
    return true
  }

  /// `bstp_decode_bpdu`. Flags that name no role leave the one of the last message.
  private mutating func decode(_ bytes: [UInt8], on place: Int) {
    func number(_ offset: Int, _ count: Int) -> UInt64 {
      bytes[offset..<offset + count].reduce(0) { $0 << 8 | UInt64($1) }
    }
    var message = ports[place].message
    message.priority = TreePriority(
      root: number(8, 8), cost: UInt32(number(16, 4)), bridge: number(20, 8),
      port: UInt16(number(28, 2)))
    message.times = TreeTimes(
      messageAge: UInt16(number(30, 2)), maxAge: UInt16(number(32, 2)),
      forwardDelay: UInt16(number(36, 2)), helloTime: UInt16(number(34, 2)))
    var flags = bytes[7]
    switch bytes[5] {
    case TreeProtocol.stp.rawValue:
      flags &= Bit.known(.stp)
      message.role = .designated
    case TreeProtocol.rstp.rawValue: flags &= Bit.known(.rstp)
    default: break
    }
    message.acknowledges = flags & Bit.acknowledgement != 0
    message.proposes = flags & Bit.proposal != 0
    message.agrees = flags & Bit.agreement != 0
    message.learns = flags & Bit.learning != 0
    message.forwards = flags & Bit.forwarding != 0
    message.tellsChange = flags & Bit.change != 0
    switch flags >> Bit.roleShift & 3 {
    case 1: message.role = .alternate
    case 2: message.role = .root
    case 3: message.role = .designated
    default: break
    }
    ports[place].message = message
  }

  /// Acts on a message (`bstp_received_bpdu`, `bstp_pdu_rcvtype`).
  private mutating func received(_ place: Int) {
    let message = ports[place].message
    switch ports[place].info {
    case .disabled, .aged: return
    case .mine, .received: break
    }
    switch message.role {
    case .designated:
      let isSame =
        ports[place].priority == message.priority && ports[place].times == message.times
      if ports[place].priority.yields(to: message.priority) {
        takeSuperior(message, place)
      } else if ports[place].priority == message.priority {
        if !isSame { takeSuperior(message, place) } else { takeRepeated(message, place) }
      } else if message.learns {
        ports[place].isAgreed = true
        ports[place].proposes = false
      }
    case .root, .alternate, .backup:
      guard message.priority >= ports[place].priority else { return }
      if message.agrees, ports[place].isPointToPoint {
        ports[place].isAgreed = true
        ports[place].proposes = false
      } else {
        ports[place].isAgreed = false
      }
      note(message, place)
    case .disabled: return
    }
    update(place)
  }

  private mutating func note(_ message: TreeMessage, _ place: Int) {
    if message.tellsChange { ports[place].heardChange = true }
    if message.acknowledges { ports[place].heardAck = true }
  }

  private mutating func takeRepeated(_ message: TreeMessage, _ place: Int) {
    if message.proposes, !message.forwards { ports[place].isProposed = true }
    note(message, place)
    ports[place].startMessageAge()
  }

  private mutating func takeSuperior(_ message: TreeMessage, _ place: Int) {
    isAllSynced = false
    ports[place].isAgreed = false
    ports[place].proposes = false
    if message.proposes, !message.forwards { ports[place].isProposed = true }
    note(message, place)
    if ports[place].agrees, !ports[place].isBetterOrSame(.received) {
      ports[place].agrees = false
    }
    ports[place].priority = message.priority
    ports[place].times = message.times
    ports[place].times.helloTime = max(message.times.helloTime, SpanningTree.tick)
    ports[place].startMessageAge()
    ports[place].info = .received
    assignRoles()
  }
}

/// A frame of the protocol as it is written.
private struct FrameWriter {
  var bytes: [UInt8] = []

  /// Addresses, length, and the LLC of 802.1D.
  init(_ source: EthernetAddress, length: Int) {
    add(SpanningTree.group.rawValue, bytes: 6)
    add(source.rawValue, bytes: 6)
    add(UInt64(length), bytes: 2)
    add(0x424203, bytes: 3)
  }

  mutating func add(_ value: UInt64, bytes count: Int) {
    for shift in (0..<count).reversed() {
      bytes.append(UInt8(truncatingIfNeeded: value >> (UInt64(shift) * 8)))
    }
  }
}
