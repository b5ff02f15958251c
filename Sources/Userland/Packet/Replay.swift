// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// A capture that is replayed, packet by packet, and the books about it.
struct Replay: ~Copyable {
  private var reader: CaptureReader
  private let path: String
  private let interface: Ifnet
  private let fib: FibNumber?
  private let keepsDestinations: Bool
  private var lastTime: Int64?
  private var recorder = Recorder()
  private var books = Books()

  /// Opens a capture.
  ///
  /// - Parameter keepsDestinations: Unicast frames stay addressed to whom they were.
  init(
    _ path: String, _ arrival: (interface: InterfaceIndex, fib: FibNumber?),
    keepsDestinations: Bool, _ session: Session, _ host: Host
  ) throws(Fault) {
    do throws(CaptureError) {
      reader = try CaptureReader(path: path, host)
    } catch {
      throw Self.fault(path, error)
    }
    self.path = path
    interface = session.interface(arrival.interface)
    fib = arrival.fib
    self.keepsDestinations = keepsDestinations
  }

  /// What is wrong with a file, behind its name.
  private static func fault(_ path: String, _ error: CaptureError) -> Fault {
    let text = error.description
    return .failed(text.hasPrefix("\(path): ") ? text : "\(path): \(text)")
  }

  /// Lets the next packet in, after the time that passed before it in the capture; nil at the end.
  mutating func next(_ session: Session) throws(Fault) -> TraceRun? {
    let record: CaptureRecord?
    do throws(CaptureError) {
      record = try reader.next()
    } catch {
      throw Self.fault(path, error)
    }
    guard let record else { return nil }
    recorder.removeAll()
    let gap = record.timestamp.subtractingReportingOverflow(lastTime ?? record.timestamp)
    if !gap.overflow, gap.partialValue > 0 {
      session.advance(by: UInt64(gap.partialValue), &recorder)
    }
    lastTime = record.timestamp
    var frame = ReceivedFrame(bytes(of: record), on: interface.index)
    frame.fib = fib
    let number = session.perform(.received(frame), &recorder)
    if record.bytes.count < record.wireLength { books.cut += 1 }
    let run = session.run(of: recorder)
    books.enter(number, run)
    return run
  }

  /// A record as a frame that the interface could receive.
  private func bytes(of record: CaptureRecord) -> [UInt8] {
    guard reader.link == .ethernet else {
      return FrameBytes.ethernet(
        to: interface.hardwareAddress, from: EthernetAddress(rawValue: 0x0201_0000_0001),
        record.type, record.bytes)
    }
    guard !keepsDestinations, let first = record.bytes.first, first & 1 == 0,
      record.bytes.count >= EthernetHeader.size
    else { return record.bytes }
    var bytes = record.bytes
    for place in 0..<6 {
      bytes[place] = UInt8(
        truncatingIfNeeded: interface.hardwareAddress.rawValue >> UInt64(40 - 8 * place))
    }
    return bytes
  }

  /// What became of all packets.
  var summary: String { books.text }

  /// The last verdict of each packet: one that waited and went on counts under what came of it.
  private struct Books {
    private var verdicts: [End?] = []
    private var isInjected: [Bool] = []
    private var base: UInt32?
    private var made = Tally()
    /// Packets of which the capture has not all bytes.
    var cut = 0

    mutating func enter(_ number: PacketNumber?, _ run: TraceRun) {
      if let number {
        if base == nil { base = number.root }
        grow(to: number.root)
        isInjected[place(of: number.root)] = true
      }
      for packet in run.packets {
        guard let end = packet.end else { continue }
        if packet.number.child != 0 {
          made[end.verdict] += 1
        } else if let base, packet.number.root >= base {
          grow(to: packet.number.root)
          verdicts[place(of: packet.number.root)] = end
        }
      }
    }

    private func place(of root: UInt32) -> Int { Int(root - (base ?? root)) }

    private mutating func grow(to root: UInt32) {
      let missing = place(of: root) + 1 - verdicts.count
      guard missing > 0 else { return }
      verdicts += [End?](repeating: nil, count: missing)
      isInjected += [Bool](repeating: false, count: missing)
    }

    var text: String {
      var tally = Tally()
      var count = 0
      var ids = [Int](repeating: 0, count: TraceID.allCases.count)
      for (place, end) in verdicts.enumerated() where isInjected[place] {
        count += 1
        guard let end else { continue }
        tally[end.verdict] += 1
        ids[Int(end.id.rawValue)] += 1
      }
      let cutText = cut == 0 ? "" : " (\(cut) not whole in the capture)"
      var text = "\(count) packets in = \(Self.words(tally))\(cutText)\n"
      if made.ended > 0 { text += "\(made.ended) packets made = \(Self.words(made))\n" }
      let order = TraceID.allCases.filter { ids[Int($0.rawValue)] > 0 }
        .sorted { ids[Int($0.rawValue)] > ids[Int($1.rawValue)] }
      for id in order {
        text += "\(ids[Int(id.rawValue)].padLeft(to: 10)) \(id.text)\n"
      }
      return text
    }

    private static func words(_ tally: Tally) -> String {
      Verdict.allCases.map { "\(tally[$0]) \($0.word.lowercased())" }.joined(separator: " + ")
    }
  }
}
