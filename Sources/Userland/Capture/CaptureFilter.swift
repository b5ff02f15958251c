// SPDX-License-Identifier: BSD-2-Clause
import CPcap
package import Wire

/// A filter expression of pcap-filter(7), compiled.
@safe package struct CaptureFilter: ~Copyable {
  private var program = unsafe bpf_program()

  /// Compiles the expression for packets that begin with that link header.
  ///
  /// A host or network by name is asked of the machine's resolver, as libpcap does.
  ///
  /// - Parameter netmask: What `ip broadcast` needs to know.
  package init(
    _ expression: String, link: CaptureLink = .ethernet, netmask: IPv4Address? = nil
  ) throws(CaptureError) {
    // The handle serves only for compiling; the program outlives it.
    let opened = unsafe pcap_open_dead(link.dataLinkType, 65535)
    guard let handle = unsafe opened else {
      throw CaptureError(description: "no memory for a filter")
    }
    defer { unsafe pcap_close(handle) }
    // libpcap compares the mask with words it has loaded, so host order it is.
    let mask = netmask?.rawValue ?? PCAP_NETMASK_UNKNOWN
    guard unsafe pcap_compile(handle, &program, expression, 1, mask) == 0 else {
      let message = unsafe String(cString: pcap_geterr(handle))
      throw CaptureError(description: Self.withoutPreamble(message))
    }
  }

  deinit {
    // freecode clears only the pointer in the copy; the program is gone with self.
    var program = unsafe self.program
    unsafe pcap_freecode(&program)
  }

  /// Whether the packet passes.
  package func matches(_ packet: RawSpan, wireLength: Int) -> Bool {
    var header = pcap_pkthdr()
    header.caplen = UInt32(clamping: packet.byteCount)
    header.len = UInt32(clamping: wireLength)
    return unsafe packet.withUnsafeBytes { buffer in
      // The program checks each load against `caplen`, and changes nothing.
      let start = unsafe buffer.bindMemory(to: UInt8.self).baseAddress
      return unsafe withUnsafePointer(to: program) {
        unsafe pcap_offline_filter($0, &header, start) != 0
      }
    }
  }

  /// Takes off what libpcap says in front since 1.8; FreeBSD 8's does not.
  private static func withoutPreamble(_ message: String) -> String {
    let preamble = "can't parse filter expression: "
    return message.hasPrefix(preamble) ? String(message.dropFirst(preamble.count)) : message
  }
}
