// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What one call of ifconfig(8) does to an interface (`ifconfig()` of ifconfig.c).
///
/// Settings act as they are read. Media and the address wait until all words are, because flags may
/// change what they mean.
struct InterfaceChange {
  let session: Session
  let output: Output
  /// The interface; none until it is made.
  private(set) var index: InterfaceIndex
  /// The name that it is to be made by.
  private var newName = ""

  var family = AddressFamily.inet
  var address = AddressWords()
  /// The medium that the words add up to (`ifm_current`).
  private var media: MediaWord?
  /// The VLAN that the words add up to. Of the tag 65535 C cannot tell that it was given.
  private var vlan = VLANRequest(parent: "", tag: .max)
  /// How often an interface is still to be made: each `create` does it once.
  private var creations = 0

  /// Changes what is there.
  init(_ index: InterfaceIndex, _ session: Session, _ output: Output) {
    self.index = index
    self.session = session
    self.output = output
  }

  /// Makes an interface.
  init(creating name: String, _ session: Session, _ output: Output) {
    self.init(.none, session, output)
    newName = name
  }

  /// Does what the words behind the interface's name ask.
  mutating func perform(_ words: ArraySlice<String>) throws(Fault) {
    var words = words
    if index == .none, words.first == "-vnet" {
      guard let jail = words.dropFirst().first else { throw .failed("'-vnet' requires argument") }
      return try reclaim(from: jail)
    }
    if index == .none {
      try readCreation(&words)
      if !words.isEmpty { try create() }
    }
    if let family = words.first.flatMap(AddressFamily.init) {
      if case .other(let name) = family { throw .failed("\(name): only IPv4 is supported") }
      self.family = family
      words.removeFirst()
    }
    try InterfaceChange.table.parse(
      words, into: &self, session,
      missing: { row, name in
        .failed("'\(name)' requires \(row.required == 2 ? "2 arguments" : "argument")")
      },
      positional: { change, rest throws(Fault) in
        guard let word = rest.popFirst() else { return }
        guard !InterfaceChange.foreign.contains(word) else {
          throw .failed("\(word): not supported")
        }
        try change.setAddress(word)
      })
    try finish()
  }

  /// What was put off until all words are read.
  private mutating func finish() throws(Fault) {
    if let media {
      try session.call("ifconfig", "SIOCSIFMEDIA (media)") { kernel throws(Errno) in
        try kernel.setMedia(vnet: session.vnet, interface: index, media)
      }
    }
    while creations > 0 { try create() }
    guard (vlan.tag == .max) == vlan.parent.isEmpty else {
      throw .failed("both vlan and vlandev must be specified")
    }
    try changeAddress()
  }

  /// `-vnet`: takes the interface back from a jail; here it is not there.
  func reclaim(from word: String) throws(Fault) {
    let jail = try session.prisonID(of: word)
    let name = index == .none ? newName : session.name(of: index)
    try session.call("ifconfig", "SIOCSIFRVNET") { kernel throws(Errno) in
      try kernel.reclaimInterface(
        vnet: session.vnet, named: name, from: jail, by: session.prison)
    }
  }

  /// Makes a system call; an error ends the program (`Perror()`).
  func call(_ what: String, _ body: (inout Kernel) throws(Errno) -> Void) throws(Fault) {
    do throws(Errno) {
      try body(&session.kernel)
    } catch {
      throw failed(what, error)
    }
  }

  /// Makes a system call; of an error only a warning is printed.
  func tryCall(_ what: String, _ body: (inout Kernel) throws(Errno) -> Void) {
    do throws(Errno) {
      try body(&session.kernel)
    } catch {
      output.writeError("ifconfig: \(what): \(error.message)\n")
    }
  }

  /// The interface as it is now; an error ends the program, as the ioctl that asks would.
  func current(_ what: String) throws(Fault) -> Ifnet {
    try call(what) { kernel throws(Errno) in
      guard kernel[session.vnet].interfaces.all.contains(index) else { throw .ENXIO }
    }
    return session.interface(index)
  }

  func failed(_ what: String, _ errno: Errno) -> Fault {
    switch errno {
    case .ENXIO: .failed("\(what): no such interface")
    case .EPERM: .failed("\(what): permission denied")
    default: .failed("\(what): \(errno.message)")
    }
  }
}

/// Making an interface (ifclone.c).
extension InterfaceChange {
  /// Reads the words that are for making an interface: `create`, and of a VLAN tag and parent.
  private mutating func readCreation(_ words: inout ArraySlice<String>) throws(Fault) {
    while let word = words.first {
      switch word {
      case "create", "plumb": creations += 1
      case "vlan", "vlandev":
        guard let value = words.dropFirst().first else {
          throw .failed("'\(word)' requires argument")
        }
        words.removeFirst()
        if word == "vlan" { try setTag(value) } else { vlan.parent = value }
      default: return
      }
      words.removeFirst()
    }
  }

  /// Makes the interface; a name that the kernel chose is told (`ifclonecreate`).
  private mutating func create() throws(Fault) {
    creations -= 1
    var request: VLANRequest?
    if newName.hasPrefix("vlan"), vlan.tag != .max || !vlan.parent.isEmpty {
      guard vlan.tag != .max else { throw .failed("must specify a tag for vlan create") }
      guard !vlan.parent.isEmpty else {
        throw .failed("must specify a parent device for vlan create")
      }
      request = vlan
    }
    let made = try session.call("ifconfig", "SIOCIFCREATE2") { kernel throws(Errno) in
      try kernel.createInterface(
        vnet: session.vnet, named: newName, fib: session.fib, vlan: request)
    }
    if "\(made)" != newName { output.line("\(made)") }
    newName = "\(made)"
    index = session.findInterface(newName) ?? .none
  }
}

/// VLANs (ifvlan.c).
extension InterfaceChange {
  /// `vlan`.
  mutating func setVLAN(tag: String) throws(Fault) {
    try setTag(tag)
    try setVLAN()
  }

  /// `vlandev`.
  mutating func setVLAN(parent: String) throws(Fault) {
    vlan.parent = parent
    try setVLAN()
  }

  /// `-vlandev`: the VLAN is on no card from now on.
  func unsetVLAN() throws(Fault) {
    let what = session.interface(index).driver == .vlan ? "SIOCSETVLAN" : "SIOCGETVLAN"
    try session.call("ifconfig", what) { kernel throws(Errno) in
      try kernel.setVLAN(
        vnet: session.vnet, interface: index, VLANRequest(parent: "", tag: 0))
    }
  }

  private mutating func setTag(_ text: String) throws(Fault) {
    let number = CNumber(text)
    guard number.isWhole || text.isEmpty else { throw .failed("invalid value for vlan") }
    guard let tag = UInt16(exactly: text.isEmpty ? 0 : number.unsigned) else {
      throw .failed("value for vlan out of range")
    }
    vlan.tag = tag
  }

  /// Puts the VLAN onto its card once both are known; what is no VLAN takes the words and does
  /// nothing.
  private func setVLAN() throws(Fault) {
    guard vlan.tag != .max, !vlan.parent.isEmpty, session.interface(index).driver == .vlan else {
      return
    }
    try session.call("ifconfig", "SIOCSETVLAN") { kernel throws(Errno) in
      try kernel.setVLAN(vnet: session.vnet, interface: index, vlan)
    }
  }
}

/// Media (ifmedia.c).
extension InterfaceChange {
  /// `media`: options stay as they are, except with autoselect.
  mutating func setMedia(_ word: String) throws(Fault) {
    let state = try mediaState()
    guard let subtype = MediaWords.subtype(word) else {
      throw .failed("unknown media subtype: \(word)")
    }
    var bits = state.rawValue & ~(MediaWord.IFM_NMASK | MediaWord.IFM_TMASK)
    bits |= MediaWord.IFM_ETHER.rawValue | subtype
    if subtype == MediaWord.IFM_AUTO { bits &= ~MediaWord.IFM_GMASK }
    media = MediaWord(rawValue: bits)
  }

  /// `mediaopt` and `-mediaopt`. There is no bit for half-duplex: it is the want of the other.
  mutating func setMediaOptions(_ words: String, isOn: Bool) throws(Fault) {
    var bits = try mediaState().rawValue
    var options = MediaWords.options(words)
    if !isOn {
      bits &= ~options
    } else {
      if options & MediaWord.IFM_HDX != 0 {
        bits &= ~MediaWord.IFM_FDX
        options &= ~MediaWord.IFM_HDX
      }
      bits |= options
    }
    media = MediaWord(rawValue: bits)
  }

  /// `mode`, of which Ethernet has none.
  mutating func setMediaMode() throws(Fault) {
    _ = try mediaState()
    media = MediaWord(rawValue: .max)
  }

  /// `instance`.
  mutating func setMediaInstance(_ text: String) throws(Fault) {
    let bits = try mediaState().rawValue & ~MediaWord.IFM_IMASK
    let instance = CNumber.atoi(text)
    guard (0...15).contains(instance) else { throw .failed("invalid media instance: \(text)") }
    media = MediaWord(rawValue: bits | UInt32(instance) << 28)
  }

  /// The medium in use, or what the words before have made of it (`ifmedia_getstate`).
  private func mediaState() throws(Fault) -> MediaWord {
    if let media { return media }
    return try session.call("ifconfig", "SIOCGIFMEDIA") { kernel throws(Errno) in
      try kernel.media(vnet: session.vnet, interface: index).current
    }
  }
}
