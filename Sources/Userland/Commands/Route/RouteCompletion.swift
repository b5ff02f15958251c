// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What may stand next in a line of route(8).
enum RouteCompletion {
  /// The words that say what to do.
  static let verbs: [(word: String, help: String)] = [
    ("add", "Add a route."), ("change", "Change a route's gateway or metrics."),
    ("delete", "Delete a route."), ("del", "The same as delete."),
    ("get", "Show the route to a destination."), ("show", "The same as get."),
    ("flush", "Delete all routes over a gateway."),
    ("load", "Add the routes of a file."),
    ("monitor", "Show what changes, as it happens."),
  ]

  /// What may stand behind the words after the options.
  static func next(_ words: ArraySlice<String>, _ session: Session) -> [Source<Session>] {
    guard let verb = words.first else {
      return [.listed("command", verbs)]
    }
    switch verb {
    case "flush": return [.listed("family", [("-inet", "Routes of IPv4, as all are.")])]
    case "load": return load(words.dropFirst())
    case "monitor": return []
    default: break
    }
    let rows = RouteWords.table.section.rows
    var rest = words.dropFirst()
    var positions = 0
    var isDirect = false
    while let word = rest.popFirst() {
      guard let row = rows.first(where: { $0.words.contains(word) }) else {
        positions += 1
        continue
      }
      isDirect = isDirect || row.words.contains("-interface")
      for operand in row.operands where rest.popFirst() == nil { return [operand] }
    }
    let modifiers = Source<Session>.listed(
      "modifier", rows.flatMap { row in row.words.map { ($0, row.help) } })
    return [place(positions, verb, isDirect: isDirect)].compactMap { $0 } + [modifiers]
  }

  /// What may stand behind `load` and these words.
  private static func load(_ words: ArraySlice<String>) -> [Source<Session>] {
    let file = Source<Session>.file("file", "The routes, one a line.")
    switch (words.first, words.count) {
    case (nil, _): return [.listed("modifier", [("-gateway", "What numbers are added to.")]), file]
    case ("-gateway", 1): return [Source("address")]
    case ("-gateway", 2): return [file]
    default: return []
    }
  }

  /// What stands at a position that no modifier took.
  private static func place(
    _ position: Int, _ verb: String, isDirect: Bool
  ) -> Source<Session>? {
    switch position {
    case 0: Source("destination") { destinations($0, verb) }
    case 1 where isDirect: .interface()
    case 1: Source("gateway") { $0.neighbourAddresses }
    default: nil
    }
  }

  /// The destinations of the table; a new one can be the default alone.
  private static func destinations(_ session: Session, _ verb: String) -> [Candidate] {
    let everything = Candidate("default", "every destination without another route")
    if verb == "add" { return [everything] }
    let known = session.routes(in: session.fib).map { route in
      let key = route.key
      let length = key.isHost ? "" : "/\(key.mask.prefixLength ?? 32)"
      let text =
        key.mask == .any && key.destination == .any
        ? "default" : "\(key.destination)\(length)"
      return Candidate(text, "by \(gateway(route, session))")
    }
    return known.contains { $0.text == "default" } ? known : [everything] + known
  }

  private static func gateway(_ route: Rtentry, _ session: Session) -> String {
    switch route.gateway {
    case .address(let address): "\(address) on \(session.name(of: route.interface))"
    case .link: session.name(of: route.interface)
    }
  }
}
