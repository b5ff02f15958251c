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
  /// What the netisr queue `rtsock` did with the messages of this stack.
  package private(set) var work = NetisrWork()
  /// Messages in that queue: some only while its worker is stopped.
  private var waiting: [RoutingMessage] = []
  /// Whether its worker is stopped, and how many messages may wait.
  private var isStopped = false
  private var limit = Int.max

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

  /// Queues a message for every socket (`rt_dispatch`); the worker takes it at once.
  mutating func dispatch(_ message: RoutingMessage) {
    guard work.length < limit else {
      work.drops &+= 1
      return
    }
    waiting.append(message)
    work.length += 1
    work.watermark = max(work.watermark, work.length)
    work.queued &+= 1
    if !isStopped { deliver() }
  }

  /// Stops the worker, or lets it go on.
  mutating func setWorker(isStopped: Bool, limit: Int) {
    self.isStopped = isStopped
    self.limit = limit
    if !isStopped, work.length > 0 { deliver() }
  }

  /// Gives all that waits to the sockets (`rts_input`, `raw_input`).
  private mutating func deliver() {
    work.handled &+= UInt64(work.length)
    work.length = 0
    let messages = waiting
    waiting = []
    for message in messages { deliver(message) }
  }

  /// Hands a message to every socket; one that is full loses it.
  private mutating func deliver(_ message: RoutingMessage) {
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
