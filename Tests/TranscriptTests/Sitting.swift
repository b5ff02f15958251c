// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Shell
import Userland

/// A shell over a freshly booted machine, with everything it writes.
struct Sitting {
  let transcript = Transcript()
  let interpreter: Interpreter<Session>

  init(
    registry: Registry<Session> = Commands.registry, options: SessionOptions = SessionOptions(),
    host: Shell.Host = Shell.Host()
  ) {
    interpreter = Interpreter(
      world: Session(options), registry: registry, output: transcript.output(), host: host)
  }

  /// Runs a text and returns what it wrote to both streams.
  func type(_ text: String, file: String? = nil) -> String {
    let before = transcript.all.count
    interpreter.run(text: text, file: file)
    return String(transcript.all.dropFirst(before))
  }
}

/// Places in the repository.
enum Repository {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let cases = root.appending(path: "Tests/TranscriptTests/Cases")

  /// The files of a directory with an extension, by name.
  static func files(in directory: URL, ext: String) -> [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return names.filter { $0.hasSuffix(".\(ext)") }.sorted().map { directory.appending(path: $0) }
  }
}

/// A recorded session: what was typed and what was answered.
struct Recording {
  struct Exchange {
    /// The typed lines, continuation lines included.
    var typed: [String]
    var answer: String
  }

  /// Lines before the first typed one: what the session shows, and `boot NAME=VALUE` for what the
  /// machine boots with.
  var heading = ""
  var exchanges: [Exchange] = []
  private let prompt: String

  /// Reads a text in which typed lines begin with a prompt, and continuation lines with `> `.
  init(_ text: String, prompt: String = "% ") {
    self.prompt = prompt
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if line.hasPrefix(prompt) {
        exchanges.append(Exchange(typed: [String(line.dropFirst(prompt.count))], answer: ""))
      } else if exchanges.isEmpty {
        heading += line + "\n"
      } else if line.hasPrefix("> "), exchanges[exchanges.count - 1].answer.isEmpty {
        exchanges[exchanges.count - 1].typed.append(String(line.dropFirst(2)))
      } else {
        exchanges[exchanges.count - 1].answer += line + "\n"
      }
    }
  }

  /// The recording with the answers that a fresh machine gives.
  func replayed() throws -> Recording {
    let sitting = Sitting(
      options: try SessionOptions(boot: heading),
      host: heading.contains("boot files=memory\n") ? Files().host : Shell.Host())
    var copy = self
    for (number, exchange) in exchanges.enumerated() {
      copy.exchanges[number].answer = sitting.type(exchange.typed.joined(separator: "\n") + "\n")
    }
    return copy
  }

  var text: String {
    heading
      + exchanges.map { exchange in
        let typed = exchange.typed.enumerated().map { ($0 == 0 ? prompt : "> ") + $1 + "\n" }
        return typed.joined() + exchange.answer
      }.joined()
  }
}

/// Files in memory, for sessions that write and read some.
private final class Files {
  private var files: [String: [UInt8]] = [:]

  var host: Shell.Host {
    var host = Shell.Host()
    host.read = { path throws(HostError) in
      guard let bytes = self.files[path] else { throw HostError("No such file or directory") }
      return bytes
    }
    host.create = { path, isAppending throws(HostError) in
      if !isAppending { self.files[path] = [] }
      return Sink {
        self.files[path, default: []] += $0
        return true
      } close: {
        0
      }
    }
    return host
  }
}

extension SessionOptions {
  /// What the lines `boot NAME=VALUE` of a text ask for; `interfaces` is the number of cards, and
  /// `files` is not the machine's.
  init(boot text: String) throws {
    let words = text.split(separator: "\n").filter { $0.hasPrefix("boot ") }
      .map { $0.dropFirst(5).split(separator: "=", maxSplits: 1).map(String.init) }
    try self.init(
      tunables: words.filter { !["interfaces", "files"].contains($0[0]) }.map {
        (name: $0[0], value: $0[1])
      },
      interfaces: words.first { $0[0] == "interfaces" }.flatMap { Int($0[1]) })
  }
}
