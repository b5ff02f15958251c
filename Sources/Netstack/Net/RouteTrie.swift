// SPDX-License-Identifier: BSD-2-Clause

/// Values filed under prefixes, one trie for each root: path-compressed, binary, in one array.
///
/// The counterpart of `net/radix.c` for masks that are prefixes. A host counts as a prefix of 33
/// bits, so that it lies below the network of 32 bits with the same address.
struct RouteTrie: ~Copyable, StateHashable {
  /// The length under which a host is filed.
  static let hostLength: UInt8 = 33

  /// A prefix with a value, or one where two longer prefixes part.
  ///
  /// Not private, because Swift 6.3 cannot yet emit a table of a private type in another file.
  struct Node: BitwiseCopyable {
    /// Bits past `length` are 0.
    var prefix: UInt32
    var length: UInt8
    /// -1 for none.
    var value: Int32 = -1
    /// The child whose next bit is 0, and the one whose next bit is 1; -1 for none.
    var zero: Int32 = -1
    var one: Int32 = -1

    /// Shifting by more than the width is meant: a host's mask is that of 32 bits.
    @inline(__always)
    func covers(_ address: UInt32) -> Bool {
      (prefix ^ address) & ~(UInt32.max >> UInt32(length)) == 0
    }

    /// Past the last bit comes a 0: a host is the `zero` child of its network of 32 bits.
    @inline(__always)
    func child(for address: UInt32) -> Int32 {
      Int32(bitPattern: address << UInt32(length)) < 0 ? one : zero
    }

    /// Makes another node the child on an address's side, or -1 for none.
    mutating func setChild(_ child: Int32, for address: UInt32) {
      if Int32(bitPattern: address << UInt32(length)) < 0 { one = child } else { zero = child }
    }

    /// How many leading bits this prefix and another share.
    func agreement(with other: UInt32, length otherLength: UInt8) -> UInt8 {
      let shorter = min(length, otherLength)
      return prefix == other ? shorter : min(shorter, UInt8((prefix ^ other).leadingZeroBitCount))
    }
  }

  /// The first are the roots: prefixes of length 0 that are always there.
  private var nodes = Slots<Node>()

  init(roots: Int) {
    for _ in 0..<roots { _ = nodes.insert(Node(prefix: 0, length: 0)) }
  }

  private init(copying other: borrowing RouteTrie) { nodes = other.nodes.clone() }

  func clone() -> RouteTrie { RouteTrie(copying: self) }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(nodes)
  }

  /// The value of the longest prefix that covers an address, or -1.
  @inline(__always)
  func match(_ address: UInt32, root: Int32) -> Int32 {
    var best: Int32 = -1
    var next = root
    while next >= 0 {
      let node = nodes[next]
      guard node.covers(address) else { break }
      if node.value >= 0 { best = node.value }
      next = node.child(for: address)
    }
    return best
  }

  /// The value of exactly this prefix, or -1.
  func find(_ prefix: UInt32, length: UInt8, root: Int32) -> Int32 {
    var next = root
    while next >= 0 {
      let node = nodes[next]
      guard node.length < length else {
        return node.length == length && node.prefix == prefix ? node.value : -1
      }
      next = node.child(for: prefix)
    }
    return -1
  }

  /// Files a value under a prefix that has none.
  mutating func insert(_ value: Int32, _ prefix: UInt32, length: UInt8, root: Int32) {
    var place = root
    while nodes[place].length < length {
      let child = nodes[place].child(for: prefix)
      if child < 0 {
        let leaf = nodes.insert(Node(prefix: prefix, length: length))
        nodes[place].setChild(leaf, for: prefix)
        place = leaf
        continue
      }
      let shared = nodes[child].agreement(with: prefix, length: length)
      if shared == nodes[child].length {
        place = child
        continue
      }
      let fork = nodes.insert(
        Node(prefix: prefix & ~(UInt32.max >> UInt32(shared)), length: shared))
      nodes[fork].setChild(child, for: nodes[child].prefix)
      nodes[place].setChild(fork, for: prefix)
      place = fork
    }
    precondition(nodes[place].value < 0, "a prefix is filed once")
    nodes[place].value = value
  }

  /// Takes the value of a prefix out, and every node that was there for its sake.
  mutating func remove(_ prefix: UInt32, length: UInt8, root: Int32) {
    var grandparent = root
    var parent = root
    var place = root
    while nodes[place].length < length {
      grandparent = parent
      parent = place
      place = nodes[place].child(for: prefix)
      precondition(place >= 0, "what is removed was filed")
    }
    precondition(nodes[place].value >= 0, "what is removed was filed")
    nodes[place].value = -1
    tidy(place, under: parent)
    tidy(parent, under: grandparent)
  }

  /// Takes out a node without value where no ways part; never a root.
  private mutating func tidy(_ place: Int32, under parent: Int32) {
    let node = nodes[place]
    guard node.length > 0, node.value < 0, node.zero < 0 || node.one < 0 else { return }
    nodes[parent].setChild(node.zero >= 0 ? node.zero : node.one, for: node.prefix)
    nodes.remove(place)
  }

  /// All values below a root, in no order that shows.
  func values(root: Int32) -> [Int32] {
    var result: [Int32] = []
    var waiting = [root]
    while let place = waiting.popLast() {
      let node = nodes[place]
      if node.value >= 0 { result.append(node.value) }
      if node.zero >= 0 { waiting.append(node.zero) }
      if node.one >= 0 { waiting.append(node.one) }
    }
    return result
  }
}
