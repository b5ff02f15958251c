// SPDX-License-Identifier: BSD-2-Clause
import CPcap
import Wire

/// Reads a capture file, pcap or pcapng, a record at a time.
@safe package struct CaptureReader: ~Copyable {
  /// The link layers whose header we know how to take off.
  private enum Encapsulation {
    case ethernet
    case raw
    /// DLT_NULL and DLT_LOOP: an address family of 4 bytes.
    case loopback
    /// DLT_LINUX_SLL: 16 bytes with the type last.
    case cooked

    init?(dataLinkType: Int32) {
      switch dataLinkType {
      case 1: self = .ethernet
      case 12, 14, 101, 228: self = .raw
      case 0, 108: self = .loopback
      case 113: self = .cooked
      default: return nil
      }
    }

    var headerLength: Int {
      switch self {
      case .ethernet, .raw: 0
      case .loopback: 4
      case .cooked: 16
      }
    }
  }

  /// What every record begins with.
  package let link: CaptureLink
  /// How many records were read; it stays right when the file ends in an error.
  package private(set) var count = 0

  private let path: String
  private let encapsulation: Encapsulation
  private let handle: OpaquePointer
  private var isAtEnd = false

  /// Opens a capture; `-` is the standard input.
  package init(path: String) throws(CaptureError) {
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    // The buffer has the size libpcap asks for; the handle is closed in deinit or below.
    let opened = unsafe pcap_open_offline_with_tstamp_precision(
      path, UInt32(PCAP_TSTAMP_PRECISION_NANO), &message)
    guard let opened = unsafe opened else {
      throw CaptureError(description: Self.describe(message, path: path))
    }
    let type = unsafe pcap_datalink(opened)
    guard let encapsulation = Encapsulation(dataLinkType: type) else {
      unsafe pcap_close(opened)
      let name = unsafe pcap_datalink_val_to_name(type).map { unsafe String(cString: $0) }
      throw CaptureError(
        description: "\(path): link type \(name ?? "\(type)") is not supported")
    }
    unsafe handle = opened
    self.path = path
    self.encapsulation = encapsulation
    link = encapsulation == .ethernet ? .ethernet : .ip
  }

  deinit {
    // Nobody else has the handle.
    unsafe pcap_close(handle)
  }

  /// Reads the next record; nil at the end, and always after an error.
  package mutating func next() throws(CaptureError) -> CaptureRecord? {
    guard !isAtEnd else { return nil }
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var bytes: UnsafePointer<UInt8>?
    // Both pointers are libpcap's and stay valid until the next call; all is copied out of them.
    let status = unsafe pcap_next_ex(handle, &header, &bytes)
    guard status == 1, let header = unsafe header?.pointee, let bytes = unsafe bytes else {
      isAtEnd = true
      guard status == PCAP_ERROR else { return nil }
      throw CaptureError(description: "\(path): \(unsafe String(cString: pcap_geterr(handle)))")
    }
    count += 1
    let captured = unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(header.caplen)))
    let seconds = Int64(header.ts.tv_sec) &* 1_000_000_000
    return reduce(
      captured, wireLength: Int(header.len), timestamp: seconds &+ Int64(header.ts.tv_usec))
  }

  /// Takes off a link header that is not Ethernet's.
  private func reduce(_ bytes: [UInt8], wireLength: Int, timestamp: Int64) -> CaptureRecord {
    let header = encapsulation.headerLength
    return CaptureRecord(
      timestamp: timestamp, wireLength: max(0, wireLength - header), type: type(of: bytes),
      bytes: header == 0 ? bytes : Array(bytes.dropFirst(header)))
  }

  /// What the link header says follows it; 0 where it says nothing, or too little was captured.
  private func type(of bytes: [UInt8]) -> EtherType {
    func word(_ offset: Int) -> UInt16 {
      guard offset + 2 <= bytes.count else { return 0 }
      return UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
    }
    switch encapsulation {
    case .ethernet: return EtherType(rawValue: word(12))
    case .cooked: return EtherType(rawValue: word(14))
    case .raw: return Self.type(version: (bytes.first ?? 0) >> 4)
    case .loopback:
      // The family is in either byte order, and always small.
      switch word(0) == 0 ? word(2) : word(0).byteSwapped {
      case 2: return .ipv4
      case 10, 24, 28, 30: return .ipv6
      default: return EtherType(rawValue: 0)
      }
    }
  }

  private static func type(version: UInt8) -> EtherType {
    switch version {
    case 4: .ipv4
    case 6: .ipv6
    default: EtherType(rawValue: 0)
    }
  }

  /// libpcap's message, which names the file only when it could not be opened.
  private static func describe(_ message: [CChar], path: String) -> String {
    let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.hasPrefix(path) ? text : "\(path): \(text)"
  }
}
