// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// The parameters of one call of jail(8), as they add up (`set_param`, and jail(3)'s import).
struct JailRequest {
  private let session: Session
  /// Each name as given, with its value; the last of a name counts, in its place.
  private(set) var given: [(name: String, value: String?)] = []

  init(_ session: Session) { self.session = session }

  /// The value of a parameter.
  func value(of name: String) -> String? {
    given.first { $0.name == name }.flatMap { $0.value }
  }

  /// Takes `name=value`.
  mutating func add(_ word: String) throws(Fault) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    try add(String(parts[0]), parts.count > 1 ? String(parts[1]) : nil)
  }

  mutating func add(_ name: String, _ value: String?) throws(Fault) {
    if name == "path", value?.isEmpty != false {
      throw .failed("chdir: \(value ?? ""): \(Errno.ENOENT.message)")
    }
    given.removeAll { $0.name == name }
    given.append((name, value))
    var trial = PrisonSettings()
    try read(name, value, into: &trial)
  }

  /// All of them as jail_set(2) gets them.
  func settings() throws(Fault) -> PrisonSettings {
    var settings = PrisonSettings()
    for (name, value) in given { try read(name, value, into: &settings) }
    return settings
  }

  private func read(
    _ name: String, _ value: String?, into settings: inout PrisonSettings
  ) throws(Fault) {
    let (parameter, isNegated) = try JailParameter.find(name, session)
    switch parameter.kind {
    case .flag:
      var isOn = true
      if let value { isOn = try flag(name, value) }
      set(parameter, isOn != isNegated, in: &settings)
    case .system: set(parameter, try system(name, value), in: &settings)
    case .number:
      set(parameter, Int32(truncatingIfNeeded: try number(name, value).signed), in: &settings)
    case .hostID: settings.hostid = try number(name, value).unsigned
    case .text: set(parameter, value ?? "", in: &settings)
    case .ip4:
      var list: [IPv4Address] = []
      for text in Self.list(value) {
        guard let address = IPv4Address(dottedQuad: text) else {
          throw .failed("\(name): not an IPv4 address: \(text)")
        }
        list.append(address)
      }
      settings.ip4 = list
    case .ip6:
      var list: [IPv6Address] = []
      for text in Self.list(value) {
        guard let address = IPv6Address(text) else {
          throw .failed("\(name): not an IPv6 address: \(text)")
        }
        list.append(address)
      }
      settings.ip6 = list
    }
  }

  /// The values of a list; none for nothing or a dash.
  private static func list(_ value: String?) -> [Substring] {
    guard let value, !value.isEmpty, value != "-" else { return [] }
    return value.split(separator: ",", omittingEmptySubsequences: false)
  }

  private func flag(_ name: String, _ value: String) throws(Fault) -> Bool {
    switch value.lowercased() {
    case "false", "": return false
    case "true": return true
    default:
      let number = CNumber(value, base: 10)
      guard number.isWhole else {
        throw .failed("\(name): unknown boolean value \"\(value)\"")
      }
      return number.signed != 0
    }
  }

  private func system(_ name: String, _ value: String?) throws(Fault) -> Int {
    guard let value, !value.isEmpty else { return 1 }
    if let place = JailParameter.systemWords.firstIndex(of: value.lowercased()) { return place }
    let number = CNumber(value, base: 10)
    guard number.isWhole else { throw .failed("\(name): unknown jailsys value \"\(value)\"") }
    return Int(number.signed)
  }

  private func number(_ name: String, _ value: String?) throws(Fault) -> CNumber {
    let number = CNumber(value ?? "", base: 10)
    guard number.isWhole || value?.isEmpty != false else {
      throw .failed("\(name): non-integer value \"\(value ?? "")\"")
    }
    return number
  }

  private func set(
    _ parameter: JailParameter, _ number: Int32, in settings: inout PrisonSettings
  ) {
    switch parameter.name {
    case "jid": settings.id = number
    case "securelevel": settings.securelevel = number
    case "enforce_statfs": settings.enforceStatfs = number
    case "children.max": settings.childMax = number
    default: settings.refuse(parameter.name)
    }
  }

  private func set(
    _ parameter: JailParameter, _ text: String, in settings: inout PrisonSettings
  ) {
    switch parameter.name {
    case "name": settings.name = text
    case "path": settings.path = text
    case "host.hostname": settings.hostname = text
    case "host.domainname": settings.domainname = text
    default: settings.hostuuid = text
    }
  }

  private func set(
    _ parameter: JailParameter, _ isOn: Bool, in settings: inout PrisonSettings
  ) {
    if let bit = JailParameter.permissions.first(where: { $0.name == parameter.name })?.bit {
      settings.changedAllowance.insert(bit)
      if isOn { settings.allowance.insert(bit) } else { settings.allowance.remove(bit) }
    } else if parameter.name == "persist" {
      settings.changedFlags.insert(.PR_PERSIST)
      if isOn { settings.flags.insert(.PR_PERSIST) } else { settings.flags.remove(.PR_PERSIST) }
    } else {
      settings.refuse(parameter.name)
    }
  }

  private func set(
    _ parameter: JailParameter, _ choice: Int, in settings: inout PrisonSettings
  ) {
    let bits: (new: PrisonFlags, none: PrisonFlags)
    switch parameter.name {
    case "host": bits = (.PR_HOST, [])
    case "vnet": bits = (.PR_VNET, [])
    case "ip4": bits = (.PR_IP4_USER, [.PR_IP4_USER, .PR_IP4_DISABLE])
    default: bits = (.PR_IP6_USER, [.PR_IP6_USER, .PR_IP6_DISABLE])
    }
    settings.changedFlags.formUnion(bits.new.union(bits.none))
    settings.flags.subtract(bits.new.union(bits.none))
    switch choice {
    case 0 where !bits.none.isEmpty: settings.flags.formUnion(bits.none)
    case 1: settings.flags.formUnion(bits.new)
    case 2: break
    default: settings.isInvalid = true
    }
  }
}

extension PrisonSettings {
  fileprivate mutating func refuse(_ name: String) { if unknown == nil { unknown = name } }
}
