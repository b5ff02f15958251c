// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// A capture that is replayed, packet by packet, and the books about it.
struct Replay: ~Copyable {
  private var reader: CaptureReader
  private let path: String
  private let interface: Ifnet
  private let keepsDestinations: Bool
  private var lastTime: Int64?
  /// The frame that is let in, in memory that the next one uses again.
  private var frame: ReceivedFrame
  private var recorder: Recorder
  private var expressPaths = ExpressPaths()
  /// What became of the packets so far.
  private(set) var books = ReplayBooks()

  /// Opens a capture.
  ///
  /// - Parameters:
  ///   - keepsDestinations: Unicast frames stay addressed to whom they were.
  ///   - isShown: Somebody asks for the packet's `run`, not for the books alone.
  init(
    _ path: String, _ arrival: (interface: InterfaceIndex, fib: FibNumber?),
    keepsDestinations: Bool, isShown: Bool, _ session: Session, _ host: Host
  ) throws(Fault) {
    do throws(CaptureError) {
      reader = try CaptureReader(path: path, host)
    } catch {
      throw Self.fault(path, error)
    }
    self.path = path
    interface = session.interface(arrival.interface)
    frame = ReceivedFrame([], on: arrival.interface)
    frame.facts.fib = arrival.fib
    recorder = Recorder(wantsDetails: isShown)
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
    let record: CaptureFacts?
    do throws(CaptureError) {
      record = try reader.next(into: &frame.bytes)
    } catch {
      throw Self.fault(path, error)
    }
    guard let record else { return false }
    if frame.bytes.count < record.wireLength { books.cut += 1 }
    recorder.removeAll()
    let gap = record.timestamp.subtractingReportingOverflow(lastTime ?? record.timestamp)
    if !gap.overflow, gap.partialValue > 0 {
      session.advance(by: UInt64(gap.partialValue), &recorder)
    }
    lastTime = record.timestamp
    address(record.type)
    if recorder.wantsDetails {
      books.enter(session.perform(.received(frame), &recorder), recorder)
    } else {
      let (packet, path) = session.kernel.receive(
        frame, vnet: session.vnet, &expressPaths, tracer: &recorder)
      books.enter(packet, onExpressPath: path, recorder)
    }
    return true
  }

  /// What was recorded of the packet that was let in last, for who shows it.
  func run(_ session: Session) -> TraceRun { session.run(of: recorder) }

  /// Makes a record a frame that the interface could receive.
  private mutating func address(_ type: EtherType) {
    guard reader.link == .ethernet else {
      frame.bytes = FrameBytes.ethernet(
        to: interface.hardwareAddress, from: EthernetAddress(rawValue: 0x0201_0000_0001), type,
        frame.bytes)
      return
    }
    guard !keepsDestinations, let first = frame.bytes.first, first & 1 == 0,
      frame.bytes.count >= EthernetHeader.size
    else { return }
    for place in 0..<6 {
      frame.bytes[place] = UInt8(
        truncatingIfNeeded: interface.hardwareAddress.rawValue >> UInt64(40 - 8 * place))
    }
  }
}
