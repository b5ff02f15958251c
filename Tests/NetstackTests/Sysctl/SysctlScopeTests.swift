// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing

/// Which sysctls each stack has for itself: those that 8.0 declares with `SYSCTL_VNET_`.
@Suite("sysctls of stacks") struct SysctlScopeTests {
  private static let ofStacks = """
    net.inet.flowtable: collisions debug enable fin_wait_expire free_checks frees hits lookups
      max_depth misses nmbflows syn_expire tcp_expire udp_expire
    net.inet.icmp: bmcastecho drop_redirect icmplim icmplim_output log_redirect maskfake
      maskrepl quotelen reply_from_interface reply_src stats
    net.inet.igmp: default_version gsrdelay legacysupp recvifkludge sendlocal sendra stats
      v1enable v2enable
    net.inet.ip: check_interface fastforwarding forwarding fragpackets fw.autoinc_step fw.compiled
      fw.curr_dyn_buckets fw.dyn_ack_lifetime fw.dyn_buckets fw.dyn_count fw.dyn_fin_lifetime
      fw.dyn_keepalive fw.dyn_max fw.dyn_rst_lifetime fw.dyn_short_lifetime fw.dyn_syn_lifetime
      fw.dyn_udp_lifetime fw.enable fw.one_pass fw.static_count fw.verbose fw.verbose_limit
      gifttl keepfaith maxfragsperpacket output_flowtable_size portrange.first portrange.hifirst
      portrange.hilast portrange.last portrange.lowfirst portrange.lowlast portrange.randomcps
      portrange.randomized portrange.randomtime portrange.reservedhigh portrange.reservedlow
      random_id redirect rtexpire rtmaxcache rtminexpire same_prefix_carp_only sendsourcequench
      stats stealth subnets_are_local ttl
    net.inet.ipsec: filtertunnel
    net.inet.tcp: abc_l_var blackhole delayed_ack drop_synfin ecn.enable ecn.maxretries
      hostcache.bucketlimit hostcache.cachelimit hostcache.count hostcache.expire
      hostcache.hashsize hostcache.prune hostcache.purge icmp_may_rst inflight.enable
      inflight.max inflight.min inflight.rttthresh inflight.stab insecure_rst
      isn_reseed_interval local_slowstart_flightsize minmss mssdflt newreno nolocaltimewait
      path_mtu_discovery pcbcount reass.cursegments reass.maxqlen reass.maxsegments
      reass.overflows recvbuf_auto recvbuf_inc recvbuf_max rfc1323 rfc3042 rfc3390 rfc3465
      sack.enable sack.globalholes sack.globalmaxholes sack.maxholes sendbuf_auto sendbuf_inc
      sendbuf_max slowstart_flightsize stats syncache.bucketlimit syncache.cachelimit
      syncache.count syncache.hashsize syncache.rexmtlimit syncache.rst_on_sock_fail syncookies
      syncookies_only tso v6mssdflt
    net.inet.udp: blackhole stats
    net.link.ether: inet.max_age inet.maxtries inet.proxyall inet.useloopback ipfw
    net.link.generic: system.ifcount
    net.link.gif: max_nesting parallel_tunnels
    """

  /// The names above, each with what stands before the colon.
  private static var names: Set<String> {
    var names: Set<String> = []
    var group = ""
    for word in ofStacks.split(whereSeparator: \.isWhitespace) {
      if word.hasSuffix(":") {
        group = String(word.dropLast())
      } else {
        names.insert("\(group).\(word)")
      }
    }
    return names
  }

  @Test("Every leaf is the stack's or the machine's, as declared")
  func scopes() {
    for row in SysctlTree.rows where row.key != nil {
      #expect((row.scope == .vnet) == Self.names.contains(row.name), "\(row.name)")
    }
  }

  @Test("A stack's own values are its own, the machine's are all stacks'")
  func values() throws {
    var kernel = Kernel()
    let vnet = kernel.createVnet()
    for row in SysctlTree.rows {
      guard let key = row.key, kernel.has(row), row.access == .readWrite,
        case .number(let old) = kernel.sysctl(key, vnet: vnet, fib: .zero),
        (try? kernel.setSysctl(key, to: old == 0 ? 1 : old + 1, vnet: vnet)) != nil,
        case .number(let new) = kernel.sysctl(key, vnet: vnet, fib: .zero), new != old,
        case .number(let other) = kernel.sysctl(key, vnet: .zero, fib: .zero)
      else { continue }
      #expect((other == new) == (row.scope == .machine), "\(row.name)")
    }
  }

  @Test("Only the first stack switches the firewall, for all")
  func firewallSwitch() throws {
    var kernel = Kernel()
    let vnet = kernel.createVnet()
    #expect(throws: Errno.EPERM) { try kernel.setSysctl(.ipFwEnable, to: 0, vnet: vnet) }
    let unread = kernel.sysctl(.ipFwEnable, vnet: vnet, fib: .zero)
    #expect(unread == .structure([]))
    try kernel.setSysctl(.ipFwEnable, to: 0, vnet: .zero)
    let later = kernel.createVnet()
    for index in [vnet, later] {
      let isOn = kernel[index].sysctl.fwEnable
      #expect(!isOn)
    }
  }

  @Test("In a jail only the jail's own can be written")
  func jails() throws {
    var kernel = Kernel()
    var settings = PrisonSettings()
    settings.changedFlags = [.PR_PERSIST, .PR_VNET]
    settings.flags = [.PR_PERSIST, .PR_VNET]
    let own = try kernel.setPrison(settings, .create, by: .host)
    settings.changedFlags = .PR_PERSIST
    settings.flags = .PR_PERSIST
    let sharing = try kernel.setPrison(settings, .create, by: .host)
    let prisons = kernel.prisons(seenBy: .host)
    #expect(prisons.map(\.vnet.rawValue) == [1, 0])
    try kernel.setSysctl(.ipForwarding, to: 1, vnet: prisons[0].vnet, by: own)
    #expect(throws: Errno.EPERM) {
      try kernel.setSysctl(.ipForwarding, to: 1, vnet: .zero, by: sharing)
    }
    #expect(throws: Errno.EPERM) {
      try kernel.setSysctl(.ipSourceroute, to: 1, vnet: prisons[0].vnet, by: own)
    }
    try kernel.setSysctl(.kernHostname, to: "inside", vnet: .zero, by: sharing)
    let names = [PrisonID.host, own, sharing].map {
      kernel.sysctl(.kernHostname, vnet: .zero, fib: .zero, by: $0)
    }
    #expect(names == [.text(""), .text(""), .text("inside")])
    #expect(throws: Errno.EINVAL) { try kernel.removePrison(own, by: sharing) }
    try kernel.removePrison(own, by: .host)
    #expect(kernel.vnetList == [.zero])
  }
}
