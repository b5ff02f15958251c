// SPDX-License-Identifier: BSD-2-Clause
import CPcap
package import Shell
import Wire

/// Reads a capture, pcap or pcapng, a record at a time.
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

  /// libpcap's name of what the file's records begin with, such as `EN10MB (Ethernet)`.
  package let linkName: String
  /// The most bytes of a packet that the file keeps.
  package let snapLength: Int

  /// The file, for who shows how far it has been read.
  package var file: FileReader { source.file }

  private let encapsulation: Encapsulation
  private let keepsLinkHeaders: Bool
  private let source: CaptureSource
  private let handle: OpaquePointer
  private var isAtEnd = false

  /// Opens a capture file of the host.
  ///
  /// - Parameter keepsLinkHeaders: Loopback records keep the family in front, for tcpdump.
  package init(
    path: String, _ host: Host, keepsLinkHeaders: Bool = false
  ) throws(CaptureError) {
    let file: FileReader
    do throws(HostError) {
      file = try host.reader(path)
    } catch {
      throw CaptureError(description: "\(path): \(error.message)")
    }
    try self.init(file, keepsLinkHeaders: keepsLinkHeaders)
  }

  /// Opens a capture that is in memory.
  package init(_ bytes: [UInt8], keepsLinkHeaders: Bool = false) throws(CaptureError) {
    try self.init(FileReader(bytes: bytes), keepsLinkHeaders: keepsLinkHeaders)
  }

  /// Opens a capture that is read piece by piece.
  package init(_ file: FileReader, keepsLinkHeaders: Bool = false) throws(CaptureError) {
    source = CaptureSource(file)
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard let opened = unsafe source.open(&message) else {
      throw CaptureError(description: source.error?.message ?? Self.describe(message))
    }
    let type = unsafe pcap_datalink(opened)
    let name = unsafe pcap_datalink_val_to_name(type).map { unsafe String(cString: $0) }
    guard let encapsulation = Encapsulation(dataLinkType: type) else {
      unsafe pcap_close(opened)
      throw CaptureError(
        description: "unsupported data link type \(name ?? "\(type)")")
    }
    let words = unsafe pcap_datalink_val_to_description(type).map { unsafe String(cString: $0) }
    linkName = name.map { "\($0) (\(words ?? $0))" } ?? "\(type)"
    snapLength = Int(unsafe pcap_snapshot(opened))
    unsafe handle = opened
    self.encapsulation = encapsulation
    self.keepsLinkHeaders = keepsLinkHeaders
    switch encapsulation {
    case .ethernet: link = .ethernet
    case .loopback where keepsLinkHeaders: link = .null
    case .loopback, .raw, .cooked: link = .ip
    }
  }

  deinit {
    // Nobody else has the handle.
    unsafe pcap_close(handle)
  }

  /// Reads the next record; nil at the end, and always after an error.
  package mutating func next() throws(CaptureError) -> CaptureRecord? {
    var bytes: [UInt8] = []
    return try next(into: &bytes).map { CaptureRecord($0, bytes) }
  }

  /// The same, its bytes into memory that is used again.
  package mutating func next(into buffer: inout [UInt8]) throws(CaptureError) -> CaptureFacts? {
    guard !isAtEnd else { return nil }
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var bytes: UnsafePointer<UInt8>?
    // Both pointers are libpcap's and stay valid until the next call; all is copied out of them.
    let status = unsafe pcap_next_ex(handle, &header, &bytes)
    guard status == 1, let header = unsafe header?.pointee, let bytes = unsafe bytes else {
      isAtEnd = true
      guard status == PCAP_ERROR else { return nil }
      let message = unsafe String(cString: pcap_geterr(handle))
      throw CaptureError(description: source.error?.message ?? message)
    }
    count += 1
    buffer.removeAll(keepingCapacity: true)
    unsafe buffer.append(contentsOf: UnsafeBufferPointer(start: bytes, count: Int(header.caplen)))
    let type = type(of: buffer)
    // A link header that is not Ethernet's goes.
    let length = link == .null ? 0 : encapsulation.headerLength
    if length > 0 { buffer.removeFirst(min(length, buffer.count)) }
    return CaptureFacts(
      timestamp: Int64(header.ts.tv_sec) &* 1_000_000_000 &+ Int64(header.ts.tv_usec),
      wireLength: max(0, Int(header.len) - length), type: type)
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

  /// libpcap's message, in the words of 1.0.0.
  private static func describe(_ message: [CChar]) -> String {
    let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let text = String(decoding: bytes, as: UTF8.self)
    return text == "unknown file format" ? "bad dump file format" : text
  }
}
