// SPDX-License-Identifier: BSD-2-Clause

/// A command that goes on while others run: what tcpdump, route monitor and netstat -w are.
package struct Watch {
  /// Shows what has come since the last call; false once it has ended by itself, as with `-c`.
  package let poll: () -> Bool

  /// Ends it as ^C does, with its statistics, and returns the exit status.
  ///
  /// Is called exactly once, also after `poll` returned false. What the command changed, such as an
  /// observer of an interface, is undone here.
  package let finish: () -> Int32

  /// The virtual nanoseconds until it wants to be polled even if nothing happens, or nil.
  package let due: () -> UInt64?

  /// Whether it ends by itself, however long that takes, as `ping -c 100` does: then nothing ends it
  /// before, but ^C.
  package let isBounded: Bool

  /// Makes a watch from its parts.
  package init(
    poll: @escaping () -> Bool, finish: @escaping () -> Int32,
    due: @escaping () -> UInt64? = { nil }, isBounded: Bool = false
  ) {
    self.poll = poll
    self.finish = finish
    self.due = due
    self.isBounded = isBounded
  }
}

extension Watch {
  /// The same in other surroundings, which may call what they are given, or not: then it ends, as
  /// by SIGKILL.
  fileprivate func within(
    _ surroundings: @escaping (_ body: () -> Void) -> Void, end: @escaping () -> Void
  ) -> Watch {
    Watch(
      poll: {
        var goesOn = false
        surroundings { goesOn = poll() }
        return goesOn
      },
      finish: {
        var status: Int32 = 128 + 9
        surroundings { status = finish() }
        end()
        return status
      }, due: due, isBounded: isBounded)
  }
}

/// A world with a clock of its own.
package protocol TimedWorld: AnyObject {
  /// Lets virtual time pass; what falls due happens at its moment.
  func letTimePass(nanoseconds: UInt64)

  /// The virtual nanoseconds until something happens by itself, or nil if nothing will.
  var timeToNextEvent: UInt64? { get }
}

extension Invocation {
  /// In the foreground runs until it ends or ^C; behind `&` becomes a job and returns at once.
  ///
  /// In a batch, where nobody can type ^C, it ends as by ^C after 60 s of virtual time in which
  /// nothing came.
  package func watch(_ watch: Watch) throws(Fault) {
    if let job = interpreter.startingJob { return job.watches.append(watch) }
    let status = interpreter.follow(watch, output)
    if status != 0 { throw .silent(status) }
  }

  /// Lets virtual time pass, in steps so that jobs show what they see; false after ^C.
  ///
  /// - Parameter isPaced: Whether a person at a terminal waits as long in real time.
  package func pass(nanoseconds: UInt64, isPaced: Bool = true) -> Bool {
    interpreter.pass(nanoseconds: nanoseconds, isPaced: isPaced)
  }
}

extension Invocation {
  /// Runs words in other surroundings; what goes on of them behind `&` stays there.
  ///
  /// - Parameters:
  ///   - begin: Is called for each command that goes on, and `end` when it has ended.
  /// - Returns: The exit status.
  package func run(
    _ words: [String], within surroundings: @escaping (_ body: () -> Void) -> Void,
    begin: () -> Void, end: @escaping () -> Void
  ) -> Int32 {
    let job = interpreter.startingJob
    let before = job?.watches.count ?? 0
    var status: Int32 = 0
    surroundings { status = interpreter.run(words: words, output: output, input: input) }
    guard let job else { return status }
    for place in before..<job.watches.count {
      begin()
      job.watches[place] = job.watches[place].within(surroundings, end: end)
    }
    return status
  }
}

extension Interpreter {
  /// How long nothing may come to a watch in the foreground of a batch.
  private static var patience: UInt64 { 60_000_000_000 }
  /// How long such a watch may last in all.
  private static var longest: UInt64 { 3_600_000_000_000 }
  /// How far time goes at once where somebody waits for it.
  private static var pace: UInt64 { 100_000_000 }

  /// Lets virtual time pass as `Invocation.pass` does.
  func pass(nanoseconds: UInt64, isPaced: Bool) -> Bool {
    var rest = nanoseconds
    while rest > 0, !host.isInterrupted() {
      let step = min(rest, stepLength(isPaced))
      if isPaced { host.pause(step) }
      if host.isInterrupted() { break }
      letTimePass(step)
      elapsed &+= step
      rest -= step
      pollJobs()
    }
    return !host.isInterrupted()
  }

  /// Runs a watch in the foreground; returns its exit status.
  func follow(_ watch: Watch, _ output: Output) -> Int32 {
    var quiet: UInt64 = 0
    var total: UInt64 = 0
    var wasDue = true
    while true {
      let written = output.pieces
      guard watch.poll(), !host.isInterrupted(), !output.isClosed else { return watch.finish() }
      if output.pieces != written && !wasDue { quiet = 0 }
      if !isInteractive && !watch.isBounded && (quiet >= Self.patience || total >= Self.longest) {
        return watch.finish()
      }
      let due = watch.due()
      let step = min(max(1, due ?? .max), stepLength(true), Self.patience)
      wasDue = step == due
      guard pass(nanoseconds: step, isPaced: true) else { return watch.finish() }
      quiet += step
      total += step
    }
  }

  /// How far time may go before jobs are asked again, and ^C.
  private func stepLength(_ isPaced: Bool) -> UInt64 {
    if isPaced && isInteractive { return Self.pace }
    let dues = jobs.lazy.flatMap(\.watches).compactMap { $0.due() }
    guard isPaced || jobs.contains(where: \.isRunning) else { return Self.longest }
    return max(1, min(dues.min() ?? .max, timeToNextEvent() ?? .max, Self.longest))
  }
}
