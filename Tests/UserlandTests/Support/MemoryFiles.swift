// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Userland

/// The files of a host that a test makes up; nothing is on any disk.
final class MemoryFiles {
  var files: [String: [UInt8]] = [:]

  init(_ files: [String: [UInt8]] = [:]) { self.files = files }

  /// A host with these files; folders are not there.
  var host: Host {
    var host = Host()
    host.read = { path throws(HostError) in
      guard let bytes = self.files[path] else { throw HostError("No such file or directory") }
      return bytes
    }
    host.create = { path, isAppending throws(HostError) in
      guard !path.contains("/") else { throw HostError("No such file or directory") }
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

  /// What a machine answers to typed lines on both streams.
  func answer(_ lines: String, in session: Session = Session()) -> Transcript {
    let transcript = Transcript()
    let shell = Interpreter(
      world: session, registry: Commands.registry, output: transcript.output(), host: host)
    shell.run(text: lines)
    shell.finishJobs()
    return transcript
  }
}
