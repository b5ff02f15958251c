// SPDX-License-Identifier: BSD-2-Clause

/// The commands that explain the others, from what the others declare.
extension Builtins {
  static var help: Command<World> {
    Command(
      "help", section: 1, summary: "explain the commands in short", effect: .reads, options: nil,
      operands: [
        Source("command", "A command or topic to explain; else all are listed.", kind: .subject)
          .optional,
        Source("subtopic", "What of it to explain, such as an id of a trace.").optional,
      ],
      description: ["Lists the commands, or shows the usage, options and keywords of one."],
      seeAlso: ["man(1)"], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let registry = invocation.interpreter.registry
      guard let name = arguments.operands.first else {
        return invocation.output.write(registry.overview)
      }
      let full = arguments.operands.joined(separator: " ")
      if arguments.operands.count == 1, let command = registry[name] {
        invocation.output.write(command.helpText)
      } else if let topic = registry.topics.first(where: { $0.name == full }) {
        invocation.output.write(topic.helpText(width: invocation.output.columns ?? 80))
      } else {
        throw .failed("no help topics match '\(full)'")
      }
    }
  }

  static var man: Command<World> {
    Command(
      "man", section: 1, summary: "show a manual page", effect: .reads, options: nil,
      operands: [
        Source("section", "The section of the manual; each command has one page only.").optional,
        Source("command", "The command whose page to show.", kind: .subject),
      ],
      description: ["Shows the manual page of a command, made from what the command declares."],
      examples: [Example("man man", "shows this page")], seeAlso: ["help(1)"], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      var words = arguments.operands
      let section = words.count > 1 ? Int(words[0]) : nil
      if section != nil { words.removeFirst() }
      guard !words.isEmpty else { throw .worded("What manual page do you want?\n") }
      for name in words {
        guard let command = invocation.interpreter.registry[name],
          section ?? command.section == command.section
        else { throw .worded("No manual entry for \(name)\n") }
        invocation.output.write(command.page.rendered(width: invocation.output.columns ?? 80))
      }
    }
  }
}

extension Registry {
  /// What `help` prints alone.
  var overview: String {
    let topics = listedTopics
    let width = (commands.map(\.name.utf8.count) + topics.map(\.name.utf8.count)).max() ?? 0
    var text = ""
    for command in commands {
      text += "\(command.name.padRight(to: width))  \(command.summary)\n"
    }
    if !topics.isEmpty { text += "\ntopics:\n" }
    for topic in topics { text += "\(topic.name.padRight(to: width))  \(topic.summary)\n" }
    return text
  }
}
