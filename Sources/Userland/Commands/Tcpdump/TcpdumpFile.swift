// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Wire

/// `tcpdump -r`: prints or filters a capture file.
struct TcpdumpFile {
  private let session: Session
  private let invocation: Invocation<Session>
  private let options: TcpdumpOptions

  init(_ session: Session, _ invocation: Invocation<Session>, _ options: TcpdumpOptions) {
    self.session = session
    self.invocation = invocation
    self.options = options
  }

  func read(_ path: String) throws(Fault) {
    do throws(CaptureError) {
      let host = invocation.interpreter.host
      var reader = try CaptureReader(path: path, host, keepsLinkHeaders: true)
      invocation.output.writeError(
        "reading from file \(path), link-type \(reader.linkName)\n")
      guard !options.has("f") else {
        throw CaptureError(description: "-f and -r options are incompatible")
      }
      let packets = try TcpdumpPackets(
        options, invocation, link: reader.link, netmask: .any, snapLength: reader.snapLength)
      try show(&reader, packets)
      try packets.close()
    } catch {
      if error != TcpdumpPackets.isDone { throw .failed(error.description) }
    }
  }

  private func show(
    _ reader: inout CaptureReader, _ packets: TcpdumpPackets
  ) throws(CaptureError) {
    while !packets.isFull, !invocation.isInterrupted, !invocation.output.isClosed {
      let record: CaptureRecord?
      do throws(CaptureError) {
        record = try reader.next()
      } catch {
        throw CaptureError(description: "pcap_loop: \(error.description)")
      }
      guard let record else { return }
      packets.take(record.bytes, wireLength: record.wireLength, at: record.timestamp)
    }
  }
}
