// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell
import Wire

extension Commands {
  /// Says what the cable of a pair of interfaces does to frames; a command of ours.
  package static let link = Command<Session>(
    "link", summary: "slow, damage and pull the cable between a pair of interfaces",
    effect: .changes,
    usage: .exact(
      """
      usage: link [-av] [interface | epairN]
             link interface | epairN [delay time] [bw rate] [plr fraction] [queue slots]
                  [up | down | reset] ...

      """, status: 64),
    options: [
      Option("a", "Show the cables of all network stacks."),
      Option("v", "Also show the other ends, and how many frames are under way and were lost."),
    ],
    operands: [
      Source("interface | epairN", "An end, or both ends of a pair.") { session in
        session.interfaces.filter { session.interface($0).driver == .epair }.map(session.face)
      }.optional
    ],
    keywords: [LinkWords.table.section],
    description: [
      "An epair of FreeBSD hands a frame over at once. Here the cable between its ends may take "
        + "time, have a bandwidth, lose frames and be pulled out. What is said of an interface is "
        + "for the frames that leave by it; what is said of a pair, such as epair0, is for both "
        + "directions. Without words shows the cables in the words that set them.",
      "Frames are under way in virtual time: let it pass with sleep(1) or clock(8). inject(8) and "
        + "trace(8) wait for what is under way a second at most. Frames are lost by the machine's "
        + "own random numbers, the same in each run. A frame counts as sent when its interface has "
        + "put it onto the cable, whatever becomes of it there.",
      "Both ends hear of a cable that is pulled out, as a card's driver does. An epair of FreeBSD "
        + "8.0 knows nothing of its link, and carp(4) takes that for no link; with up both ends "
        + "have one.",
    ],
    examples: [
      Example(
        "ifconfig epair0 create; link epair0a delay 20ms bw 10Mbit/s plr 0.01",
        "What leaves by epair0a takes 20 ms, more if there is much, and 1 of 100 is lost."),
      Example(
        "ifconfig epair0 create; link epair0 delay 20ms; link -v", "Slows both directions."),
      Example("ifconfig epair0 create; link epair0a down", "Pulls the cable out."),
      Example("ifconfig epair0 create; link epair0 reset", "A cable as it was made."),
      Example("link -a", "Shows the cables of all stacks."),
    ], seeAlso: ["clock(8)", "ifconfig(8)", "jexec(8)", "neighbor(8)"],
    compatibility: [
      "This is a command of fibsh; FreeBSD has a bridge of two interfaces with dummynet for it."
    ]
  ) { session, invocation, arguments throws(Fault) in
    let run = LinkRun(session: session, output: invocation.output)
    let words = arguments.operands[...]
    if words.count > 1 {
      guard !arguments.has("a"), !arguments.has("v") else { throw .usage() }
      try run.change(words)
    } else {
      try run.show(words.first, isOfAll: arguments.has("a"), isVerbose: arguments.has("v"))
    }
  }
}

/// What is asked of one direction of a cable.
private struct LinkChange {
  var settings: CableSettings
  var state: LinkState?
}

/// The words of link(8).
private enum LinkWords {
  static let table = KeywordTable<Session, LinkChange>(
    "WORDS",
    [
      Keyword(
        "delay", operands: [Source("time", "Such as 20ms or 1s; a number alone is milliseconds.")],
        help: "How long a frame is under way."
      ) { change, words, _ throws(Fault) in
        let isBare = !words[0].isEmpty && words[0].utf8.allSatisfy { (0x30...0x39).contains($0) }
        change.settings.delay = try TimeSpan.short(isBare ? words[0] + "ms" : words[0])
      },
      Keyword(
        "bw", "bandwidth", operands: [Source("rate", "Such as 10Mbit/s or 64Kbit/s; 0 for none.")],
        help: "How fast frames leave, one after the other."
      ) { change, words, _ throws(Fault) in change.settings.bandwidth = try rate(words[0]) },
      Keyword(
        "plr", "loss", operands: [Source("fraction", "From 0 to 1, or in percent, as 1%.")],
        help: "How many frames are lost."
      ) { change, words, _ throws(Fault) in change.settings.loss = try fraction(words[0]) },
      Keyword(
        "queue", operands: [Source("slots", "From 1 to 1000000; 50 if not given.")],
        help: "How many frames may wait for the bandwidth."
      ) { change, words, _ throws(Fault) in
        guard let slots = UInt32(words[0]), (1...1_000_000).contains(slots) else {
          throw .failed("bad queue: \(words[0])")
        }
        change.settings.queue = slots
      },
      Keyword("up", help: "The cable is put in: both ends have a link.") { change, _, _ in
        change.state = .up
      },
      Keyword("down", help: "The cable is pulled out.") { change, _, _ in change.state = .down },
      Keyword("reset", help: "The cable is as it was made.") { change, _, _ in
        change = LinkChange(settings: CableSettings(), state: .unknown)
      },
    ])

  /// Reads a rate as ipfw(8) does: K, M or G, then `bit/s` or `Byte/s`.
  private static func rate(_ word: String) throws(Fault) -> UInt64 {
    let digits = word.prefix { $0.isASCII && $0.isNumber }
    var unit = word.dropFirst(digits.count)
    var scale: UInt64 = 1
    if let first = unit.first, let factor = scales[first] {
      scale = factor
      unit.removeFirst()
    }
    switch unit.lowercased() {
    case "", "bit/s": break
    case "byte/s": scale *= 8
    default: throw .failed("bad rate: \(word)")
    }
    // A terabit a second, so that the time of the longest frame is no less than a nanosecond's part.
    guard digits.utf8.count <= 13, let number = UInt64(digits),
      case let (rate, overflow) = number.multipliedReportingOverflow(by: scale), !overflow,
      rate <= 1_000_000_000_000
    else { throw .failed("bad rate: \(word)") }
    return rate
  }

  private static let scales: [Character: UInt64] = [
    "K": 1000, "k": 1000, "M": 1_000_000, "G": 1_000_000_000,
  ]

  /// How a rate is written so that it reads as the same.
  static func text(rate: UInt64) -> String {
    for (name, scale) in [("G", 1_000_000_000), ("M", 1_000_000), ("K", 1000)] as [(String, UInt64)]
    where rate > 0 && rate % scale == 0 {
      return "\(rate / scale)\(name)bit/s"
    }
    return "\(rate)bit/s"
  }

  private static func fraction(_ word: String) throws(Fault) -> UInt32 {
    let isPercent = word.hasSuffix("%")
    guard let number = Double(isPercent ? String(word.dropLast()) : word) else {
      throw .failed("bad fraction: \(word)")
    }
    let fraction = isPercent ? number / 100 : number
    guard (0...1).contains(fraction) else { throw .failed("bad fraction: \(word)") }
    return UInt32((fraction * Double(CableSettings.certainLoss)).rounded())
  }
}

/// One call of link(8).
private struct LinkRun {
  let session: Session
  let output: Output

  func change(_ words: ArraySlice<String>) throws(Fault) {
    guard let name = words.first else { throw .usage() }
    for end in try ends(name) {
      var change = LinkChange(settings: session.kernel.link(end).cable.settings, state: nil)
      try LinkWords.table.parse(words.dropFirst(), into: &change, session) {
        _, rest throws(Fault) in
        throw .failed("bad word: \(rest.first ?? "")")
      }
      session.kernel.setLink(end, change.settings)
      if let state = change.state { session.kernel.setCable(end, state) }
    }
  }

  func show(_ name: String?, isOfAll: Bool, isVerbose: Bool) throws(Fault) {
    let only = try name.map(ends)
    for link in session.kernel.links
    where only?.contains(link.end) ?? (isOfAll || link.from.vnet == session.vnet) {
      output.line(text(link) + (isVerbose ? counts(link) : ""))
    }
  }

  private func text(_ link: LinkReport) -> String {
    let settings = link.cable.settings
    var words = [session.name(of: link.from.interface, in: link.from.vnet)]
    if link.from.vnet != session.vnet {
      words = ["jexec", session.name(of: link.from.vnet), "link"] + words
    }
    if settings.delay > 0 { words += ["delay", TimeSpan.text(nanoseconds: settings.delay)] }
    if settings.bandwidth > 0 {
      words += ["bw", LinkWords.text(rate: settings.bandwidth)]
    }
    if settings.loss > 0 {
      let fraction = Double(settings.loss) / Double(CableSettings.certainLoss)
      words += ["plr", fraction.fixed(6)]
    }
    if settings.queue != CableSettings().queue { words += ["queue", "\(settings.queue)"] }
    if link.cable.isDown { words.append("down") }
    return words.joined(separator: " ")
  }

  private func counts(_ link: LinkReport) -> String {
    let other = session.name(of: link.to.interface, in: link.to.vnet)
    return ": to \(other) in \(session.name(of: link.to.vnet)), \(link.underWay) under way, "
      + "\(link.cable.lost) lost, \(link.cable.refused) refused"
  }

  /// The end of an interface's name, or both of a pair's.
  private func ends(_ name: String) throws(Fault) -> [Int32] {
    if let interface = session.findInterface(name) {
      let end = session.interface(interface).epairEnd
      guard end >= 0 else { throw .failed("\(name) is no end of a pair") }
      return [end]
    }
    if name.hasPrefix("epair"), let unit = Int(name.dropFirst("epair".count)) {
      let ends = session.kernel.epairEnds(unit: unit)
      if !ends.isEmpty { return ends }
    }
    throw .failed("interface \(name) does not exist")
  }
}
