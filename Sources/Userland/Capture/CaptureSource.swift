// SPDX-License-Identifier: BSD-2-Clause
import CPcap
import Shell

/// What libpcap reads a capture from: pieces of a file, each kept until it is read.
final class CaptureSource {
  /// How far the file has been read.
  let file: FileReader
  /// Why the host gave no more, if it refused.
  private(set) var error: HostError?

  private var piece: [UInt8] = []
  private var place = 0

  init(_ file: FileReader) { self.file = file }

  /// Opens it as a capture; a message of libpcap if it is none.
  func open(_ message: inout [CChar]) -> OpaquePointer? {
    // libpcap closes what it opened, and a shim what it could not open: that gives this back.
    let cookie = unsafe Unmanaged.passRetained(self).toOpaque()
    return unsafe cpcap_open_stream(
      cookie,
      { cookie, buffer, count in
        guard let cookie = unsafe cookie, let buffer = unsafe buffer else { return -1 }
        let source = unsafe Unmanaged<CaptureSource>.fromOpaque(cookie).takeUnretainedValue()
        // stdio gives a buffer of that size.
        return unsafe source.fill(UnsafeMutableRawBufferPointer(start: buffer, count: count))
      },
      { cookie in
        if let cookie = unsafe cookie {
          unsafe Unmanaged<CaptureSource>.fromOpaque(cookie).release()
        }
        return 0
      },
      UInt32(PCAP_TSTAMP_PRECISION_NANO), &message)
  }

  /// Copies what comes next, as much as there is at once; returns its size, -1 after an error.
  private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    if place == piece.count {
      do throws(HostError) {
        (piece, place) = (try file.read(), 0)
      } catch {
        self.error = error
        cpcap_set_read_error()
        return -1
      }
    }
    let count = min(buffer.count, piece.count - place)
    unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
      .copyBytes(from: piece[place..<place + count])
    place += count
    return count
  }
}
