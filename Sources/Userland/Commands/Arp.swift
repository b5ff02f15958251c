// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell
import Wire

extension Commands {
  /// arp(8): shows and changes what is known of neighbours.
  package static let arp = Command<Session>(
    "arp", summary: "address resolution display and control", effect: .changes,
    usage: .exact(
      """
      usage: arp [-n] [-i interface] hostname
             arp [-n] [-i interface] -a
             arp -d hostname [pub]
             arp -d [-i interface] -a
             arp -s hostname ether_addr [temp] [reject | blackhole] [pub [only]]
             arp -S hostname ether_addr [temp] [reject | blackhole] [pub [only]]
             arp -f filename

      """, status: 1),
    options: [
      Option("a", "All entries."), Option("n", "Show addresses as numbers."),
      Option("d", "Delete entries."), Option("f", "Set entries from a file."),
      Option("s", "Set an entry."), Option("S", "Set an entry, deleting the old one first."),
      Option("i", "Only entries of an interface.", argument: .interface()),
    ],
    operands: [
      Source("hostname", "An address.") { session in
        session.kernel.arpEntries(vnet: session.vnet).map { Candidate("\($0.entry.address)") }
      }.optional,
      Source("ether_addr", "A hardware address, or auto with pub.").optional,
      Source("word", "temp, pub, pub only, reject or blackhole.") { _ in
        ["temp", "pub", "only", "reject", "blackhole"].map { Candidate($0) }
      }.optional.repeated,
    ],
    description: [
      "Shows the ARP entries of the stack, or of one host, and sets and deletes them. Which "
        + "interface an entry is of follows from the route to the host in the table of the "
        + "process."
    ],
    examples: [
      Example("arp -an", "Shows all entries."),
      Example("arp -s 10.0.0.9 00:0c:29:aa:bb:09", "Sets one that does not expire."),
      Example("arp -d 10.0.0.9", "Deletes it."),
      Example("arp -d -a", "Deletes all."),
    ],
    seeAlso: ["ifconfig(8)", "route(8)"],
    compatibility: ["No names are looked up, so a host is shown as a question mark, as with -n."]
  ) { session, invocation, arguments throws(Fault) in
    let functions = arguments.options.filter { "dfsS".contains($0.letter) }
    guard functions.count <= 1 else { throw .usage() }
    let run = try ArpRun(session, invocation.output, arguments, functions.first?.letter)
    let words = arguments.operands
    let works: Bool
    switch functions.first?.letter {
    case "s", "S":
      guard (2...6).contains(words.count) else { throw .usage() }
      if arguments.has("S") { _ = run.delete(words[0], isProxy: false) }
      works = run.set(words)
    case "d" where arguments.has("a"):
      guard words.isEmpty else { throw .usage() }
      run.deleteAll()
      works = true
    case "d":
      let isProxy = words.count == 2 && words[1].hasPrefix("pub")
      guard words.count == 1 || isProxy else { throw .usage() }
      works = run.delete(words[0], isProxy: isProxy)
    case "f":
      guard words.count == 1 else { throw .usage() }
      works = try run.setFile(words[0], invocation.interpreter.host)
    default:
      guard words.count == (arguments.has("a") ? 0 : 1) else { throw .usage() }
      works = run.show(words.first)
    }
    if !works { throw .silent(1) }
  }
}

/// One call of arp(8); what does not work prints why and returns false (arp.c).
private struct ArpRun {
  private let session: Session
  private let output: Output
  private let interfaceName: String?

  init(
    _ session: Session, _ output: Output, _ arguments: Arguments, _ function: Character?
  ) throws(Fault) {
    self.session = session
    self.output = output
    interfaceName = arguments.value("i")
    guard let interfaceName else { return }
    guard function == nil || function == "d" && arguments.has("a") else {
      throw .failed("-i not applicable to this operation")
    }
    guard session.findInterface(interfaceName) != nil else {
      throw .failed("interface \(interfaceName) does not exist")
    }
  }

  /// Shows all entries, or those of a host.
  func show(_ host: String?) -> Bool {
    guard let host else {
      for entry in entries() { output.line(ArpRun.line(entry)) }
      return true
    }
    guard let address = address(host) else { return false }
    // 0.0.0.0 means all entries to search(), which then says that it found none.
    let found = entries().filter { address == .any || $0.entry.address == address }
    for entry in found { output.line(ArpRun.line(entry)) }
    if found.isEmpty || address == .any {
      let place = interfaceName.map { " on \($0)" } ?? ""
      output.line("\(host) (\(address)) -- no entry\(place)")
    }
    return !found.isEmpty && address != .any
  }

  /// Sets an entry from a host, a hardware address and further words.
  func set(_ words: [String]) -> Bool {
    guard let address = address(words[0]) else { return false }
    let wishes = wishes(words)
    let hardwareAddress: EthernetAddress
    if words[1] == "auto", wishes.isPublished {
      guard let card = session.kernel.arpProxyInterface(vnet: session.vnet, for: address),
        let own = card.hardwareAddress
      else {
        output.line("no interface found for \(address)")
        return false
      }
      output.line("using interface \(card.name) for proxy with address \(own)")
      hardwareAddress = own
    } else if let given = EthernetAddress(words[1]) {
      hardwareAddress = given
    } else {
      return warn("invalid Ethernet address '\(words[1])'")
    }
    do throws(ArpFault) {
      let interface = try session.kernel.arpInterface(
        vnet: session.vnet, fib: session.fib, for: address, isSetting: true)
      return write { kernel throws(Errno) in
        try kernel.arpSet(
          vnet: session.vnet, interface: interface, address: address,
          hardwareAddress: hardwareAddress, isTemporary: wishes.isTemporary,
          isPublished: wishes.isPublished, isProxyOnly: wishes.isProxyOnly)
      }
    } catch {
      switch error {
      case .noRoute: return warnNoRoute(words[0])
      case .hasOwnRoute: output.line("set: proxy entry exists for non 802 device")
      case .isNotLocal: output.line("cannot intuit interface index and type for \(words[0])")
      }
      return false
    }
  }

  /// The words behind the hardware address count by their first letters; unknown ones pass.
  private func wishes(
    _ words: [String]
  ) -> (isTemporary: Bool, isPublished: Bool, isProxyOnly: Bool) {
    var result = (isTemporary: false, isPublished: false, isProxyOnly: false)
    var refusals: Set<String> = []
    var rest = words.dropFirst(2)
    while let word = rest.popFirst() {
      if word.hasPrefix("temp") {
        result.isTemporary = true
      } else if word.hasPrefix("pub") {
        result.isPublished = true
        // arp.c compares three letters of `only`.
        if rest.first?.hasPrefix("onl") == true {
          result.isProxyOnly = true
          rest.removeFirst()
        }
      } else if let kind = ["blackhole", "reject"].first(where: { word.hasPrefix($0) }) {
        if !refusals.subtracting([kind]).isEmpty {
          output.line("Choose one of blackhole or reject, not both.")
        }
        refusals.insert(kind)
      } else if word.hasPrefix("trail") {
        output.line("\(words[0]): Sending trailers is no longer supported")
      }
    }
    return result
  }

  /// Deletes a host's entry.
  func delete(_ host: String, isProxy: Bool) -> Bool {
    guard let address = address(host) else { return false }
    do throws(ArpFault) {
      let interface = try session.kernel.arpInterface(
        vnet: session.vnet, fib: session.fib, for: address, isSetting: false)
      let works = write { kernel throws(Errno) in
        try kernel.arpDelete(vnet: session.vnet, interface: interface, address: address)
      }
      if works { output.line("\(host) (\(address)) deleted") }
      return works
    } catch {
      if error == .noRoute { return warnNoRoute(host) }
      output.writeError("delete: cannot locate \(host)\n")
      return false
    }
  }

  /// Deletes every entry, each as if it had been named.
  func deleteAll() {
    for entry in entries() { _ = delete("\(entry.entry.address)", isProxy: false) }
  }

  /// Sets the entries of a file: a host, a hardware address and words on each line (`file`).
  func setFile(_ path: String, _ host: Host) throws(Fault) -> Bool {
    let bytes: [UInt8]
    do throws(HostError) {
      bytes = try host.read(path)
    } catch {
      throw .failed("cannot open \(path): \(error.message)")
    }
    var works = true
    var rest = bytes[...]
    while !rest.isEmpty {
      // fgets(3) takes 99 bytes of a line at most; of one with a comment the newline is cut too.
      let newline = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex - 1
      let line = rest[...newline].prefix(99)
      rest = rest[line.endIndex...]
      let content = String(decoding: line.prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self)
      let words = ArpRun.words(content)
      if content.allSatisfy({ $0 == " " || $0 == "\t" || $0 == "\n" }) { continue }
      if words.count < 2 {
        works = warn("bad line: \(content)")
      } else if !set(words) {
        works = false
      }
    }
    return works
  }

  /// The first five words of a line; one of more than 49 bytes counts as several (sscanf(3)).
  private static func words(_ line: String) -> [String] {
    var words: [String] = []
    for word in line.utf8.split(whereSeparator: { $0 == 32 || (9...13).contains($0) }) {
      var rest = word
      while !rest.isEmpty {
        words.append(String(decoding: rest.prefix(49), as: UTF8.self))
        rest = rest.dropFirst(49)
      }
    }
    return Array(words.prefix(5))
  }

  private func entries() -> [ArpInfo] {
    session.kernel.arpEntries(
      vnet: session.vnet, interface: interfaceName.flatMap(session.findInterface))
  }

  /// A line of the table; no address has a name.
  private static func line(_ info: ArpInfo) -> String {
    var line = "? (\(info.entry.address)) at "
    line += info.hardwareAddress.map { "\($0)" } ?? "(incomplete)"
    line += " on \(info.interfaceName)"
    switch info.secondsLeft {
    case nil: line += " permanent"
    case let seconds? where seconds > 0: line += " expires in \(seconds) seconds"
    default: line += " expired"
    }
    if info.isPublished { line += " published" }
    switch info.driver {
    case .em, .tap, .epair, .edsc: line += " [ethernet]"
    case .vlan: line += " [vlan]"
    case .bridge: line += " [bridge]"
    case .lo, .disc, .gif, .gre, .carp: break
    }
    return line
  }

  /// A host as inet_addr(3) reads it, whose error value 255.255.255.255 is.
  private func address(_ host: String) -> IPv4Address? {
    if let address = IPv4Address(host: host), address != .broadcast { return address }
    _ = warn("\(host): Unknown host")
    return nil
  }

  private func write(_ body: (inout Kernel) throws(Errno) -> Void) -> Bool {
    do throws(Errno) {
      try body(&session.kernel)
      return true
    } catch {
      return warn("writing to routing socket: \(error.message)")
    }
  }

  private func warnNoRoute(_ host: String) -> Bool {
    _ = warn("writing to routing socket: \(Errno.ESRCH.message)")
    return warn("\(host): \(Errno.ESRCH.message)")
  }

  private func warn(_ message: String) -> Bool {
    output.writeError("arp: \(message)\n")
    return false
  }
}
