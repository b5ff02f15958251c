// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The marks that ipfw rules leave on packets (`struct m_tag` with the cookie `MTAG_IPFW`): lists in
/// one block, last given first.
struct PacketTags: ~Copyable, StateHashable {
  /// The place of a list's end: what a packet without tags has.
  static let none: Int32 = -1
  private var nodes = Slots<PacketTag>()

  /// Whether a list has a tag (`m_tag_locate`).
  func contains(_ tag: UInt32, from first: Int32) -> Bool {
    var next = first
    while next != PacketTags.none {
      if nodes[next].number == tag { return true }
      next = nodes[next].next
    }
    return false
  }

  /// Whether a list has a tag for which `isMeant` says so.
  func contains(from first: Int32, where isMeant: (_ tag: UInt32) -> Bool) -> Bool {
    var next = first
    while next != PacketTags.none {
      if isMeant(nodes[next].number) { return true }
      next = nodes[next].next
    }
    return false
  }

  /// A bit for each tag of a list: that of the tag's last five.
  func bits(from first: Int32) -> UInt32 {
    var (bits, next): (UInt32, Int32) = (0, first)
    while next != PacketTags.none {
      bits |= 1 << (nodes[next].number & 31)
      next = nodes[next].next
    }
    return bits
  }

  /// Puts a tag at the front of a list (`m_tag_prepend`).
  mutating func prepend(_ tag: UInt32, to first: inout Int32) {
    first = nodes.insert(PacketTag(number: tag, next: first))
  }

  /// Takes a tag out of a list, if it is there (`m_tag_delete`).
  mutating func remove(_ tag: UInt32, from first: inout Int32) {
    var before = PacketTags.none
    var next = first
    while next != PacketTags.none {
      let node = nodes[next]
      if node.number == tag {
        if before == PacketTags.none { first = node.next } else { nodes[before].next = node.next }
        return nodes.remove(next)
      }
      (before, next) = (next, node.next)
    }
  }

  /// Gives a whole list back.
  mutating func removeAll(from first: Int32) {
    var next = first
    while next != PacketTags.none {
      let behind = nodes[next].next
      nodes.remove(next)
      next = behind
    }
  }

  /// A list of its own with the same tags in the same order (`m_tag_copy_chain`).
  @inline(__always)
  mutating func copy(from first: Int32) -> Int32 {
    first == PacketTags.none ? first : copyList(from: first)
  }

  @inline(never)
  private mutating func copyList(from first: Int32) -> Int32 {
    var result = PacketTags.none
    var last = PacketTags.none
    var next = first
    while next != PacketTags.none {
      let node = nodes[next]
      let place = nodes.insert(PacketTag(number: node.number, next: PacketTags.none))
      if last == PacketTags.none { result = place } else { nodes[last].next = place }
      (last, next) = (place, node.next)
    }
    return result
  }

  func clone() -> PacketTags {
    var copy = PacketTags()
    copy.nodes = nodes.clone()
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(nodes)
  }
}

/// A tag in a list.
struct PacketTag: BitwiseCopyable {
  var number: UInt32
  var next: Int32
}
