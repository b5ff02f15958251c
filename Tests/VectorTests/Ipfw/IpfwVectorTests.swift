// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Testing

/// Replays what the real firewall and its tool answered.
///
/// `FIBSH_VECTORS` names another folder with the same layout, `FIBSH_VECTORS_GROUP` one group to run,
/// and with `FIBSH_VECTORS_VERBOSE=N` the first N disagreements of each group are printed.
@Suite("ipfw vectors") struct IpfwVectorTests {
  static let environment = ProcessInfo.processInfo.environment

  /// The folder of the recorded files.
  static var folder: URL {
    let own = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Vectors")
    let root = environment["FIBSH_VECTORS"].map { URL(filePath: $0) } ?? own
    return root.appending(path: "ipfw")
  }

  /// Whether a group is to run.
  static func isWanted(_ group: String) -> Bool {
    guard let wanted = environment["FIBSH_VECTORS_GROUP"] else { return true }
    return wanted == group
  }

  /// How many disagreements of each group are printed.
  static let shown = environment["FIBSH_VECTORS_VERBOSE"].flatMap { Int($0) } ?? 0
}
