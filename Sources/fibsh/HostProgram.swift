// SPDX-License-Identifier: BSD-2-Clause

import Glibc
import Shell

/// A host program that reads what a command writes.
enum HostProgram {
  /// Starts `/bin/sh -c`; the sink is its stdin, and closing the sink waits for it.
  static func spawn(_ text: String) throws(HostError) -> Sink {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { throw HostError(message(errno)) }
    let (reading, writing) = (ends[0], ends[1])
    // A child that kept the writing end would never see the end of its input.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(reading) }
    var child: pid_t = 0
    let error = start(text, stdin: reading, &child)
    guard error == 0 else {
      close(writing)
      throw HostError(message(error))
    }
    return Sink {
      writeAll($0, to: writing) == nil
    } close: {
      close(writing)
      return wait(for: child)
    }
  }

  private static func start(_ text: String, stdin: Int32, _ child: inout pid_t) -> Int32 {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, stdin, STDIN_FILENO)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe _ = posix_spawnattr_destroy(&attributes) }
    // The shell ignores SIGPIPE; a child would inherit that.
    var defaults = sigset_t()
    unsafe sigemptyset(&defaults)
    unsafe sigaddset(&defaults, SIGPIPE)
    unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    var words = unsafe ["sh", "-c", text].map { (word: String) in unsafe strdup(word) } + [nil]
    defer { while let word = unsafe words.popLast() { unsafe free(word) } }
    return unsafe posix_spawn(&child, "/bin/sh", &actions, &attributes, &words, environ)
  }

  /// The exit status as sh(1) counts it: 128 and the signal for one that was killed.
  private static func wait(for child: pid_t) -> Int32 {
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0 {
      if errno != EINTR { return 127 }
    }
    return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
  }
}
