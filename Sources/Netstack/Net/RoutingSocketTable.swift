// SPDX-License-Identifier: BSD-2-Clause

/// An open routing socket, as long as it is open.
package struct RoutingSocket: RawRepresentable, Hashable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }
}

/// The routing sockets of a vnet that somebody reads (`route_cb`, net/rtsock.c), and what waits in
/// them.
///
/// Each hears of everything, whatever the FIB: 8.0 does not ask. Where nobody listens no message is
/// made: the packet path asks `isHeard` and no more.
package struct RoutingSocketTable: Sendable {
  /// What waits in one socket, oldest first.
  private struct Queue {
    let socket: RoutingSocket
    /// `net.raw.recvspace` when it was opened.
    let limit: Int
    var bytes = 0
    var messages: [RoutingMessage] = []
  }

  private var queues: [Queue] = []
  private var opened = 0
  /// Whether anybody listens (`any_count`).
  package private(set) var isHeard = false
  /// Messages that the netisr queue `rtsock` took.
  package private(set) var dispatched: UInt64 = 0

  init() {}

  /// Opens a socket that keeps so many bytes.
  mutating func open(limit: Int) -> RoutingSocket {
    opened += 1
    let socket = RoutingSocket(rawValue: opened)
    queues.append(Queue(socket: socket, limit: limit))
    isHeard = true
    return socket
  }

  mutating func close(_ socket: RoutingSocket) {
    queues.removeAll { $0.socket == socket }
    isHeard = !queues.isEmpty
  }

  /// Hands a message to every socket (`rt_dispatch`, `raw_input`); one that is full loses it.
  mutating func dispatch(_ message: RoutingMessage) {
    dispatched &+= 1
    let charge = message.length + RoutingSocketTable.senderLength
    for place in queues.indices where queues[place].limit - queues[place].bytes >= charge {
      queues[place].messages.append(message)
      queues[place].bytes += charge
    }
  }

  /// Takes the messages of a socket, oldest first.
  mutating func read(_ socket: RoutingSocket) -> [RoutingMessage] {
    guard let place = queues.firstIndex(where: { $0.socket == socket }) else { return [] }
    defer {
      queues[place].messages = []
      queues[place].bytes = 0
    }
    return queues[place].messages
  }

  /// The sender's address that stands before each message (`route_src`).
  private static let senderLength = 2
}
