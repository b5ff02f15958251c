// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Testing

@Suite("here documents, descriptors and internal pipes") struct StreamTests {
  @Test(arguments: [
    LineCase(
      "words <<EOF\na $((1+1)) $(echo x) \"q\" 'r' \\$y\nEOF\nwords b",
      "\nstdin: a 2 x \"q\" 'r' $y\n<b>\n"),
    LineCase("words <<'EOF'\na $x `y` \\z\nEOF", "\nstdin: a $x `y` \\z\n"),
    LineCase("words <<-EOF\n\t\ta\n\tEOF\nwords b", "\nstdin: a\n<b>\n"),
    LineCase("words <<A; words <<B\na\nA\nb\nB", "\nstdin: a\n\nstdin: b\n"),
    LineCase("words <<A <<B\na\nA\nb\nB", "\nstdin: b\n"),
    LineCase("words <<EOF && words c\na\nEOF\nwords d", "\nstdin: a\n<c>\n<d>\n"),
    LineCase("if true; then words <<EOF\na\nEOF\nwords b; fi", "\nstdin: a\n<b>\n"),
    LineCase(
      "x=1; f() { words <<EOF\n$x $1\nEOF\n}; f a; x=2; f b", "\nstdin: 1 a\n\nstdin: 2 b\n"),
    LineCase("for i in 1 2; do words <<EOF; done\n$i\nEOF", "\nstdin: 1\n\nstdin: 2\n"),
    LineCase("words <<EOF\nno end", "\nstdin: no end\n"),
    LineCase("words <<EOF\n$(if\nEOF\nwords on", "Syntax error: end of file unexpected\n<on>\n"),
    LineCase("words a | words b", "<b>\nstdin: <a>\n"),
    LineCase(
      "cat <<EOF\na $((1+1))\nEOF\necho b >f; cat f none - <f; words $?",
      "a 2\nb\ncat: none: No such file or directory\nb\n<1>\n"),
    LineCase(
      "both 3 | words b; words $?; true | both 4; words $?",
      "err\n<b>\nstdin: out\n<0>\nout\nerr\n<4>\n"),
    LineCase(
      "both 0 2>&1 | words | words c", "<c>\nstdin: \nstdin: stdin: out\nstdin: stdin: err\n"),
    LineCase(
      "words a | while read x; do words got $x; done; words ${x-none}", "<got><<a>>\n<none>\n"),
    LineCase("{ words a; words b; } | { read x; echo $x; }", "<a>\n"),
    LineCase(
      "f() { words f; }; f | words; words $(words a | words b)",
      "\nstdin: <f>\n<<b>><stdin:><<a>>\n"),
    LineCase("! true | false; words $?; ! words a | false", "<0>\n"),
    LineCase("set -e; false | true; words a; true | false; words no", "<a>\n", status: 1),
    LineCase("words a | nonesuch", "nonesuch: host programs need --exec\n", status: 2),
    LineCase("read a b c <<EOF\n1  2 3 4 \nEOF\nwords \"$a\" \"$b\" \"$c\"", "<1><2><3 4>\n"),
    LineCase("IFS=: read a b <<EOF\nx:y:z\nEOF\nwords $a $b", "<x><y:z>\n"),
    LineCase("IFS=:; read a b <<EOF\nx:y:\nEOF\nwords $a $b", "<x><y>\n"),
    LineCase(
      "read a <<EOF\n a\\ b\\\nc d\nEOF\nwords \"$a\"; read -r a <<EOF\na\\b\nEOF\nwords \"$a\"",
      "<a bc d>\n<a\\b>\n"),
    LineCase(
      "read a b </dev/none; words $?; echo x >f; read a b <f; words $? $a \"$b\"; read a <g",
      "cannot open /dev/none: No such file or directory\n<2>\n<0><x><>\ncannot open g: No such file or directory\n",
      status: 2),
    LineCase("read", "read: arg count\n", status: 2),
    LineCase(
      "while read x; do words $x; done <f; words $?; read x <f; words $? \"$x\"",
      "cannot open f: No such file or directory\n<2>\ncannot open f: No such file or directory\n<2><>\n"
    ),
    LineCase(
      "exec 3>f; words a >&3; words b 1>&3; exec 3>&-; words c >&3; words < f",
      "3: Bad file descriptor\n\nstdin: <a>\nstdin: <b>\n"),
    LineCase("{ both 0 3>&1 1>&2 2>&3; } 2>f", "err\n"),
    LineCase("exec >f; words a; both 0; exec 2>&1; both 0", "err\n"),
    LineCase("exec <<EOF\nline\nEOF\nread x; words $x", "<line>\n"),
    LineCase("words a 2>&1 >&2 | words; both 0 >&- 2>&-; words b", "\nstdin: <a>\n<b>\n"),
    LineCase(
      "n=f; words a >$n; words <\"$n\"; words b >>${n}; words <>$n",
      "\nstdin: <a>\n\nstdin: <a>\nstdin: <b>\n"),
    LineCase("words <&-; words a 9>&8", "\n8: Bad file descriptor\n", status: 2),
    LineCase("words >&$x", "Syntax error: Bad fd number\n", status: 2),
    LineCase(
      "for i in 1 2; do words $i; done >f; while read x; do echo \"$x\"; done <f", "<1>\n<2>\n"
    ),
    LineCase(
      "if words a; then words b; fi >/locked/x; words $?",
      "cannot create /locked/x: Permission denied\n<2>\n"),
    LineCase(
      "printf '%s-%s\\n' a b c; printf '%5d|%-5d|%05d|%x|%o|%X\\n' 42 -1 7 255 8 171",
      "a-b\nc-\n   42|-1   |00007|ff|10|AB\n"),
    LineCase(
      "printf '%c%%%b\\t%.2s|%*d\\n' xyz 'a\\0101\\n' abc 4 7; printf; printf 'a\\n' x",
      "x%aA\n\tab|   7\nusage: printf format [arguments ...]\na\n"),
    LineCase(
      "printf '%d\\n' x 1x; printf '%y'; printf %; printf '%d %d' 0x10 010; printf '%i' \"'a\"",
      "0\n1\nprintf: x: expected numeric value\nprintf: 1x: not completely converted\n"
        + "printf: illegal format character y\nprintf: missing format character\n16 897"),
    LineCase(
      "printf '%f' 1; printf '%99999999d' 1; printf '%u' -1; printf '%b' 'x\\cy' z",
      "printf: %f: not supported\nprintf: Cannot allocate memory\n18446744073709551615x"),
    LineCase("echo -e 'a\\tb\\n\\0101\\c' d; echo '-e' x; echo 'a\\tb'", "a\tb\nAx\na\\tb\n"),
  ]) func flow(_ test: LineCase) {
    let rig = Rig()
    #expect(rig.run(test.line) == test.shown)
    #expect(rig.shell.exitStatus == test.status)
  }

  @Test(arguments: [
    ("", 1), ("x", 0), ("''", 1), ("-n x", 0), ("-n ''", 1), ("-z ''", 0), ("a = a", 0),
    ("a = b", 1), ("a != b", 0), ("1 -eq 01", 0), ("2 -gt 10", 1), ("2 -lt 10", 0), ("1 -le 1", 0),
    ("1 -ge 2", 1), ("1 -ne 2", 0), ("! x", 1), ("! ''", 0), ("x -a ''", 1), ("x -o ''", 0),
    ("\\( x \\)", 0), ("\\( '' -o x \\) -a y", 0), ("! '' -o x", 1), ("-n", 0), ("! = !", 0),
    ("= = =", 0),
    ("-f f", 0), ("-f dir", 1), ("-d dir", 0), ("-e none", 1), ("-s f", 0), ("-r f", 0),
    ("-x f", 1),
    ("a '<' b", 0), ("b '>' a", 0), ("-1 -lt 1", 0),
  ]) func tests(_ expression: String, _ status: Int32) {
    let rig = Rig()
    rig.files.contents["f"] = "x"
    #expect(rig.run("test \(expression)").isEmpty)
    #expect(rig.shell.status == status)
    #expect(rig.run("[ \(expression) ]").isEmpty)
    #expect(rig.shell.status == status)
  }

  @Test(arguments: [
    ("test x -eq 1", "test: x: bad number\n"), ("[ 1 -eq '' ]", "[: : bad number\n"),
    ("[ x", "[: missing ]\n"), ("[", "[: missing ]\n"),
    ("test a b", "test: b: unexpected operator\n"),
    ("test a =", "test: =: argument expected\n"), ("test \\( a", "test: closing paren expected\n"),
    ("test 99999999999999999999 -eq 1", "test: 99999999999999999999: out of range\n"),
    ("test a -nt b", "test: -nt: not supported\n"),
  ]) func testsRefuse(_ line: String, _ message: String) {
    let rig = Rig()
    #expect(rig.run(line + "; words on") == message + "<on>\n")
  }

  @Test func getoptsReadsOptions() {
    let rig = Rig()
    let line = "while getopts ab:c o; do words $o \"$OPTARG\"; done; shift $((OPTIND-1)); words $@"
    #expect(rig.run("set -- -ac -b x -by -- z; " + line) == "<a><>\n<c><>\n<b><x>\n<b><y>\n<z>\n")
    let other = Rig()
    #expect(
      other.run("set -- -x -b; " + line)
        == "Illegal option -x\n<?><>\nNo arg for -b option\n<?><>\n\n")
    let quiet = Rig()
    #expect(
      quiet.run("set -- -x -b; " + line.replacing("ab:c", with: ":ab:c")) == "<?><x>\n<:><b>\n\n")
  }

  @Test(arguments: [
    // What is neither the first nor the last, or is captured, gets its input whole.
    ("words $(words a | grep x)", "<captured>\n", ["grep x<<a>\n>"]),
    ("value=7; words a | grep $value | words", "\nstdin: captured 7\n", ["grep $value<<a>\n>"]),
    ("tail f | words; words $?", "\nstdin: captured \n<0>\n", ["tail f<>"]),
    (
      "tail <<A | sort - <<'B' | words\na $x\nA\nb\nB", "\nstdin: captured \n",
      ["tail <<A | sort - <<'B'\na $x\nA\nb\nB\n<>"]
    ),
    ("words a | sort | uniq | words b", "<b>\nstdin: captured \n", ["sort | uniq<<a>\n>"]),
    ("words $(printf a | grep x)", "<captured>\n", ["grep x<a>"]),
    ("{ words a | grep x; } >f; words <f", "\nstdin: captured \n", ["grep x<<a>\n>"]),
    (
      "words a | while read x; do frob $x; done; words b", "<b>\n",
      ["while read x; do frob $x; done<<a>\n>"]
    ),
    ("x=$(words a | fail); words $?", "<3>\n", ["fail<<a>\n>"]),
    ("f() { frob \"$@\"; }; words $(f 'a b' '')", "<captured>\n", ["frob 'a b' ''<>"]),
    (
      "fail || words $? <<A; frob <<B\nA\nb\nB", "captured \n<3>\ncaptured \n",
      ["fail<>", "frob<b\n>"]
    ),
  ]) func hostProgramsMayStandAnywhere(_ line: String, _ shown: String, _ programs: [String]) {
    let rig = Rig()
    rig.shell.allowsHostPrograms = true
    #expect(rig.run(line) == shown)
    #expect(rig.files.programs.map { "\($0.text)<\($0.input)>" } == programs)
  }

  @Test func aHostProgramLeavesTheShellsInput() {
    let rig = Rig(stdin: "mine\n")
    rig.shell.allowsHostPrograms = true
    #expect(
      rig.run("tail f | words; read x; words $x; { tail | words; } <<E\nits\nE").contains("<mine>"))
    #expect(rig.files.programs.map(\.input) == ["", "its\n"])
  }

  @Test func aSandboxTouchesNothing() {
    let rig = Rig()
    let shell = Interpreter(
      world: rig.bench, registry: Commands.registry, output: rig.transcript.output(),
      host: rig.files.host.sandboxed)
    shell.allowsHostPrograms = true
    shell.run(
      text:
        "words a >f\nwords <f\nwords a | tail\ncd /\ntest -e f || words none\nsource f\nwords end")
    #expect(
      rig.transcript.all == """
        cannot create f: Operation not permitted
        cannot open f: Operation not permitted
        cannot run /bin/sh: Operation not permitted
        cd: can't cd to /: Operation not permitted
        <none>
        source: cannot open f: Operation not permitted
        <end>

        """)
    #expect(rig.files.programs.isEmpty && rig.files.contents.isEmpty)
  }

  @Test func whoeverReadsNothingMoreEndsALoop() {
    let rig = Rig()
    rig.shell.allowsHostPrograms = true
    #expect(rig.run("while :; do words a; done | head -1; words on") == "<on>\n")
  }
}
