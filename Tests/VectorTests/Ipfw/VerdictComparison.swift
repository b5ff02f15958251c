// SPDX-License-Identifier: BSD-2-Clause

/// Compares a recorded verdict with the model's, member by member.
struct VerdictComparison {
  /// The members that are recorded but not compared, each with the reason.
  static let uncompared: [String: String] = [
    "skip_firewall": "the hook was off for answers, as the recorder sent none of its ICMP errors",
    "queue": "the recorder took the log or tag of a rule for its action",
    "log level": "the model's messages have no priority",
  ]

  /// What differs, a line each.
  private(set) var differences: [String] = []
  /// How often each member of `uncompared` was met.
  private(set) var skipped: [String: Int] = [:]

  /// Notes a difference that is no member's.
  mutating func note(_ difference: String) { differences.append(difference) }

  /// Whether two verdicts have no difference.
  func agrees(_ recorded: JSON, _ found: JSON) -> Bool {
    var copy = VerdictComparison()
    copy.compare(.null, recorded: recorded, found: found)
    return copy.differences.isEmpty
  }

  /// Compares texts.
  mutating func compare(_ what: String, recorded: String?, found: String) {
    guard let recorded, recorded != found else { return }
    note(
      "\(what):\n      recorded \(recorded.debugDescription)\n      got      \(found.debugDescription)"
    )
  }

  /// Compares the members of a verdict.
  mutating func compare(_ step: JSON, recorded: JSON, found: JSON) {
    let recorded = plain(recorded, beside: found)
    let found = JSON.object(found.members.filter { $0.key == "passes" || !$0.value.isEmpty })
    let names = Set(recorded.members.keys).union(found.members.keys)
    let differing = names.sorted().filter { recorded[$0] != found[$0] }
    if differing.isEmpty { return }
    note("at: \(step)")
    for name in differing {
      let (old, new) = (recorded[name], found[name])
      note(
        "\(name): recorded \(old?.description ?? "nothing"), got \(new?.description ?? "nothing")")
    }
  }

  /// A recorded verdict without what is not compared.
  private mutating func plain(_ recorded: JSON, beside found: JSON) -> JSON {
    var members = recorded.members
    if let lines = members["log"]?.elements {
      skipped["log level", default: 0] += lines.count
      members["log"] = .array(lines.compactMap { $0.elements.last })
    }
    if var reply = members["reply"]?.elements, reply.first == .text("tcp_rst"),
      found["reply"]?.elements.last?["skip_firewall"] == nil
    {
      skipped["skip_firewall", default: 0] += 1
      var fields = reply[1].members
      fields["skip_firewall"] = nil
      reply[1] = .object(fields)
      members["reply"] = .array(reply)
    }
    if let requests = members["dummynet"]?.elements {
      let isTold = found["dummynet"]?.elements.first?["queue"] != nil
      members["dummynet"] = .array(
        requests.map { request in
          if isTold || request["queue"] == nil { return request }
          skipped["queue", default: 0] += 1
          return .object(request.members.filter { $0.key != "queue" })
        })
    }
    return .object(members.filter { $0.key == "passes" || !$0.value.isEmpty })
  }
}
