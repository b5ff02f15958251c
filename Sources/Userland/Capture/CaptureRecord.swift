// SPDX-License-Identifier: BSD-2-Clause
package import Wire

/// What the records of a capture begin with.
package enum CaptureLink: Hashable, Sendable {
  /// DLT_EN10MB.
  case ethernet
  /// DLT_NULL: an address family of 4 bytes in the order of the host that captured.
  case null
  /// The network header; cooked captures are reduced to it, and others too if asked.
  case ip

  /// libpcap's number: DLT_EN10MB, DLT_NULL or DLT_RAW.
  var dataLinkType: Int32 {
    switch self {
    case .ethernet: 1
    case .null: 0
    case .ip: 12
    }
  }

  /// The number in a file: LINKTYPE_RAW is another than DLT_RAW.
  var fileType: UInt32 { self == .ip ? 101 : UInt32(dataLinkType) }
}

/// What a capture says of a packet besides its bytes.
package struct CaptureFacts: Hashable, BitwiseCopyable, Sendable {
  /// Nanoseconds since 1970 began.
  package let timestamp: Int64
  /// The bytes the packet had before the capture cut it.
  package let wireLength: Int
  /// What the frame carries; of a reduced record, what its link header said.
  package let type: EtherType
}

/// One packet of a capture.
@dynamicMemberLookup package struct CaptureRecord: Hashable, Sendable {
  /// When it was captured, and what it was.
  package let facts: CaptureFacts
  /// What was captured.
  package let bytes: [UInt8]

  init(_ facts: CaptureFacts, _ bytes: [UInt8]) {
    self.facts = facts
    self.bytes = bytes
  }

  package subscript<Value>(dynamicMember path: KeyPath<CaptureFacts, Value>) -> Value {
    facts[keyPath: path]
  }
}

/// Why a capture could not be read, written or filtered, in libpcap's words where it has some.
package struct CaptureError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String
}
