// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Testing

@Suite("control flow") struct ControlTests {
  @Test(arguments: [
    LineCase("if true; then words a; fi", "<a>\n"),
    LineCase("if false; then words a; else words b; fi", "<b>\n"),
    LineCase("if false; then :; elif true; then words b; else words c; fi", "<b>\n"),
    LineCase("if false; then words a; fi; words $?", "<0>\n"),
    LineCase("if both 3 >f 2>&1; then :; else words $?; fi", "<3>\n"),
    LineCase("if true\nthen\n\nwords a\n\nfi", "<a>\n"),
    LineCase("if true; then fi; words $?", "<0>\n"),
    LineCase("if ! false && true; then words a; fi >f; words b", "<b>\n"),
    LineCase("for i in 1 2 3; do words $i; done", "<1>\n<2>\n<3>\n"),
    LineCase("for i in a\\ b \"c d\"; do words $i\ndone", "<a><b>\n<c><d>\n"),
    LineCase(
      "set -- x y; for i; do words $i; done; for i do words $i; done", "<x>\n<y>\n<x>\n<y>\n"),
    LineCase("for i in; do words $i; done; words $?", "<0>\n"),
    LineCase("for i in 1 2; { words $i; }", "<1>\n<2>\n"),
    LineCase("for i in 1 2 3; do [ $i = 2 ] && continue; words $i; done", "<1>\n<3>\n"),
    LineCase(
      "for i in 1 2 3; do if [ $i = 2 ]; then break; fi; words $i; done; words $i", "<1>\n<2>\n"),
    LineCase(
      "for i in 1 2; do for j in a b; do [ $j = b ] && continue 2; words $i$j; done; done",
      "<1a>\n<2a>\n"),
    LineCase("for i in 1 2; do for j in a b; do break 2; done; done; words $i$j", "<1a>\n"),
    LineCase("for i in 1; do break 9; done; words $?; break; continue; words a", "<0>\n<a>\n"),
    LineCase(
      "while read a b; do echo \"$a,$b\"; done <<EOF\n1 2 3\n x\nEOF\nwords $?",
      "1,2 3\nx,\n<0>\n"),
    LineCase(
      "until true; do words a; done; i=; until [ \"$i\" = xx ]; do i=x$i; done; words $i", "<xx>\n"),
    LineCase("while false; do :; done; words $?", "<0>\n"),
    LineCase("while :; do both 3; break; done; words $?", "out\nerr\n<0>\n"),
    LineCase("i=0; while [ $i != 2 ]; do i=$((i+1)); false; done; words $?", "<1>\n"),
    LineCase("case abc in a*) words 1;; *) words 2;; esac", "<1>\n"),
    LineCase("case x in (a|b) words 1 ;; x|y) words 2\nesac", "<2>\n"),
    LineCase(
      "case \"a b\" in 'a b') words q;; esac; case '*' in \\*) words s;; esac", "<q>\n<s>\n"),
    LineCase("case x in '*') words no;; [!a-w]) words yes;; esac", "<yes>\n"),
    LineCase(
      "p='a*'; case abc in $p) words 1;; esac; case abc in \"$p\") words 2;; *) words 3;; esac",
      "<1>\n<3>\n"),
    LineCase("case x in\n\na) words a;;\n\n# comment\nx) ;;\nesac; words $?", "<0>\n"),
    LineCase("case x in y) ;; esac; words $?; case '' in '') words e;; esac", "<0>\n<e>\n"),
    LineCase("case in in in) words in;; esac; case if in if) words if; esac", "<in>\n<if>\n"),
    LineCase("{ words a; words b; } >f; words c", "<c>\n"),
    LineCase("{ words a; }; { words b\n}", "<a>\n<b>\n"),
    LineCase("(a=1; words $a; exit 3); words $? ${a-none}", "<1>\n<3><none>\n"),
    LineCase("(words a); (words b) && words c", "<a>\n<b>\n<c>\n"),
    LineCase("((words a); words b)", "<a>\n<b>\n"),
    LineCase("! { false; } && words a; ! (true) || words b", "<a>\n<b>\n"),
    LineCase("f() { words f $1 $#; }; f a b; words $#", "<f><a><2>\n<0>\n"),
    LineCase(
      "f() words simple; f; f () (a=1; words $a); f; words ${a-none}", "<simple>\n<1>\n<none>\n"),
    LineCase("f()\n{\nwords f\n}\nf", "<f>\n"),
    LineCase(
      "f() { return 3; words no; }; f; words $?; f() { false; return; }; f; words $?", "<3>\n<1>\n"),
    LineCase("f() { local a b=2; a=1; words $a $b; }; a=x b=y; f; words $a $b", "<1><2>\n<x><y>\n"),
    LineCase(
      "f() { local a; a=1; g; }; g() { words $a; a=2; }; f; words ${a-none}", "<1>\n<none>\n"),
    LineCase("f() { for i in 1 2; do return 4; done; }; f; words $?", "<4>\n"),
    LineCase("for i in 1 2; do f() { break; }; f; words $i; done; words $i", "<1>\n"),
    LineCase("for i in 1 2; do (break; words no); words $i; done", "<1>\n<2>\n"),
    LineCase("case $(exit 3) in x) ;; esac; words $?", "<3>\n"),
    LineCase("f() { words $a; }; a=1 f; words ${a-none}", "<1>\n<none>\n"),
    LineCase("f() { words $#; shift; words $1; }; f a b", "<2>\n<b>\n"),
    LineCase("f() { if [ $1 -gt 0 ]; then words $1; f $(($1-1)); fi; }; f 3", "<3>\n<2>\n<1>\n"),
    LineCase("true() { words mine; }; true; command true; words $?", "<mine>\n<0>\n"),
    LineCase("exit() { words mine; }; exit 3", "", status: 3),
    LineCase("f() { both 0; } >f; f; words a", "err\n<a>\n"),
    LineCase("local a", "local: Not in a function\n", status: 2),
    LineCase(
      "eval 'words a; words b' c; eval; words $?; eval false; words $?", "<a>\n<b><c>\n<0>\n<1>\n"),
    LineCase(
      "eval 'if true; then' words a '; fi'; eval 'for i in 1 2' '; do words $i; done'",
      "<a>\n<1>\n<2>\n"),
    LineCase("a='words $b'; b=x; eval $a", "<x>\n"),
    LineCase(
      "set -e; if false; then :; fi; false || true; ! true; while false; do :; done; words a",
      "<a>\n"),
    LineCase("set -e; f() { false; words in; }; f || words b; f; words c", "<in>\n", status: 1),
    LineCase("set -e; (false; words no); words no", "", status: 1),
    LineCase("set -e; a=$(false); words no", "", status: 1),
    LineCase("set -e; { false && true; }; words a; { true; false; }; words no", "<a>\n", status: 1),
    LineCase("exec words a; words no", "<a>\n"),
    LineCase("exec both 3", "out\nerr\n", status: 3),
    LineCase("trap 'words bye $?' EXIT; exit 3", "<bye><3>\n", status: 3),
    LineCase("trap 'exit 5' 0; true", "", status: 5),
    LineCase("trap 'words bye' exit; (exit 2); words $?; trap - EXIT", "<2>\n"),
    LineCase("(trap 'words sub' EXIT; words in); words out", "<in>\n<sub>\n<out>\n"),
    LineCase(
      "trap 'words u' USR1; kill -USR1 $$; trap; kill -TERM $$; words no",
      "<u>\ntrap -- 'words u' USR1\n", status: 143),
    LineCase(
      "trap '' TERM; kill $$; words on; trap x NOSUCH", "<on>\ntrap: bad signal NOSUCH\n", status: 1
    ),
    LineCase(
      "alias w='words x'; w y\nw y; alias w; unalias w\nw",
      "w: not found\n<x><y>\nw='words x'\nw: not found\n", status: 127),
    LineCase("alias words='words a'\nwords b", "<a><b>\n"),
    LineCase(
      "alias n='words ' x=y if2='if true; then'\nn x x; if2 n x; fi; \\n; 'n'",
      "<y><x>\n<y>\nn: not found\nn: not found\n", status: 127),
    LineCase("alias a=b b=a\na", "a: not found\n", status: 127),
    LineCase("alias nonesuch; unalias x", "alias: nonesuch not found\n", status: 1),
    LineCase(
      "f() { :; }; alias a=b; type words f a if exit : nonesuch",
      """
      words is a shell builtin
      f is a shell function
      a is an alias for b
      if is a shell keyword
      exit is a special shell builtin
      : is a special shell builtin
      nonesuch: not found

      """, status: 127),
    LineCase(
      "command -v words; command -V words; command -v nonesuch",
      "words\nwords is a shell builtin\n",
      status: 127),
    LineCase(
      "time pass 3; time -p pass 1",
      "        3.00 real         0.00 user         0.00 sys\nreal 1.00\nuser 0.00\nsys 0.00\n"),
    LineCase("sh -c 'words $0 $1; exit 3' name x; words $?", "<name><x>\n<3>\n"),
    LineCase("a=1; export b=2; sh -c 'words ${a-none} $b; b=3'; words $b", "<none><2>\n<2>\n"),
    LineCase("sh <<EOF\necho a\nexit 4\nwords no\nEOF\nwords $?", "a\n<4>\n"),
    LineCase("sh nonesuch", "sh: Can't open nonesuch: No such file or directory\n", status: 2),
    LineCase("sh -c 'if'; words $?", "Syntax error: end of file unexpected\n<2>\n"),
    LineCase(
      "set -x; a='x y' words \"b c\"; PS4='> '; words ''",
      "+ a='x y' words 'b c'\n<b c>\n+ PS4='> '\n> words ''\n<>\n"),
    LineCase("set -v\nwords a\nset +v\nwords b", "words a\n<a>\nset +v\n<b>\n"),
    LineCase("set -n\nwords a\n", ""),
    LineCase(
      "set -E; words no\nwords a\nif true\nthen words b; fi",
      "<no>\n$ words a\n<a>\n$ if true\n> then words b; fi\n<b>\n"),
    LineCase(
      "set -eu; words $-; set +o errexit; words $-; set -o",
      "<eu>\n<u>\nCurrent option settings\nerrexit         off\ntranscript      off\nnoexec          off\n"
        + "nounset         on\nverbose         off\nxtrace          off\n"),
    LineCase(
      "set a b; words $2; set -- ; words $#; set - c; words $1; set -e d; words $1 $-",
      "<b>\n<0>\n<c>\n<d><e>\n"),
    LineCase(
      "cd /tmp; pwd; words $PWD $OLDPWD; cd -; pwd; (cd /x; pwd); pwd",
      "/tmp\n</tmp></home>\n/home\n/x\n/home\n"),
    LineCase("cd nonesuch", "cd: can't cd to nonesuch\n", status: 2),
    LineCase("cd", "cd: HOME not set\n", status: 2),
  ]) func runs(_ test: LineCase) {
    let rig = Rig()
    rig.shell.run(text: test.line)
    rig.shell.end()
    #expect(rig.transcript.all == test.shown)
    #expect(rig.shell.exitStatus == test.status)
  }

  @Test(arguments: [
    "f() { f; }; f", "f() { eval f; }; f", "f() { x=$(f); }; f", "f() { (f); }; f", "f() f; f",
    "alias a='a b'\nf() { if true; then f; fi; }; f", "f() { true | f; }; f",
    "f() { eval \"$1\" \"$1\"; }; f 'f \"$1\"'", "trap 'kill -USR1 $$' USR1; kill -USR1 $$",
  ]) func endlessRecursionEnds(_ line: String) {
    let rig = Rig()
    #expect(rig.run(line + "\nwords on").contains("nested too deeply\n"))
    #expect(rig.transcript.all.utf8.count < 1000)
  }

  @Test func recursionMayBeDeep() {
    let line = "f() { if [ $1 -gt 0 ]; then f $(($1-1)); else words end; fi; }; f 100"
    #expect(Rig().run(line) == "<end>\n")
  }

  @Test(arguments: [
    ("(", 5000), ("{ ", 5000), ("if ", 5000), ("$(", 5000), ("words $(", 5000), ("while ", 5000),
    ("words ${a:-", 5000), ("words $((", 5000), ("case a in a) ", 5000), ("f() ", 5000),
    ("! ", 5000),
    ("words \"$(", 5000), ("a | ", 5000), ("a && ", 5000), ("for i in a; do ", 5000),
  ]) func deepNestingIsAnError(_ piece: String, _ count: Int) {
    let rig = Rig()
    #expect(rig.run(String(repeating: piece, count: count)).contains("Syntax error: "))
    #expect(rig.shell.exitStatus == 2)
  }

  @Test func nestedShellsHaveAPromptOfTheirOwn() {
    let rig = Rig()
    rig.shell.isInteractive = true
    var lines = ["twice sh", "words a; f() { :; }", "exit 3", "words $?", "exit", "words out $?"]
    rig.shell.run { _ in lines.isEmpty ? .end : .line(lines.removeFirst()) }
    #expect(rig.transcript.all == "<a>\n<0>\n<out><0>\n")
  }

  @Test func promptsAreConfigurable() {
    let rig = Rig()
    rig.shell.defaultPrompt = { "host# " }
    rig.shell.hostName = { "lab.example.org" }
    #expect(rig.shell.prompt(isContinuation: false) == "host# ")
    #expect(rig.shell.prompt(isContinuation: true) == "> ")
    _ = rig.run("PS1='\\w:\\W \\$ \\\\ ' PS2='more '")
    #expect(rig.shell.prompt(isContinuation: false) == "/home:home # \\ ")
    #expect(rig.shell.prompt(isContinuation: true) == "more ")
    _ = rig.run("PS1='\\h \\H \\q'")
    #expect(rig.shell.prompt(isContinuation: false) == "lab lab.example.org \\q")
  }

  @Test func aTrapOfInterruptRunsInsteadOfLeaving() {
    let rig = Rig()
    rig.shell.didRun = { command, _ in
      if command.name == "both" { rig.files.isInterrupted = true }
    }
    #expect(
      rig.run("trap 'words caught' INT\nboth 0; words on\nwords on")
        == "out\nerr\n<caught>\n<on>\n<on>\n")
    #expect(rig.shell.exitStatus == 0)
    #expect(rig.run("trap - INT\nboth 0\nwords no").hasSuffix("err\n"))
    #expect(rig.shell.exitStatus == 130)
  }

  @Test(arguments: ["read x", "cat"]) func interruptsEndWhatReads(_ line: String) {
    let rig = Rig()
    let input = Input {
      rig.files.isInterrupted = true
      return nil
    }
    let shell = Interpreter(
      world: rig.bench, registry: Commands.registry, output: rig.transcript.output(), input: input,
      host: rig.files.host)
    shell.run(text: line)
    #expect(shell.status == 130)
  }

  @Test func interruptsThatCannotBeClearedEndATrappedLoop() {
    let rig = Rig()
    var host = rig.files.host
    host.isInterrupted = { true }
    let shell = Interpreter(
      world: rig.bench, registry: Commands.registry, output: rig.transcript.output(), host: host)
    shell.run(text: "trap : INT; while :; do :; done")
    #expect(shell.status == 130)
  }

  @Test func interruptAtThePromptRunsItsTrap() {
    let rig = Rig()
    rig.shell.isInteractive = true
    var reads: [LineRead] = [
      .line("trap 'words caught' INT"), .line("words <<EOF"), .line("a"), .interrupted,
      .line("words $?"),
    ]
    rig.shell.run { _ in reads.isEmpty ? .end : reads.removeFirst() }
    #expect(rig.transcript.all == "<caught>\n<130>\n")
  }

  @Test func whatIsDefinedCanBeCompleted() {
    let rig = Rig()
    _ = rig.run("f() { :; }\nalias ll='link list'\nx=1")
    #expect(rig.shell.functionNames == ["f"])
    #expect(rig.shell.aliases.map(\.name) == ["ll"])
    #expect(rig.shell.variables.map(\.name).contains("x"))
  }
}
