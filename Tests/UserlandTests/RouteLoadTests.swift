// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Testing
import Userland

/// `route load` against what it stands for, a `route -q add -net` for each line.
@Suite("route load") struct RouteLoadTests {
  private static let network = """
    ifconfig em0 10.0.0.1/24
    ifconfig em1 10.0.1.1/24
    ifconfig em2 192.0.2.1/30

    """

  /// A host whose file comes in pieces of so many bytes.
  private func host(_ bytes: [UInt8], piece: Int) -> Host {
    var host = Host()
    host.open = { _ throws(HostError) in
      var place = 0
      return FileReader(size: bytes.count) { () throws(HostError) -> [UInt8] in
        let end = min(place + piece, bytes.count)
        defer { place = end }
        return Array(bytes[place..<end])
      } close: {
      }
    }
    return host
  }

  private func load(
    _ bytes: [UInt8], piece: Int = 1 << 16, options: String = "-gateway 10.0.0.0",
    flags: String = "", before: String = ""
  ) -> (session: Session, transcript: Transcript, status: Int32) {
    let session = Session()
    let transcript = Transcript()
    let shell = Interpreter(
      world: session, registry: Commands.registry, output: transcript.output(),
      host: host(bytes, piece: piece))
    shell.run(text: Self.network + before)
    let status = shell.run(text: "route \(flags) load \(options) f")
    return (session, transcript, status)
  }

  private func table(_ session: Session) throws -> [RouteKey] {
    try session.kernel.routes(vnet: session.vnet, fib: .zero).map(\.key)
  }

  /// Lines over gateways of every kind: reached, our own, not reached, reached by a route before.
  private func lines(_ count: Int, seed: UInt64) -> [String] {
    var state = seed
    func random(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    let gateways = [
      "10.0.0.7", "10.0.1.9", "10.0.0.1", "127.0.0.1", "192.0.2.2", "20.0.0.5", "30.1.2.3", "8",
      "10.0.0.250", "172.16.0.1", "0.0.0.0", "010.0.0.9", "10.9",
    ]
    return (0..<count).map { _ in
      // Networks in few places, so that they meet, cover gateways and are there twice.
      let first = ["10.0", "20.0", "30.1", "172.16", "0.1", "200.\(random(4))"][Int(random(6))]
      let length = random(33)
      let gateway = gateways[Int(random(UInt64(gateways.count)))]
      return "\(first).\(random(4)).\(random(8) * 32)/\(length) \(gateway)"
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func isTheSameAsLineByLine(_ seed: UInt64) throws {
    let lines = lines(400, seed: seed)
    let loaded = load(Array(lines.map { $0 + "\n" }.joined().utf8), flags: "-q")
    let plain = Session()
    let transcript = Transcript()
    let shell = Interpreter(
      world: plain, registry: Commands.registry, output: transcript.output())
    shell.run(text: Self.network)
    for line in lines {
      let words = line.hasSuffix(" 8") ? line.dropLast() + "10.0.0.8" : line[...]
      shell.run(text: "route -q add -net \(words)")
    }
    #expect(loaded.session.kernel.stateHash() == plain.kernel.stateHash())
    #expect(try table(loaded.session).count > 50)
    // One line each, but that only the first ten are shown.
    let errors = transcript.error.split(separator: "\n")
    let shown = loaded.transcript.error.split(separator: "\n")
    #expect(errors.count > 10 && shown.count == 11)
    #expect(shown.last == "route: f: \(errors.count - 10) more errors")
    for (plain, numbered) in zip(errors, shown.dropLast()) {
      #expect(numbered.hasPrefix("route: f:"))
      #expect(numbered.hasSuffix(plain.dropFirst("route".utf8.count)))
    }
    #expect(loaded.status == 1)
  }

  @Test(arguments: [1, 2, 3, 7, 64, 1000]) func readsPiecesOfAnySize(_ piece: Int) throws {
    let text =
      lines(60, seed: 9).joined(separator: "\n")
      + "\r\n\n# \n\t #x\n21.0.0.0/8 7 # behind\n22.0.0.0/8\t7#joined\n23.0.0.0/8 7"
    let whole = load(Array(text.utf8))
    let pieces = load(Array(text.utf8), piece: piece)
    #expect(whole.session.kernel.stateHash() == pieces.session.kernel.stateHash())
    #expect(whole.transcript.all == pieces.transcript.all)
    #expect(try table(pieces.session).contains { "\($0.destination)" == "23.0.0.0" })
  }

  /// A line that is refused, and what is said of it.
  @Test(arguments: [
    ("x", "not a network and a gateway: x"),
    ("10.0.0.0/8", "not a network and a gateway: 10.0.0.0/8"),
    ("1.0.0.0/8 7 8", "not a network and a gateway: 1.0.0.0/8 7 8"),
    ("1.0.0.0/8 7#", "bad address: 7#"),
    ("1.0.0.0/8 10.0.0.256", "bad address: 10.0.0.256"),
    ("1.0.0.256/8 7", "bad address: 1.0.0.256/8"),
    ("1.0.0.0/8 4294967295", "bad gateway number: 4294967295"),
    ("1.0.0.0/8 4294967296", "bad gateway number: 4294967296"),
    ("1.0.0.0/8 -1", "bad keyword: 1"),
    ("-host 7", "bad keyword: host"),
    ("\u{0}\u{1b}[31m 7", "bad address: \u{0}\u{1b}[31m"),
    (
      String(repeating: "9", count: 1000) + " 7",
      "bad address: " + String(repeating: "9", count: 1000)
    ),
    (String(repeating: "1.0.0.0/8 ", count: 103), "line too long"),
    ("1.0.0.0/8 " + String(repeating: "9", count: 2_000_000), "line too long"),
    (String(repeating: "\u{0}", count: 3_000_000), "line too long"),
  ]) func refuses(_ line: String, _ reason: String) throws {
    for piece in [100, 1 << 16] {
      let found = load(Array("2.0.0.0/8 7\n\(line)\n3.0.0.0/8 7\n".utf8), piece: piece)
      #expect(found.transcript.error == "route: f:2: \(Self.printable(reason))\n")
      #expect(found.transcript.out.hasSuffix("load f: 2 routes, 1 error\n"))
      #expect(found.status == (reason.hasPrefix("bad address") ? 68 : 64))
      #expect(try table(found.session).contains { "\($0.destination)" == "3.0.0.0" })
    }
  }

  /// What a terminal would obey is not shown, and not more than 100 bytes.
  private static func printable(_ reason: String) -> String {
    let shown = reason.unicodeScalars.map { $0.value < 0x20 ? "?" : String($0) }.joined()
    return shown.count > 100 ? shown.prefix(100) + "..." : shown
  }

  @Test func takesBytesThatAreNoText() throws {
    var bytes: [UInt8] = Array("2.0.0.0/8 7\n".utf8)
    bytes += (0...255).map { UInt8($0) } + [0xff, 0xfe, 0x0a, 0xc3]
    let found = load(bytes)
    #expect(found.transcript.out.hasPrefix("load f: 1 route, "))
    #expect(found.status == 64)
  }

  @Test func stopsAtAnInterruptAndKeepsWhatItHas() throws {
    var polls = 0
    var host = host(Array(lines(50, seed: 3).map { $0 + "\n" }.joined().utf8), piece: 10)
    host.isInterrupted = {
      polls += 1
      return polls > 20
    }
    let session = Session()
    let transcript = Transcript()
    let shell = Interpreter(
      world: session, registry: Commands.registry, output: transcript.output(), host: host)
    shell.run(text: Self.network)
    polls = 0
    let status = shell.run(text: "route load -gateway 10.0.0.0 f")
    #expect(status == 130)
    #expect(transcript.out.contains("load f: "))
  }

  @Test func saysThatTheFileBroke() throws {
    var host = Host()
    host.open = { _ throws(HostError) in
      var isFirst = true
      return FileReader(size: nil) { () throws(HostError) -> [UInt8] in
        defer { isFirst = false }
        if isFirst { return Array("2.0.0.0/8 7\n3.0.0.0/8 7\n4.0".utf8) }
        throw HostError("Input/output error")
      } close: {
      }
    }
    let transcript = Transcript()
    let shell = Interpreter(
      world: Session(), registry: Commands.registry, output: transcript.output(), host: host)
    shell.run(text: Self.network)
    #expect(shell.run(text: "route load -gateway 10.0.0.0 f") == 1)
    #expect(transcript.error == "route: f: Input/output error\n")
    #expect(transcript.out.hasSuffix("load f: 2 routes, 1 error\n"))
  }
}
