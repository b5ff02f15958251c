// SPDX-License-Identifier: BSD-2-Clause
package import Shell
import Wire

/// Writes packets as a pcap file, in the byte order of the machines that fibsh models.
package struct CaptureWriter: ~Copyable {
  /// How fine the time of each record is.
  package enum Precision: Hashable, Sendable {
    /// What every reader understands.
    case microseconds
    case nanoseconds

    fileprivate var magic: UInt32 { self == .microseconds ? 0xa1b2_c3d4 : 0xa1b2_3c4d }
  }

  /// How many records were written.
  package private(set) var count = 0

  private let path: String
  private let precision: Precision
  private let sink: Sink
  private var pending: [UInt8] = []
  private var isBroken = false
  private var isClosed = false

  /// How much is gathered before the file gets it.
  private static let pieceSize = 1 << 16

  /// Creates or overwrites a file of the host.
  package init(
    path: String, _ host: Host, link: CaptureLink = .ethernet,
    precision: Precision = .microseconds, snapLength: Int = 65535
  ) throws(CaptureError) {
    do throws(HostError) {
      self.init(
        path: path, try host.create(path, false), link: link, precision: precision,
        snapLength: snapLength)
    } catch {
      throw CaptureError(description: "\(path): \(error.message)")
    }
  }

  /// Writes to an open file.
  package init(
    path: String, _ sink: Sink, link: CaptureLink = .ethernet,
    precision: Precision = .microseconds, snapLength: Int = 65535
  ) {
    self.path = path
    self.sink = sink
    self.precision = precision
    // Version 2.4, no time zone, no accuracy.
    append(precision.magic)
    append(4 << 16 | 2)
    append(0)
    append(0)
    append(UInt32(clamping: snapLength))
    append(link.fileType)
  }

  deinit {
    if !isClosed { _ = sink.close() }
  }

  /// Appends a packet.
  ///
  /// - Parameter timestamp: Nanoseconds since 1970 began; the caller puts its virtual boot where it
  ///   likes.
  package mutating func write(_ packet: RawSpan, wireLength: Int, timestamp: Int64) {
    let (seconds, rest) = timestamp.quotientAndRemainder(dividingBy: 1_000_000_000)
    let fraction = max(0, rest)
    append(UInt32(truncatingIfNeeded: seconds))
    append(UInt32(precision == .nanoseconds ? fraction : fraction / 1000))
    append(UInt32(clamping: packet.byteCount))
    append(UInt32(clamping: max(wireLength, packet.byteCount)))
    for offset in 0..<packet.byteCount { pending.append(packet.uint8(at: offset)) }
    count += 1
    if pending.count >= Self.pieceSize { drain() }
  }

  /// Brings all that was written to the file and closes it; here a full disk shows.
  package mutating func close() throws(CaptureError) {
    drain()
    isClosed = true
    guard sink.close() == 0, !isBroken else {
      throw CaptureError(description: "\(path): write failed")
    }
  }

  private mutating func drain() {
    if !pending.isEmpty, !sink.write(pending) { isBroken = true }
    pending.removeAll(keepingCapacity: true)
  }

  private mutating func append(_ number: UInt32) {
    for shift in [0, 8, 16, 24] as [UInt32] {
      pending.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }
}
