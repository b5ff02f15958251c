// SPDX-License-Identifier: BSD-2-Clause

import Foundation

/// One recorded scenario: commands, steps, and what the real code answered to each step.
struct Scenario {
  let id: String
  /// What is done before the first step: the commands of the base, then the scenario's own.
  let configuration: [String]
  let steps: [String]
  let results: [JSON]
  /// The configuration commands that the real kernel refused, with the error number.
  let refused: [(command: String, errno: Int)]

  /// The part of the id before the slash.
  var group: String { String(id.prefix { $0 != "/" }) }

  private init?(_ record: JSON, bases: JSON?) {
    guard let id = record["id"]?.text, let steps = record["steps"]?.elements,
      let results = record["result"]?.elements
    else { return nil }
    self.id = id
    let base = record["base"]?.text.flatMap { bases?[$0] }?.elements ?? []
    configuration = (base + (record["config"]?.elements ?? [])).compactMap(\.text)
    self.steps = steps.compactMap(\.text)
    self.results = results
    refused = (record["config_errors"]?.elements ?? []).compactMap { refusal in
      guard let command = refusal["cmd"]?.text, let errno = refusal["err"]?.number else {
        return nil
      }
      return (command, errno)
    }
  }

  /// The scenarios of every file of a folder, in order of file name and line.
  static func all(in folder: URL) throws -> [Scenario] {
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    var scenarios: [Scenario] = []
    for file in files.sorted(by: { $0.path < $1.path }) where file.pathExtension == "jsonl" {
      let text = try String(contentsOf: file, encoding: .utf8)
      var bases: JSON?
      for line in text.split(separator: "\n") {
        let record = try JSON(line: line)
        if let found = record["bases"] { bases = found }
        if let scenario = Scenario(record, bases: bases) { scenarios.append(scenario) }
      }
    }
    return scenarios
  }
}
