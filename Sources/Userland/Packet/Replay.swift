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
  /// What became of the packets so far.
  private(set) var books = ReplayBooks()

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

  /// The capture, for who shows how far it has been read.
  var file: FileReader { reader.file }

  /// Lets the next packet in, after the time that passed before it in the capture; false at the end.
  mutating func next(_ session: Session) throws(Fault) -> Bool {
    let record: CaptureRecord?
    do throws(CaptureError) {
      record = try reader.next()
    } catch {
      throw Self.fault(path, error)
    }
    guard let record else { return false }
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
    books.enter(number, recorder)
    return true
  }

  /// What was recorded of the packet that was let in last, for who shows it.
  func run(_ session: Session) -> TraceRun { session.run(of: recorder) }

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
}
