// SPDX-License-Identifier: BSD-2-Clause

package import Shell

import Netstack
import Wire

extension Commands {
  package static let tcpdump = Command<Session>(
    "tcpdump", section: 1, summary: "dump traffic on a network", effect: .changes,
    usage: .exact(Tcpdump.usage, status: 1), options: Tcpdump.options,
    operands: [
      Source("expression", "Which packets to show, as in pcap-filter(7).").optional.repeated,
      Source("--", "", kind: .literal(["--"])).optional,
      .command("command", "What to watch the interface for.").optional,
    ],
    description: [
      "With -i, attaches to an interface, runs the command after '--', and prints the packets that "
        + "the command made the interface receive and send, with the virtual time of each. Packets "
        + "that trace(8) makes up are on no interface. With -r, prints a capture file.",
      "Lines are those of tcpdump 4.0.0 with -n: addresses and ports are always numbers.",
    ],
    examples: [
      Example(
        "tcpdump -n -e -i em0 icmp -- inject -q icmp from 10.1.0.7 to 10.1.0.1 recv em0",
        "shows the echo request and the reply as they pass em0")
    ], seeAlso: ["inject(8)"],
    compatibility: [
      "Options are those of tcpdump 4.0.0 that make sense here. Addresses and ports are numbers, as "
        + "with -n."
    ]
  ) { session, invocation, _ throws(Fault) in
    var tcpdump = try Tcpdump(session, invocation)
    try tcpdump.run()
  }
}

/// One run of tcpdump.
private struct Tcpdump {
  static let usage = """
    tcpdump version 4.0.0
    libpcap version 1.0.0
    Usage: tcpdump [-aAdDefKlLnNOpqRStuUvxX] [ -c count ]
    \t\t[ -C file_size ] [ -E algo:secret ] [ -F file ] [ -G seconds ]
    \t\t[ -i interface ] [ -M secret ] [ -r file ]
    \t\t[ -s snaplen ] [ -T type ] [ -w file ] [ -W filecount ]
    \t\t[ -y datalinktype ] [ -z command ] [ -Z user ]
    \t\t[ expression ]

    """

  static let options: [Option<Session>] = [
    Option("A", "The payload in ASCII; twice, the link header too."),
    Option("c", "Stop after this many packets.", argument: Source("count")),
    Option("D", "List the interfaces."),
    Option("e", "The link header too."),
    Option("i", "The interface to watch.", argument: .interface()),
    Option("K", "Do not verify TCP checksums."),
    Option("l", "Changes nothing: lines are written at once."),
    Option("n", "Changes nothing: names are never looked up."),
    Option("p", "Changes nothing: what the interface would not receive is never there."),
    Option("q", "Quick: less of each packet."),
    Option("r", "Read this capture.", argument: .file()),
    Option("S", "TCP sequence numbers as they are."),
    Option("s", "Keep this many bytes of each packet; 0 is 65535.", argument: Source("snaplen")),
    Option("t", "No time; up to five t choose another time."),
    Option("U", "Changes nothing: packets are written at once."),
    Option("v", "More of each packet; twice, still more."),
    Option("w", "Write to this capture instead of printing.", argument: .file()),
    Option("x", "The packet in hex; twice, the link header too."),
    Option("X", "The packet in hex and ASCII; twice, the link header too."),
  ]

  private let session: Session
  private let output: Output
  private let interpreter: Interpreter<Session>
  private let input: Input
  private let arguments: Arguments
  private let command: [String]
  private var limit = Int.max
  private var snapLength = 96
  private var printer: PacketPrinter
  private var stamp: PacketTimestamp

  init(_ session: Session, _ invocation: Invocation<Session>) throws(Fault) {
    self.session = session
    output = invocation.output
    interpreter = invocation.interpreter
    input = invocation.input
    // getopt(3) would take the two dashes in front of the command for its own.
    let words = invocation.arguments
    let end = words.firstIndex(of: "--") ?? words.endIndex
    arguments = try Arguments.parse(words[..<end], Self.options)
    command = Array(words[end...].dropFirst())
    var options = PacketPrinter.Options()
    options.verbosity = arguments.count("v")
    options.quietness = arguments.count("q")
    options.showsLinkHeader = arguments.has("e")
    options.hasAbsoluteSequence = arguments.has("S")
    options.skipsChecksums = arguments.has("K")
    options.dump = arguments.dump
    printer = PacketPrinter(options: options)
    let styles: [PacketTimestamp.Style] = [
      .clock, .none, .epoch, .sincePrevious, .date, .sinceFirst,
    ]
    guard arguments.count("t") < styles.count else {
      throw .failed("only -t, -tt, -ttt, -tttt and -ttttt are supported")
    }
    stamp = PacketTimestamp(style: styles[arguments.count("t")])
    if let word = arguments.value("c") {
      limit = Int(CNumber.atoi(word))
      guard limit > 0 else { throw .failed("invalid packet count \(word)") }
    }
    if let word = arguments.value("s") {
      let number = CNumber(word)
      guard number.isWhole, (0...65_535).contains(number.signed) else {
        throw .failed("invalid snaplen \(word)")
      }
      snapLength = number.signed == 0 ? 65_535 : Int(number.signed)
    }
  }

  mutating func run() throws(Fault) {
    if arguments.has("D") {
      for (number, name) in session.interfaceNames.enumerated() {
        output.line("\(number + 1).\(name)")
      }
      return
    }
    if let path = arguments.value("r") { return try read(path) }
    guard let name = arguments.value("i"), !command.isEmpty else {
      throw .usage("say 'tcpdump -i interface [expression] -- command', or 'tcpdump -r file'")
    }
    guard let interface = session.findInterface(name) else {
      throw .failed("\(name): No such device exists (BIOCSETIF failed: Device not configured)")
    }
    try watch(interface, name)
  }

  private var expression: String { arguments.operands.joined(separator: " ") }

  private mutating func watch(_ interface: InterfaceIndex, _ name: String) throws(Fault) {
    let isLoopback = session.interface(interface).type == .loopback
    let link: CaptureLink = isLoopback ? .ip : .ethernet
    let filter: CaptureFilter?
    do throws(CaptureError) {
      filter = try expression.isEmpty ? nil : CaptureFilter(expression, link: link)
    } catch {
      throw .failed(error.description)
    }
    if isLoopback, arguments.has("w") { throw .failed("\(name): -w writes Ethernet frames only") }
    var file = try arguments.value("w").map { path throws(Fault) in
      try Self.writer(path, snapLength)
    }
    let isPrinting = !arguments.has("w")
    let linkName = isLoopback ? "NULL (BSD loopback)" : "EN10MB (Ethernet)"
    let listening =
      "listening on \(name), link-type \(linkName), capture size \(snapLength) bytes\n"
    if isPrinting, arguments.count("v") == 0 {
      output.writeError(
        "tcpdump: verbose output suppressed, use -v or -vv for full protocol decode\n" + listening)
    } else {
      output.writeError("tcpdump: " + listening)
    }
    _ = session.kernel.takeCaptures()
    session.kernel.attachObserver(interface, vnet: session.vnet)
    let status = interpreter.run(words: command, output: output, input: input)
    session.kernel.detachObserver(interface, vnet: session.vnet)
    var (captured, received) = (0, 0)
    for frame in session.kernel.takeCaptures() where frame.interface == interface {
      guard captured < limit else { break }
      received += 1
      guard filter?.matches(frame.bytes.rawBytes, wireLength: frame.bytes.count) ?? true else {
        continue
      }
      captured += 1
      let bytes = Array(frame.bytes.prefix(snapLength))
      let time = session.wallNanoseconds(at: frame.time)
      if isPrinting {
        show(
          isLoopback ? Self.withFamily(bytes) : bytes, frame.bytes.count, time,
          isLoopback ? .null : .ethernet)
      } else {
        file?.write(bytes.rawBytes, wireLength: frame.bytes.count, timestamp: time)
      }
    }
    do throws(CaptureError) {
      try file?.flush()
    } catch {
      throw .failed(error.description)
    }
    output.writeError(
      "\(captured) packets captured\n\(received) packets received by filter\n"
        + "0 packets dropped by kernel\n")
    if status != 0 { throw .silent(status) }
  }

  /// Prints a capture file.
  private mutating func read(_ path: String) throws(Fault) {
    do throws(CaptureError) {
      var reader = try CaptureReader(path: path)
      let isEthernet = reader.link == .ethernet
      let filter = try expression.isEmpty ? nil : CaptureFilter(expression, link: reader.link)
      var file = try arguments.value("w").map { path throws(CaptureError) in
        try CaptureWriter(path: path)
      }
      let name = isEthernet ? "EN10MB (Ethernet)" : "RAW (Raw IP)"
      output.writeError("reading from file \(path), link-type \(name)\n")
      if file != nil, !isEthernet {
        throw CaptureError(description: "-w writes Ethernet frames only")
      }
      var count = 0
      while count < limit, !interpreter.host.isInterrupted(), !output.isClosed,
        let record = try reader.next()
      {
        let length = record.wireLength
        guard filter?.matches(record.bytes.rawBytes, wireLength: length) ?? true else { continue }
        count += 1
        if file == nil {
          show(record.bytes, length, record.timestamp, isEthernet ? .ethernet : .raw)
        } else {
          file?.write(record.bytes.rawBytes, wireLength: length, timestamp: record.timestamp)
        }
      }
      try file?.flush()
    } catch {
      throw .failed(error.description)
    }
  }

  private mutating func show(
    _ bytes: [UInt8], _ length: Int, _ time: Int64, _ link: PacketPrinter.LinkType
  ) {
    var text = ""
    stamp.append(time, to: &text)
    // The family in front of a loopback packet is on no wire, but counts.
    let wireLength = link == .null ? length + 4 : length
    printer.print(bytes.rawBytes, wireLength: wireLength, link: link, into: &text)
    output.write(text)
  }

  private static func writer(_ path: String, _ snapLength: Int) throws(Fault) -> CaptureWriter {
    do throws(CaptureError) {
      return try CaptureWriter(path: path, snapLength: snapLength)
    } catch {
      throw .failed(error.description)
    }
  }

  /// The packet behind the address family that a loopback interface shows, AF_INET.
  private static func withFamily(_ packet: [UInt8]) -> [UInt8] { [2, 0, 0, 0] + packet }
}

extension Arguments {
  /// How often a letter was given.
  fileprivate func count(_ letter: Character) -> Int { options.count { $0.letter == letter } }

  /// Which of -x, -X and -A counts: X before x before A.
  fileprivate var dump: PacketPrinter.Dump {
    if has("X") { return .hexAndASCII(withLink: count("X") > 1) }
    if has("x") { return .hex(withLink: count("x") > 1) }
    if has("A") { return .ascii(withLink: count("A") > 1) }
    return .none
  }
}
