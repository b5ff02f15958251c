// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// What sysctls are in jails: the host's names and the secure level are each jail's own
/// (`CTLFLAG_PRISON`, kern/kern_mib.c), and the permissions can be seen (kern/kern_jail.c).
extension Kernel {
  /// The value of a sysctl that a jail has for itself; nil for any other.
  func prisonValue(_ key: SysctlKey, _ id: PrisonID) -> SysctlValue? {
    guard let prison = machine.prisons[id] else { return nil }
    switch key {
    case .kernHostname: return .text(prison.hostname)
    case .kernDomainname: return .text(prison.domainname)
    case .kernHostuuid: return .text(prison.hostuuid)
    case .kernHostid: return .number(Int64(bitPattern: prison.hostid))
    case .securityJailJailed: return .number(id == .host ? 0 : 1)
    default: break
    }
    guard id != .host else { return nil }
    switch key {
    case .kernSecurelevel: return .number(Int64(prison.securelevel))
    case .securityJailEnforceStatfs: return .number(Int64(prison.enforceStatfs))
    case .securityJailSocketUnixiprouteOnly:
      return .number(prison.allowance.contains(.socketAF) ? 0 : 1)
    default:
      guard let bit = Kernel.permission(of: key) else { return nil }
      return .number(prison.allowance.contains(bit) ? 1 : 0)
    }
  }

  private static func permission(of key: SysctlKey) -> PrisonAllowance? {
    switch key {
    case .securityJailSetHostnameAllowed: .setHostname
    case .securityJailSysvipcAllowed: .sysvipc
    case .securityJailAllowRawSockets: .rawSockets
    case .securityJailChflagsAllowed: .chflags
    case .securityJailMountAllowed: .mount
    default: nil
    }
  }

  /// Whether a process in a jail may write a leaf at all (`sysctl_root`, kern/kern_sysctl.c): those
  /// of its own network stack, and those that each jail has for itself.
  func checkWrite(_ key: SysctlKey, vnet: VnetIndex, by id: PrisonID) throws(Errno) {
    // The hooks are the machine's, so that only the first stack may touch them.
    if key == .ipFwEnable, vnet != .zero { throw .EPERM }
    guard id != .host else { return }
    switch key {
    case .kernHostname, .kernDomainname, .kernHostuuid:
      guard machine.prisons[id]?.allowance.contains(.setHostname) == true else { throw .EPERM }
    case .kernHostid, .kernSecurelevel: return
    default:
      guard SysctlTree[key].scope == .vnet,
        machine.prisons[id]?.flags.contains(.PR_VNET) == true
      else { throw .EPERM }
    }
  }

  /// The secure level that a jail's processes are under.
  func securelevel(of id: PrisonID) -> Int {
    guard id != .host, let prison = machine.prisons[id] else {
      return Int(machine.sysctl[.kernSecurelevel])
    }
    return Int(prison.securelevel)
  }

  /// Writes a number that a jail has for itself; false for any other leaf.
  mutating func setPrisonNumber(
    _ key: SysctlKey, _ value: Int64, _ id: PrisonID
  ) throws(Errno) -> Bool {
    var settings = PrisonSettings()
    switch key {
    case .kernHostid:
      settings.hostid = UInt64(bitPattern: value)
      setHost(settings, of: id)
    case .kernSecurelevel:
      guard value >= securelevel(of: id) else { throw .EPERM }
      let level = Int32(truncatingIfNeeded: value)
      if id == .host { machine.sysctl[.kernSecurelevel] = Int64(level) }
      for inner in [id] + machine.prisons.descendants(of: id) {
        machine.prisons.update(inner) { $0.securelevel = max($0.securelevel, level) }
      }
    default: return false
    }
    return true
  }

  /// Writes a string that a jail has for itself; false for any other leaf.
  mutating func setPrisonText(
    _ key: SysctlKey, _ text: String, _ id: PrisonID
  ) throws(Errno) -> Bool {
    var settings = PrisonSettings()
    // MAXHOSTNAMELEN and HOSTUUIDLEN, with the NUL.
    var room = 256
    switch key {
    case .kernHostname: settings.hostname = text
    case .kernDomainname: settings.domainname = text
    case .kernHostuuid: (settings.hostuuid, room) = (text, 64)
    default: return false
    }
    guard text.utf8.count < room else { throw .EINVAL }
    setHost(settings, of: id)
    return true
  }

  /// Changes the names of the jail whose names those of this one are, and of all that share them.
  private mutating func setHost(_ settings: PrisonSettings, of id: PrisonID) {
    let owner = machine.prisons.ancestry(of: id).first { $0.flags.contains(.PR_HOST) }
    let place = owner?.id ?? .host
    machine.prisons.update(place) { $0.setHost(settings) }
    setHostBelow(place, settings)
  }

  /// Switching the firewall off and on takes its hooks out for all stacks (`ipfw_chg_hook`).
  mutating func firewallSwitched() {
    let isOn = vnets[0].sysctl[.ipFwEnable]
    for place in 1..<max(vnets.count, 1) { vnets[place].sysctl[.ipFwEnable] = isOn }
  }
}
