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

          -q                   Quiet.
          name                 The name.
          up                   Mark it up.
          alias | add address  Add one.
          range low [high]     Set a range.
          peer name            Connect it.

        """)
  }

  @Test func helpListsAndRefuses() {
    let list = Rig().run("help")
    #expect(list.contains("link      configure links\n"))
    #expect(list.hasSuffix("\ntopics:\nkeys      what keys do\n"))
    #expect(Rig().run("help keys").contains("     TAB completes.\n"))
    let rig = Rig()
    #expect(rig.run("help nonesuch; words $?") == "help: no help topics match 'nonesuch'\n<1>\n")
  }

  @Test func manRefusesPolitely() {
    #expect(Rig().run("man") == "What manual page do you want?\n")
    #expect(Rig().run("man nonesuch") == "No manual entry for nonesuch\n")
    #expect(Rig().run("man 1 link") == "No manual entry for link\n")
    #expect(Rig().run("man 8 link") == Rig().run("man link"))
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

        EXAMPLES
             link em0 mtu 1400

             Makes packets smaller

        SEE ALSO
             route(8), netstat(1)

        fibsh                                                LINK(8)

        """)
  }

  @Test func fillsParagraphs() {
    let page = ManualPage(
      name: "x", section: 7, summary: "y",
      sections: [
        ("TEXT", [.paragraph(Array(repeating: "word", count: 12).joined(separator: " "))]),
        ("LIST", [.list([("a-long-tag", "text"), ("b", "")])]),
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
        .Dd $Mdocdate$
        .Dt STAT 1
        .Os fibsh
        .Sh NAME
        .Nm stat
        .Nd show status
        .Sh SYNOPSIS
        .Bd -literal -offset indent -compact
        stat [\-anr] [\-I name] [\-w wait] [what]
        .Ed
        .Sh DESCRIPTION
        The options are:
        .Pp
        .Bl -tag -width indent
        .It "\-a"
        Show all.
        .It "\-n"
        Show numbers.
        .It "\-r"
        Show routes.
        .It "\-I name"
        Only this name.
        .It "\-w wait"
        Repeat.
        .El
        .Pp
        The operands are:
        .Pp
        .Bl -tag -width indent
        .It "what"
        What to show.
        .El

        """#)
    #expect(Commands.link.page.mdoc.hasSuffix(".Sh SEE ALSO\n.Xr route 8 ,\n.Xr netstat 1\n"))
  }

  @Test func mdocTextIsNoMacro() {
    let page = ManualPage(
      name: "x", section: 7, summary: "y",
      sections: [("A", [.paragraph(".Sh evil"), .list([("a \"b\"", "'c \\d")])])])
    #expect(page.mdoc.contains(".Sh A\n\\&.Sh evil\n"))
    #expect(page.mdoc.contains(".It \"a \"\"b\"\"\"\n\\&'c \\ed\n"))
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
