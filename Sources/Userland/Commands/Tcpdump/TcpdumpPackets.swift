// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Wire

/// What tcpdump does with each packet: the filter decides, then it is printed or written.
final class TcpdumpPackets {
  /// Packets that passed the filter.
  private(set) var captured = 0
  /// Whether packets are printed and not written.
  let prints: Bool

  private let output: Output
  private let filter: CaptureFilter?
  private let limit: Int
  private let link: PacketPrinter.LinkType
  private var printer: PacketPrinter
  private var stamp: PacketTimestamp
  private var writer: CaptureWriter?

  /// Compiles the expression and opens the file of -w.
  ///
  /// - Parameters:
  ///   - netmask: Of the interface's network, or 0.0.0.0.
  ///   - snapLength: What the header of a written file says.
  init(
    _ options: TcpdumpOptions, _ invocation: Invocation<Session>, link: CaptureLink,
    netmask: IPv4Address, snapLength: Int
  ) throws(CaptureError) {
    output = invocation.output
    limit = options.limit
    printer = options.printer
    stamp = options.stamp
    prints = options.output == nil
    switch link {
    case .ethernet: self.link = .ethernet
    case .null: self.link = .null
    case .ip: self.link = .raw
    }
    let host = invocation.interpreter.host
    let expression = try options.expression(host)
    let program = try CaptureFilter(
      expression, link: link, netmask: netmask, snapLength: snapLength,
      optimizes: !options.has("O"))
    if options.has("d") {
      for line in program.image(style: options.count("d")) { output.line(line) }
      throw TcpdumpPackets.isDone
    }
    filter = expression.isEmpty ? nil : consume program
    writer =
      try options.output.map { path throws(CaptureError) in
        try CaptureWriter(path: path, host, link: link, snapLength: snapLength)
      }
  }

  /// Thrown where -d has shown all.
  static let isDone = CaptureError(description: "")

  /// Whether as many came as -c says.
  var isFull: Bool { captured >= limit }

  /// Prints or writes a packet, if the filter lets it pass.
  ///
  /// - Parameter bytes: What was captured; the filter sees all of it.
  func take(_ bytes: [UInt8], wireLength: Int, at time: Int64, upTo snapLength: Int = .max) {
    guard filter?.matches(bytes.rawBytes, wireLength: wireLength) ?? true else { return }
    captured += 1
    let kept = bytes.count > snapLength ? Array(bytes.prefix(snapLength)) : bytes
    guard prints else {
      writer?.write(kept.rawBytes, wireLength: wireLength, timestamp: time)
      return
    }
    var text = ""
    stamp.append(time, to: &text)
    printer.print(kept.rawBytes, wireLength: wireLength, link: link, into: &text)
    output.write(text)
  }

  /// Closes the file of -w.
  func close() throws(CaptureError) { try writer?.close() }
}
