// SPDX-License-Identifier: BSD-2-Clause

import Shell

/// What `help` says of typing and of command files.
enum ShellTopics {
  static let all = [shell, keys]

  private static let shell = Topic(
    "shell", "words, quotes, files, pipes and command files",
    [
      "Lines are read as sh(1) reads them: words with blanks between them, '...' and \"...\" to quote, "
        + "a backslash for one character, # for a comment, ; && || and ! between commands. Lines pasted "
        + "with a '# ' in front are comments. $? is the last status.",
      "> FILE and >> FILE write to a file of the host, < FILE reads one, 2>&1 joins the streams. "
        + "'| COMMAND' gives the output to a program of the host, at a terminal or with 'fibsh --exec'.",
      "A file of commands is run by 'fibsh FILE' or, inside, by 'source FILE'; 'set -e' leaves at the "
        + "first command that fails. 'expect' makes a file a test. ipfw(8), setfib(1) and others are "
        + "found under their paths too, so that /sbin/ipfw works.",
      "Parentheses, braces, semicolons and ampersands in arguments must be quoted where sh(1) would "
        + "take them: ipfw add allow tcp from any to 'table(1)'.",
    ],
    examples: [
      Example("ifconfig em0 up && ifconfig em0", "The second runs if the first worked."),
      Example("echo $?", "Shows the last status."),
    ],
    seeAlso: ["source(1)", "set(1)", "expect(8)"])

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
