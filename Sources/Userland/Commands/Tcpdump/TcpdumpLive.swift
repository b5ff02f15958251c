// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// `tcpdump -i`: watches an interface.
struct TcpdumpLive {
  private let session: Session
  private let invocation: Invocation<Session>
  private let options: TcpdumpOptions

  init(_ session: Session, _ invocation: Invocation<Session>, _ options: TcpdumpOptions) {
    self.session = session
    self.invocation = invocation
    self.options = options
  }

  /// Opens the interface as pcap_open_live() does, and watches it.
  ///
  /// - Parameter command: What to run meanwhile; where it is empty, the watch goes on until ^C.
  func run(_ command: [String]) throws(Fault) {
    let name = try Self.interface(options, session)
    guard let interface = session.findInterface(name) else {
      throw .failed("\(name): No such device exists\n(BIOCSETIF failed: Device not configured)")
    }
    let hasNoFrames = session.interface(interface).type != .ethernet
    if options.has("L") { return listDataLinkTypes(hasNoFrames) }
    try chooseDataLinkType(hasNoFrames)
    let netmask = netmask(name)
    let packets: TcpdumpPackets
    do throws(CaptureError) {
      packets = try TcpdumpPackets(
        options, invocation, link: hasNoFrames ? .null : .ethernet, netmask: netmask,
        snapLength: options.snapLength)
    } catch {
      if error == TcpdumpPackets.isDone { return }
      throw .failed(error.description)
    }
    announce(name, hasNoFrames)
    let capture = TcpdumpCapture(
      session, invocation, packets, interface, snapLength: options.snapLength,
      isPromiscuous: !options.has("p"))
    guard !command.isEmpty else {
      return try invocation.watch(
        Watch {
          capture.poll()
        } finish: {
          capture.finish(isInterrupted: true)
        })
    }
    let status = invocation.interpreter.run(
      words: command, output: invocation.output, input: invocation.input)
    _ = capture.poll()
    let ownStatus = capture.finish(isInterrupted: false)
    if status != 0 || ownStatus != 0 { throw .silent(status != 0 ? status : ownStatus) }
  }

  /// The name of -i, or that of the first that is no loopback interface (`pcap_lookupdev`).
  private static func interface(
    _ options: TcpdumpOptions, _ session: Session
  ) throws(Fault) -> String {
    if let name = options.interface { return name }
    guard let first = session.captureInterfaces.first, let index = session.findInterface(first),
      session.interface(index).type != .loopback
    else { throw .failed("no suitable device found") }
    return first
  }

  /// The list of -L, last first; the newlines go to the other stream, as they always did.
  ///
  /// libpcap has every Ethernet card do DOCSIS too, for the traffic of cable modems.
  private func listDataLinkTypes(_ hasNoFrames: Bool) {
    let types =
      hasNoFrames
      ? ["NULL (BSD loopback)"]
      : ["DOCSIS (DOCSIS) (printing not supported)", "EN10MB (Ethernet)"]
    invocation.output.writeError("Data link types (use option -y to set):\n")
    for type in types {
      invocation.output.writeError("  \(type)")
      invocation.output.line()
    }
  }

  private func chooseDataLinkType(_ hasNoFrames: Bool) throws(Fault) {
    guard let type = options.dataLinkType else { return }
    let name = type.uppercased()
    guard name == (hasNoFrames ? "NULL" : "EN10MB") else {
      if name == "DOCSIS", !hasNoFrames { throw .failed("unsupported data link type DOCSIS") }
      throw .failed("\(name) is not one of the DLTs supported by this device")
    }
    invocation.output.writeError("tcpdump: data link type \(type)\n")
  }

  /// The mask of the first address, for `ip broadcast`; a card without one is warned of.
  private func netmask(_ name: String) -> IPv4Address {
    if let info = try? session.kernel.interface(vnet: session.vnet, named: name),
      let first = info.addresses.first
    {
      return first.mask
    }
    invocation.output.writeError("tcpdump: WARNING: \(name): no IPv4 address assigned\n")
    return .any
  }

  private func announce(_ name: String, _ hasNoFrames: Bool) {
    let type = hasNoFrames ? "NULL (BSD loopback)" : "EN10MB (Ethernet)"
    let isTerse = options.output == nil && !options.has("v")
    invocation.output.writeError(
      isTerse
        ? "tcpdump: verbose output suppressed, use -v or -vv for full protocol decode\n"
        : "tcpdump: ")
    invocation.output.writeError(
      "listening on \(name), link-type \(type), capture size \(options.snapLength) bytes\n")
  }
}

/// A capture that goes on.
private final class TcpdumpCapture {
  private let session: Session
  private let output: Output
  private let packets: TcpdumpPackets
  private let snapLength: Int
  /// Whether it is a loopback interface or a tunnel.
  private let hasNoFrames: Bool
  private let observer: ObserverID
  /// Frames that came, whether or not they passed.
  private var received: UInt64 = 0
  /// Whether the interface went away.
  private var isGone = false

  init(
    _ session: Session, _ invocation: Invocation<Session>, _ packets: TcpdumpPackets,
    _ interface: InterfaceIndex, snapLength: Int, isPromiscuous: Bool
  ) {
    self.session = session
    output = invocation.output
    self.packets = packets
    self.snapLength = snapLength
    hasNoFrames = session.interface(interface).type != .ethernet
    observer = session.kernel.attachObserver(
      interface, vnet: session.vnet, process: invocation.takeProcessID(), program: "tcpdump",
      isPromiscuous: isPromiscuous)
  }

  /// Shows what has come; false once there is no more to come.
  func poll() -> Bool {
    guard let frames = session.kernel.takeFrames(of: observer) else {
      isGone = true
      return false
    }
    received += UInt64(frames.count)
    let before = packets.captured
    defer { session.kernel.countMatches(UInt64(packets.captured - before), of: observer) }
    for frame in frames where !packets.isFull {
      // Without link header the address family stands in front, AF_INET.
      let bytes = hasNoFrames ? [2, 0, 0, 0] + frame.bytes : frame.bytes
      packets.take(
        bytes, wireLength: bytes.count, at: session.wallNanoseconds(at: frame.time),
        upTo: snapLength)
    }
    return !packets.isFull && !output.isClosed
  }

  /// Ends the capture with its statistics; the exit status.
  ///
  /// - Parameter isInterrupted: By a signal, unless it had ended by itself.
  func finish(isInterrupted: Bool) -> Int32 {
    session.kernel.detachObserver(observer)
    if isInterrupted, packets.prints, !packets.isFull, !isGone { output.line() }
    if isGone { output.writeError("tcpdump: pcap_loop: read: Device not configured\n") }
    var status: Int32 = isGone ? 1 : 0
    do throws(CaptureError) {
      try packets.close()
    } catch {
      output.writeError("tcpdump: \(error.description)\n")
      status = 1
    }
    output.writeError(
      "\(packets.captured) packets captured\n\(received) packets received by filter\n"
        + "0 packets dropped by kernel\n")
    return status
  }
}
