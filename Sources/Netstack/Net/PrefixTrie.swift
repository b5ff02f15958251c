// SPDX-License-Identifier: BSD-2-Clause

/// Values filed under prefixes: path-compressed, binary tries in one array, each with a root.
///
/// The counterpart of `net/radix.c` for masks that are prefixes, and the definition of the longest
/// match (`match`). A host counts as a prefix of 33 bits, so that it lies below the network of 32 bits
/// with the same address. What is filed may be meant for some tables only: a bit for each.
struct PrefixTrie: ~Copyable, StateHashable {
  /// The length under which a host is filed.
  static let hostLength: UInt8 = 33

  /// A prefix that tables have, or one where two longer prefixes part.
  struct Node: BitwiseCopyable, StateHashable {
    /// Bits past `length` are 0.
    var prefix: UInt32
    var length: UInt8
    /// The tables that have the prefix.
    var members: UInt16 = 0
    /// What the owner files.
    var value: UInt32 = 0
    /// More of the owner's; -1 for none.
    var more: Int32 = -1
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

    var hasChildren: Bool { zero >= 0 || one >= 0 }

    /// Makes another node the child on an address's side, or -1 for none.
    mutating func setChild(_ child: Int32, for address: UInt32) {
      if Int32(bitPattern: address << UInt32(length)) < 0 { one = child } else { zero = child }
    }

    /// How many leading bits this prefix and another share.
    func agreement(with other: UInt32, length otherLength: UInt8) -> UInt8 {
      let shorter = min(length, otherLength)
      return prefix == other ? shorter : min(shorter, UInt8((prefix ^ other).leadingZeroBitCount))
    }

    func hash(into hasher: inout StateHasher) {
      hasher.combine(bits: UInt64(prefix) << 32 | UInt64(length) << 16 | UInt64(members))
      hasher.combine(bits: UInt64(value) << 32 | UInt64(UInt32(bitPattern: more)))
      hasher.combine(
        bits: UInt64(UInt32(bitPattern: zero)) << 32 | UInt64(UInt32(bitPattern: one)))
    }
  }

  private let pin = Pin()
  /// The first are the roots: prefixes of length 0 that are always there.
  private var nodes: SharedSlots<Node>
  private let roots: Int

  init(roots: Int) {
    nodes = SharedSlots()
    self.roots = roots
    plantRoots()
  }

  private mutating func plantRoots() {
    for _ in 0..<roots { _ = nodes.insert(Node(prefix: 0, length: 0)) }
  }

  private init(copying other: borrowing PrefixTrie) {
    nodes = other.nodes.clone()
    roots = other.roots
  }

  func clone() -> PrefixTrie { PrefixTrie(copying: self) }

  /// Whether nobody has written to either since one was made of the other.
  @inline(__always)
  func sharesPages(with other: borrowing PrefixTrie) -> Bool {
    nodes.sharesPages(with: other.nodes)
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(nodes)
    hasher.combine(roots)
  }

  /// Bytes, whoever shares them.
  var bytes: Int { nodes.bytes }

  subscript(place: Int32) -> Node {
    @inline(__always) get { nodes[place] }
    @inline(__always) _modify { yield &nodes[place] }
  }

  /// The longest prefix with a member of `mask` that covers an address, or -1.
  @inline(__always)
  func match(_ address: UInt32, root: Int32, mask: UInt16) -> Int32 {
    var best: Int32 = -1
    var next = root
    while next >= 0 {
      let node = nodes[next]
      guard node.covers(address) else { break }
      if node.members & mask != 0 { best = next }
      next = node.child(for: address)
    }
    return best
  }

  /// Calls for each node whose prefix covers an address, the shortest first.
  @inline(__always)
  func forEachMatch(_ address: UInt32, root: Int32, _ body: (Int32, Node) -> Void) {
    var next = root
    while next >= 0 {
      let node = nodes[next]
      guard node.covers(address) else { return }
      body(next, node)
      next = node.child(for: address)
    }
  }

  /// Has a node that will be read soon brought near.
  @inline(__always)
  func prefetch(_ place: Int32) { nodes.prefetch(place) }

  /// The node of exactly this prefix, which may have no members, or -1.
  func find(_ prefix: UInt32, length: UInt8, root: Int32) -> Int32 {
    var next = root
    while next >= 0 {
      let node = nodes[next]
      guard node.length < length else {
        return node.length == length && node.prefix == prefix ? next : -1
      }
      next = node.child(for: prefix)
    }
    return -1
  }

  /// The node of a prefix, made where there is none.
  mutating func insert(_ prefix: UInt32, length: UInt8, root: Int32) -> Int32 {
    file(prefix, length: length, root: root, in: nil)
  }

  /// - Parameter own: The node that a prefix gets which has none; without it one is made.
  @inline(__always)
  private mutating func file(
    _ prefix: UInt32, length: UInt8, root: Int32, in own: Int32?
  ) -> Int32 {
    var place = root
    var node = nodes[place]
    while node.length < length {
      let child = node.child(for: prefix)
      if child < 0 {
        let leaf = own ?? nodes.insert(Node(prefix: prefix, length: length))
        nodes[place].setChild(leaf, for: prefix)
        return leaf
      }
      let below = nodes[child]
      let shared = below.agreement(with: prefix, length: length)
      if shared == below.length {
        (place, node) = (child, below)
        continue
      }
      let common = prefix & ~(UInt32.max >> UInt32(shared))
      let fork =
        (shared == length ? own : nil) ?? nodes.insert(Node(prefix: common, length: shared))
      nodes[fork].setChild(child, for: below.prefix)
      nodes[place].setChild(fork, for: prefix)
      (place, node) = (fork, nodes[fork])
    }
    return place
  }

  /// Takes a prefix without members out, and every node that was there for its sake.
  mutating func remove(_ prefix: UInt32, length: UInt8, root: Int32) {
    var (grandparent, parent, place) = (root, root, root)
    while nodes[place].length < length {
      (grandparent, parent) = (parent, place)
      place = nodes[place].child(for: prefix)
      precondition(place >= 0, "what is removed was filed")
    }
    precondition(nodes[place].members == 0, "what is removed is not used")
    tidy(place, under: parent)
    tidy(parent, under: grandparent)
  }

  /// Takes out a node without members where no ways part; never a root.
  private mutating func tidy(_ place: Int32, under parent: Int32) {
    let node = nodes[place]
    guard node.length > 0, node.members == 0, node.zero < 0 || node.one < 0 else { return }
    nodes[parent].setChild(node.zero >= 0 ? node.zero : node.one, for: node.prefix)
    nodes.remove(place)
  }

  /// Takes out all nodes of a trie with one root that are there for nothing, after most lost their
  /// members: those that are left keep their places, and are linked anew.
  mutating func relink() {
    precondition(roots == 1, "nodes are those of one trie")
    var left: [Int32] = []
    nodes.removeAll { place, node in
      guard node.members != 0 || place == 0 else { return true }
      left.append(place)
      return false
    }
    if left == [0], nodes[0].members == 0 {
      nodes.removeAll()
      return plantRoots()
    }
    for place in left { (nodes[place].zero, nodes[place].one) = (-1, -1) }
    // The shorter ones first: then no fork stands where one of them is to be.
    left.sort { nodes[$0].length < nodes[$1].length }
    for place in left where place != 0 {
      let filed = file(nodes[place].prefix, length: nodes[place].length, root: 0, in: place)
      precondition(filed == place, "a prefix stays in its node")
    }
  }

  /// One more than the last node's number; below it are free ones, too, which have no members.
  var places: Int32 { Int32(nodes.places) }

  /// Takes out all below a root, and the members of the root.
  mutating func removeAll(root: Int32) {
    let node = nodes[root]
    removeAll(from: node.zero)
    removeAll(from: node.one)
    nodes[root] = Node(prefix: 0, length: 0)
  }

  private mutating func removeAll(from place: Int32) {
    guard place >= 0 else { return }
    let node = nodes[place]
    removeAll(from: node.zero)
    removeAll(from: node.one)
    nodes[place].members = 0
    nodes.remove(place)
  }

  /// Goes through the nodes with a member of `mask`, ascending by address, for one address the
  /// longest prefix first: the order of `rn_walktree`.
  func forEach(root: Int32, mask: UInt16, _ body: (Int32, Node) -> Void) {
    walk(root, mask, body)
  }

  /// A node's way down over those with the same address comes first, from its end; what lies beside
  /// it follows, again from its end. At most 34 calls deep.
  private func walk(_ top: Int32, _ mask: UInt16, _ body: (Int32, Node) -> Void) {
    var chain = InlineArray<40, Int32>(repeating: -1)
    var depth = 0
    let address = nodes[top].prefix
    var place = top
    while place >= 0, nodes[place].prefix == address {
      chain[depth] = place
      depth += 1
      // It is far away, and waits while those below are gone through.
      nodes.prefetch(nodes[place].one)
      place = nodes[place].zero
    }
    for level in (0..<depth).reversed() {
      let node = nodes[chain[level]]
      if node.members & mask != 0 { body(chain[level], node) }
    }
    if place >= 0 { walk(place, mask, body) }
    for level in (0..<depth).reversed() {
      let one = nodes[chain[level]].one
      if one >= 0 { walk(one, mask, body) }
    }
  }
}
