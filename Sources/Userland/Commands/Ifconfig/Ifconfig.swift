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
      .interface().optional,
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
      "linkstate is a word of fibsh: it puts the simulated cable in or pulls it out. There is IPv4 "
        + "only, and of interfaces em and lo; words of other kinds say that they are not supported.",
    ],
    examples: [
      Example("ifconfig em0 10.0.0.1/24", "Gives em0 its address and brings it up."),
      Example("ifconfig em0 alias 10.0.0.2/32", "Adds another."),
      Example("ifconfig em0 mtu 1400", "Sets the largest packet."),
      Example("ifconfig em0 linkstate down", "Pulls the cable out."),
      Example("ifconfig -l", "Shows the names of all interfaces."),
    ],
    seeAlso: ["arp(8)", "netstat(1)", "route(8)"],
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
      guard words.first == "create" || words.first == "plumb" else {
        throw .failed("interface \(name) does not exist")
      }
      words.removeFirst()
      let index = try createdInterface(name, session, invocation.output)
      var change = InterfaceChange(index, session, invocation.output)
      return try change.perform(words)
    }
    var change = InterfaceChange(index, session, invocation.output)
    let family = words.first.flatMap(AddressFamily.init)
    guard words.count > (family == nil ? 0 : 1) else {
      return listing.show(index, family)
    }
    try change.perform(words)
  }
}

/// Makes an interface; a name that the kernel chose is told.
private func createdInterface(
  _ name: String, _ session: Session, _ output: Output
) throws(Fault) -> InterfaceIndex {
  guard name.utf8.count <= InterfaceName.maximumLength else {
    throw .failed("\(name): cloning name too long")
  }
  let created = try session.call("ifconfig", "SIOCIFCREATE2") { kernel throws(Errno) in
    try kernel.createInterface(vnet: session.vnet, named: name)
  }
  if "\(created)" != name { output.line("\(created)") }
  guard let index = session.findInterface("\(created)") else {
    preconditionFailure("what was created is there")
  }
  return index
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
        output.line(Kernel.cloners.joined(separator: " "))
        return true
      case "g":
        for info in interfaces() where given.argument == "all" || info.group == given.argument {
          output.line("\(info.name)")
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
    let shown = interfaces().filter(isWanted)
    if arguments.has("l") {
      let names = shown.filter { $0.has(family) }.map { "\($0.name)" }
      output.line(names.joined(separator: " "))
    } else {
      for info in shown { show(info, family) }
    }
  }

  /// Shows one interface.
  func show(_ index: InterfaceIndex, _ family: AddressFamily?) {
    for info in interfaces() where info.index == index && isWanted(info) { show(info, family) }
  }

  private func show(_ info: InterfaceInfo, _ family: AddressFamily?) {
    output.write(
      info.report(family, showsMedia: arguments.has("m"), showsGroups: arguments.has("v")))
  }

  private func interfaces() -> [InterfaceInfo] { session.kernel.interfaces(vnet: session.vnet) }

  private func isWanted(_ info: InterfaceInfo) -> Bool {
    let isUp = info.flags.contains(.IFF_UP)
    return !(arguments.has("d") && isUp) && !(arguments.has("u") && !isUp)
  }
}
