// SPDX-License-Identifier: BSD-2-Clause

/// The command that talks to the line editor.
extension Builtins {
  static var bind: Command<World> {
    Command(
      "bind", section: 1, summary: "bind a key to a function of the line editor", effect: .reads,
      options: nil,
      operands: [
        Source("option", "-e or -v for the keys of emacs or vi, -s for a text, -r to remove, -l.") {
          _ in
          [
            Candidate("-e", "Binds all keys as emacs has them."),
            Candidate("-v", "Binds all keys as vi has them."),
            Candidate("-a", "Means the keys of vi's command mode."),
            Candidate("-k", "The key is the name of an arrow key."),
            Candidate("-l", "Lists the functions and what they do."),
            Candidate("-r", "Removes a key."), Candidate("-s", "The key types a text."),
          ]
        }.optional.repeated,
        Source("key", "A character, ^X for a control key, \\e[A for what an arrow sends.").optional,
        Source("function", "What the key does, such as ed-prev-word.").optional,
      ],
      description: [
        "Binds keys as a line of ~/.editrc does, and lists what is bound if there are no words."
      ],
      examples: [
        Example("bind", "Lists all keys."), Example("bind -v", "Gives the keys of vi."),
        Example("bind ^O ed-prev-word", "Binds a key."),
      ], seeAlso: ["history(1)"],
      exitStatus: "0 on success, 1 if libedit refuses the words or there is no terminal.",
      isBuiltin: true
    ) { _, invocation, _ throws(Fault) in
      guard let status = invocation.interpreter.host.edit(invocation.words) else {
        throw .failed("there is no line editor")
      }
      // libedit has said what it does not like.
      if status != 0 { throw .silent(status) }
    }
  }
}
