// SPDX-License-Identifier: BSD-2-Clause

/// A queue of ALTQ, as `DIOCGETALTQ` of pf(4) tells of it.
package struct AltqQueue: Hashable, Sendable {
  package var name: String
  package var number: UInt32

  package init(name: String, number: UInt32) {
    (self.name, self.number) = (name, number)
  }
}

/// What a kernel was compiled and booted with: options and loader tunables, as values.
///
/// A value and not `#if`, so that one test can run a packet with and without IPSTEALTH.
package struct KernelOptions: Hashable, Sendable {
  /// `options ROUTETABLES`: the tables a kernel may have, 1 to 16.
  package var routeTables = 1
  /// `net.fibs`; nil for as many as `routeTables`.
  package var fibs: Int?
  /// `options IPFIREWALL`.
  package var ipfirewall = false
  /// `options IPFIREWALL_DEFAULT_TO_ACCEPT`, or the tunable `net.inet.ip.fw.default_to_accept`.
  package var firewallDefaultsToAccept = false
  /// `options IPFIREWALL_FORWARD`: rules may say `fwd`.
  package var ipfirewallForward = false
  /// `options IPFIREWALL_VERBOSE`.
  package var ipfirewallVerbose = false
  /// `options IPSTEALTH`.
  package var ipStealth = false
  /// `options VIMAGE`: jails may have network stacks of their own.
  package var vimage = false
  /// `options VNET_DEBUG`: a stack that is entered while another is current is reported.
  package var vnetDebug = false
  /// `device gif`: its cloner and its sysctls.
  package var gif = true
  /// `device carp`.
  package var carp = false
  package var dummynet = false
  package var ipdivert = false
  /// `options NETGRAPH_IPFW`: rules may say `netgraph` and `ngtee`. No node is ever connected.
  package var netgraph = false
  /// `options IPFIREWALL_NAT` with LIBALIAS: rules may say `nat`.
  package var libalias = false
  /// The queues of ALTQ that pf(4) has; nil without `device pf`.
  package var altqQueues: [AltqQueue]?
  /// The CPUs of the machine; boot takes 1 to 32 (`MAXCPU`).
  package var cpus = 1
  /// What the loader gives netisr(9).
  package var netisr = NetisrTunables()
  /// `options FLOWTABLE`, which GENERIC has: ways of local packets are kept.
  package var flowtable = false
  /// The tunable `net.inet.ip.output_flowtable_size`.
  package var flowtableSize = 2048
  /// Simulated Ethernet interfaces that are there at boot.
  package var ethernetInterfaces = 4
  /// lo0 has 127.0.0.1 from the start, as rc(8) gives it; the kernel alone would not.
  package var configuresLoopback = true
  /// The wall clock at boot, seconds since 1970: what the first IP id is made of.
  package var bootTime: UInt64 = 1_250_000_000
  /// The seed of everything random.
  package var seed: UInt64 = 1

  package init() {}

  /// What 8.0's GENERIC is.
  package static let generic: KernelOptions = {
    var options = KernelOptions()
    options.flowtable = true
    return options
  }()

  /// The lab's kernel: GENERIC with the firewall, its friends and sixteen tables.
  ///
  /// The default rule accepts, as the recorded answers' kernel does.
  package static let demo: KernelOptions = {
    var options = generic
    options.routeTables = FibNumber.limit
    options.ipfirewall = true
    options.firewallDefaultsToAccept = true
    options.ipfirewallForward = true
    options.ipfirewallVerbose = true
    options.ipStealth = true
    options.vimage = true
    options.carp = true
    options.dummynet = true
    options.ipdivert = true
    options.libalias = true
    return options
  }()

  /// `mp_ncpus`.
  package var numberOfCPUs: Int { min(max(cpus, 1), KernelOptions.mostCPUs) }

  /// `MAXCPU` of amd64.
  package static let mostCPUs = 32

  /// `rt_numfibs`: clamped as boot clamps it.
  package var numberOfFibs: Int {
    let most = min(max(routeTables, 1), FibNumber.limit)
    guard let fibs else { return most }
    return fibs < 1 ? 1 : min(fibs, most)
  }
}
