// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// What dummynet and dynamic rules know a packet by (`struct ipfw_flow_id`).
package struct FlowID: Hashable, BitwiseCopyable, Sendable {
  /// 4 or 6; 0 for what is no IP.
  package var version: UInt8
  package var proto: UInt8
  package var fib: FibNumber
  /// The TCP flags, or the type of an ICMP message.
  package var flags: UInt8
  package var source: IPv4Address
  package var destination: IPv4Address
  package var sourcePort: UInt16
  package var destinationPort: UInt16
  /// The IPv6 addresses, in words; 0 for IPv4.
  package var source6: SIMD4<UInt32> = .zero
  package var destination6: SIMD4<UInt32> = .zero
  /// The flow label of IPv6, with version and class as they stand in the header.
  package var flowID6: UInt32 = 0

  /// What is no IP.
  init() {
    (version, proto, fib, flags) = (0, 0, .zero, 0)
    (source, destination) = (.any, .any)
    (sourcePort, destinationPort) = (0, 0)
  }

  init(_ facts: borrowing PacketFacts, _ bytes: RawSpan) {
    version = facts.isIPv4 ? 4 : facts.isIPv6 ? 6 : 0
    proto = facts.proto
    fib = facts.fib
    flags = facts.flowFlags
    source = facts.ip?.source ?? .any
    destination = facts.ip?.destination ?? .any
    sourcePort = facts.port(.source) ?? facts.six.sourcePort
    destinationPort = facts.port(.destination) ?? facts.six.destinationPort
    guard facts.isIPv6 else { return }
    for word in 0..<4 {
      source6[word] = bytes.address6(.source, word: word)
      destination6[word] = bytes.address6(.destination, word: word)
    }
    flowID6 = bytes.uint32(at: 0)
  }
}
