// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Testing
import Userland
import Wire

@Suite("Replays") struct ReplayTests {
  /// Writes a capture, runs a line that ends in `-r`, and returns the answer.
  private func replay(_ frames: [[UInt8]], _ line: String) throws -> String {
    let files = MemoryFiles()
    var writer = try CaptureWriter(path: "frames.pcap", files.host)
    for (number, frame) in frames.enumerated() {
      writer.write(
        frame.span.bytes, wireLength: frame.count, timestamp: Int64(number) * 2_000_000_000)
    }
    try writer.close()
    return files.answer("\(line) -r frames.pcap recv em0; clock", in: policyRouter()).all
  }

  /// Frames of every fate: sent, held for ARP and replaced, answered, dropped, delivered.
  private func frames(_ count: Int) -> [[UInt8]] {
    (0..<count).map { number in
      switch number * 7 % 11 {
      case 0, 1, 2: frame(to: 1)
      case 3, 4: frame(to: UInt8(9 + number % 3))
      case 5: frame(to: 1, ttl: 1)
      case 6: [1, 2, 3]
      case 7: frame(to: 1).dropLast(20) + []
      case 8: frame(to: 2)
      case 9: [UInt8](repeating: 0xff, count: 6) + frame(to: 1).dropFirst(6)
      default: frame(to: 1, station: UInt8(number % 256))
      }
    }
  }

  /// What a line a packet says, added up by hand, is what the summary says.
  @Test func streamsToTheSameSummaryAsLineByLine() throws {
    let frames = frames(600)
    let lines = try replay(frames, "inject").split(separator: "\n").map(String.init)
    let quiet = try replay(frames, "inject -q").split(separator: "\n").map(String.init)
    let summary = try #require(lines.firstIndex { $0.contains(" packets in = ") })
    let paths = try #require(quiet.firstIndex(of: "paths"))
    #expect(Array(quiet[..<paths]) == Array(lines[summary...].dropLast()))
    // The last line of each packet of the capture: they are numbered as they come.
    var last: [String: String] = [:]
    for line in lines[..<summary] {
      let words = line.split(separator: " ").map(String.init)
      if !words[0].contains(".") { last[words[0]] = words[1] }
    }
    let counts = Dictionary(last.values.map { ($0, 1) }, uniquingKeysWith: +)
    var byPath: [String: Int] = [:]
    var firsts: [Int] = []
    for row in quiet[(paths + 2)...].dropLast() {
      let words = row.split(separator: " ").map(String.init)
      byPath[words[2], default: 0] += try #require(Int(words[0]))
      firsts.append(try #require(Int(words[1])))
    }
    #expect(last.count == 600)
    #expect(byPath == counts)
    #expect(Set(firsts).count == firsts.count)
  }

  @Test(arguments: [1, 16, 17, 4096]) func readsPiecesOfAnySize(_ piece: Int) throws {
    let files = MemoryFiles()
    var writer = try CaptureWriter(path: "f", files.host)
    for frame in frames(40) {
      writer.write(frame.span.bytes, wireLength: frame.count, timestamp: 0)
    }
    try writer.close()
    let bytes = try #require(files.files["f"])
    let whole = files.answer("inject -q -r f recv em0", in: policyRouter()).all
    var host = files.host
    host.open = { _ throws(HostError) in
      var place = 0
      return FileReader(size: nil) { () throws(HostError) -> [UInt8] in
        let end = min(place + piece, bytes.count)
        defer { place = end }
        return Array(bytes[place..<end])
      } close: {
      }
    }
    #expect(whole.hasPrefix("40 packets in = "))
    #expect(ReplayTests.answer("inject -q -r f recv em0", policyRouter(), host) == whole)
  }

  private static func answer(_ line: String, _ session: Session, _ host: Host) -> String {
    let transcript = Transcript()
    let shell = Interpreter(
      world: session, registry: Commands.registry, output: transcript.output(), host: host)
    shell.run(text: line)
    return transcript.all
  }

  @Test func countsWhatCameBeforeTheFileBroke() throws {
    let files = MemoryFiles()
    var writer = try CaptureWriter(path: "f", files.host)
    for frame in frames(3) {
      writer.write(frame.span.bytes, wireLength: frame.count, timestamp: 0)
    }
    try writer.close()
    files.files["f"]?.removeLast(5)
    let text = files.answer("inject -q -r f recv em0", in: policyRouter()).all
    #expect(text.hasPrefix("2 packets in = "))
    #expect(text.contains("inject: f: truncated dump file"))
    // What the host itself refuses is said in its words.
    let bytes = try #require(files.files["f"])
    var host = files.host
    host.open = { _ throws(HostError) in
      var isFirst = true
      return FileReader(size: nil) { () throws(HostError) -> [UInt8] in
        defer { isFirst = false }
        if isFirst { return Array(bytes.prefix(110)) }
        throw HostError("Input/output error")
      } close: {
      }
    }
    let broken = ReplayTests.answer("inject -q -r f recv em0", policyRouter(), host)
    #expect(broken.hasPrefix("1 packets in = "))
    #expect(broken.hasSuffix("inject: f: Input/output error\n"))
  }

  @Test func anInterruptKeepsWhatWasCounted() throws {
    let files = MemoryFiles()
    var writer = try CaptureWriter(path: "f", files.host)
    for frame in frames(300) {
      writer.write(frame.span.bytes, wireLength: frame.count, timestamp: 0)
    }
    try writer.close()
    var host = files.host
    var polls = 0
    host.isInterrupted = {
      polls += 1
      return polls > 100
    }
    let text = ReplayTests.answer("inject -q -r f recv em0", policyRouter(), host)
    let count = try #require(Int(text.prefix { $0 != " " }))
    #expect((50..<101).contains(count))
    #expect(text.contains("\npaths\n"))
  }

  @Test func tellsAProgramTheSame() throws {
    let text = try replay(frames(30), "inject -j")
    let line = try #require(text.split(separator: "\n").dropLast().last)
    #expect(line.hasPrefix(#"{"v":1,"replay":true,"packets":30,"cut":0,"verdicts":{"SENT":"#))
    #expect(line.contains(#""paths":[{"count":"#))
    #expect(line.hasSuffix(#""other_paths":0}"#))
  }

  /// A UDP datagram of 10.1.0.7 in a frame, with the checksum of the header right.
  private func frame(to last: UInt8, ttl: UInt8 = 64, station: UInt8 = 0x55) -> [UInt8] {
    var ip: [UInt8] = [0x45, 0, 0, 28, 0, 1, 0, 0, ttl, 17, 0, 0, 10, 1, 0, 7, 203, 0, 113, last]
    let sum = InternetChecksum.checksum(of: ip.span.bytes)
    ip[10] = UInt8(sum >> 8)
    ip[11] = UInt8(sum & 0xff)
    let ethernet: [UInt8] = [2, 0, 0, 0, 9, station, 2, 0, 0, 0, 0, 7, 8, 0]
    return ethernet + ip + [0, 9, 0, 9, 0, 8, 0, 0]
  }

  /// What every packet comes through that is forwarded.
  private static let out =
    "isr.direct ip.fw.pass fwd.route fwd.ttl.dec out.route out.mtu out.cksum"

  @Test func countsEachPacketOnce() throws {
    let frames = [frame(to: 1), frame(to: 9), frame(to: 9), frame(to: 1, ttl: 1), [1, 2, 3]]
    let text = try replay(frames, "inject -q")
    #expect(
      text == """
        5 packets in = 1 sent + 0 delivered + 1 held + 0 denied + 2 dropped + 1 replied + 0 consumed
        3 packets made = 3 sent + 0 delivered + 0 held + 0 denied + 0 dropped + 0 replied + 0 consumed
                 1 eth.runt
                 1 arp.hold
                 1 arp.replaced
                 1 fwd.ttl
                 1 out.sent
        paths
             count      first verdict   ids
                 1          1 SENT      \(Self.out) fwd.ok out.sent
                 1          2 DROPPED   \(Self.out) arp.hold fwd.ok arp.replaced
                 1          3 HELD      \(Self.out) arp.hold fwd.ok
                 1          4 REPLIED   isr.direct ip.fw.pass icmp.quote fwd.ttl
                 1          5 DROPPED   eth.runt
        up 9.000 s, Tue Aug 11 14:13:28 2009 UTC

        """)
  }

  @Test func keepsDestinationsOnRequest() throws {
    #expect(try replay([frame(to: 1)], "trace -k").hasPrefix("#4 DROPPED id eth.promisc "))
    #expect(try replay([frame(to: 1)], "trace").hasPrefix("#4 SENT em2 via 203.0.113.1 "))
    #expect(
      try replay([frame(to: 1), frame(to: 1)], "trace -q -c 1").hasPrefix("1 packets in = 1 sent"))
  }
}
