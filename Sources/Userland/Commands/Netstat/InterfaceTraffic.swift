// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

/// The traffic of one interface, or of all, line by line (`sidewaysintpr()` of if.c).
final class InterfaceTraffic {
  private let session: Session
  private let settings: NetstatSettings
  private let output: Output
  private let vnet: VnetIndex
  /// The interface that is shown; nil for all.
  private let interface: InterfaceIndex?
  private let title: String
  private var last = InterfaceStatistics()
  /// When the next line is due; nil for never, which is what a negative interval comes to.
  private var next: Instant?
  /// Lines since the heading.
  private var line = 0
  /// Lines until the end, and one more; 0 for no end.
  private var left: Int32
  private var status: Int32 = 130

  init(_ session: Session, _ settings: NetstatSettings, _ output: Output) throws(Fault) {
    self.session = session
    self.settings = settings
    self.output = output
    vnet = session.vnet
    if let name = settings.interface {
      guard let found = session.findInterface(name) else {
        throw .failed("\(name): unknown interface")
      }
      interface = found
      title = "(\(name))"
    } else {
      interface = nil
      title = "(Total)"
    }
    left = settings.lineCount == 0 ? 0 : settings.lineCount &+ 1
    next = settings.interval > 0 ? session.kernel.machine.now.advanced(seconds: period) : nil
  }

  private var period: UInt64 { UInt64(max(settings.interval, 0)) }

  /// The watch that shows it.
  var watch: Watch {
    heading()
    last = counters() ?? last
    return Watch(
      poll: { self.countDown() ? self.poll() : false }, finish: { self.status },
      due: { self.timeLeft })
  }

  private var timeLeft: UInt64? {
    let now = session.kernel.machine.now
    return next.map { $0 > now ? $0.nanoseconds - now.nanoseconds : 0 }
  }

  /// Whether any line is still to come (-q).
  private func countDown() -> Bool {
    guard left != 1 else {
      status = 0
      return false
    }
    return true
  }

  /// Shows a line if one is due. Alarms that were missed are lost.
  private func poll() -> Bool {
    let now = session.kernel.machine.now
    guard let due = next, due <= now else { return !output.isClosed }
    var following = due
    while following <= now { following = following.advanced(seconds: period) }
    next = following
    guard let current = counters() else {
      output.line("???")
      status = 1
      return false
    }
    line += 1
    if line == 21 { heading() }
    show(current)
    last = current
    if left != 0 { left -= 1 }
    return countDown() && !output.isClosed
  }

  private func heading() {
    output.line(
      ["input".padLeft(to: 17), title.padLeft(to: 14), "output".padLeft(to: 16)]
        .joined(separator: " "))
    var cells = [
      ("packets", 10), ("errs", 5), ("idrops", 5), ("bytes", 10), ("packets", 10), ("errs", 5),
      ("bytes", 10), ("colls", 5),
    ].map { $0.0.padLeft(to: $0.1) }
    if settings.has("d") { cells.append("drops") }
    output.line(cells.joined(separator: " "))
    line = 0
  }

  /// The counters now; nil where the interface is gone.
  private func counters() -> InterfaceStatistics? {
    let stack = session.kernel.interfaces(vnet: vnet)
    if let interface {
      return stack.first { $0.index == interface }?.interface.statistics
    }
    var sum = InterfaceStatistics()
    for info in stack {
      for name in InterfaceCounter.allCases { sum[name] &+= info.interface.statistics[name] }
    }
    return sum
  }

  private func show(_ current: InterfaceStatistics) {
    func change(_ name: InterfaceCounter) -> UInt64 { current[name] &- last[name] }
    // The original never remembers the drops on input: an interface shows all there ever were, the
    // sum none.
    let idrops = interface == nil ? 0 : current[.iqdrops]
    var cells = [
      settings.cell(change(.ipackets), 10), settings.cell(change(.ierrors), 5),
      settings.cell(idrops, 5), settings.cell(change(.ibytes), 10),
      settings.cell(change(.opackets), 10), settings.cell(change(.oerrors), 5),
      settings.cell(change(.obytes), 10), settings.cell(change(.collisions), 5),
    ]
    if settings.has("d") { cells.append(settings.cell(change(.sndDrops), 5) + " ") }
    output.line(cells.joined(separator: " "))
  }
}
