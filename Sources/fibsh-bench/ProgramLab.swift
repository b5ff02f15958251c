// SPDX-License-Identifier: BSD-2-Clause

import CProbe
import Glibc
import Wire

/// What the program is told to do with so many routes or packets: scripts and what they read, each a
/// file that is written when it is asked for.
final class ProgramLab {
  let size: Int
  private let directory: TemporaryDirectory
  private let source: RouteSource

  init(_ source: RouteSource, _ size: Int, _ directory: TemporaryDirectory) {
    (self.source, self.size, self.directory) = (source, size, directory)
  }

  private lazy var table = source.table(size)

  private static let setup = """
    ifconfig em0 10.0.0.1/24
    ifconfig em1 10.0.1.1/24
    ifconfig em2 10.0.2.1/24
    sysctl net.inet.ip.forwarding=1
    arp -s 10.0.1.2 02:bb:00:00:00:02
    route -q add 192.168.0.0/16 10.0.1.2

    """

  /// The interfaces alone.
  lazy var nothing = script("nothing", "")

  /// A command for each route.
  lazy var commands = write("commands", Array(ProgramLab.setup.utf8) + commandText)

  private lazy var commandText = text { "route -q add \($0) \($1)" }

  /// One command that reads all routes.
  lazy var loading = script("loading", load)

  lazy var listing = script("listing", load + "netstat -rn\n")

  private lazy var load = "route -q load \(write("routes", text { "\($0) \($1)" }))\n"

  func flushing(isQuiet: Bool) -> String {
    script("flushing", load + (isQuiet ? "route -q flush\n" : "route flush\n"))
  }

  func replaying(isFiltered: Bool) -> String {
    script(
      "replaying",
      "sysctl net.inet.ip.fw.enable=\(isFiltered ? 1 : 0)\n"
        + "inject -q -r \(capture) recv em0\n")
  }

  private func script(_ name: String, _ commands: String) -> String {
    write(name, Array((ProgramLab.setup + commands).utf8))
  }

  /// Labs of other sizes have files of other names.
  private func write(_ name: String, _ bytes: [UInt8]) -> String {
    directory.write("\(name)-\(size)", bytes)
  }

  /// A line for each route, of its network and its gateway.
  private func text(_ line: (_ network: String, _ gateway: IPv4Address) -> String) -> [UInt8] {
    var text: [UInt8] = []
    for prefix in table.prefixes {
      let network = "\(IPv4Address(rawValue: prefix.address))/\(prefix.length)"
      text += (line(network, Lab.gateway(prefix.hop)) + "\n").utf8
    }
    return text
  }

  /// A capture of packets on their way to many addresses, 10 µs apart.
  private lazy var capture = write("capture", captureText)

  private var captureText: [UInt8] {
    let frame = Frames.transit()
    var bytes: [UInt8] = []
    func append(_ words: UInt32...) {
      for word in words {
        for shift: UInt32 in [24, 16, 8, 0] { bytes.append(UInt8(word >> shift & 255)) }
      }
    }
    // The magic number of microseconds, version 2.4, the longest packet, Ethernet.
    append(0xa1b2_c3d4, 0x0002_0004, 0, 0, 65_535, 1)
    bytes.reserveCapacity(24 + size * (16 + frame.count))
    var draw = Draw(seed: 0xcafe)
    for number in 0..<size {
      let (second, rest) = (number * 10).quotientAndRemainder(dividingBy: 1_000_000)
      append(1_259_150_400 + UInt32(second), UInt32(rest))
      append(UInt32(frame.count), UInt32(frame.count))
      let start = bytes.count + EthernetHeader.size
      bytes += frame
      let flow = Flow(to: 0xc0a8_0000 | UInt32(draw.below(1 << 16)))
      bytes.withMutableRawBytes { Traffic.write(flow, into: &$0, at: start) }
    }
    return bytes
  }

  /// The commands read in C into a tree.
  func radixLoad() -> any Subject {
    let (size, text) = (size, commandText)
    return Work(operations: size) {
      let tree = RadixPeer([])
      probe_start()
      let count = tree.load(text)
      probe_stop()
      demand(count == size, "\(count) lines were read in C")
    }
  }

  /// The routes printed in C.
  func radixPrint() -> any Subject {
    let (size, tree) = (size, RadixPeer(table.prefixes))
    return Work(operations: size) {
      probe_start()
      let count = tree.print()
      probe_stop()
      demand(count == size, "\(count) routes were printed in C")
    }
  }
}

/// A directory of our own among the temporary files, with what is written into it.
final class TemporaryDirectory {
  private let path: String
  private var names: Set<String> = []

  init() {
    var template = Array("\(P_tmpdir)/fibsh-bench.XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { fail("no temporary directory can be made") }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Writes a file anew and returns its path.
  func write(_ name: String, _ bytes: [UInt8]) -> String {
    let file = "\(path)/\(name)"
    names.insert(name)
    let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0, unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    else { fail("\(file): cannot be written") }
    close(descriptor)
    return file
  }

  /// Removes it with all that is in it.
  func remove() {
    for name in names { unsafe unlink("\(path)/\(name)") }
    unsafe rmdir(path)
  }
}
