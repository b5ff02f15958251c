// SPDX-License-Identifier: BSD-2-Clause

import CProbe
import Netstack
import Wire

/// The comparator whose look-up is BSD's: a tree of bits.
@safe final class RadixPeer {
  private let tree = unsafe peer_radix_new()
  /// What it took to add a route.
  private(set) var nanosecondsPerRoute = 0.0

  init(_ prefixes: [Prefix]) {
    let start = probe_nanoseconds()
    for prefix in prefixes {
      unsafe peer_radix_add(tree, prefix.address, prefix.length, UInt16(prefix.hop))
    }
    nanosecondsPerRoute = Double(probe_nanoseconds() - start) / Double(max(prefixes.count, 1))
  }

  deinit { unsafe peer_radix_free(tree) }

  func hop(to address: UInt32) -> UInt16 { unsafe peer_radix_find(tree, address) }

  /// Reads a script of route(8); returns how many routes it added.
  func load(_ text: [UInt8]) -> Int { unsafe peer_radix_load(tree, text, text.count) }

  /// Prints all routes to nobody.
  func print() -> Int { unsafe peer_radix_print(tree) }

  func work(_ keys: [UInt32]) -> any Subject {
    Work(operations: keys.count) { [self] in _ = unsafe peer_radix_run(tree, keys, keys.count) }
  }
}

/// The comparator that looks up in a trie of three levels, and forwards by it.
@safe final class DirPeer {
  private let table = unsafe peer_dir_new()

  init(_ prefixes: [Prefix]) {
    for prefix in prefixes.sorted(by: { $0.length < $1.length }) {
      unsafe peer_dir_add(table, prefix.address, prefix.length, UInt16(prefix.hop))
    }
  }

  deinit { unsafe peer_dir_free(table) }

  func hop(to address: UInt32) -> UInt16 { unsafe peer_dir_find(table, address) }

  func work(_ keys: [UInt32]) -> any Subject {
    Work(operations: keys.count) { [self] in _ = unsafe peer_dir_run(table, keys, keys.count) }
  }

  /// A forwarder that uses the table.
  func forwarder() -> ForwarderPeer { unsafe ForwarderPeer(self, peer_forwarder_new(table)) }
}

/// The comparator that forwards.
@safe final class ForwarderPeer {
  private let table: DirPeer
  private let forwarder: OpaquePointer?
  private let frame = Frames.transit()

  fileprivate init(_ table: DirPeer, _ forwarder: OpaquePointer?) {
    self.table = table
    unsafe self.forwarder = unsafe forwarder
  }

  deinit { unsafe peer_forwarder_free(forwarder) }

  /// Sends packets to the next destinations; returns how many have been forwarded so far.
  func send(_ count: Int, to destinations: [UInt32]) -> Int {
    unsafe Int(
      peer_forwarder_run(
        forwarder, frame, frame.count, destinations, destinations.count, count))
  }

  /// How many packets went by the next hops of em1 and of em2.
  var sent: [UInt64] {
    var sums: [UInt64] = [0, 0]
    for hop in 0..<UInt16(RouteTable.hops) {
      sums[Int(hop & 1)] += unsafe peer_forwarder_sent(forwarder, hop)
    }
    return sums
  }

  func work(_ destinations: [UInt32], operations: Int) -> any Subject {
    Work(operations: operations) { [self] in _ = send(operations, to: destinations) }
  }
}
