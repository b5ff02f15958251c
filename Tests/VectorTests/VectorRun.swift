// SPDX-License-Identifier: BSD-2-Clause

import Foundation

/// What of the recorded answers a run replays, and how much it says.
///
/// `FIBSH_VECTORS` names another folder with the same layout, `FIBSH_VECTORS_GROUP` one group to run,
/// and with `FIBSH_VECTORS_VERBOSE=N` the first N disagreements of each group are printed.
enum VectorRun {
  private static let environment = ProcessInfo.processInfo.environment

  /// The folder of the recorded files of a kind.
  static func folder(_ kind: String) -> URL {
    environment["FIBSH_VECTORS"].map { URL(filePath: $0).appending(path: kind) } ?? ownFolder(kind)
  }

  /// The project's own, whatever the environment says.
  static func ownFolder(_ kind: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/\(kind)")
  }

  /// Whether a group is to run.
  static func isWanted(_ group: String) -> Bool {
    let wanted = environment["FIBSH_VECTORS_GROUP"]
    return wanted == nil || wanted == group
  }

  /// How many disagreements of each group are printed.
  static let shown = environment["FIBSH_VECTORS_VERBOSE"].flatMap { Int($0) } ?? 0
}
