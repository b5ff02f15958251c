// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The memory of all packets: the model's mbufs and clusters.
///
/// Two pools of equal buffers, a small one for what fits into a cluster and a large one for up to
/// the longest IP packet. Buffers are contiguous, so the checks that C makes on the length of the
/// first mbuf use `Packet.Record.firstBufferCount`. The pools grow on demand up to `limit`; a
/// packet that finds no buffer meets the code's own out-of-memory path.
///
/// Unsafe code is here and in the other files of this folder only: bounds come from the packet's own header, which
/// nothing outside this folder can set.
package struct PacketStore: ~Copyable, StateHashable {
  private let pin = Pin()
  /// Room in front of a packet for the headers put there on output: Ethernet and IP options.
  static let headroom = 80
  static let smallStride = 2304
  private static let largeStride = 65_535 + headroom + 1 + 64

  var small = PacketPool(stride: PacketStore.smallStride)
  private var large = PacketPool(stride: PacketStore.largeStride)
  /// The tags of all packets.
  var tags = PacketTags()
  /// The most buffers that may be in use (`kern.ipc.nmbclusters`).
  package var limit = 25_600
  /// How many of the next requests for memory are to fail (`debug.fail_point`).
  ///
  /// A driver's own buffers and those of a process that sends do not count.
  package var failures: Int64 = 0
  /// Requests for a buffer that were denied.
  package private(set) var denied: UInt64 = 0
  /// How often the protocols were asked for what they can do without (`m_drain`).
  package var drains: UInt64 = 0

  init() {}

  /// Buffers in use.
  package var buffersInUse: Int { small.inUse + large.inUse }
  /// Buffers that were used and are kept for the next packets.
  package var buffersInCache: Int { small.unused + large.unused }

  /// A copy with the same packets in the same buffers.
  func clone() -> PacketStore {
    var copy = PacketStore()
    copy.small = small.clone()
    copy.large = large.clone()
    copy.tags = tags.clone()
    copy.limit = limit
    copy.failures = failures
    copy.denied = denied
    copy.drains = drains
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(small)
    hasher.combine(large)
    hasher.combine(tags)
    hasher.combine(limit)
    hasher.combine(failures)
    hasher.combine(denied)
    hasher.combine(drains)
  }

  /// A new packet of `count` bytes, unset, or nil where memory or the buffer size does not allow it.
  mutating func allocate(count: Int, number: PacketNumber) -> Packet? {
    guard hasMemory() else { return nil }
    return allocateAnyway(count: count, number: number)
  }

  /// Whether a request for memory is granted now; uses up one of `failures`.
  mutating func hasMemory() -> Bool {
    if isGranted() && buffersInUse < limit { return true }
    denied &+= 1
    return false
  }

  /// Whether memory is granted that is no packet's buffer, of which there is enough.
  mutating func isGranted() -> Bool {
    guard failures == 0 else {
      failures -= 1
      return false
    }
    return true
  }

  /// Makes the first `bytes` bytes lie in the first buffer, which takes a new one (`m_pullup`).
  ///
  /// - Returns: Whether they do; always where they did, or where the packet has less.
  mutating func pullUp(_ packet: inout Packet, _ bytes: Int) -> Bool {
    guard let first = packet.header.firstBufferCount, first < bytes, packet.count >= bytes else {
      return true
    }
    guard hasMemory() else { return false }
    packet.pullUp(bytes)
    return true
  }

  /// Makes sure that a header of `bytes` bytes, and those of a link, go in front (`M_PREPEND`).
  ///
  /// - Returns: False without memory for another buffer.
  mutating func reserve(_ bytes: Int, before packet: inout Packet) -> Bool {
    guard Int(packet.header.start) < bytes + PacketStore.linkHeaders else { return true }
    guard var room = allocate(count: packet.count, number: packet.number) else { return false }
    copyBytes(from: packet, at: 0, count: packet.count, to: room, at: 0)
    swap(&packet.header.buffer, &room.header.buffer)
    swap(&packet.header.start, &room.header.start)
    free(room)
    return true
  }

  /// An Ethernet header and a VLAN tag.
  private static let linkHeaders = 18

  /// Room for a datagram made of this packet and others, with this one's header data.
  ///
  /// C only links their buffers. So memory does not matter here, and the first buffer stays as short
  /// as it was.
  mutating func allocateJoined(
    like first: borrowing Packet, count: Int, number: PacketNumber
  ) -> Packet {
    guard var joined = allocateAnyway(count: count, number: number) else {
      preconditionFailure("a datagram is no longer than the longest packet")
    }
    var header = first.header
    header.buffer = joined.header.buffer
    header.start = joined.header.start
    header.count = UInt32(count)
    header.number = number
    header.firstBufferCount = first.header.firstBufferCount ?? first.header.count
    header.firstTag = tags.copy(from: first.header.firstTag)
    header.firstWrapper = tags.copy(from: first.header.firstWrapper)
    joined.header = header
    return joined
  }

  private mutating func allocateAnyway(count: Int, number: PacketNumber) -> Packet? {
    guard let buffer = takeBuffer(count) else { return nil }
    return Packet(
      Packet.Record(
        buffer: buffer, start: UInt32(PacketStore.headroom), count: UInt32(count), number: number))
  }

  /// A buffer for a packet of so many bytes, and the room in front of it.
  @inline(__always)
  private mutating func takeBuffer(_ count: Int) -> Int32? {
    let needed = count + PacketStore.headroom
    if needed <= PacketStore.smallStride { return Int32(small.take(needed)) }
    return needed <= PacketStore.largeStride ? -1 - Int32(large.take(needed)) : nil
  }

  /// A new packet with these bytes, from outside of the stack.
  mutating func take(_ bytes: borrowing RawSpan, number: PacketNumber) -> Packet? {
    guard buffersInUse < limit else {
      denied &+= 1
      return nil
    }
    guard let packet = allocateAnyway(count: bytes.byteCount, number: number) else { return nil }
    let target = unsafe address(of: packet.header)
    unsafe bytes.withUnsafeBytes { source in
      if let base = source.baseAddress {
        unsafe target.copyMemory(from: base, byteCount: source.count)
      }
    }
    return packet
  }

  /// A new packet with the first `limit` bytes of another and its header data (`m_dup`).
  mutating func copy(
    _ packet: borrowing Packet, upTo limit: Int = .max, number: PacketNumber
  ) -> Packet? {
    let count = min(packet.count, limit)
    guard hasMemory(), let buffer = takeBuffer(count) else { return nil }
    var header = packet.header
    header.buffer = buffer
    header.start = UInt32(PacketStore.headroom)
    header.count = UInt32(count)
    header.number = number
    header.flags.remove(.flowID)
    header.firstTag = tags.copy(from: packet.header.firstTag)
    header.firstWrapper = tags.copy(from: packet.header.firstWrapper)
    unsafe address(of: header)
      .copyMemory(from: address(of: packet.header), byteCount: count)
    return Packet(header)
  }

  /// Copies `count` bytes of one packet into another.
  mutating func copyBytes(
    from source: borrowing Packet, at offset: Int, count: Int,
    to target: borrowing Packet, at targetOffset: Int
  ) {
    precondition(
      offset >= 0 && targetOffset >= 0 && count >= 0 && offset + count <= source.count
        && targetOffset + count <= target.count, "copied past a packet's end")
    unsafe address(of: target.header).advanced(by: targetOffset)
      .copyMemory(from: address(of: source.header).advanced(by: offset), byteCount: count)
  }

  /// Ends a packet (`m_freem`).
  mutating func free(_ packet: consuming Packet) {
    let record = packet.park()
    if record.firstTag != PacketTags.none { tags.removeAll(from: record.firstTag) }
    if record.firstWrapper != PacketTags.none { tags.removeAll(from: record.firstWrapper) }
    if record.buffer >= 0 {
      small.give(Int(record.buffer))
    } else {
      large.give(Int(-1 - record.buffer))
    }
  }

  /// Forgets which gif interfaces have wrapped a packet (`m_tag_delete_nonpersistent`).
  @inline(__always)
  mutating func forgetWrappers(of packet: inout Packet) {
    guard packet.header.firstWrapper != PacketTags.none else { return }
    tags.removeAll(from: packet.header.firstWrapper)
    packet.header.firstWrapper = PacketTags.none
  }

  /// The packet's bytes, to read.
  ///
  /// Decode a header in one expression: a span kept in a variable borrows the store.
  @_lifetime(borrow self)
  @inline(__always)
  package func bytes(of packet: borrowing Packet) -> RawSpan {
    let header = packet.header
    let span = unsafe RawSpan(
      _unsafeStart: UnsafeRawPointer(address(of: header)), byteCount: Int(header.count))
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// The bytes of a packet at rest, to read.
  @_lifetime(borrow self)
  package func bytes(of record: Packet.Record) -> RawSpan {
    let span = unsafe RawSpan(
      _unsafeStart: UnsafeRawPointer(address(of: record)), byteCount: Int(record.count))
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// A copy of the packet's bytes, for observers.
  func array(of packet: borrowing Packet) -> [UInt8] {
    let count = packet.count
    let source = unsafe address(of: packet.header)
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let target = buffer.baseAddress {
        unsafe UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: count)
      }
      initialized = count
    }
  }

  /// The packet's bytes, to change.
  @_lifetime(&self)
  @inline(__always)
  mutating func mutableBytes(of packet: borrowing Packet) -> MutableRawSpan {
    let header = packet.header
    let span = unsafe MutableRawSpan(
      _unsafeStart: address(of: header), byteCount: Int(header.count))
    return unsafe _overrideLifetime(span, mutating: &self)
  }

  /// Where a packet starts; its header keeps start and count inside the buffer.
  @inline(__always)
  private func address(of header: Packet.Record) -> UnsafeMutableRawPointer {
    unsafe header.buffer >= 0
      ? small.base + Int(header.buffer) * PacketStore.smallStride + Int(header.start)
      : large.base + Int(-1 - header.buffer) * PacketStore.largeStride + Int(header.start)
  }
}
