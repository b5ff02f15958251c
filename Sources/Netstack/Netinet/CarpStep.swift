// SPDX-License-Identifier: BSD-2-Clause

/// A carp interface's change of state, and why.
package struct CarpStep: Hashable, BitwiseCopyable, Sendable {
  package enum Reason: UInt8, BitwiseCopyable, Sendable {
    /// It begins as a backup.
    case waiting
    /// It begins as the master (`net.inet.carp.preempt`).
    case preempting
    /// It advertises more often than the master.
    case slowerMaster
    /// The master is going to advertise so seldom that it counts as gone.
    case timedOut
    /// Nothing was heard of the master for three of its own beats.
    case silence
    /// Another master advertises as often, or more.
    case fasterMaster
    /// The administrator wants it so.
    case asked
  }

  package var interface: InterfaceIndex
  package var from: CarpState
  package var to: CarpState
  package var reason: Reason

  /// The change as 8.0's log has it.
  package var text: String {
    let change = "\(from.word) -> \(to.word)"
    return switch reason {
    case .waiting: change
    case .preempting: "\(change) (preempting)"
    case .slowerMaster: "\(change) (preempting a slower master)"
    case .timedOut: "\(change) (master timed out)"
    // 8.0 changes without a word.
    case .silence: "\(change) (nothing heard of a master)"
    case .asked: "\(change) (asked for)"
    case .fasterMaster: "\(change) (more frequent advertisement received)"
    }
  }
}
