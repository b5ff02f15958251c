// SPDX-License-Identifier: BSD-2-Clause

/// The commands that explain the others, from what the others declare.
extension Builtins {
  static var help: Command<World> {
    Command(
      "help", section: 1, summary: "explain the commands in short", effect: .reads, options: nil,
      operands: [
        Source("command", "A command or topic to explain; else all are listed.", kind: .subject)
          .optional,
        Source(
          "word", "What of it to explain: an option or keyword, or the id of a trace.", kind: .part
        ).optional.repeated,
      ],
      description: [
        "Lists the commands and topics, or explains one, or single words of a command."
      ],
      examples: [
        Example("help", "Lists commands and topics."), Example("help man", "Explains a command."),
        Example("help echo -n", "Explains a word of one."),
      ],
      seeAlso: ["man(1)"], exitStatus: "0 on success, 1 if there is no such topic.",
      isBuiltin: true
    ) { world, invocation, arguments throws(Fault) in
      let registry = invocation.interpreter.registry
      guard let name = arguments.operands.first else {
        return invocation.output.write(registry.overview)
      }
      let width = invocation.output.columns ?? 80
      let full = arguments.operands.joined(separator: " ")
      if let topic = registry.topics.first(where: { $0.name == full }) {
        return invocation.output.write(topic.helpText(width: width))
      }
      guard let command = registry[name] else { throw .failed("no help topics match '\(full)'") }
      let words = arguments.operands.dropFirst()
      if words.isEmpty { return invocation.output.write(command.helpText(width: width)) }
      let parts = words.map { command.parts(named: $0, world) }
      guard !parts.contains(where: \.isEmpty) else {
        throw .failed("no help topics match '\(full)'")
      }
      invocation.output.write(Array(parts.joined()).text(of: command.name))
    }
  }

  static var man: Command<World> {
    Command(
      "man", section: 1, summary: "show a manual page", effect: .reads, options: nil,
      operands: [
        Source("-k", "Lists the pages whose name or summary has the word.", kind: .literal(["-k"]))
          .optional,
        Source("section", "The section of the manual; each command has one page only.").optional,
        Source("command", "The command or topic whose page to show.", kind: .subject),
      ],
      description: [
        "Shows the manual page of a command or topic, made from what the command declares. At a "
          + "terminal the pager of the environment variable PAGER shows it, or less(1)."
      ],
      examples: [
        Example("man man", "Shows this page."),
        Example("man -k page", "Lists what has to do with pages."),
      ], seeAlso: ["help(1)"], exitStatus: "0 on success, 1 if there is no such page.",
      isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let registry = invocation.interpreter.registry
      var words = arguments.operands
      if words.first == "-k" { return try registry.showPages(about: words.dropFirst(), invocation) }
      let section = words.count > 1 ? Int(words[0]) : nil
      if section != nil { words.removeFirst() }
      guard !words.isEmpty else { throw .worded("What manual page do you want?\n") }
      for name in words {
        let page =
          registry[name]?.page ?? registry.listedTopics.first { $0.name == name }?.page
        guard let page else { throw .worded("No manual entry for \(name)\n") }
        if let section, section != page.section {
          throw .worded("No entry for \(name) in section \(section) of the manual\n")
        }
        invocation.show(page)
      }
    }
  }
}

extension Invocation {
  /// Shows a page through the user's pager at a terminal, else as plain text.
  fileprivate func show(_ page: ManualPage) {
    let width = output.columns ?? 80
    let host = interpreter.host
    if let pager = host.pager, output.isTerminal, interpreter.allowsHostPrograms {
      do throws(HostError) {
        let script = HostScript(text: pager, name: "man", parameters: [], variables: [])
        let sink = try host.spawn(script)
        _ = sink.write(Array(page.rendered(width: width, style: .overstruck).utf8))
        // 127 is sh(1)'s for a pager that is not there.
        if sink.close() != 127 { return }
      } catch {
        // Without a pager the page is shown as it is.
      }
    }
    output.write(page.rendered(width: width))
  }
}

extension Registry {
  /// What `help` prints alone: the tools, the topics, and the shell's own commands.
  var overview: String {
    let groups = [
      ("", commands.filter { !$0.isBuiltin }.map { ($0.name, $0.summary) }),
      ("\ntopics:\n", listedTopics.map { ($0.name, $0.summary) }),
      ("\nof the shell:\n", commands.filter(\.isBuiltin).map { ($0.name, $0.summary) }),
    ]
    let width = groups.flatMap(\.1).map(\.0.utf8.count).max() ?? 0
    var text = ""
    for (title, rows) in groups where !rows.isEmpty {
      text += title
      for (name, summary) in rows { text += "\(name.padRight(to: width))  \(summary)\n" }
    }
    return text + "\n'help NAME' explains one, 'help COMMAND WORD' a word of it, 'man NAME' more.\n"
  }

  /// Lists the pages with a word in their name or summary, as apropos(1).
  fileprivate func showPages(
    about words: ArraySlice<String>, _ invocation: Invocation<World>
  ) throws(Fault) {
    guard !words.isEmpty else { throw .worded("apropos what?\n") }
    let pages =
      commands.map { ($0.name, $0.section, $0.summary) }
      + listedTopics.map { ($0.name, 7, $0.summary) }
    for word in words {
      let asked = word.lowercased()
      let found = pages.filter { $0.0.contains(asked) || $0.2.lowercased().contains(asked) }
      if found.isEmpty { throw .worded("\(word): nothing appropriate\n") }
      for (name, section, summary) in found {
        invocation.output.line("\(name)(\(section))".padRight(to: 20) + " - \(summary)")
      }
    }
  }
}
