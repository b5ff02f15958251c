// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Testing

@Suite("expansion") struct ExpansionTests {
  @Test(arguments: [
    LineCase("a=1 b=2; words $a ${b}c \"$a\" '$a'", "<1><2c><1><$a>\n"),
    LineCase("a='x  y'; words $a \"$a\" p$a\"q\"", "<x><y><x  y><px><yq>\n"),
    LineCase("words $a x\"$a\" \"$a\" $a", "<x><>\n"),
    LineCase("a=; words \"${a}\" ${a}", "<>\n"),
    LineCase("a=1; a=2 words $a; words $a", "<1>\n<1>\n"),
    LineCase("a=2 eval 'words $a'; words $a", "<2>\n<2>\n"),
    // All are expanded before the first is set.
    LineCase("a=0; a=1 b=$a; words $a $b", "<1><0>\n"),
    LineCase("a='x  y'; b=$a; words \"$b\"", "<x  y>\n"),
    LineCase("a=b=c; words $a", "<b=c>\n"),
    LineCase("words a=b; 1a=b", "<a=b>\n1a=b: not found\n", status: 127),
    LineCase("words ${a-x y} \"${a-x y}\" ${a:-'x y'}", "<x><y><x y><x y>\n"),
    LineCase("a=; words ${a-x} ${a:-x} ${a+y} ${a:+y}", "<x><y>\n"),
    LineCase("words ${a=x} $a; b=; words ${b=y} ${b:=y} $b", "<x><x>\n<y><y>\n"),
    LineCase("a=1; words ${a:+\"p $a q\"} ${b+x}", "<p 1 q>\n"),
    LineCase("words \"${a:-\"x y\"}\" \"${a:-'x'}\" \"${a:-\\}}\"", "<x y><'x'><}>\n"),
    LineCase("words ${a:-${b:-${c:-deep}}}", "<deep>\n"),
    LineCase("a=abc; words ${#a} ${#b} ${#} \"${#a}\"", "<3><0><0><3>\n"),
    LineCase(
      "f=a/b/c.d; words ${f##*/} ${f#*/} ${f%/*} ${f%%/*} ${f%.d}", "<c.d><b/c.d><a/b><a><a/b/c>\n"),
    LineCase("f=a*b; words ${f%'*'*} ${f%\\**} ${f#x} \"${f%\"*b\"}\"", "<a><a><a*b><a>\n"),
    LineCase("p=b; f=ab; words ${f%$p} ${f%\"$p\"}", "<a><a>\n"),
    LineCase("f=aXbXc; words ${f%%[X]*} ${f#*[!a-b]}", "<a><bXc>\n"),
    LineCase(
      "set -- a 'b c' ''; words $#; words $@; words \"$@\"; words \"$*\"; words x\"$@\"y",
      "<3>\n<a><b><c>\n<a><b c><>\n<a b c >\n<xa><b c><y>\n"),
    LineCase("set --; words \"$@\"; words x\"$@\"; words $* \"$*\"", "\n<x>\n<>\n"),
    LineCase("IFS=:; set -- a b; words \"$*\" $*; x=$*; words \"$x\"", "<a:b><a><b>\n<a:b>\n"),
    LineCase("set -- 1 2 3 4 5 6 7 8 9 X; words $1 $10 ${10} $0", "<1><10><X><fibsh>\n"),
    LineCase("set -- \"$@\" z; words ${1-none} ${2-none}", "<z><none>\n"),
    LineCase("IFS=:; a=':x::y:'; words $a", "<><x><><y>\n"),
    LineCase("IFS=' :'; a=' x : y::z '; words $a", "<x><y><><z>\n"),
    LineCase("IFS=; a='x y'; words $a", "<x y>\n"),
    LineCase("unset IFS; a='x\ty'; words $a", "<x><y>\n"),
    LineCase("words $(words a b) \"$(words a b)\"", "<<a><b>><<a><b>>\n"),
    LineCase("words $(echo a b) \"$(echo 'a  b'; echo)\"", "<a><b><a  b>\n"),
    LineCase("words `echo a` \"`echo \\\"b c\\\"`\" `echo \\`echo d\\``", "<a><b c><d>\n"),
    LineCase("words $(echo $(echo $(echo deep)))", "<deep>\n"),
    LineCase("words $(echo ')' # a )\necho b)", "<)><b>\n"),
    LineCase("words \"$(echo \"a b\")\" x$(true)y", "<a b><xy>\n"),
    LineCase(
      "a=$(false); words $?; a=$(exit 3) true; words $?; $(exit 4); words $?", "<1>\n<0>\n<4>\n"),
    LineCase("a=1; b=$(a=2; echo $a); words $a $b", "<1><2>\n"),
    LineCase("words $(both 0)", "err\n<out>\n"),
    LineCase(
      "words $((1+2*3)) $(( (1+2)*3 )) $((7/2)) $((-7%3)) $((1<<4|1))", "<7><9><3><-1><17>\n"),
    LineCase(
      "words $((3>2)) $((3<2)) $((3>=3&&0)) $((0||5)) $((!3)) $((~0)) $((5^1)) $((6&3))",
      "<1><0><0><1><0><-1><4><2>\n"),
    LineCase("x=5; words $((x+1)) $(($x*2)) $((x=x+1)) $x $((x+=4)) $x", "<6><10><6><6><10><10>\n"),
    LineCase("words $((0x1f)) $((010)) $((nothing)) $(( )) \"$((1 + 1))\"", "<31><8><0><0><2>\n"),
    LineCase(
      "words $((9223372036854775807+1)) $((1==1!=0)) $((0&&1/0))",
      "<-9223372036854775808><1><0>\n"),
    LineCase("words $(((1+1)*2)) $(( $(echo 4) / ${x:-2} ))", "<4><2>\n"),
    LineCase("i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; words $i", "<3>\n"),
    LineCase("words $$ $! $-; true & words $!", "<1000>\n<1001>\n"),
    LineCase("words \"$!\" $LINENO\nwords $LINENO", "<><1>\n<2>\n"),
    LineCase(
      "export a=1; readonly b=2; export; export -p; readonly -p", "a\nexport a=1\nreadonly b=2\n"),
    LineCase("unset a; a=1; unset a; words ${a-none}", "<none>\n"),
    LineCase("f() { words f; }; unset f; f; unset -f f; f", "<f>\nf: not found\n", status: 127),
    LineCase("words héllo ${#h}; h=héé; words ${#h} ${h#h?}", "<héllo><0>\n<3><é>\n"),
    LineCase("env -i a=1 b='x y' env; env -u a true", "a=1\nb=x y\n"),
    LineCase("env nonesuch", "env: nonesuch: No such file or directory\n", status: 127),
    LineCase(
      "cat=words; $cat a; c='words x y'; $c; \"$c\"", "<a>\n<x><y>\nwords x y: not found\n",
      status: 127),
    LineCase("a=1; set", "IFS=' \t\n'\nOPTIND=1\nPS2='> '\nPS4='+ '\na=1\n"),
  ]) func expands(_ test: LineCase) {
    let rig = Rig()
    #expect(rig.run(test.line) == test.shown)
    #expect(rig.shell.exitStatus == test.status)
  }

  /// What the shell refuses ends a batch with status 2, and a person's line.
  @Test(arguments: [
    ("words ${a:?} b", "a: parameter null or not set\n"),
    ("words ${a?}", "a: parameter not set\n"),
    ("words ${a?is missing}", "is missing\n"),
    ("set -u; words $a", "a: parameter not set\n"),
    ("set -u; words ${#a}", "a: parameter not set\n"),
    ("set -u; words $1", "1: parameter not set\n"),
    ("set -u; words ${a%x}", "a: parameter not set\n"),
    ("words ${a!}", "${a!}: Bad substitution\n"),
    ("words ${}", "${}: Bad substitution\n"),
    ("readonly a=1; a=2; words x", "a: is read only\n"),
    ("readonly a=1; a=2 words x", "a: is read only\n"),
    ("readonly a=1; for a in x; do words; done", "a: is read only\n"),
    ("words ${1=x}", "1: bad variable name\n"),
    ("words $((1/0))", "arithmetic expression: division by zero: \"1/0\"\n"),
    ("words $((1+))", "arithmetic expression: syntax error: \"1+\"\n"),
    ("words $((08))", "arithmetic expression: syntax error: \"08\"\n"),
    ("words $((1 2))", "arithmetic expression: syntax error: \"1 2\"\n"),
    ("a=x; words $((a+1))", "arithmetic expression: variable conversion error: \"a+1\"\n"),
    ("export 1a=2", "export: 1a: bad variable name\n"),
    ("readonly a=1; readonly a=2", "readonly: a: is read only\n"),
    ("export -p x", "export: -p requires no arguments\n"),
    ("shift 2", "shift: can't shift that many\n"),
    ("set -z", "set: Illegal option -z\n"),
    ("set -o nonesuch", "set: Illegal option -o nonesuch\n"),
    (": >/locked/x", "cannot create /locked/x: Permission denied\n"),
    (". nonesuch", ".: cannot open nonesuch: No such file or directory\n"),
    ("trap -x", "trap: bad option -x\n"), ("return x", "return: Illegal number: x\n"),
  ]) func refuses(line: String, message: String) {
    let batch = Rig()
    #expect(batch.run(line + "\nwords on") == message)
    #expect(batch.shell.exitStatus == 2)
    let person = Rig()
    person.shell.isInteractive = true
    #expect(person.run(line + "; words same\nwords $?") == message + "<2>\n")
    let subshell = Rig()
    #expect(subshell.run("(" + line + "); words $?") == message + "<2>\n")
  }

  @Test func unsetParametersAreNoErrorsWhereTheyAreAskedFor() {
    #expect(Rig().run("set -u; words ${a-x} ${a+y} \"$@\" $* $#") == "<x><0>\n")
  }
}
