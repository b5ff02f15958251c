// SPDX-License-Identifier: BSD-2-Clause

/// What the loader gives netisr(9) (`TUNABLE_INT` of net/netisr.c, net/rtsock.c and net/if_epair.c).
package struct NetisrTunables: Hashable, Sendable {
  /// `net.isr.maxthreads`: anything below 1 is 1.
  package var maxthreads = -1
  package var bindthreads = 0
  package var maxqlimit = 10_240
  package var defaultqlimit = 256
  package var direct = 1
  package var directForce = 1
  /// `net.route.netisr_maxqlen` and `net.link.epair.netisr_maxqlen`; 0 for the protocol's usual.
  package var routeMaxqlen = 0
  package var epairMaxqlen = 42 * 50  // 42 times `ifqmaxlen`

  package init() {}
}

/// Boot (`netisr_init`, `netisr_start`, `netisr_register`).
extension Machine {
  mutating func bootNetisr() {
    var tunables = options.netisr
    let cpus = options.numberOfCPUs
    tunables.maxthreads = max(tunables.maxthreads, 1)
    if tunables.maxthreads > cpus {
      log("netisr2: forcing maxthreads from \(tunables.maxthreads) to \(cpus)")
      tunables.maxthreads = cpus
    }
    let most = UInt32(truncatingIfNeeded: tunables.maxqlimit)
    if UInt32(truncatingIfNeeded: tunables.defaultqlimit) > most {
      log(
        "netisr2: forcing defaultqlimit from \(tunables.defaultqlimit) to \(tunables.maxqlimit)")
      tunables.defaultqlimit = tunables.maxqlimit
    }
    netisr = NetisrQueue(cpus: cpus, streams: tunables.maxthreads)
    sysctl[.isrNumthreads] = Int64(tunables.maxthreads)
    sysctl[.isrMaxthreads] = Int64(tunables.maxthreads)
    sysctl[.isrBindthreads] = Int64(tunables.bindthreads)
    sysctl[.isrMaxqlimit] = Int64(tunables.maxqlimit)
    sysctl[.isrDefaultqlimit] = Int64(tunables.defaultqlimit)
    sysctl[.isrDirect] = Int64(tunables.direct)
    sysctl[.isrDirectForce] = Int64(tunables.directForce)
    for netisr in NetisrProtocol.allCases {
      let asked =
        switch netisr {
        case .rtsock: tunables.routeMaxqlen
        case .epair: tunables.epairMaxqlen
        case .ip, .igmp, .arp: 0
        }
      register(netisr, asked: UInt32(truncatingIfNeeded: asked))
    }
  }

  /// Gives a protocol its limit: what it asked for, or the usual one for 0.
  private mutating func register(_ netisr: NetisrProtocol, asked: UInt32) {
    guard let key = netisr.limitKey else { return }
    let most = UInt32(truncatingIfNeeded: sysctl[.isrMaxqlimit])
    if asked > most {
      log(
        "netisr_register: \(netisr.name) requested queue limit \(asked) capped to "
          + "net.isr.maxqlimit \(most)")
    }
    let limit = asked == 0 ? sysctl[.isrDefaultqlimit] : Int64(min(asked, most))
    sysctl[key] = Int64(Int32(truncatingIfNeeded: limit))
  }
}
