// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Testing

@Suite("help and manual") struct HelpTests {
  @Test func usageIsBSDsOwnOrMade() {
    #expect(Commands.stat.usageText == OptionTests.usage)
    #expect(Commands.stat.synopses == ["stat [-anr] [-I name] [-w wait] [what]"])
    #expect(Commands.link.usageText == FormTests.usage)
    #expect(Commands.conf.usageText == "usage: conf [-q] name [parameters ...]\n")
  }

  @Test func helpExplainsACommand() {
    #expect(
      Rig().run("help conf") == """
        conf: configure by keywords
          conf [-q] name [parameters ...]

          -q    Quiet.
          name  The name.

        parameters:
          up                   Mark it up.
          alias | add address  Add one.
          range low [high]     Set a range.
          peer name            Connect it.

        """)
  }

  @Test func helpListsAndRefuses() {
    let list = Rig().run("help")
    #expect(list.contains("link      configure links\n"))
    #expect(list.contains("\ntopics:\nkeys      what keys do\n\n"))
    #expect(Rig().run("help keys").contains("     TAB completes.\n"))
    let rig = Rig()
    #expect(rig.run("help nonesuch; words $?") == "help: no help topics match 'nonesuch'\n<1>\n")
  }

  @Test func manRefusesPolitely() {
    #expect(Rig().run("man") == "What manual page do you want?\n")
    #expect(Rig().run("man nonesuch") == "No manual entry for nonesuch\n")
    #expect(Rig().run("man 1 link") == "No entry for link in section 1 of the manual\n")
    #expect(Rig().run("man 8 link") == Rig().run("man link"))
    #expect(Rig().run("man keys").contains("KEYS(7)"))
    #expect(
      Rig().run("man -k tree; man -k nonesuch; man -k; words $?") == """
        walk(1)              - walk a tree of names
        nonesuch: nothing appropriate
        apropos what?
        <1>

        """)
  }

  @Test func rendersAPage() {
    #expect(
      Rig(columns: 60).run("man link") == """
        LINK(8)           System Manager's Manual            LINK(8)

        NAME
             link -- configure links

        SYNOPSIS
             link list | show
             link name mtu n
             link add -net net [name]
             link tag colour ...

        DESCRIPTION
             Configures links.

             The operands are:

             name    The name.

             n       The largest packet.

             net     A net.

             colour  A colour.

        EXIT STATUS
             0 on success, 64 if the words do not fit, 1 if
             something else fails.

        EXAMPLES
             Makes packets smaller:

                   link em0 mtu 1400

        SEE ALSO
             netstat(1), route(8)

        fibsh                                                LINK(8)

        """)
  }

  @Test func fillsParagraphs() {
    let page = ManualPage(
      name: "x", section: 7, summary: "y",
      sections: [
        ("TEXT", [.paragraph(Array(repeating: "word", count: 12).joined(separator: " "))]),
        ("LIST", [.list([(Markup("a-long-tag"), "text"), (Markup("b"), "")])]),
      ])
    #expect(
      page.rendered(width: 40).contains(
        """
        TEXT
             word word word word word word word
             word word word word word

        LIST
             a-long-tag
                     text

             b

        """))
  }

  @Test func makesMdoc() {
    #expect(
      Commands.stat.page.mdoc == #"""
        .\" SPDX-License-Identifier: BSD-2-Clause
        .\" Made from the declaration of the command; change that instead.
        .Dd November 25, 2009
        .Dt STAT 1
        .Os fibsh
        .Sh NAME
        .Nm stat
        .Nd show status
        .Sh SYNOPSIS
        .Nm
        .Oo Fl anr Oc Oo Fl I Ar name Oc Oo Fl w Ar wait Oc Oo Ar what Oc
        .Sh DESCRIPTION
        The options are:
        .Bl -tag -width indent
        .It Fl a
        Show all.
        .It Fl n
        Show numbers.
        .It Fl r
        Show routes.
        .It Fl I Ar name
        Only this name.
        .It Fl w Ar wait
        Repeat.
        .El
        .Pp
        The operands are:
        .Bl -tag -width indent
        .It Ar what
        What to show.
        .El
        .Sh EXIT STATUS
        0 on success, 1 if the words do not fit or something fails.

        """#)
    #expect(Commands.link.page.mdoc.hasSuffix(".Sh SEE ALSO\n.Xr netstat 1 ,\n.Xr route 8\n"))
  }

  @Test func mdocTextIsNoMacro() {
    let page = ManualPage(
      name: "x", section: 7, summary: "y",
      sections: [
        (
          "A",
          [
            .paragraph(".Sh evil"), .list([(Markup("a \"b\" Fl [x=y] (z)"), "'c \\d")]),
            .line("x -y 'a.b' Sh"),
          ]
        )
      ])
    #expect(page.mdoc.contains(".Sh A\n\\&.Sh evil\n"))
    let tag = "Ar a Ar \\(dqb\\(dq Ar \\&Fl Oo Ar x Ns No = Ns Ar y Oc No \\&( Ns Ar z Ns No \\&)"
    #expect(page.mdoc.contains(".It \(tag)\n\\&'c \\ed\n"))
    #expect(page.mdoc.contains(".Dl x \\-y \\&'a.b' \\&Sh\n"))
  }

  @Test func pagersGetStruckOverLetters() {
    let rig = Rig(columns: 200, pager: "less -s")
    rig.shell.allowsHostPrograms = true
    #expect(rig.run("man stat") == "")
    #expect(rig.files.programs.first?.text == "less -s")
    let page = rig.files.programs.first?.input ?? ""
    #expect(page.contains("N\u{8}NA\u{8}AM\u{8}ME\u{8}E\n"))
    #expect(page.contains("[-\u{8}-I\u{8}I _\u{8}n_\u{8}a_\u{8}m_\u{8}e]"))
    #expect(!page.contains("\u{1}"))
  }

  @Test func withoutAPagerThePageIsPlain() {
    let plain = Rig(columns: 80).run("man stat")
    #expect(plain.hasPrefix("STAT(1)"))
    let missing = Rig(columns: 80, pager: "nonesuch")
    missing.shell.allowsHostPrograms = true
    #expect(missing.run("man stat") == plain)
    let batch = Rig(columns: 80, pager: "less -s")
    #expect(batch.run("man stat") == plain)
    #expect(batch.files.programs.isEmpty)
  }

  @Test(arguments: [
    ("help conf alias", "conf: parameters\n  alias | add address  Add one.\n"),
    (
      "help conf add -q",
      "conf: parameters\n  alias | add address  Add one.\nconf: options\n  -q  Quiet.\n"
    ),
    ("help stat -I", "stat: options\n  -I name  Only this name.\n"),
    ("help stat all", "stat: what\n  all\n"),
    ("help link mtu", "link: forms\n  link name mtu n\n"),
    ("help conf nonesuch", "help: no help topics match 'conf nonesuch'\n"),
  ]) func helpExplainsAWord(line: String, expected: String) {
    #expect(Rig().run(line) == expected)
  }

  @Test(arguments: [
    ("lnik list", "lnik: not found\ndid you mean link?\n"),
    ("nonesuch", "nonesuch: not found\n"),
    ("link em0 mut 1400", "\(FormTests.usage)did you mean mtu?\n"),
    ("walk net.inet.tl", "walk: unknown [\"net.inet.tl\"]\ndid you mean net.inet.ttl?\n"),
    ("walk inet.ttl", "walk: unknown [\"inet.ttl\"]\ndid you mean net.inet.ttl?\n"),
    ("walk net.inet.ttl=5", "walk: unknown [\"net.inet.ttl=5\"]\n"),
    ("walk 10.0.0.1", "walk: unknown [\"10.0.0.1\"]\n"),
    ("help key", "help: no help topics match 'key'\ndid you mean keys?\n"),
    ("help lnk", "help: no help topics match 'lnk'\ndid you mean link?\n"),
    ("help conf allias", "help: no help topics match 'conf allias'\ndid you mean alias?\n"),
    ("link em9 mtu 1400", "link: name em9 does not exist\n"),
    ("! link em0 mut 1400", FormTests.usage),
  ]) func aTerminalSuggests(line: String, expected: String) {
    #expect(Rig(columns: 80).run(line) == expected)
    let batch = Rig().run(line)
    #expect(!batch.contains("did you mean"))
    #expect(expected.hasPrefix(batch))
  }

  @Test func bindTalksToTheEditor() {
    let rig = Rig()
    #expect(rig.run("bind ^O ed-prev-word; bind nonesuch; words $?") == "<1>\n")
    #expect(rig.files.edited == [["bind", "^O", "ed-prev-word"], ["bind", "nonesuch"]])
  }

  @Test func historyNumbersLines() {
    let rig = Rig()
    rig.files.history = ["a", "b", "c"]
    #expect(
      rig.run("history 2; history; history x") == """
            2  b
            3  c
            1  a
            2  b
            3  c
        history: bad count: x

        """)
  }
}

@Suite("text") struct TextTests {
  @Test func padsByBytes() {
    #expect("ab".padLeft(to: 4) == "  ab")
    #expect("ab".padRight(to: 4) == "ab  ")
    #expect("abcdef".padRight(to: 4) == "abcdef")
    #expect("abcdef".padRight(to: 4, limit: 4) == "abcd")
    #expect("é".padRight(to: 3) == "é ")
    #expect("aé".truncated(to: 2) == "a")
    #expect("abcdef".padLeft(to: 5, limit: 3) == "  abc")
    #expect(5.padLeft(to: 3) == "  5")
    #expect(5.padRight(to: 3) == "5  ")
    #expect(UInt32(0x2a).hex(digits: 8) == "0000002a")
    #expect(100.decimal(digits: 5) == "00100")
  }

  @Test(arguments: [
    ("echo a", #"echo\040a"#), ("a\tb", #"a\011b"#), (#"a\b"#, #"a\\b"#), ("é", "é"), ("", ""),
    (#"\040"#, #"\\040"#),
  ]) func historyEntriesRoundTrip(line: String, entry: String) {
    #expect(HistoryEntry.encoded(line) == entry)
    #expect(HistoryEntry.decoded(entry) == line)
  }

  @Test(arguments: [#"a\"#, #"\9"#, #"\777"#, #"\0"#]) func brokenEntriesStay(entry: String) {
    #expect(HistoryEntry.decoded(entry) == entry)
  }

  @Test func aTranscriptKeepsTheOrder() {
    let transcript = Transcript()
    let output = transcript.output()
    output.write("a")
    output.writeError("b")
    output.line("c")
    #expect(transcript.all == "abc\n")
    #expect(transcript.out == "ac\n")
    #expect(transcript.error == "b")
  }
}
