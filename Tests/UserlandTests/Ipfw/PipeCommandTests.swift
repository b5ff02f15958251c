// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Testing
import Userland

/// `ipfw pipe` and `ipfw queue` beyond the recorded sessions.
@Suite("ipfw pipes") struct PipeCommandTests {
  private final class Lab {
    let session: Session

    init(hasDummynet: Bool = true) {
      var options = SessionOptions()
      options.kernel.dummynet = hasDummynet
      session = Session(options)
    }

    func run(_ line: String, profile: String = "") -> (text: String, status: Int32) {
      let transcript = Transcript()
      var host = Host()
      host.read = { path throws(HostError) in
        guard path == "profile" else { throw HostError("No such file or directory") }
        return Array(profile.utf8)
      }
      let interpreter = Interpreter(
        world: session, registry: Registry([Commands.ipfw]), output: transcript.output(),
        host: host)
      let words = ["ipfw"] + line.split(separator: " ").map(String.init)
      let status = interpreter.run(words: words, output: transcript.output(), input: .empty)
      return (transcript.all, status)
    }

    /// The profile of pipe 1.
    var profile: DelayProfile? {
      (try? session.kernel.dummynetReport())?.pipes.first?.settings.profile
    }
  }

  private static let curve = """
    name    bla_bla_bla   # a comment
    samples 100
    loss-level    0.86

    prob    delay
    0       200
    0.5     200
    0.5     300
    0.8     1000
    0.9     1300
    1       1300

    """

  @Test func readsAProfile() {
    let lab = Lab()
    #expect(
      lab.run("pipe 1 config bw 1Mbit/s profile profile", profile: Self.curve) == ("", 0))
    let samples = lab.profile?.samples ?? []
    #expect(samples.count == 100)
    #expect(
      [0, 49, 50, 65, 80, 90, 99].map { samples[$0] } == [200, 200, 300, 650, 1000, 1300, 1300])
    #expect(
      lab.run("pipe 1 show").text.hasSuffix(
        "\t profile: name \"bla_bla_bla\" loss 0.860000 samples 100\n"))
    // A pipe that is told anew has none.
    #expect(lab.run("pipe 1 config bw 1Mbit/s") == ("", 0))
    #expect(lab.profile == nil)
  }

  @Test(arguments: [
    ("", "0 200\n", "error in profile at line 1: \"unrecognised command '0'\"", 65),
    ("", "samples 0\n", "error in profile at line 1: \"invalid number of samples\"", 65),
    ("", "samples 1 2\n", "error in profile at line 1: \"too many arguments\"", 65),
    ("", "\nname\n", "error in profile at line 2: \"missing arg for name\"", 65),
    ("", "delay prob\n1 1.5\n", "error in profile at line 2: \"probability greater than 1.0\"", 65),
    ("", "delay prob\n-1 1\n", "error in profile at line 2: \"invalid point found\"", 65),
    ("", curve, "profile requires a bandwidth limit", 65),
    (
      "bw 1 ", curve + "samples 3\n", "error in profile at line 12: \"duplicate ``samples'' line\"",
      65
    ),
  ])
  func saysWhatIsWrongWithAProfile(
    words: String, profile: String, message: String, status: Int32
  ) {
    #expect(
      Lab().run("pipe 1 config \(words)profile profile", profile: profile)
        == ("ipfw: \(message)\n", status))
  }

  @Test func aProfileMayGiveTheBandwidth() {
    let lab = Lab()
    let text = "delay prob\n0 0\n10 1\nbw 1Mbit/s\n"
    #expect(
      lab.run("pipe 1 config profile profile", profile: text)
        == (
          "ipfw: 'samples' not found, assuming 100\n"
            + "ipfw: 'loss-level' not found, assuming no loss\n", 0
        ))
    #expect(lab.run("pipe show").text.hasPrefix("00001:   1.000 Mbit/s"))
    #expect(
      lab.run("pipe 2 config profile nowhere")
        == ("ipfw: fopen: nowhere: No such file or directory\n", 69))
  }

  @Test func withoutTheModuleEachCallSaysSo() {
    let lab = Lab(hasDummynet: false)
    let absent = "Protocol not available\n"
    #expect(
      lab.run("pipe 1 config bw 1")
        == ("ipfw: setsockopt(IP_DUMMYNET_CONFIGURE): \(absent)", 1))
    #expect(lab.run("pipe delete 1") == ("ipfw: rule 1: setsockopt(IP_DUMMYNET_DEL): \(absent)", 1))
    #expect(lab.run("pipe flush") == ("ipfw: setsockopt(IP_DUMMYNET_FLUSH): \(absent)", 69))
    #expect(lab.run("queue list") == ("ipfw: getsockopt(IP_DUMMYNET_GET): \(absent)", 71))
    #expect(
      lab.run("pipe 1 config red 0.1/1/2/0.1")
        == ("ipfw: sysctlbyname(\"net.inet.ip.dummynet.red_lookup_depth\")\n", 1))
  }

  @Test(arguments: [
    ("pipe 1 config red 0.0000001/1/2/0.1", "", 0), ("pipe 1 config mask dst-ip /33", "", 0),
    ("pipe 1 config mask src-ip6 129", "in6addr invalid mask len", 65),
    ("pipe 1 config mask flow-id 0x100000", "flow_id mask must be 20 bit", 65),
    ("pipe 1 config mask proto 256", "proto mask must be 8 bit", 65),
    ("pipe 1 config burst x", "burst: invalid argument", 65),
    ("pipe 1 config all", "unrecognised option ``all''", 65),
    ("pipe 1 config delay -1 queue -1", "", 0),
    ("pipe delete", "missing rule specification", 64),
    ("queue 65536 config pipe 1", "setsockopt(IP_DUMMYNET_CONFIGURE): Invalid argument", 1),
    ("-n pipe 1 config", "", 0),
    ("q 1 config pipe 1", "DEPRECATED: 'q' matched 'queue' as a sub-string", 0),
    ("pipe 1 c", "DEPRECATED: 'c' matched 'config' as a sub-string", 0),
  ])
  func readsWords(line: String, message: String, status: Int32) {
    let text = message.isEmpty ? "" : "ipfw: \(message)\n"
    #expect(Lab().run(line) == (text, status))
  }

  @Test func sortsFlows() throws {
    let lab = Lab()
    try lab.session.kernel.setSysctl(.ipDummynetExpire, to: 0, vnet: .zero)
    _ = lab.run("pipe 1 config mask dst-port 0xffff buckets 4")
    _ = lab.run("-q add pipe 1 udp from any to any out")
    for (port, count) in [(UInt8(1), 1), (2, 3), (3, 2)] {
      var bytes: [UInt8] = [0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1]
      bytes += [0, 9, 0, port, 0, 8, 0, 0]
      for _ in 0..<count {
        try lab.session.kernel.send(LocalPacket(bytes, socket: .rawHeaderIncluded))
      }
    }
    func ports(_ options: String) -> [String] {
      lab.run("\(options) pipe show").text.split(separator: "\n").dropFirst(4).map {
        String($0.split(separator: "/")[2].prefix(1))
      }
    }
    #expect(ports("-s 3") == ["2", "3", "1"])
    #expect(ports("-s -3") == ["1", "3", "2"])
  }
}
