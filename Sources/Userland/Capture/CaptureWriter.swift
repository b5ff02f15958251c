// SPDX-License-Identifier: BSD-2-Clause
import CPcap

/// Writes Ethernet frames to a pcap file.
@safe package struct CaptureWriter: ~Copyable {
  /// How fine the time of each record is.
  package enum Precision: Hashable, Sendable {
    /// What every reader understands.
    case microseconds
    case nanoseconds
  }

  /// How many records were written.
  package private(set) var count = 0

  private let path: String
  private let precision: Precision
  private let handle: OpaquePointer
  private let file: OpaquePointer

  /// Creates or overwrites the file; `-` is the standard output.
  package init(
    path: String, precision: Precision = .microseconds, snapLength: Int = 65535
  ) throws(CaptureError) {
    let number =
      precision == .nanoseconds ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO
    // Both handles are closed in deinit or below.
    let opened = unsafe pcap_open_dead_with_tstamp_precision(
      CaptureLink.ethernet.dataLinkType, Int32(clamping: snapLength), UInt32(number))
    guard let opened = unsafe opened else {
      throw CaptureError(description: "\(path): no memory for a capture")
    }
    guard let file = unsafe pcap_dump_open(opened, path) else {
      let message = unsafe String(cString: pcap_geterr(opened))
      unsafe pcap_close(opened)
      throw CaptureError(description: message)
    }
    unsafe handle = opened
    unsafe self.file = unsafe file
    self.path = path
    self.precision = precision
  }

  deinit {
    // Nobody else has the handles; closing the file writes what is left.
    unsafe pcap_dump_close(file)
    unsafe pcap_close(handle)
  }

  /// Appends a frame.
  ///
  /// - Parameter timestamp: Nanoseconds since 1970 began; the caller puts its virtual boot where it
  ///   likes.
  package mutating func write(_ frame: RawSpan, wireLength: Int, timestamp: Int64) {
    var header = pcap_pkthdr()
    let seconds = timestamp.quotientAndRemainder(dividingBy: 1_000_000_000)
    header.ts.tv_sec = Int(seconds.quotient)
    let fraction = max(0, Int(seconds.remainder))
    header.ts.tv_usec = precision == .nanoseconds ? fraction : fraction / 1000
    header.caplen = UInt32(clamping: frame.byteCount)
    header.len = UInt32(clamping: max(wireLength, frame.byteCount))
    unsafe frame.withUnsafeBytes { buffer in
      // libpcap reads `caplen` bytes, which the span has; of none it needs no address.
      let start = unsafe buffer.bindMemory(to: UInt8.self).baseAddress
      unsafe pcap_dump(
        UnsafeMutableRawPointer(file).assumingMemoryBound(to: UInt8.self), &header, start)
    }
    count += 1
  }

  /// Brings all that was written to the file, where a full disk shows.
  package func flush() throws(CaptureError) {
    guard unsafe pcap_dump_flush(file) == 0 else {
      throw CaptureError(description: "\(path): write failed")
    }
  }
}
