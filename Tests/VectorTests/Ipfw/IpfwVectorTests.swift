// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Testing

/// Replays what the real firewall and its tool answered; a file each for the kinds of recordings.
@Suite("ipfw vectors") struct IpfwVectorTests {
  static var folder: URL { VectorRun.folder("ipfw") }
}
