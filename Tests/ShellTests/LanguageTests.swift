// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Testing

/// A line and what it shows.
struct LineCase: Sendable, CustomTestStringConvertible {
  let line: String
  let shown: String
  let status: Int32

  init(_ line: String, _ shown: String, status: Int32 = 0) {
    self.line = line
    self.shown = shown
    self.status = status
  }

  var testDescription: String { line }
}

@Suite("words of sh(1)") struct WordTests {
  @Test(arguments: [
    LineCase("words a  b\tc", "<a><b><c>\n"),
    LineCase("words 'a b' \"c d\"", "<a b><c d>\n"),
    LineCase("words a'b'\"c\"d", "<abcd>\n"),
    LineCase("words '' \"\" x", "<><><x>\n"),
    LineCase(##"words a\ b \'c \\ \#n"##, ##"<a b><'c><\><#n>"## + "\n"),
    LineCase(#"words "a\"b\\c\$d\e""#, #"<a"b\c$d\e>"# + "\n"),
    LineCase(#"words 'a\b"c$?'"#, #"<a\b"c$?>"# + "\n"),
    LineCase("words a\\\nb", "<ab>\n"),
    LineCase("words a \\\n b", "<a><b>\n"),
    LineCase("words \"a\\\nb\"", "<ab>\n"),
    LineCase("words 'a\nb'", "<a\nb>\n"),
    LineCase("words a\\", "<a>\n"),
    LineCase("# words a", ""),
    LineCase("words a # b", "<a>\n"),
    LineCase("words 10.0.0.1#53 a#b", "<10.0.0.1#53><a#b>\n"),
    LineCase("words '#' a", "<#><a>\n"),
    LineCase("   ", ""),
    LineCase("words { 1.2.3.4 or 5.6.7.8 } ! src", "<{><1.2.3.4><or><5.6.7.8><}><!><src>\n"),
    LineCase("words * ? [a] ~ a=b", "<*><?><[a]><~><a=b>\n"),
    LineCase("words \\( a \\) '&&' \\; \\|", "<(><a><)><&&><;><|>\n"),
    LineCase("words \"a\\}\" ${x:-\\}}", "<a\\}><}>\n"),
    LineCase("words if then fi", "<if><then><fi>\n"),
    LineCase("words $ a$ $% \"$\"", "<$><a$><$%><$>\n"),
    LineCase("words $? a$?b \"$?\" ${?}", "<0><a0b><0><0>\n"),
    LineCase("words héllo ✓", "<héllo><✓>\n"),
    LineCase("/sbin/words a", "<a>\n"),
    LineCase("words 2 3x", "<2><3x>\n"),
    LineCase("words a\r\nwords b\n\n\nwords c", "<a>\n<b>\n<c>\n"),
  ]) func splits(_ test: LineCase) {
    #expect(Rig().run(test.line) == test.shown)
  }

  @Test(arguments: [
    LineCase("words 'a", "Syntax error: Unterminated quoted string\n"),
    LineCase("words \"a", "Syntax error: Unterminated quoted string\n"),
    LineCase("words ${a", "Syntax error: Missing '}'\n"),
    LineCase("words ${a:-b", "Syntax error: Missing '}'\n"),
    LineCase("words $(a", "Syntax error: end of file unexpected (expecting \")\")\n"),
    LineCase("words $((1", "Syntax error: Missing '))'\n"),
    LineCase("words `a", "Syntax error: EOF in backquote substitution\n"),
    LineCase("words `if`", "Syntax error: end of file unexpected\n"),
    LineCase("words a &&", "Syntax error: end of file unexpected\n"),
    LineCase("words a ||\n\n", "Syntax error: end of file unexpected\n"),
    LineCase("words a |", "Syntax error: end of file unexpected\n"),
    LineCase("words a; && b", "Syntax error: \"&&\" unexpected\n"),
    LineCase("; words a", "Syntax error: \";\" unexpected\n"),
    LineCase("words a ;; b", "Syntax error: \";;\" unexpected\n"),
    LineCase("words a )", "Syntax error: \")\" unexpected\n"),
    LineCase("words a ( b )", "Syntax error: \"(\" unexpected\n"),
    LineCase("words (", "Syntax error: newline unexpected (expecting \")\")\n"),
    LineCase("f() )", "Syntax error: \")\" unexpected\n"),
    LineCase("words >", "Syntax error: newline unexpected\n"),
    LineCase("words > ; a", "Syntax error: \";\" unexpected\n"),
    LineCase("words 5>", "Syntax error: newline unexpected\n"),
    LineCase("words >&x", "Syntax error: Bad fd number\n"),
    LineCase("words <<''", "Syntax error: Illegal eof marker for << redirection\n"),
    LineCase("done", "Syntax error: \"done\" unexpected\n"),
    LineCase("{ words a", "Syntax error: end of file unexpected (expecting \"}\")\n"),
    LineCase("(words a", "Syntax error: end of file unexpected (expecting \")\")\n"),
    LineCase("if ; then", "Syntax error: \";\" unexpected\n"),
    LineCase("if true; fi", "Syntax error: \"fi\" unexpected (expecting \"then\")\n"),
    LineCase("if true; then", "Syntax error: end of file unexpected (expecting \"fi\")\n"),
    LineCase("if true\nthen true; done", "Syntax error: \"done\" unexpected (expecting \"fi\")\n"),
    LineCase("while true; done", "Syntax error: \"done\" unexpected (expecting \"do\")\n"),
    LineCase("for 1 in a; do", "Syntax error: Bad for loop variable\n"),
    LineCase("for i in a; then", "Syntax error: \"then\" unexpected (expecting \"do\")\n"),
    LineCase("for i in a )", "Syntax error: \")\" unexpected\n"),
    LineCase("case a is", "Syntax error: expecting \"in\"\n"),
    LineCase("case a in a; esac", "Syntax error: \";\" unexpected (expecting \")\")\n"),
    LineCase("case a in a) words", "Syntax error: end of file unexpected (expecting \";;\")\n"),
  ]) func refuses(_ test: LineCase) {
    let rig = Rig()
    #expect(rig.run(test.line) == test.shown)
    #expect(rig.shell.exitStatus == 2)
    #expect(rig.transcript.out.isEmpty)
  }
}

@Suite("command lines") struct LineTests {
  @Test(arguments: [
    LineCase("true; words a", "<a>\n"),
    LineCase("false; words $?", "<1>\n"),
    LineCase("false && words a", "", status: 1),
    LineCase("false || words a", "<a>\n"),
    LineCase("true || words a", ""),
    LineCase("true && false || words b", "<b>\n"),
    LineCase("false && words a && words b || words c", "<c>\n"),
    LineCase("true &&\n\n # comment\n words a", "<a>\n"),
    LineCase("! true", "", status: 1),
    LineCase("! false && words a", "<a>\n"),
    LineCase("! ! true", ""),
    LineCase("both 3; words $?", "out\nerr\n<3>\n"),
    LineCase("nonesuch", "nonesuch: not found\n", status: 127),
    LineCase("''", ": not found\n", status: 127),
    LineCase("/", "/: not found\n", status: 127),
    LineCase("exit 3; words a", "", status: 3),
    LineCase("false; exit", "", status: 1),
    LineCase("both 4; quit", "out\nerr\n", status: 4),
    LineCase("exit x", "exit: Illegal number: x\n", status: 2),
    LineCase("exit 1 2", "usage: exit [status]\n", status: 2),
    LineCase("exit 256", ""),
    LineCase("set -e; false; words a", "", status: 1),
    LineCase("set -e; false || true; words a", "<a>\n"),
    LineCase("set -e; false && true; words a", "<a>\n"),
    LineCase("set -e; true && false; words a", "", status: 1),
    LineCase("set -e; ! true; words a", "<a>\n"),
    LineCase("set -e; set +e; false; words a", "<a>\n"),
    LineCase("set -q", "set: Illegal option -q\n", status: 2),
    LineCase("echo a b; echo -n c; echo", "a b\nc\n"),
    LineCase(":; words $?", "<0>\n"),
    LineCase("twice words a", "<a>\n<a>\n"),
    LineCase("twice both 3", "out\nerr\nout\nerr\n", status: 3),
    LineCase("twice nonesuch", "nonesuch: not found\nnonesuch: not found\n", status: 127),
    LineCase("twice twice 'words' 'a b'", "<a b>\n<a b>\n<a b>\n<a b>\n"),
    LineCase("captured words a; words $?", "0 \"<a>\\n\"\n<0>\n"),
    LineCase("captured both 2; true", "2 \"out\\n\"\n", status: 1),
  ]) func runs(_ test: LineCase) {
    let rig = Rig()
    #expect(rig.run(test.line) == test.shown)
    #expect(rig.shell.exitStatus == test.status)
  }

  @Test func namesTheLineOfAFile() {
    let text =
      "true\nnonesuch\n'two\nlines'; words >/locked/x\nlink em9 mtu 100\nif true\nthen\n  exit q\nfi\n"
    #expect(
      Rig().run(text, file: "f.fsh") == """
        f.fsh: 2: nonesuch: not found
        f.fsh: 3: two
        lines: not found
        f.fsh: 4: cannot create /locked/x: Permission denied
        link: name em9 does not exist
        f.fsh: 8: exit: Illegal number: q

        """)
    #expect(
      Rig().run("true\nif x\nwords )\n", file: "f")
        == "f: 3: Syntax error: \")\" unexpected (expecting \"then\")\n")
  }

  @Test func aPersonGoesOnAfterAnError() {
    let rig = Rig()
    rig.shell.isInteractive = true
    #expect(rig.run("words )\nwords $?") == "Syntax error: \")\" unexpected\n<2>\n")
  }

  @Test func suggestsOnlyAtATerminal() {
    #expect(Rig(columns: 80).run("wrods") == "wrods: not found\ndid you mean words?\n")
    #expect(Rig(columns: 80).run("xyzzy") == "xyzzy: not found\n")
    #expect(Rig().run("wrods") == "wrods: not found\n")
  }

  @Test func asksForMoreLinesOnlyWhenTheyAreNeeded() {
    let rig = Rig()
    var lines = ["words a", "words 'b", "c' &&", "words d \\", "e", "exit"]
    var asked: [Bool] = []
    rig.shell.run { isContinuation in
      asked.append(isContinuation)
      return lines.isEmpty ? .end : .line(lines.removeFirst())
    }
    #expect(rig.transcript.all == "<a>\n<b\nc>\n<d><e>\n")
    #expect(asked == [false, false, true, true, true, false])
  }

  @Test func interruptDropsTheLine() {
    let rig = Rig()
    rig.shell.isInteractive = true
    var reads: [LineRead] = [
      .line("words 'a"), .interrupted, .line("words $?"), .interrupted, .line("words $? b"),
    ]
    rig.shell.run { _ in reads.isEmpty ? .end : reads.removeFirst() }
    #expect(rig.transcript.all == "<130>\n<130><b>\n")
  }

  @Test func interruptEndsABatch() {
    let rig = Rig()
    rig.shell.didRun = { _, _ in rig.files.isInterrupted = true }
    #expect(rig.run("words a; words b\nwords c") == "<a>\n")
    #expect(rig.shell.exitStatus == 130)
  }

  @Test func interruptEndsASourceAndReturnsToThePerson() {
    let rig = Rig()
    rig.shell.isInteractive = true
    rig.files.contents["f"] = "words a\nwords b\n"
    rig.shell.didRun = { command, _ in
      if command.name == "words" { rig.files.isInterrupted = true }
    }
    #expect(rig.run("source f\ntrue\nwords $?") == "<a>\n\n<0>\n")
  }

  @Test func sourcesRunInPlace() {
    let rig = Rig()
    rig.files.contents = ["a": "words a\n. b\nfalse\n", "b": "words b\nnonesuch"]
    #expect(rig.run("source a; words $?") == "<a>\n<b>\nb: 2: nonesuch: not found\n<1>\n")
  }

  @Test func sourcesEndSomewhere() {
    let rig = Rig()
    rig.files.contents = ["a": "source a", "b": "exit 5"]
    #expect(rig.run("source a") == "a: 1: source: a: too many levels of source\n")
    #expect(rig.run("source b; words x").hasSuffix("source\n"))
    #expect(rig.shell.exitStatus == 5)
  }

  @Test func unreadableFilesAreErrors() {
    let rig = Rig()
    #expect(
      rig.run("source x") == "source: cannot open x: No such file or directory\n")
    #expect(rig.shell.status == 2)
    #expect(rig.shell.run(script: "y") == 2)
    #expect(rig.transcript.all.hasSuffix("fibsh: cannot open y: No such file or directory\n"))
  }

  @Test func announcesEachCommand() {
    let rig = Rig()
    var seen: [String] = []
    rig.shell.willRun = { command, words in seen.append("\(command.effect) \(words)") }
    rig.shell.didRun = { command, status in seen.append("\(command.name) \(status)") }
    #expect(rig.run("twice link em0 mtu 100").isEmpty)
    #expect(seen.first == #"reads ["twice", "link", "em0", "mtu", "100"]"#)
    #expect(seen.dropFirst().first == #"changes ["link", "em0", "mtu", "100"]"#)
    #expect(seen.suffix(2) == ["link 0", "twice 0"])
  }

  /// A linear congruential generator; the seed is the test's argument.
  @Test(arguments: 1...50) func noTextTraps(seed: UInt64) {
    let pieces = ["words", " ", "'", "\"", "\\", "$", "?", "{", "}", "(", ")", "|", "&", ";", "\n"]
    let more = [
      ">", "<", "2", "!", "#", "`", "link ", "stat -I", "conf em0 alias ", "é", "=", "\0",
    ]
    var state = seed
    let text = (0..<200).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (pieces + more)[Int(state >> 33) % (pieces.count + more.count)]
    }.joined()
    let rig = Rig()
    rig.shell.isInteractive = true
    rig.shell.allowsHostPrograms = true
    rig.shell.run(text: text)
    let found = Commands.registry.complete(text, rig.bench, rig.files.host)
    #expect(found.typedLength <= text.unicodeScalars.count)
    #expect((0...255).contains(rig.shell.exitStatus))
  }
}
