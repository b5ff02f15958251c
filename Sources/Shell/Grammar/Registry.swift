// SPDX-License-Identifier: BSD-2-Clause

/// Something `help` explains that is no command.
package struct Topic: Sendable {
  /// What a user types after `help`.
  package let name: String
  /// One line about it.
  package let summary: String
  /// The text.
  package let paragraphs: [String]
  /// Lines that work.
  package let examples: [Example]
  /// Other pages, such as `route(8)`.
  package let seeAlso: [String]

  /// Whether it is about a part of something: its name has two words, it is not listed, and its
  /// paragraphs are lines that need no page around them.
  var isDetail: Bool { name.contains(" ") }

  /// What `help` prints.
  func helpText(width: Int) -> String {
    isDetail ? paragraphs.map { $0 + "\n" }.joined() : page.rendered(width: width)
  }

  /// Makes a topic.
  package init(
    _ name: String, _ summary: String, _ paragraphs: [String], examples: [Example] = [],
    seeAlso: [String] = []
  ) {
    self.name = name
    self.summary = summary
    self.paragraphs = paragraphs
    self.examples = examples
    self.seeAlso = seeAlso
  }
}

/// The commands a shell knows, the shell's own among them.
package struct Registry<World: AnyObject>: Sendable {
  /// All commands by name.
  package let commands: [Command<World>]
  /// What `help` explains besides.
  package let topics: [Topic]
  private let index: [String: Int]

  /// Makes a registry; a command given here hides a builtin of the same name.
  package init(_ commands: [Command<World>], topics: [Topic] = []) {
    let names = Set(commands.map(\.name))
    let builtins = Builtins<World>.commands.filter { !names.contains($0.name) }
    self.commands = (commands + builtins).sorted { $0.name < $1.name }
    self.topics = topics
    var index: [String: Int] = [:]
    for (number, command) in self.commands.enumerated() { index[command.name] = number }
    self.index = index
  }

  /// The topics that are not parts of something.
  package var listedTopics: [Topic] { topics.filter { !$0.isDetail } }

  /// The command of this name; `/sbin/ifconfig` is `ifconfig`.
  package subscript(_ name: String) -> Command<World>? {
    if let number = index[name] { return commands[number] }
    let bare = name.split(separator: "/").last.map(String.init) ?? name
    return index[bare].map { commands[$0] }
  }
}
