// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What the firewall says of a packet (`IP_FW_PASS` and so on).
package enum FirewallVerdict: Hashable, BitwiseCopyable, Sendable {
  case pass
  /// Refused by this rule; 0 where no rule was tried.
  case deny(rule: UInt16)
  case dummynet(DummynetOrder)
  /// For the divert socket of the port in the packet's tag, or a copy of it.
  case divert(tee: Bool)
  /// For the netgraph hook of this number, or a copy of it.
  case netgraph(hook: UInt32, tee: Bool, from: RuleReference)
  /// Translated; the search goes on behind this rule.
  case nat(from: RuleReference)
  /// A fragment, to be put together with others; the search goes on behind this rule.
  case reass(from: RuleReference)
}

/// Where a rule sends a packet that it gives to dummynet; its flow is the firewall's `flow`.
package struct DummynetOrder: Hashable, BitwiseCopyable, Sendable {
  /// The pipe, or the queue.
  package var number: UInt32
  package var isQueue: Bool
  /// The number of the rule.
  package var rule: UInt16
  package var reference: RuleReference
}

/// What a call of `ipfw_chk()` is told besides the packet (`struct ip_fw_args`).
struct FilterPlace: BitwiseCopyable {
  var direction: Direction
  /// The interface it arrived on for `.in`, the one it leaves by for `.out`.
  var interface: InterfaceIndex
  /// Whose the socket is that it comes from (`inp`).
  var sender: SocketOwner?
  /// The header of a frame: the pass over layer 2.
  var frame: EthernetHeader?
  /// The rule behind which the search goes on.
  var reference: RuleReference?

  init(
    _ direction: Direction, _ interface: InterfaceIndex, sender: SocketOwner? = nil,
    frame: EthernetHeader? = nil
  ) {
    (self.direction, self.interface) = (direction, interface)
    (self.sender, self.frame) = (sender, frame)
  }

  /// An IP packet that begins with the first rule.
  @inline(__always)
  var isPlain: Bool { frame == nil && reference == nil }
}

/// What one call of `ipfw_chk()` remembers from rule to rule.
///
/// It stays where it was made, as copies of it would cost more than most rules do.
struct RuleSearch: ~Copyable {
  private let pin = Pin()
  var facts: PacketFacts
  /// What rules compare of them.
  var numbers = PacketNumbers()
  /// The same as classes of the compiled chain.
  var classes = PacketClasses()
  /// The compiled chain is asked, and not each rule.
  var isCompiled = false
  /// Its memos were asked, and did not know.
  var isAsked = false
  /// Nothing is to be counted: the search ends at a rule that only counts, too.
  var isTrial = false
  private(set) var sender: SocketOwner?
  /// The value of the last table that a condition of the rule found the packet in.
  var tablearg: UInt32 = 0
  /// The last number drawn for a probability, of 31 bits.
  var draw: UInt32 = 0
  /// Whose the packet is.
  var owner = OwnerSearch.unknown
  /// What the look-up of a state gave (`dyn_dir`).
  var state = StateSearch.unknown

  @inline(__always)
  init(
    _ bytes: RawSpan, _ place: FilterPlace, received: InterfaceIndex, fib: FibNumber
  ) {
    facts = PacketFacts(bytes, place, received: received, fib: fib)
    // Few packets have one: the others need no copy of it.
    if let owner = place.sender { sender = owner }
  }

  /// An argument of an instruction, or what a table gave for it.
  @inline(__always)
  func argument(_ argument: UInt16) -> UInt32 {
    argument == RuleAction.tablearg ? tablearg : UInt32(argument)
  }
}

/// Whether a state was looked for, and found.
enum StateSearch: Hashable, BitwiseCopyable {
  case unknown
  case none
  case found(isForward: Bool)
}

/// How the conditions of a rule went.
enum RuleOutcome: BitwiseCopyable {
  /// All are met: the action is next.
  case met
  /// This instruction failed first; one behind the last is the action.
  case failed(Int)
  /// A state was found: the action of the rule at this place of the chain is next.
  case state(parent: Int)
  /// No state could be made: the packet is denied.
  case refused
}
