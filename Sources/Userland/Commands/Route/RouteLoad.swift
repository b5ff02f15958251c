// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// `route load`: adds the routes of a file, each as `route -q add -net` would.
///
/// A line that fails says why, behind the file's name and its number, and the rest goes on.
struct RouteLoad {
  /// So many errors are shown one by one; the others are counted.
  private static let mostShown = 10

  private let run: RouteRun
  private let invocation: Invocation<Session>
  private let path: String
  private let base: UInt32?
  private var known = KnownGateways()
  private var added = 0
  private var errors = 0
  /// The status of the first error.
  private var status: Int32 = 0

  init(
    _ run: RouteRun, _ invocation: Invocation<Session>, _ words: ArraySlice<String>
  ) throws(Fault) {
    self.run = run
    self.invocation = invocation
    var words = words
    var base: UInt32?
    while let word = words.first, word.hasPrefix("-") {
      words.removeFirst()
      guard word == "-gateway" else { throw .usage("bad keyword: \(word.dropFirst())") }
      guard let text = words.popFirst() else { throw .usage() }
      guard let address = IPv4Address(host: text) else {
        throw .failed("bad address: \(text)", status: 68)
      }
      base = address.rawValue
    }
    guard let path = words.popFirst(), words.isEmpty else { throw .usage() }
    self.path = path
    self.base = base
  }

  /// Reads the file to its end, or until ^C; what was added stays.
  mutating func load() throws(Fault) {
    let file: FileReader
    do throws(HostError) {
      file = try invocation.interpreter.host.reader(path)
    } catch {
      throw .failed("\(path): \(error.message)")
    }
    var lines = RouteFile(base: base)
    var batch = RouteFile.Batch()
    do throws(HostError) {
      while !invocation.isInterrupted, !invocation.output.isClosed {
        let piece = try file.read()
        if piece.isEmpty { lines.end(into: &batch) } else { lines.read(piece, into: &batch) }
        add(batch)
        batch.removeAll()
        if piece.isEmpty { break }
        run.output.showProgress(file, "\(added) routes")
      }
    } catch {
      fail("\(path): \(error.message)", 1)
    }
    report()
    if invocation.isInterrupted { throw .silent(130) }
    if errors > 0 { throw .silent(status) }
  }

  private func report() {
    if errors > Self.mostShown {
      run.output.writeError(
        "route: \(path): \(Self.count(errors - Self.mostShown, "more error"))\n")
    }
    if run.isQuiet { return }
    let failed = errors > 0 ? ", \(Self.count(errors, "error"))" : ""
    run.output.line("load \(path): \(Self.count(added, "route"))\(failed)")
  }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  /// Adds routes in the order of their lines.
  private mutating func add(_ batch: RouteFile.Batch) {
    var place = 0
    for other in batch.others {
      add(batch.routes, from: place, to: other.before)
      place = other.before
      switch other.line {
      case .words(let words, let line): add(words, line)
      case .error(let text, let line): fail("\(path):\(line): \(text.printable)", 64)
      }
    }
    add(batch.routes, from: place, to: batch.routes.count)
  }

  private mutating func add(_ routes: [NetworkRoute], from start: Int, to end: Int) {
    let session = run.session
    // Who listens, or wants to see the messages, gets them.
    if run.isVerbose || run.isDry || run.writesToNull
      || session.kernel.hearsRoutes(vnet: session.vnet)
    {
      for route in routes[start..<end] { write(route) }
      return
    }
    var place = start
    while place < end {
      let failure = session.kernel.routeAdd(
        vnet: session.vnet, fib: session.fib, routes, place..<end, &known)
      let stop = failure?.place ?? end
      added += stop - place
      place = stop
      if let failure {
        fail(failure.errno, routes[place].line)
        place += 1
      }
    }
  }

  /// Adds a route by a message of its own.
  private mutating func write(_ route: NetworkRoute) {
    var header = RoutingMessage.RouteHeader(flags: [.RTF_UP, .RTF_GATEWAY, .RTF_STATIC])
    header.sequence = 1
    var message = RoutingMessage(.RTM_ADD, header)
    message.addresses.destination = .inet(route.destination)
    message.addresses.netmask = .bareMask(route.mask)
    message.addresses.gateway = .inet(route.gateway)
    write(message, route.line)
  }

  /// Adds what words say that are not as most are.
  private mutating func add(_ words: [String], _ line: Int) {
    do throws(Fault) {
      write(try RouteWords(["-net"] + words, run.session).message(.RTM_ADD), line)
    } catch {
      switch error.text {
      case .named(let text): fail("\(path):\(line): \(text.printable)", error.status ?? 1)
      case .usage(let text?): fail("\(path):\(line): \(text.printable)", 64)
      case .usage(nil), .worded: fail("\(path):\(line): bad line", error.status ?? 64)
      }
    }
  }

  private mutating func write(_ message: RoutingMessage, _ line: Int) {
    known.forget()
    do throws(Errno) {
      try run.write(message)
      added += 1
    } catch {
      fail(error, line)
    }
  }

  private mutating func fail(_ errno: Errno, _ line: Int) {
    fail("\(path):\(line): writing to routing socket: \(errno.message)", 1)
  }

  private mutating func fail(_ text: String, _ status: Int32) {
    if errors == 0 { self.status = status }
    errors += 1
    if errors <= Self.mostShown { run.output.writeError("route: \(text)\n") }
  }
}

extension String {
  /// The text as a message may show it: not too long, and nothing that a terminal obeys.
  fileprivate var printable: String {
    let shown = truncated(to: 100).unicodeScalars.map { scalar in
      scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value) ? "?" : Character(scalar)
    }
    return String(shown) + (utf8.count > 100 ? "..." : "")
  }
}
