// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// Fragments whose datagrams never come together cost no more than the limits say.
@Suite("Fragments without end") struct FragmentSoakTests {
  @Test(arguments: [800, 3] as [Int64]) func stayWithinTheLimits(_ limit: Int64) throws {
    var kernel = Kernel(.demo)
    let interface = kernel[.zero].interfaces.all[0]
    try kernel.addAddress(
      vnet: .zero, interface: interface,
      AddressRequest(IPv4Address(10, 0, 0, 1), mask: IPv4Prefix.mask(length: 24)))
    try kernel.setSysctl(.ipMaxfragpackets, to: limit, vnet: .zero)
    // The address was announced: what is there already does not count.
    let buffers = kernel.machine.store.buffersInUse
    let mostPerQueue = kernel[.zero].sysctl.maxfragsperpacket
    var random = RandomSource(seed: 1)
    var frame = ReceivedFrame([], on: interface)
    let hardware = kernel[.zero].interfaces[interface].hardwareAddress
    for number in 0..<FuzzSize.fragments {
      frame.bytes = fragment(to: hardware, &random)
      kernel.receive(frame)
      if number % 100 == 0 {
        kernel.advance(to: kernel.machine.now.advanced(milliseconds: random.next() % 400))
      }
      guard number % 1000 == 999 else { continue }
      let (queues, tally) = (kernel[.zero].reassembly.count, kernel.machine.tally)
      let held = kernel.machine.store.buffersInUse - buffers
      guard queues <= limit + 1, held <= queues * mostPerQueue, tally.ended == tally.entered else {
        Issue.record("fragment \(number): \(queues) queues, \(held) buffers, \(tally)")
        return
      }
    }
    let counters = kernel[.zero].statistics.ip
    #expect(counters[.reassembled] == 0 && counters[.fragments] > 0)
    #expect(counters[.fragtimeout] > 0 && counters[.fragdropped] > 0)
    #expect(kernel[.zero].reassembly.count > 0)
    kernel.advance(to: kernel.machine.now.advanced(seconds: 31))
    #expect(kernel[.zero].reassembly.count == 0)
    #expect(kernel.machine.store.buffersInUse == buffers)
    #expect(kernel.machine.tally.held == 0)
  }

  /// A fragment for 10.0.0.1 that is never the first of its datagram; some lie about their length.
  private func fragment(
    to hardware: EthernetAddress, _ random: inout RandomSource
  ) -> [UInt8] {
    let dice = random.next()
    let count = dice & 15 == 0 ? 13 : 8 * (1 + Int(dice >> 4 & 7))
    let header = IPv4Header(
      tos: UInt8(dice >> 8 & 3), totalLength: UInt16(IPv4Header.size + count),
      identification: UInt16(dice >> 16 & 0xfff),
      fragment: IPv4Header.MF | (1 + UInt16(dice >> 32 & 63)),
      protocol: .udp, source: IPv4Address(10, 0, 0, 2 + UInt8(dice >> 40 & 1)),
      destination: IPv4Address(10, 0, 0, 1))
    var bytes = [UInt8](repeating: 0, count: EthernetHeader.size + IPv4Header.size + count)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    let source = EthernetAddress(rawValue: 0x02aa_0000_0001)
    EthernetHeader(destination: hardware, source: source, type: .ipv4).write(into: &raw, at: 0)
    header.write(into: &raw, at: EthernetHeader.size)
    var sum = InternetChecksum()
    sum.add(raw.bytes.extracting(EthernetHeader.size..<EthernetHeader.size + IPv4Header.size))
    raw.store(sum.finish(), at: EthernetHeader.size + 10)
    return bytes
  }
}
