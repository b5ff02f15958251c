// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Wire

/// What the letters of tcpdump ask for, with its complaints in the order of the letters.
struct TcpdumpOptions {
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

  static let letters: [Option<Session>] = [
    Option("a", "Changes nothing."),
    Option("A", "The payload in ASCII; twice, the link header too."),
    Option("c", "Stop after this many packets.", argument: Source("count")),
    Option("C", "Several files: refused with -w.", argument: Source("file_size")),
    Option("d", "Show the compiled expression and stop; twice and three times in other forms."),
    Option("D", "List the interfaces."),
    Option("e", "The link header too."),
    Option("E", "Decrypt: refused.", argument: Source("algo:secret")),
    Option("f", "Foreign addresses as numbers, as all are."),
    Option("F", "Read the expression from this file.", argument: .file()),
    Option("G", "Several files: refused with -w.", argument: Source("seconds")),
    Option(
      "i", "The interface to watch, or its number in the list of -D.", argument: .interface()),
    Option("K", "Do not verify TCP checksums."),
    Option("l", "Changes nothing: lines are written at once."),
    Option("L", "List the data link types of the interface."),
    Option("m", "Changes nothing.", argument: Source("module")),
    Option("M", "Verify TCP-MD5: refused.", argument: Source("secret")),
    Option("n", "Ports and link addresses as numbers alone."),
    Option("N", "Changes nothing: no address has a name."),
    Option("O", "Do not optimise the compiled expression."),
    Option("p", "Do not put the interface into promiscuous mode."),
    Option("q", "Quick: less of each packet."),
    Option("r", "Read this capture.", argument: .file()),
    Option("R", "Changes nothing."),
    Option("S", "TCP sequence numbers as they are."),
    Option("s", "Keep this many bytes of each packet; 0 is 65535.", argument: Source("snaplen")),
    Option("t", "No time; up to five t choose another time."),
    Option("T", "Decode as this: refused.", argument: Source("type")),
    Option("u", "Changes nothing."),
    Option("U", "Changes nothing."),
    Option("v", "More of each packet; twice, still more."),
    Option("w", "Write to this capture instead of printing.", argument: .file()),
    Option("W", "Changes nothing without -C and -G.", argument: Source("filecount")),
    Option("x", "The packet in hex; twice, the link header too."),
    Option("X", "The packet in hex and ASCII; twice, the link header too."),
    Option("y", "The data link type.", argument: Source("datalinktype")),
    Option("z", "Changes nothing without -C and -G.", argument: Source("command")),
    Option("Z", "Changes nothing.", argument: Source("user")),
  ]

  /// The words of `-T` that tcpdump knows.
  private static let packetTypes: Set = [
    "vat", "wb", "rpc", "rtp", "rtcp", "snmp", "cnfp", "tftp", "aodv",
  ]

  private(set) var listsInterfaces = false
  private(set) var limit = Int.max
  private(set) var snapLength = 96
  /// `-i` as given, or the name of its number.
  private(set) var interface: String?
  private(set) var input: String?
  private(set) var output: String?
  private(set) var dataLinkType: String?
  /// The file of -F.
  private var expressionFile: String?
  private let words: [String]
  private var counts: [Character: Int] = [:]

  init(
    _ words: ArraySlice<String>, _ session: Session, _ invocation: Invocation<Session>
  ) throws(Fault) {
    let arguments = try Arguments.parse(words, Self.letters)
    self.words = arguments.operands
    var rotates = false
    for given in arguments.options {
      counts[given.letter, default: 0] += 1
      let value = given.argument ?? ""
      switch given.letter {
      case "D":
        listsInterfaces = true
        return
      case "c":
        limit = Int(CNumber.atoi(value))
        guard limit > 0 else { throw .failed("invalid packet count \(value)") }
      case "C":
        guard CNumber.atoi(value) >= 0 else { throw .failed("invalid file size \(value)") }
        rotates = rotates || CNumber.atoi(value) > 0
      case "G":
        guard CNumber.atoi(value) >= 0 else { throw .failed("invalid number of seconds \(value)") }
        rotates = rotates || CNumber.atoi(value) > 0
      case "W":
        guard CNumber.atoi(value) >= 0 else {
          throw .failed("invalid number of output files \(value)")
        }
      case "E", "M": throw .failed("-\(given.letter): there is no cryptography in this fibsh")
      case "T":
        guard Self.packetTypes.contains(value.lowercased()) else {
          throw .failed("unknown packet type `\(value)'")
        }
        throw .failed("packet type `\(value)' is not decoded in this fibsh")
      case "F": expressionFile = value
      case "i": interface = try Self.interface(value, session)
      case "m":
        invocation.output.writeError(
          "tcpdump: ignoring option `-m \(value)' (no libsmi support)\n")
      case "r": input = value
      case "s": snapLength = try Self.snapLength(value)
      case "w": output = value
      case "y":
        dataLinkType = value
        guard CaptureFilter.hasDataLinkType(named: value) else {
          throw .failed("invalid data link type \(value)")
        }
      default: break
      }
    }
    guard (counts["t"] ?? 0) < Self.styles.count else {
      throw .failed("only -t, -tt, -ttt, -tttt and -ttttt are supported")
    }
    if rotates, output != nil { throw .failed("-C and -G: one file is written in this fibsh") }
    if input == "-" || output == "-" {
      throw .failed("-: captures are files in this fibsh")
    }
  }

  /// The expression, from the file of -F or from the words behind the letters.
  func expression(_ host: Host) throws(CaptureError) -> String {
    guard let path = expressionFile else { return words.joined(separator: " ") }
    do throws(HostError) {
      // Comments are left out (`read_infile`, util.c).
      return String(decoding: try host.read(path), as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.prefix { $0 != "#" } }.joined(separator: "\n")
    } catch {
      throw CaptureError(description: "can't open \(path): \(error.message)")
    }
  }

  /// How often a letter was given.
  func count(_ letter: Character) -> Int { counts[letter] ?? 0 }

  func has(_ letter: Character) -> Bool { count(letter) > 0 }

  /// What to print of a packet.
  var printer: PacketPrinter {
    var options = PacketPrinter.Options()
    options.verbosity = count("v")
    options.quietness = count("q")
    options.showsLinkHeader = has("e")
    options.hasAbsoluteSequence = has("S")
    options.skipsChecksums = has("K")
    options.dump = dump
    let names = PacketPrinter.Names { port, proto in
      Services.name(of: port, proto == .tcp ? "tcp" : "udp")
    }
    return PacketPrinter(options: options, names: has("n") ? nil : names)
  }

  /// What to print of the time.
  var stamp: PacketTimestamp { PacketTimestamp(style: Self.styles[count("t")]) }

  private static let styles: [PacketTimestamp.Style] = [
    .clock, .none, .epoch, .sincePrevious, .date, .sinceFirst,
  ]

  /// Which of -x, -X and -A counts: X before x before A.
  private var dump: PacketPrinter.Dump {
    if has("X") { return .hexAndASCII(withLink: count("X") > 1) }
    if has("x") { return .hex(withLink: count("x") > 1) }
    if has("A") { return .ascii(withLink: count("A") > 1) }
    return .none
  }

  /// An interface by name, or by its number in the list of -D.
  private static func interface(_ word: String, _ session: Session) throws(Fault) -> String {
    let number = Int(CNumber.atoi(word))
    guard word == "0" || number != 0 else { return word }
    let names = session.captureInterfaces
    guard number > 0, number <= names.count else { throw .failed("Invalid adapter index") }
    return names[number - 1]
  }

  private static func snapLength(_ word: String) throws(Fault) -> Int {
    let number = CNumber(word)
    guard number.isWhole, (0...65_535).contains(number.signed) else {
      throw .failed("invalid snaplen \(word)")
    }
    return number.signed == 0 ? 65_535 : Int(number.signed)
  }
}
