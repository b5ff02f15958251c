// SPDX-License-Identifier: BSD-2-Clause

/// What stood before a `&`: a command that goes on, or one that was run to its end.
final class Job {
  /// What `%N` names.
  let number: Int
  /// Its process id, of which nothing else here has the same.
  let pid: Int
  /// The command as typed.
  let text: String
  /// What goes on in it.
  var watches: [Watch] = []
  /// Whether its command has been run: before that it has nothing to go on with yet.
  var isStarted = false
  /// The exit status once it has ended.
  var status: Int32?
  /// The signal that ended it, if the command did not catch it.
  var signal: Int32?
  /// Whether a person was told that it ended.
  var isReported = false
  /// Closes the files and programs that it writes to.
  var close: [() -> Void] = []

  init(number: Int, pid: Int, text: String) {
    self.number = number
    self.pid = pid
    self.text = text
  }

  var isRunning: Bool { status == nil }

  /// How `jobs` shows it.
  var state: String {
    if let signal { return Signal.text(of: signal) }
    return switch status {
    case nil: "Running"
    case 0?: "Done"
    case let status?: "Done (\(status))"
    }
  }
}

extension Interpreter {
  /// How many jobs that ended are kept for `wait`.
  private static var endedJobsKept: Int { 64 }

  /// Runs what stands before a `&`: it goes on as a job if a command in it does, else to its end.
  func runInBackground(_ text: String, _ body: () -> Int32) {
    let ended = jobs.filter { !$0.isRunning }
    for old in ended.dropLast(Self.endedJobsKept) { jobs.removeAll { $0 === old } }
    let job = Job(
      number: (1...).first { number in !jobs.contains { $0.number == number } } ?? 0,
      pid: takeProcessID(), text: text)
    jobs.append(job)
    lastBackground = job.pid
    let outer = startingJob
    startingJob = job
    let result = body()
    startingJob = outer
    job.isStarted = true
    if job.watches.isEmpty { end(job, status: result) }
    pollJobs()
  }

  /// Lets each job show what came; one whose command ended is over.
  package func pollJobs() {
    guard !jobs.isEmpty, !isPollingJobs else { return }
    isPollingJobs = true
    defer { isPollingJobs = false }
    for job in jobs where job.isRunning && job.isStarted {
      var last: Int32 = 0
      job.watches.removeAll { watch in
        if watch.poll() { return false }
        last = watch.finish()
        return true
      }
      if job.watches.isEmpty { end(job, status: last) }
    }
  }

  /// Ends a job as a signal does: a command that does not catch ^C has the status of that signal.
  func finish(_ job: Job, signal: Int32 = 2) {
    guard job.isRunning else { return }
    var last: Int32 = 0
    for watch in job.watches {
      _ = watch.poll()
      last = watch.finish()
    }
    if last == 128 + 2 { (last, job.signal) = (128 + signal, signal) }
    end(job, status: last)
  }

  /// Ends the jobs that still run, in their order; the last thing a shell does.
  package func finishJobs() {
    for job in jobs { finish(job) }
  }

  /// The jobs that go on and were begun after a process id was taken.
  func jobs(since process: Int) -> [Job] {
    jobs.filter { $0.isRunning && $0.isStarted && $0.pid > process }
  }

  /// Waits, as who reads what they write does, for the jobs that were begun since.
  func waitForJobs(since process: Int) {
    for job in jobs(since: process) { _ = wait(for: job) }
  }

  /// Waits in virtual time for a job; nil if ^C came first.
  func wait(for job: Job) -> Int32? {
    let watch = Watch {
      job.isRunning
    } finish: {
      job.status ?? 0
    }
    guard job.isRunning else { return job.status }
    let status = follow(watch, output)
    if job.isRunning && !host.isInterrupted() {
      finish(job)
      return job.status
    }
    return job.isRunning ? nil : status
  }

  private func end(_ job: Job, status: Int32) {
    job.watches = []
    job.status = status
    for close in job.close { close() }
    job.close = []
  }

  /// The job that `%N`, `%%`, `%+`, `%-`, `%name` or a process id means.
  func job(named word: String) -> Job? {
    guard word.hasPrefix("%") else { return jobs.first { String($0.pid) == word } }
    let name = word.dropFirst()
    switch name {
    case "", "%", "+": return jobs.last
    case "-": return jobs.dropLast().last
    default:
      if let number = Int(name) { return jobs.first { $0.number == number } }
      if name.hasPrefix("?") { return jobs.last { $0.text.contains(name.dropFirst()) } }
      return jobs.last { $0.text.hasPrefix(name) }
    }
  }

  /// One line of `jobs`.
  func line(of job: Job, withProcess: Bool = false) -> String {
    let mark = job === jobs.last ? "+" : job === jobs.dropLast().last ? "-" : " "
    let start = "[\(job.number)] \(mark) " + (withProcess ? "\(job.pid) " : "") + job.state
    return start.padRight(to: max(30, start.utf8.count + 1)) + job.text + "\n"
  }

  /// Before a prompt: says which jobs have ended since the last one.
  func reportEndedJobs() {
    for job in jobs where !job.isRunning && !job.isReported { output.write(line(of: job)) }
    jobs.removeAll { !$0.isRunning }
  }

  /// A number no process of this shell had; the same script gives the same numbers.
  package func takeProcessID() -> Int {
    lastProcess += 1
    return lastProcess
  }
}
