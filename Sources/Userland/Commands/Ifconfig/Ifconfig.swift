// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell
import Wire

extension Commands {
  /// ifconfig(8): shows and sets what interfaces are.
  package static let ifconfig = Command<Session>(
    "ifconfig", summary: "configure network interface parameters", effect: .changes,
    usage: .exact(
      """
      usage: ifconfig [-L] [-C] [-g groupname] interface address_family [address [dest_address]]
                      [parameters]
             ifconfig interface create
             ifconfig -a [-L] [-C] [-g groupname] [-d] [-m] [-u] [-v] [address_family]
             ifconfig -l [-d] [-u] [address_family]
             ifconfig [-L] [-C] [-g groupname] [-d] [-m] [-u] [-v]

      """, status: 1),
    options: [
      Option("a", "Show all interfaces."), Option("d", "Only interfaces that are down."),
      Option("k", "Means nothing here: there are no wireless keys."),
      Option("l", "Show names only."), Option("m", "Show capabilities and media too."),
      Option("n", "Means nothing here: there are no modules to load."),
      Option("u", "Only interfaces that are up."), Option("v", "Show groups too."),
      Option("L", "Means nothing here: IPv4 addresses have no lifetime."),
      Option("C", "List what can be created."),
      Option("g", argument: "groupname", "List the members of a group."),
    ],
    operands: [
      Source("interface", "The name of an interface, or with create of a kind.") { session in
        let kinds = session.kernel.cloners.filter { $0 != .em }
        return session.interfaces.map(session.face)
          + kinds.map { Candidate($0.name, "with create") }
      }.optional,
      Source("address_family", "inet, or link for the hardware address.") { _ in
        ["inet", "link", "ether", "lladdr"].map { Candidate($0) }
      }.optional,
      Source("address", "An address, with its length behind a slash if wanted.").optional,
      Source("dest_address", "The other end, or the broadcast address.").optional,
    ],
    keywords: [InterfaceChange.table.section],
    description: [
      "Shows interfaces, all or one, or changes one. Parameters act from left to right; the "
        + "address, of which there is one at a time, is set at the end.",
      "An address without alias takes the place of the interface's first one.",
      "With create the interface is made: of a kind that -C lists, with a number or without one, "
        + "when the kernel chooses it and the name is printed. A VLAN can be named after its card and "
        + "its tag, as em0.5. gif and gre take the forwarding table of the process that makes them.",
      "linkstate, linkmedia and capabilities are words of fibsh: they say what 8.0 finds out by "
        + "looking at its hardware, and so make another card of an em, which name gives another "
        + "driver's name. There is IPv4 only; words of families and of kinds of interfaces that are "
        + "not there say that they are not supported.",
    ],
    examples: [
      Example("ifconfig em0 10.0.0.1/24", "Gives em0 its address and brings it up."),
      Example("ifconfig em0 alias 10.0.0.2/32", "Adds another."),
      Example("ifconfig em0 mtu 1400", "Sets the largest packet."),
      Example("ifconfig em0 linkstate down", "Pulls the cable out."),
      Example("ifconfig em0 media 100baseTX mediaopt full-duplex", "Sets the speed of the cable."),
      Example("ifconfig vlan5 create vlan 5 vlandev em0", "Makes a VLAN with tag 5 on em0."),
      Example(
        "ifconfig gif0 create tunnel 10.0.0.1 10.0.1.1 && ifconfig gif0 10.8.0.1 10.8.0.2",
        "Makes a tunnel and gives it addresses."),
      Example(
        "ifconfig bridge create addm em0 addm em1 up; ifconfig bridge0",
        "Joins two cards to one Ethernet, and shows how."),
      Example(
        "jail -c name=r1 vnet persist; ifconfig epair0 create; ifconfig epair0b vnet r1",
        "Makes a pair with a wire between, and gives one end to a jail."),
      Example(
        "ifconfig em0 10.0.0.1/24; ifconfig carp0 create vhid 1 pass sesame 10.0.0.100/24",
        "Shares an address with other hosts on em0's network."),
      Example("ifconfig em0 group lan; ifconfig -g lan", "Makes a group and lists its members."),
      Example("ifconfig -l", "Shows the names of all interfaces."),
    ],
    seeAlso: [
      "arp(8)", "jail(8)", "link(8)", "neighbor(8)", "netstat(1)", "route(8)", "machines(7)",
    ],
    compatibility: [
      "Addresses are IPv4 only. Words of kinds of interfaces that are not there say that they are "
        + "not supported."
    ]
  ) { session, invocation, arguments throws(Fault) in
    var listing = InterfaceListing(session, invocation.output, arguments)
    if try listing.answersAtOnce() { return }
    var words = arguments.operands[...]
    guard let name = listing.isOfAll ? nil : words.popFirst() else {
      return try listing.showAll(words)
    }
    guard let index = session.findInterface(name) else {
      guard ["create", "plumb", "-vnet"].contains(words.first) else {
        throw .failed("interface \(name) does not exist")
      }
      guard name.utf8.count <= InterfaceName.maximumLength else {
        throw .failed("\(name): cloning name too long")
      }
      var change = InterfaceChange(creating: name, session, invocation.output)
      return try change.perform(words)
    }
    let family = words.first.flatMap(AddressFamily.init)
    guard words.count > (family == nil ? 0 : 1) else {
      return listing.show(index, family)
    }
    guard listing.isWanted(session.interface(index)) else { return }
    var change = InterfaceChange(index, session, invocation.output)
    try change.perform(words)
  }
}

/// A word that names a kind of addresses (`af_getbyname()`).
enum AddressFamily: Hashable {
  case inet
  /// The hardware address; the word is kept for messages.
  case link(String)
  /// One that the model does not have.
  case other(String)

  init?(_ word: String) {
    switch word {
    case "inet": self = .inet
    case "link", "ether", "lladdr": self = .link(word)
    case "inet6", "atalk", "ipx": self = .other(word)
    default: return nil
    }
  }
}

/// What ifconfig(8) lists when it changes nothing.
private struct InterfaceListing {
  private let session: Session
  private let output: Output
  private let arguments: Arguments

  init(_ session: Session, _ output: Output, _ arguments: Arguments) {
    self.session = session
    self.output = output
    self.arguments = arguments
  }

  /// Whether the words name no interface.
  var isOfAll: Bool {
    arguments.has("a") || arguments.has("l") || arguments.operands.isEmpty
  }

  /// Prints for -C and -g, which end the program where they stand; checks the other letters.
  func answersAtOnce() throws(Fault) -> Bool {
    for given in arguments.options {
      switch given.letter {
      case "C":
        output.line(session.kernel.cloners.map(\.name).joined(separator: " "))
        return true
      case "g":
        let group = given.argument ?? ""
        for name in session.kernel.members(vnet: session.vnet, of: group) {
          output.line("\(name)")
        }
        return true
      default: break
      }
    }
    if arguments.has("l") && (arguments.has("a") || arguments.has("m")) { throw .usage() }
    if arguments.has("u") && arguments.has("d") { throw .usage() }
    return false
  }

  /// Lists all interfaces, or their names; the one word there may be is a family.
  func showAll(_ words: ArraySlice<String>) throws(Fault) {
    let family = words.first.flatMap(AddressFamily.init)
    guard words.count <= (family == nil ? 0 : 1) else { throw .usage() }
    let shown = interfaces().filter { isWanted($0.interface) }
    if arguments.has("l") {
      let names = shown.filter { $0.has(family) }.map { "\($0.name)" }
      output.line(names.joined(separator: " "))
    } else {
      for info in shown { show(info, family) }
    }
  }

  /// Shows one interface.
  func show(_ index: InterfaceIndex, _ family: AddressFamily?) {
    for info in interfaces() where info.index == index && isWanted(info.interface) {
      show(info, family)
    }
  }

  private func show(_ info: InterfaceInfo, _ family: AddressFamily?) {
    output.write(
      info.report(family, showsMedia: arguments.has("m"), showsGroups: arguments.has("v")))
  }

  private func interfaces() -> [InterfaceInfo] { session.kernel.interfaces(vnet: session.vnet) }

  /// Whether -d and -u leave an interface in, whatever is to be done with it.
  func isWanted(_ interface: Ifnet) -> Bool {
    let isUp = interface.flags.contains(.IFF_UP)
    return !(arguments.has("d") && isUp) && !(arguments.has("u") && !isUp)
  }
}
