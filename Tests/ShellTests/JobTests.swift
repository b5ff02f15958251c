// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Testing

@Suite("jobs and time") struct JobTests {
  private func rig(events: [UInt64] = []) -> Rig {
    let rig = Rig()
    rig.bench.events = events.map { $0 * 1_000_000_000 }
    return rig
  }

  @Test(arguments: [
    // In the foreground of a batch a watch ends after a minute without news.
    LineCase("watcher; words $?", "watching\nevent at 3\nevent at 40\nevent at 90\nwatched\n<0>\n"),
    LineCase("watcher 2; words $?", "watching\nevent at 3\nevent at 40\nwatched\n<5>\n"),
    // Behind & it goes on.
    LineCase(
      "watcher & words a; pass 50; words b", "watching\n<a>\nevent at 3\nevent at 40\n<b>\n"),
    LineCase(
      "watcher $(echo 1; pass 1) & pass 5; words b",
      "watching\nevent at 3\nwatched\n<b>\n"),
    LineCase("twice watcher 1 & pass 5", "watching\nwatching\nevent at 3\nwatched\n"),
    LineCase("watcher & pass 3; kill -INT %1; words $?", "watching\nevent at 3\nwatched\n<0>\n"),
    LineCase("watcher & kill 1001; pass 5", "watching\nwatched\n"),
    LineCase("watcher & kill -0 %1; kill %2", "watching\nNo such job: %2\n", status: 2),
    LineCase(
      "watcher 1 & pass 5; kill %1", "watching\nevent at 3\nwatched\nkill: %1: No such process\n",
      status: 1),
    LineCase("watcher 1 & wait; words $?", "watching\nevent at 3\nwatched\n<0>\n"),
    LineCase("watcher 1 & wait 1001", "watching\nevent at 3\nwatched\n", status: 5),
    LineCase(
      "watcher 1 & wait %1; wait %1",
      "watching\nevent at 3\nwatched\nNo such job: %1\n", status: 2),
    // wait ends what never ends by itself, too.
    LineCase(
      "watcher & wait",
      "watching\nevent at 3\nevent at 40\nevent at 90\nwatched\n"),
    LineCase(
      "watcher & words a & jobs; fg %1",
      """
      watching
      <a>
      [1] - Running                 watcher
      [2] + Done                    words a
      watcher
      event at 3
      event at 40
      event at 90
      watched

      """),
    LineCase("watcher 2>x >f & pass 5; jobs -l", "[1] + 1001 Running            watcher 2>x >f\n"),
    LineCase(
      "both 3 & words $?; jobs; jobs", "out\nerr\n<0>\n[1] + Done (3)                both 3\n"),
    LineCase("both 3 & wait %both", "out\nerr\n", status: 3),
    LineCase("exit 3 & words a", "<a>\n"),
    LineCase("ticker & pass 2; words a; pass 1", "0 s\n1 s\n2 s\n<a>\n3 s\n"),
    LineCase(
      "kill",
      "usage: kill [-s signal_name] pid ...\n       kill -l [exit_status]\n"
        + "       kill -signal_name pid ...\n       kill -signal_number pid ...\n", status: 1),
    LineCase("kill 77 x", "kill: 77: No such process\nkill: illegal process id: x\n", status: 1),
    LineCase(
      "kill -FOO 1; kill -l 77",
      """
      kill: unknown signal FOO; valid signals:
      HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM
      URG STOP TSTP CONT CHLD TTIN TTOU IO XCPU XFSZ VTALRM PROF WINCH INFO USR1 USR2
      kill: unknown signal 77; valid signals:
      HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM
      URG STOP TSTP CONT CHLD TTIN TTOU IO XCPU XFSZ VTALRM PROF WINCH INFO USR1 USR2

      """, status: 1),
    LineCase("kill -l 130; kill -l 9", "INT\nKILL\n"),
    LineCase(
      "kill -s",
      "kill: option requires an argument -- s\nusage: kill [-s signal_name] pid ...\n"
        + "       kill -l [exit_status]\n       kill -signal_name pid ...\n"
        + "       kill -signal_number pid ...\n", status: 1),
    LineCase("fg", "No such job: %%\n", status: 2),
  ]) func goOn(_ test: LineCase) {
    let rig = rig(events: [3, 40, 90, 200])
    #expect(rig.run(test.line) == test.shown)
    #expect(rig.shell.status == test.status)
  }

  @Test func theTimePassesInStepsThatJobsSee() {
    let rig = rig(events: [3, 40])
    #expect(rig.run("ticker >f & watcher & pass 45") == "watching\nevent at 3\nevent at 40\n")
    #expect(rig.files.contents["f"]?.split(separator: "\n").count == 46)
    #expect(rig.bench.now == 45_000_000_000)
  }

  @Test func jobsEndInOrderWithTheShell() {
    let rig = rig()
    _ = rig.run("watcher & ticker >f & watcher >>f &")
    rig.shell.finishJobs()
    #expect(rig.transcript.all == "watching\nwatched\n")
    #expect(rig.files.contents["f"] == "0 s\nwatching\nwatched\n")
  }

  @Test func aPersonWaitsInRealTimeAndStopsByInterrupt() {
    let rig = rig(events: [1])
    rig.shell.isInteractive = true
    rig.files.whilePausing = { rig.files.isInterrupted = rig.files.pauses.count == 15 }
    #expect(rig.run("watcher; words a\nwords $?").hasSuffix("event at 1\nwatched\n\n<130>\n"))
    #expect(rig.files.pauses == Array(repeating: 100, count: 15))
  }

  @Test func aPersonIsToldOfJobsThatEnded() {
    let rig = rig(events: [1])
    rig.shell.isInteractive = true
    #expect(
      rig.run("watcher 1 &\npass 2\nwords a\nwords b") == """
        watching
        event at 1
        watched
        [1] + Done (5)                watcher 1
        <a>
        <b>

        """)
  }

  @Test func oldJobsAreForgotten() {
    let rig = rig()
    _ = rig.run(String(repeating: "true & ", count: 1000) + "jobs")
    #expect(rig.transcript.all.split(separator: "\n").count <= 66)
  }
}
