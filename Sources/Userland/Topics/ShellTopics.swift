// SPDX-License-Identifier: BSD-2-Clause

import Shell

/// What `help` says of typing and of command files.
enum ShellTopics {
  static let all = [shell, keys]

  private static let shell = Topic(
    "shell", "the language of lines and command files",
    [
      "Lines are read as sh(1) reads them: words with blanks between them, '...' and \"...\" to quote, "
        + "a backslash for one character, # for a comment, ; && || and ! between commands. Lines pasted "
        + "with a '# ' in front are comments. A line that is not finished asks for more with '> '.",
      "NAME=value sets a variable, $NAME and ${NAME:-else} are its value, $(command) is what a command "
        + "writes, $((1 + 2)) a sum, $? the last status. There are if, for, while, until, case, functions "
        + "and { } and ( ) around lists of commands; local, read, test, printf, trap, set and eval are as in "
        + "sh(1).",
      "> FILE and >> FILE write to a file of the host, < FILE reads one, << END begins lines of input, "
        + "as for cat(1), 2>&1 joins the streams. '|' gives the output to another command: one of these, or a program of "
        + "the host at a terminal or with 'fibsh --exec', which also runs them alone.",
      "A command that watches, such as tcpdump(1), goes on while others run if an ampersand stands "
        + "behind it; 'jobs' lists such commands, 'kill %1' ends one.",
      "A file of commands is run by 'fibsh FILE' or, inside, by '. FILE'; 'set -e' leaves at the first "
        + "command that fails, 'set -x' shows each. 'expect' makes a file a test. Tools are found under "
        + "their paths too, so that /sbin/ipfw works.",
      "Parentheses, semicolons and ampersands in arguments must be quoted, as 'table(1)'. Braces, stars "
        + "and question marks need no quotes.",
    ],
    examples: [
      Example("for fib in 0 1; do setfib $fib netstat -rn; done", "Shows two tables."),
      Example(
        "test $(sysctl -n net.inet.ip.forwarding) = 0 && echo off",
        "Asks whether the machine is a router."),
      Example("netstat -rn | while read net gw rest; do echo $net $gw; done", "Reads a table."),
    ],
    seeAlso: ["set(1)", "test(1)", "read(1)", "expect(8)"])

  private static let keys = Topic(
    "keys", "editing a line, completion and history",
    [
      "TAB completes the word at the cursor, from what the command takes there and from what exists "
        + "now; where several words are possible it lists them with what they mean.",
      "^A and ^E go to the ends of the line, ^B and ^F or arrows go by letters, ESC-b and ESC-f by "
        + "words; ^D deletes a letter, ^W the word before, ^K to the end, ^U the line; ^Y puts it back.",
      "^P and ^N or arrows go through the lines entered before, ^R searches them backwards, ESC-p for "
        + "those that begin like this one. 'history' lists them; they are kept in ~/.fibsh_history.",
      "^C drops the line, or ends the command that runs. ^Z suspends the shell. ^D on an empty line "
        + "leaves it.",
      "'bind -v' gives the keys of vi, 'bind' lists all; lines of ~/.editrc, such as 'fibsh:bind -v', "
        + "are read at the start.",
    ],
    seeAlso: ["bind(1)", "history(1)", "help(1)"])
}
