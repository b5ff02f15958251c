// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// Which leaves a set of sysctl values answers for: those of a vnet, or those all vnets share.
package protocol SysctlScope: Sendable {
  static var scope: SysctlNode.Scope { get }
}

/// The leaves that every vnet has for itself.
package enum VnetSysctlScope: SysctlScope {
  package static var scope: SysctlNode.Scope { .vnet }
}

/// The leaves that all vnets share.
package enum MachineSysctlScope: SysctlScope {
  package static var scope: SysctlNode.Scope { .machine }
}

package typealias VnetSysctls = SysctlValues<VnetSysctlScope>
package typealias MachineSysctls = SysctlValues<MachineSysctlScope>

/// The values of the sysctl leaves of one scope; each number is a plain load away.
///
/// Places of the other scope's leaves stay at their defaults and are never asked for.
/// They stand in a block of their own: an array in the struct itself would be copied at each look.
package struct SysctlValues<Scope: SysctlScope>: ~Copyable, StateHashable, Sendable {
  private var numbers = UniqueArray<Int64>(repeating: 0, count: SysctlKey.allCases.count)
  private var texts: [String]
  /// What the express lane asks, known beforehand.
  private(set) var express: ExpressSettings = []

  /// The place of a leaf that is a string; nil for what is none.
  private static func place(_ key: SysctlKey) -> Int? {
    switch key {
    case .kernOstype: 0
    case .kernOsrelease: 1
    case .kernVersion: 2
    case .kernHostname: 3
    case .kernDomainname: 4
    case .kernBootfile: 5
    case .kernIpcMbufprofile: 6
    case .kernHostuuid: 7
    case .kernIdent: 8
    case .kernCorefile: 9
    case .kernTimecounterChoice: 10
    case .kernTimecounterHardware: 11
    case .kernMsgbuf: 12
    case .icmpReplySrc: 13
    case .tcpHostcacheList: 14
    case .hwMachine: 15
    case .hwModel: 16
    case .hwMachineArch: 17
    default: nil
    }
  }

  /// The values at boot.
  package init() {
    texts = []
    for row in SysctlTree.rows {
      guard let key = row.key else { continue }
      switch row.initial {
      case .number(let value): numbers[Int(key.rawValue)] = value
      case .text(let text):
        precondition(Self.place(key) == texts.count, "strings have places in listing order")
        texts.append(text)
      case .none: break
      }
    }
    refreshExpress()
  }

  private init(copying other: borrowing SysctlValues) {
    numbers = other.numbers.clone()
    texts = other.texts
    express = other.express  // No state: made of the numbers.
  }

  private mutating func refreshExpress() {
    express = ExpressSettings(
      forwards: isOn(.ipForwarding), isFast: isOn(.ipFastforwarding), isStealthy: isOn(.ipStealth),
      filters: isOn(.ipFwEnable), filtersFrames: isOn(.linkEtherIpfw),
      isDirect: isOn(.isrDirect) && isOn(.isrDirectForce))
  }

  /// Of either scope: what is not this one's stays at its default.
  private func isOn(_ key: SysctlKey) -> Bool { numbers[Int(key.rawValue)] != 0 }

  func clone() -> SysctlValues { SysctlValues(copying: self) }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(numbers)
    hasher.combine(texts)
  }

  /// A number, as the kernel's own code reads and writes it: unchecked.
  package subscript(_ key: SysctlKey) -> Int64 {
    get {
      assert(SysctlTree[key].scope == Scope.scope, "the leaf belongs to this scope")
      return numbers[Int(key.rawValue)]
    }
    set {
      assert(SysctlTree[key].scope == Scope.scope, "the leaf belongs to this scope")
      numbers[Int(key.rawValue)] = newValue
      switch key {
      case .ipForwarding, .ipFastforwarding, .ipStealth, .ipFwEnable, .linkEtherIpfw, .isrDirect,
        .isrDirectForce:
        refreshExpress()
      default: break
      }
    }
  }

  /// A string, as the kernel's own code reads and writes it; nil for what is no string.
  package subscript(text key: SysctlKey) -> String? {
    get { Self.place(key).map { texts[$0] } }
    set {
      guard let index = Self.place(key), let newValue else { return }
      texts[index] = newValue
    }
  }
}

/// The leaves that the kernel's own code consults, typed as it uses them. A flag is any nonzero.
extension SysctlValues where Scope == VnetSysctlScope {
  package var forwarding: Bool { self[.ipForwarding] != 0 }
  package var redirect: Bool { self[.ipRedirect] != 0 }
  package var ttl: UInt8 { UInt8(truncatingIfNeeded: self[.ipTtl]) }
  package var fastforwarding: Bool { self[.ipFastforwarding] != 0 }
  package var checkInterface: Bool { self[.ipCheckInterface] != 0 }
  package var stealth: Bool { self[.ipStealth] != 0 }
  package var sendsourcequench: Bool { self[.ipSendsourcequench] != 0 }
  package var randomID: Bool { self[.ipRandomId] != 0 }
  package var maxfragsperpacket: Int { Int(self[.ipMaxfragsperpacket]) }
  package var rtexpire: Int { Int(self[.ipRtexpire]) }
  package var rtminexpire: Int { Int(self[.ipRtminexpire]) }
  package var rtmaxcache: Int { Int(self[.ipRtmaxcache]) }
  package var samePrefixCarpOnly: Bool { self[.ipSamePrefixCarpOnly] != 0 }
  package var maskrepl: Bool { self[.icmpMaskrepl] != 0 }
  package var maskfake: UInt32 { UInt32(truncatingIfNeeded: self[.icmpMaskfake]) }
  package var icmplim: Int { Int(self[.icmpIcmplim]) }
  package var icmplimOutput: Bool { self[.icmpIcmplimOutput] != 0 }
  package var bmcastecho: Bool { self[.icmpBmcastecho] != 0 }
  package var quotelen: Int { Int(self[.icmpQuotelen]) }
  package var replyFromInterface: Bool { self[.icmpReplyFromInterface] != 0 }
  package var logRedirect: Bool { self[.icmpLogRedirect] != 0 }
  package var dropRedirect: Bool { self[.icmpDropRedirect] != 0 }
  package var igmpDefaultVersion: UInt8 { UInt8(truncatingIfNeeded: self[.igmpDefaultVersion]) }
  package var igmpLegacysupp: Bool { self[.igmpLegacysupp] != 0 }
  package var igmpV1enable: Bool { self[.igmpV1enable] != 0 }
  package var igmpV2enable: Bool { self[.igmpV2enable] != 0 }
  package var igmpSendlocal: Bool { self[.igmpSendlocal] != 0 }
  package var igmpSendra: Bool { self[.igmpSendra] != 0 }
  package var igmpRecvifkludge: Bool { self[.igmpRecvifkludge] != 0 }
  package var udpBlackhole: Bool { self[.udpBlackhole] != 0 }
  package var tcpBlackhole: Int { Int(self[.tcpBlackhole]) }
  package var tcpDropSynfin: Bool { self[.tcpDropSynfin] != 0 }
  package var pathMTUDiscovery: Bool { self[.tcpPathMtuDiscovery] != 0 }
  package var layer2Firewall: Bool { self[.linkEtherIpfw] != 0 }
  package var proxyall: Bool { self[.linkEtherInetProxyall] != 0 }
  package var useloopback: Bool { self[.linkEtherInetUseloopback] != 0 }
  package var gifTTL: UInt8 { UInt8(truncatingIfNeeded: self[.ipGifttl]) }
  package var gifMaxNesting: Int { Int(self[.linkGifMaxNesting]) }
  package var arpMaxtries: Int { Int(self[.linkEtherInetMaxtries]) }
  package var arpMaxAge: Int { Int(self[.linkEtherInetMaxAge]) }
  package var etherIpfw: Bool { self[.linkEtherIpfw] != 0 }
  package var flowtableEnable: Bool { self[.flowtableEnable] != 0 }
  package var fwEnable: Bool { self[.ipFwEnable] != 0 }
  package var fwCompiled: Int { Int(self[.ipFwCompiled]) }
  package var fwOnePass: Bool { self[.ipFwOnePass] != 0 }
  package var fwVerbose: Bool { self[.ipFwVerbose] != 0 }
  package var fwVerboseLimit: Int { Int(self[.ipFwVerboseLimit]) }
  package var fwAutoincStep: Int { Int(self[.ipFwAutoincStep]) }
  package var fwDynMax: Int { Int(self[.ipFwDynMax]) }
  package var fwDynAckLifetime: Int { Int(self[.ipFwDynAckLifetime]) }
  package var fwDynSynLifetime: Int { Int(self[.ipFwDynSynLifetime]) }
  package var fwDynFinLifetime: Int { Int(self[.ipFwDynFinLifetime]) }
  package var fwDynRstLifetime: Int { Int(self[.ipFwDynRstLifetime]) }
  package var fwDynUDPLifetime: Int { Int(self[.ipFwDynUdpLifetime]) }
  package var fwDynShortLifetime: Int { Int(self[.ipFwDynShortLifetime]) }
  package var fwDynKeepalive: Bool { self[.ipFwDynKeepalive] != 0 }
}

/// As above, for the leaves that all vnets share.
extension SysctlValues where Scope == MachineSysctlScope {
  package var sourceroute: Bool { self[.ipSourceroute] != 0 }
  package var acceptSourceroute: Bool { self[.ipAcceptSourceroute] != 0 }
  package var processOptions: Int { Int(self[.ipProcessOptions]) }
  package var mcastLoop: Bool { self[.ipMcastLoop] != 0 }
  package var intrQueueMaxlen: Int { Int(self[.ipIntrQueueMaxlen]) }
  package var maxfragpackets: Int { Int(self[.ipMaxfragpackets]) }
  package var randomIDPeriod: Int { Int(self[.ipRandomIdPeriod]) }
  package var fwDefaultToAccept: Bool { self[.ipFwDefaultToAccept] != 0 }
  package var udpChecksum: Bool { self[.udpChecksum] != 0 }
  package var udpLogInVain: Bool { self[.udpLogInVain] != 0 }
  package var tcpLogInVain: Int { Int(self[.tcpLogInVain]) }
  package var logArpMovements: Bool { self[.linkEtherInetLogArpMovements] != 0 }
  package var logArpWrongIface: Bool { self[.linkEtherInetLogArpWrongIface] != 0 }
  package var logLinkStateChange: Bool { self[.linkLogLinkStateChange] != 0 }
  package var isrDirect: Bool { self[.isrDirect] != 0 }
  package var isrDirectForce: Bool { self[.isrDirectForce] != 0 }
  package var isrMaxqlimit: Int { Int(self[.isrMaxqlimit]) }
  package var bridgePfilOnlyIP: Bool { self[.linkBridgePfilOnlyip] != 0 }
  package var bridgePfilBridge: Bool { self[.linkBridgePfilBridge] != 0 }
  package var bridgePfilMember: Bool { self[.linkBridgePfilMember] != 0 }
  package var bridgePfilLocalPhys: Bool { self[.linkBridgePfilLocalPhys] != 0 }
  package var bridgeIpfw: Bool { self[.linkBridgeIpfw] != 0 }
  package var bridgeIpfwArp: Bool { self[.linkBridgeIpfwArp] != 0 }
  package var bridgeInheritMac: Bool { self[.linkBridgeInheritMac] != 0 }
  package var bridgeLogStp: Bool { self[.linkBridgeLogStp] != 0 }
  package var fibs: Int { Int(self[.fibs]) }
  package var addAddrAllFibs: Bool { self[.addAddrAllfibs] != 0 }
  package var carpAllows: Bool { self[.carpAllow] != 0 }
  package var carpPreempts: Bool { self[.carpPreempt] != 0 }
  package var carpLog: Int64 { self[.carpLog] }
  package var carpBalancesArp: Bool { self[.carpArpbalance] != 0 }
  /// How many reasons there are not to preempt; nobody but CARP writes it.
  package var carpSuppression: Int64 {
    get { self[.carpSuppressPreempt] }
    set { self[.carpSuppressPreempt] = newValue }
  }
}
