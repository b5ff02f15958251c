// SPDX-License-Identifier: BSD-2-Clause
import CPcap
package import Wire

/// A filter expression of pcap-filter(7), compiled.
@safe package struct CaptureFilter: ~Copyable {
  private var program = unsafe bpf_program()

  /// Compiles the expression for packets that begin with that link header.
  ///
  /// Names are looked up as `FilterNames` does, never by the host.
  ///
  /// - Parameters:
  ///   - netmask: What `ip broadcast` needs to know.
  ///   - snapLength: How many bytes a packet that passes keeps; shows in `image` alone.
  package init(
    _ expression: String, link: CaptureLink = .ethernet, netmask: IPv4Address? = nil,
    snapLength: Int = 65535, optimizes: Bool = true
  ) throws(CaptureError) {
    let numbers = try FilterNames.resolve(expression, link: link)
    // The handle serves only for compiling; the program outlives it.
    let opened = unsafe pcap_open_dead(link.dataLinkType, Int32(clamping: snapLength))
    guard let handle = unsafe opened else {
      throw CaptureError(description: "no memory for a filter")
    }
    defer { unsafe pcap_close(handle) }
    // libpcap compares the mask with words it has loaded, so host order it is.
    let mask = netmask?.rawValue ?? PCAP_NETMASK_UNKNOWN
    guard unsafe pcap_compile(handle, &program, numbers, optimizes ? 1 : 0, mask) == 0 else {
      let message = unsafe String(cString: pcap_geterr(handle))
      throw CaptureError(description: Self.inOldWords(message))
    }
  }

  /// Whether libpcap knows a data link type of this name, in any case of its letters.
  package static func hasDataLinkType(named name: String) -> Bool {
    unsafe pcap_datalink_name_to_val(name) >= 0
  }

  /// The program as tcpdump's -d, -dd and -ddd print it, a line an instruction.
  package func image(style: Int) -> [String] {
    let count = Int(unsafe program.bf_len)
    var lines = style > 2 ? ["\(count)"] : []
    for place in 0..<count {
      // The program has so many instructions.
      guard let instruction = unsafe program.bf_insns?.advanced(by: place) else { break }
      let code = unsafe instruction.pointee
      switch style {
      case 1: lines.append(unsafe String(cString: bpf_image(instruction, Int32(place))))
      case 2:
        let number = String(code.k, radix: 16)
        let zeros = String(repeating: "0", count: 8 - number.count)
        lines.append(
          "{ 0x\(String(code.code, radix: 16)), \(code.jt), \(code.jf), 0x\(zeros)\(number) },")
      default: lines.append("\(code.code) \(code.jt) \(code.jf) \(code.k)")
      }
    }
    return lines
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

  /// Gives libpcap's message in the words of 1.0.0.
  private static func inOldWords(_ message: String) -> String {
    let preamble = "can't parse filter expression: "
    return message.hasPrefix(preamble) ? String(message.dropFirst(preamble.count)) : message
  }
}
