// SPDX-License-Identifier: BSD-2-Clause

import Foundation

/// What all verdict scenarios of a file have in common: its first line.
struct VerdictSetting {
  /// `NAME ADDRESS/LENGTH`, or a name alone.
  let interfaces: [String]
  /// `FIB PREFIX INTERFACE [reject or blackhole]`.
  let routes: [String]
  /// The bytes of the packets that steps name, in hexadecimal.
  let packets: [String: String]

  fileprivate init?(_ record: JSON) {
    guard let packets = record["packets"], let interfaces = record["ifs"],
      let routes = record["routes"]
    else { return nil }
    self.packets = packets.members.compactMapValues(\.text)
    self.interfaces = interfaces.elements.compactMap(\.text)
    self.routes = routes.elements.compactMap(\.text)
  }
}

/// Rules, and what the real firewall did with packets, clock and commands.
struct VerdictScenario {
  let setting: VerdictSetting
  let name: String
  let group: String
  /// What ipfw(8) was told first.
  let rules: [String]
  /// Sockets that are there: protocol, local end, foreign end, uid, gid and jail.
  let sockets: [String]
  /// What `list` then showed, and `show` at the end.
  let list: String?
  let show: String?
  let steps: [JSON]

  /// Whether the answers depend on numbers that the recorder drew.
  var drawsNumbers: Bool { rules.contains { $0.contains(" prob ") } }

  private init?(_ record: JSON, _ setting: VerdictSetting) {
    guard let name = record["name"]?.text, let group = record["group"]?.text,
      let steps = record["steps"]?.elements, let rules = record["rules"]?.elements
    else { return nil }
    (self.setting, self.name, self.group, self.steps) = (setting, name, group, steps)
    self.rules = rules.compactMap(\.text)
    sockets = (record["env"]?["socks"]?.elements ?? []).compactMap(\.text)
    list = record["list"]?.text
    show = record["show"]?.text
  }

  /// The scenarios of every file of a folder whose first line is a setting.
  static func all(in folder: URL) throws -> [VerdictScenario] {
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    var scenarios: [VerdictScenario] = []
    for file in files.sorted(by: { $0.path < $1.path }) where file.pathExtension == "jsonl" {
      let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      guard let first = lines.first, let setting = VerdictSetting(try JSON(line: first)) else {
        continue
      }
      for line in lines.dropFirst() {
        guard let scenario = VerdictScenario(try JSON(line: line), setting) else {
          throw CocoaError(.fileReadCorruptFile)
        }
        scenarios.append(scenario)
      }
    }
    return scenarios
  }
}
