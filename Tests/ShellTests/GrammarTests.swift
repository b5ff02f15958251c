// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Testing

@Suite("getopt(3)") struct OptionTests {
  static let usage = "usage: stat [-anr] [-I name]\n            [-w wait] [what]\n"

  @Test(arguments: [
    LineCase("stat", "|\n"),
    LineCase("stat -a -n", "a n |\n"),
    LineCase("stat -rn x", "r n | x\n"),
    LineCase("stat -w5", "w=5 |\n"),
    LineCase("stat -w 5 -a", "w=5 a |\n"),
    LineCase("stat -anw5 y", "a n w=5 | y\n"),
    LineCase("stat -w -a", "w=-a |\n"),
    LineCase("stat x -a", "| x -a\n"),
    LineCase("stat -a -- -n", "a | -n\n"),
    LineCase("stat -a - -n", "a | - -n\n"),
    LineCase("stat -w ''", "w= |\n"),
    LineCase("stat -w -- -a", "w=-- a |\n"),
    LineCase("stat -a -a", "a a |\n"),
    LineCase("stat -x", "stat: illegal option -- x\n" + usage, status: 1),
    LineCase("stat -ax", "stat: illegal option -- x\n" + usage, status: 1),
    LineCase("stat --all", "stat: illegal option -- -\n" + usage, status: 1),
    LineCase("stat -w", "stat: option requires an argument -- w\n" + usage, status: 1),
    LineCase("stat -nI", "stat: option requires an argument -- I\n" + usage, status: 1),
    LineCase("stat '?'", usage, status: 1),
  ]) func parses(_ test: LineCase) {
    let rig = Rig()
    #expect(rig.run(test.line) == test.shown)
    #expect(rig.shell.status == test.status)
  }

  @Test func answersQuestions() throws {
    let rows = [Option<Bench>("c", argument: "n", ""), Option<Bench>("v", "")]
    let arguments = try Arguments.parse(["-c1", "-c", "2", "host"], rows)
    #expect(arguments.value("c") == "2")
    #expect(arguments.has("c") && !arguments.has("v"))
    #expect(arguments.value("v") == nil)
    #expect(arguments.operands == ["host"])
  }
}

@Suite("forms") struct FormTests {
  static let usage = """
    usage: link list | show
           link name mtu n
           link add -net net [name]
           link tag colour ...

    """

  @Test(arguments: [
    LineCase("link list", "em0 em1 lo0\n"),
    LineCase("link show", "em0 em1 lo0\n"),
    LineCase("link", usage, status: 64),
    LineCase("link list x", usage, status: 64),
    LineCase("link em0 mtu", usage, status: 64),
    LineCase("link em0 mut 100", usage, status: 64),
    LineCase("link em9 mtu 100", "link: name em9 does not exist\n", status: 1),
    LineCase("link em0 mtu 71", "link: bad n: 71\n", status: 1),
    LineCase("link em0 mtu 99999999999999999999", "link: bad n: 99999999999999999999\n", status: 1),
    LineCase("link add -net", usage, status: 64),
    LineCase("link add -net 10 em9", "link: name em9 does not exist\n", status: 1),
    LineCase("link em9", "link: name em9 does not exist\n", status: 1),
    LineCase("link tag red blue", "link: bad colour: blue\n", status: 1),
  ]) func answers(_ test: LineCase) {
    let rig = Rig()
    #expect(rig.run(test.line) == test.shown)
    #expect(rig.shell.status == test.status)
  }

  @Test func passTypedValues() {
    let rig = Rig()
    #expect(
      rig.run("link em0 mtu 1400; link add -net 10; link add -net 11 em1; link tag red green")
        .isEmpty)
    #expect(rig.bench.mtu == ["em0": 1400])
    #expect(rig.bench.log == ["10 -", "11 em1", "red", "green"])
  }
}

@Suite("keywords") struct KeywordTests {
  @Test(arguments: [
    LineCase("conf em0", "|\n"),
    LineCase("conf em0 up up", "UP UP |\n"),
    LineCase("conf em0 alias 1 add 2 up", "+1 +2 UP |\n"),
    LineCase("conf em0 1.2.3.4 up", "?1.2.3.4 UP |\n"),
    LineCase("conf -q em0 range 1", "1... |\n"),
    LineCase("conf em0 range 1 2 up", "1...2 UP |\n"),
    LineCase("conf em0 up stop up", "UP | stop up\n"),
    LineCase("conf em0 alias", "conf: 'alias' requires argument\n", status: 1),
    LineCase("conf em0 up add", "conf: 'add' requires argument\n", status: 1),
    LineCase("conf em0 range", "conf: 'range' requires argument\n", status: 1),
    LineCase("conf em0 alias bad", "conf: bad value\n", status: 1),
    LineCase(
      "conf -z", "conf: illegal option -- z\nusage: conf [-q] name [parameters ...]\n", status: 64),
  ]) func parse(_ test: LineCase) {
    let rig = Rig()
    #expect(rig.run(test.line) == test.shown)
    #expect(rig.shell.status == test.status)
  }

  @Test func areFoundByEveryName() {
    #expect(Commands.parameters["add"]?.words == ["alias", "add"])
    #expect(Commands.parameters["nonesuch"] == nil)
    #expect(Commands.parameters["range"]?.required == 1)
  }
}

@Suite("faults") struct FaultTests {
  @Test(
    arguments: [
      (Fault.failed("x"), "p: x\n", 1), (.failed("x", status: 7), "p: x\n", 7),
      (.failed(program: "q", message: "x", status: 2), "q: x\n", 2), (.usage(), "U\n", 64),
      (.usage("x"), "p: x\nU\n", 64), (.usage(text: "V\n", status: 3), "V\n", 3),
      (.worded("x\n"), "x\n", 1), (.silent(5), "", 5),
    ] as [(Fault, String, Int32)]) func areWorded(fault: Fault, text: String, status: Int32)
  {
    let result = fault.resolved(program: "p", usage: "U\n", usageStatus: 64)
    #expect(result.text == text)
    #expect(result.status == status)
  }
}
