// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// What is known of every packet: that it ends once, and that what the machine makes is right.
struct PacketLedger {
  private var ended: Set<PacketNumber> = []
  private var held: Set<PacketNumber> = []
  /// Packets whose transport header the machine wrote.
  private var own: Set<PacketNumber> = []
  /// Datagrams whose header checksum a `reass` rule may have made, which makes it wrong.
  private var joined: Set<PacketNumber> = []

  /// The packets that ended or wait.
  var known: Int { ended.count + held.count }

  /// Reads a recording, and tells what is wrong in it.
  mutating func faults(in recorder: borrowing Recorder) -> [String] {
    var faults: [String] = []
    for entry in recorder.entries {
      let number = entry.packet
      switch entry.event {
      case .made(_, let birth):
        switch birth {
        case .icmpError, .icmpReply, .igmpReport, .reset, .synAck, .keepalive: own.insert(number)
        // A bridge copies frames as they came in, whatever is wrong with them.
        case .bridgeSpan, .bridgeCopy: joined.insert(number)
        default: break
        }
      case .end(let end):
        if ended.contains(number) { faults.append("\(number) ends again: \(end.id.text)") }
        if end.verdict == .held {
          held.insert(number)
        } else {
          held.remove(number)
          ended.insert(number)
        }
      case .reassembled: joined.insert(number)
      case .snapshot(let index):
        let snapshot = recorder.snapshots[Int(index)]
        guard case .transmitted = snapshot.moment else { continue }
        if let fault = Self.fault(
          of: Array(recorder.bytes(of: snapshot)), isOwn: own.contains(number)),
          !joined.contains(number)
        {
          faults.append("\(number): \(fault)")
        }
      default: break
      }
    }
    return faults
  }

  /// What is wrong with the checksums of a frame that was sent, if it is IP.
  private static func fault(of frame: [UInt8], isOwn: Bool) -> String? {
    guard frame.count >= 34, frame[12] == 0x08, frame[13] == 0x00 else { return nil }
    let packet = Array(frame.dropFirst(EthernetHeader.size))
    guard let header = IPv4Header(packet.rawBytes), header.headerLength >= IPv4Header.size,
      packet.count >= header.headerLength
    else { return "a header of \(packet[0] & 0xf) words" }
    let words = Array(packet.prefix(header.headerLength))
    guard IPv4Header.checksum(of: words.rawBytes, headerLength: words.count) == 0 else {
      return "header checksum: \(words)"
    }
    guard isOwn, !header.isFragment else { return nil }
    let payload = Array(packet.dropFirst(header.headerLength))
    var sum = InternetChecksum()
    switch header.protocol {
    case .icmp, .igmp: break
    case .tcp:
      // The checksum covers the last stop of a source route, the header has the first.
      guard header.headerWords == 5 else { return nil }
      sum.addPseudoHeader(
        source: header.source, destination: header.destination, protocol: .tcp,
        length: payload.count)
    default: return nil
    }
    sum.add(payload.rawBytes)
    return sum.finish() == 0 ? nil : "transport checksum: \(packet)"
  }
}
