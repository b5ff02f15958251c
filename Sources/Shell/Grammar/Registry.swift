// SPDX-License-Identifier: BSD-2-Clause

/// Something `help` explains that is no command.
package struct Topic: Sendable {
  /// What a user types after `help`.
  package let name: String
  /// One line about it.
  package let summary: String
  /// The text.
  package let paragraphs: [String]

  /// Whether it is about a part of something: its name has two words, it is not listed, and its
  /// paragraphs are lines that need no page around them.
  var isDetail: Bool { name.contains(" ") }

  /// What `help` prints.
  func helpText(width: Int) -> String {
    isDetail ? paragraphs.map { $0 + "\n" }.joined() : page.rendered(width: width)
  }

  /// Makes a topic.
  package init(_ name: String, _ summary: String, _ paragraphs: [String]) {
    self.name = name
    self.summary = summary
    self.paragraphs = paragraphs
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
  var listedTopics: [Topic] { topics.filter { !$0.isDetail } }

  /// The command of this name; `/sbin/ifconfig` is `ifconfig`.
  package subscript(_ name: String) -> Command<World>? {
    let bare = name.split(separator: "/").last.map(String.init) ?? name
    return index[bare].map { commands[$0] }
  }

  /// The command whose name is at most two slips away, to suggest it on a terminal.
  func nearest(to name: String) -> String? {
    guard name.utf8.count < 32 else { return nil }
    let near = commands.map { ($0.name, slips(Array(name.utf8), Array($0.name.utf8))) }
      .min { $0.1 < $1.1 }
    guard let near, near.1 <= 2, near.1 < name.utf8.count else { return nil }
    return near.0
  }
}

/// The number of letters to add, drop or change between two words (Levenshtein).
private func slips(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var row = Array(0...right.count)
  for (line, byte) in left.enumerated() {
    var diagonal = row[0]
    row[0] = line + 1
    for (column, other) in right.enumerated() {
      let cost = min(diagonal + (byte == other ? 0 : 1), row[column] + 1, row[column + 1] + 1)
      diagonal = row[column + 1]
      row[column + 1] = cost
    }
  }
  return row[right.count]
}
