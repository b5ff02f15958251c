// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell
import Wire

extension Commands {
  /// Declares the hosts on a wire; a command of ours.
  package static let neighbor = Command<Session>(
    "neighbor", summary: "declare hosts on the wire of an interface", effect: .changes,
    usage: .exact(
      """
      usage: neighbor [-v] [interface]
             neighbor interface address [ether_addr] [silent | flapping [time]]
                      [delay time] [vlan tag] [behind network] ...
             neighbor -g interface address
             neighbor -d interface [address]

      """, status: 64),
    options: [
      Option("d", "Take a host off the wire, or all of an interface."),
      Option("g", "Let a host announce itself by a gratuitous ARP request."),
      Option("v", "Also show how many frames each host heard and answered."),
    ],
    operands: [
      .interface().optional,
      Source("address", "The host's address.") { session in
        session.kernel.neighbors(vnet: session.vnet).map { Candidate("\($0.address)") }
      }.optional,
      Source(
        "ether_addr", "Its link address; it keeps the one it has, or gets one made of its address."
      ).optional,
    ],
    keywords: [NeighborWords.table.section],
    description: [
      "Simulates hosts beside the machine. A declared host answers requests of ARP for its address, "
        + "echo and time stamp requests of ICMP, UDP with 'port unreachable', and TCP with a reset; "
        + "it sends nothing of its own accord. Its answer is a frame that comes in a moment of "
        + "virtual time after the question left: let time pass with sleep(1) or clock(8). inject(8) "
        + "and trace(8) wait for it.",
      "A second declaration with the same address replaces the first, such as to make a host "
        + "silent or to give it another link address. Without words shows the hosts as they were "
        + "declared.",
    ],
    examples: [
      Example("neighbor em0 10.1.0.9 02:00:00:00:00:09", "A host that answers."),
      Example("neighbor em0 10.1.0.9 silent", "It hears all and answers nothing."),
      Example("neighbor em0 10.1.0.9 flapping 5s", "It answers for 5 s, then is silent for 5 s."),
      Example(
        "neighbor em1 198.51.100.1 delay 20ms behind 0.0.0.0/0",
        "A router, behind which all other addresses are one hop further."),
      Example("neighbor", "Shows the hosts."),
    ], seeAlso: ["arp(8)", "inject(8)", "ifconfig(8)"],
    compatibility: ["This is a command of fibsh; FreeBSD has real neighbours."]
  ) { session, invocation, arguments throws(Fault) in
    let run = NeighborRun(session: session, output: invocation.output)
    let words = arguments.operands
    switch (arguments.has("d"), arguments.has("g")) {
    case (true, true): throw .usage()
    case (true, false): try run.delete(words)
    case (false, true): try run.announce(words)
    case (false, false) where words.count < 2:
      try run.show(words.first, isVerbose: arguments.has("v"))
    case (false, false): try run.declare(words)
    }
  }
}

/// The words behind a host's addresses.
enum NeighborWords {
  static let table = KeywordTable<Session, Neighbor>(
    "WORDS",
    [
      Keyword("silent", help: "Hears all and answers nothing.") { neighbor, _, _ in
        neighbor.habit = .silent
      },
      .taking(
        "flapping",
        operands: [Source("time", "Such as 5s or 100ms; 10s if left out.").optional],
        help: "Answers for a time, then is silent for as long, and so on."
      ) { neighbor, rest, _ throws(Fault) in
        var period: UInt64 = 10_000_000_000
        if let word = rest.first, word.first?.isNumber == true {
          period = try TimeSpan.short(rest.removeFirst())
        }
        guard period > 0 else { throw .failed("bad time: 0") }
        neighbor.habit = .flaps(period: period)
      },
      Keyword(
        "delay", operands: [Source("time", "Such as 20ms; 100us if not given.")],
        help: "How long a question and its answer are under way."
      ) { neighbor, words, _ throws(Fault) in neighbor.delay = try TimeSpan.short(words[0]) },
      Keyword(
        "vlan", operands: [Source("tag", "A number from 1 to 4094.")],
        help: "Is in this VLAN: hears and sends frames with its tag."
      ) { neighbor, words, _ throws(Fault) in
        guard let tag = UInt16(words[0]), (1...4094).contains(tag) else {
          throw .failed("bad tag: \(words[0])")
        }
        neighbor.tag = tag
      },
      Keyword(
        "behind", operands: [Source("network", "Such as 192.0.2.0/24.")],
        help:
          "Is a router; every address of this network answers, one hop further. May be repeated."
      ) { neighbor, words, _ throws(Fault) in neighbor.networks.append(try network(words[0])) },
    ])

  private static func network(_ word: String) throws(Fault) -> IPv4Prefix {
    let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPv4Address(dottedQuad: parts[0]),
      let length = Int(parts[1]), (0...32).contains(length)
    else { throw .failed("bad network: \(word)") }
    return IPv4Prefix(address & IPv4Prefix.mask(length: length), length: length)
  }
}

/// One call of neighbor(8).
private struct NeighborRun {
  let session: Session
  let output: Output

  /// Shows the hosts of all interfaces or of one, in words that declare them again.
  func show(_ name: String?, isVerbose: Bool) throws(Fault) {
    let only = try name.map(interface)
    for neighbor in session.kernel.neighbors(vnet: session.vnet)
    where only == nil || only == neighbor.interface {
      output.line(text(neighbor) + (isVerbose ? counts(neighbor) : ""))
    }
  }

  private func text(_ neighbor: Neighbor) -> String {
    let name = session.name(of: neighbor.interface)
    var words = [name, "\(neighbor.address)", "\(neighbor.hardwareAddress)"]
    switch neighbor.habit {
    case .answers: break
    case .silent: words.append("silent")
    case .flaps(let period): words += ["flapping", TimeSpan.text(nanoseconds: period)]
    }
    if neighbor.delay != Neighbor.usualDelay {
      words += ["delay", TimeSpan.text(nanoseconds: neighbor.delay)]
    }
    if let tag = neighbor.tag { words += ["vlan", "\(tag)"] }
    for network in neighbor.networks { words += ["behind", "\(network)"] }
    return words.joined(separator: " ")
  }

  private func counts(_ neighbor: Neighbor) -> String {
    ": heard \(neighbor.heard), answered \(neighbor.answered)"
  }

  func declare(_ words: [String]) throws(Fault) {
    let interface = try interface(words[0])
    let address = try address(words[1])
    var rest = words[2...]
    var hardware: EthernetAddress?
    if let word = rest.first, NeighborWords.table[word] == nil {
      guard let given = EthernetAddress(word) else { throw .failed("bad link address: \(word)") }
      guard !given.isGroup, given != .zero else {
        throw .failed("\(given) is no host's link address")
      }
      hardware = given
      rest.removeFirst()
    }
    let vnet = session.vnet
    let known = session.kernel.neighbor(vnet: vnet, interface: interface, address)
    var neighbor = Neighbor(
      address, hardware ?? known?.hardwareAddress ?? .standing(for: address), on: interface,
      vnet: vnet)
    try NeighborWords.table.parse(rest, into: &neighbor, session) { _, rest throws(Fault) in
      throw .failed("bad word: \(rest.first ?? "")")
    }
    let declared = neighbor
    do throws(Errno) {
      try session.kernel.setNeighbor(declared)
    } catch {
      throw .failed("\(words[0]) has no wire")
    }
  }

  func delete(_ words: [String]) throws(Fault) {
    guard (1...2).contains(words.count) else { throw .usage() }
    let interface = try interface(words[0])
    if words.count == 2 { return try call(words, interface, isDeleting: true) }
    for neighbor in session.kernel.neighbors(vnet: session.vnet)
    where neighbor.interface == interface {
      try call([words[0], "\(neighbor.address)"], interface, isDeleting: true)
    }
  }

  /// The announcement arrives before the command ends, as far as its delay allows.
  func announce(_ words: [String]) throws(Fault) {
    guard words.count == 2 else { throw .usage() }
    try call(words, try interface(words[0]), isDeleting: false)
    session.settle { _ in }
  }

  private func call(
    _ words: [String], _ interface: InterfaceIndex, isDeleting: Bool
  ) throws(Fault) {
    let address = try address(words[1])
    let vnet = session.vnet
    do throws(Errno) {
      if isDeleting {
        try session.kernel.deleteNeighbor(vnet: vnet, interface: interface, address)
      } else {
        try session.kernel.announceNeighbor(vnet: vnet, interface: interface, address)
      }
    } catch {
      throw .failed("no neighbor \(address) on \(words[0])")
    }
  }

  private func interface(_ word: String) throws(Fault) -> InterfaceIndex {
    guard let interface = session.findInterface(word) else {
      throw .failed("interface \(word) does not exist")
    }
    return interface
  }

  private func address(_ word: String) throws(Fault) -> IPv4Address {
    guard let address = IPv4Address(inetAton: word), address != .any, !address.isMulticast,
      !address.isBroadcast
    else { throw .failed("bad address: \(word)") }
    return address
  }
}

extension EthernetAddress {
  /// The link address of a neighbour of whom only the IP address is known.
  static func standing(for address: IPv4Address?) -> EthernetAddress {
    EthernetAddress(rawValue: 0x0201_0000_0000 | UInt64(address?.rawValue ?? 0))
  }
}
