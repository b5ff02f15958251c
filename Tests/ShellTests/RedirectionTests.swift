// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Testing

@Suite("redirections and pipes") struct RedirectionTests {
  /// A line, what is still shown, and what the files hold.
  struct Case: Sendable, CustomTestStringConvertible {
    let line: String
    let shown: String
    let files: [String: String]

    init(_ line: String, _ shown: String, _ files: [String: String]) {
      self.line = line
      self.shown = shown
      self.files = files
    }

    var testDescription: String { line }
  }

  @Test(arguments: [
    Case("both 0 >f", "err\n", ["f": "out\n"]),
    Case("both 0 1>f", "err\n", ["f": "out\n"]),
    Case("both 0 2>f", "out\n", ["f": "err\n"]),
    Case("both 0 >f 2>&1", "", ["f": "out\nerr\n"]),
    Case("both 0 2>&1 >f", "err\n", ["f": "out\n"]),
    Case("both 0 >f 2>g", "", ["f": "out\n", "g": "err\n"]),
    Case("both 0 2>f >&2", "", ["f": "out\nerr\n"]),
    Case("both 0 >'a b'", "err\n", ["a b": "out\n"]),
    // A digit right before `>` is a descriptor.
    Case("words 0>f a", "<a>\n", ["f": ""]),
    Case("words 12>f", "", ["f": "<12>\n"]),
    Case("words a >f; words b >>f", "", ["f": "<a>\n<b>\n"]),
    Case("words a >f; words b >f", "", ["f": "<b>\n"]),
    Case("words a >|f", "", ["f": "<a>\n"]),
    Case("> f", "", ["f": ""]),
    Case("words > f a", "", ["f": "<a>\n"]),
    Case("twice words a > f", "", ["f": "<a>\n<a>\n"]),
    Case("nonesuch 2>f", "", ["f": "nonesuch: not found\n"]),
    Case("words >/locked/f", "cannot create /locked/f: Permission denied\n", [:]),
    Case("words >f$? x", "", ["f0": "<x>\n"]),
  ]) func sendsStreams(_ test: Case) {
    let rig = Rig()
    #expect(rig.run(test.line) == test.shown)
    #expect(rig.files.contents == test.files)
  }

  @Test(arguments: [
    Case("cry 2>f", "captured \n", ["f": "cried\n"]),
    Case("(cry) >f 2>&1", "", ["f": "captured \ncried\n"]),
    Case("x=$(cry 2>&1); words \"$x\"", "<captured \ncried>\n", [:]),
    Case("{ cry | words; } 2>f", "\nstdin: captured \n", ["f": "cried\n"]),
  ]) func sendsErrorsOfHostPrograms(_ test: Case) {
    let rig = Rig()
    rig.shell.allowsHostPrograms = true
    #expect(rig.run(test.line) == test.shown)
    #expect(rig.files.contents == test.files)
  }

  /// A file is open as long as a job may write to it, and what reads waits for that.
  @Test(arguments: [
    Case(
      "{ watcher 1 & } >f; { words a; pass 5; } >g", "",
      ["f": "watching\nevent at 3\nwatched\n", "g": "<a>\n"]),
    Case(
      "go() { watcher 1 & watcher 2 & }; go >f; pass 99; words b", "<b>\n",
      [
        "f":
          "watching\nwatching\nevent at 3\nwatched\nevent at 40\nevent at 90\nwatched\n"
      ]),
    Case(
      "x=$(watcher 1 & words a); words \"$x\"",
      "<watching\n<a>\nevent at 3\nwatched>\n", [:]),
    Case(
      "{ watcher 1 & } | words", "\nstdin: watching\nstdin: event at 3\nstdin: watched\n", [:]),
  ]) func jobsKeepTheirFiles(_ test: Case) {
    let rig = Rig()
    rig.bench.events = [3, 40, 90].map { $0 * 1_000_000_000 }
    #expect(rig.run(test.line) == test.shown)
    #expect(rig.files.contents == test.files)
  }

  @Test func readsStdin() {
    let rig = Rig(stdin: "one\ntwo")
    rig.files.contents["f"] = "a\nb\n\n"
    #expect(
      rig.run("words x <f; words y") == """
        <x>
        stdin: a
        stdin: b
        stdin:\u{20}
        <y>
        stdin: one
        stdin: two

        """)
    #expect(
      rig.run("words <none; words $?").hasSuffix(
        "cannot open none: No such file or directory\n<2>\n"))
  }

  @Test func batchesRefuseHostPrograms() {
    let rig = Rig()
    #expect(rig.run("words a | wc -l; words $?") == "wc -l: host programs need --exec\n<2>\n")
    #expect(rig.files.programs.isEmpty)
  }

  @Test(arguments: [
    ("words a | wc -l", "wc -l"),
    ("words a | grep 'x;y' | sort -u; true", "grep 'x;y' | sort -u"),
    ("words a |\n wc && true", "wc"),
    ("words a | sed s/a/$b/ > out 2>&1 # comment", "sed s/a/$b/ > out 2>&1"),
    ("words a | (tail; echo b) | tac", "(tail; echo b) | tac"),
    ("words a | tail || true", "tail"),
  ]) func passesTheRestAsItIs(line: String, program: String) {
    let rig = Rig()
    rig.shell.allowsHostPrograms = true
    #expect(rig.run(line).isEmpty)
    #expect(rig.files.programs.map(\.text) == [program])
    #expect(rig.files.programs.map(\.input) == ["<a>\n"])
  }

  @Test func aPipeHasTheStatusOfTheProgram() {
    let rig = Rig()
    rig.shell.allowsHostPrograms = true
    #expect(rig.run("both 0 | fail; words $?; both 5 2>&1 | tail; words $?") == "err\n<3>\n<0>\n")
    #expect(rig.files.programs.map(\.input) == ["out\n", "out\nerr\n"])
  }

  @Test func aReaderThatLeavesIsSeen() {
    let output = Output { stream, _ in stream == .error }
    output.writeError("x")
    #expect(!output.isClosed)
    output.write("x")
    #expect(output.isClosed)
  }
}
