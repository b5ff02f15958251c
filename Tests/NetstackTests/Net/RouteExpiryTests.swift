// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

// Redirects are applied without the ICMP packets that carry them.
@testable import Netstack

@Suite("in_rtqtimo") struct RouteExpiryTests {
  /// A machine with em0 10.0.0.1/24 at 100 s, and routes of redirects to so many hosts in a table.
  private func redirected(hosts: Int, fib: FibNumber = .zero) -> InterfaceLab {
    var lab = InterfaceLab(cards: 1, ["lo0 127.0.0.1/8", "em0 10.0.0.1/24"])
    lab.kernel.advance(to: Instant(seconds: 100))
    for host in 0..<hosts {
      lab.kernel.vnets[0].rtredirect(
        destination: IPv4Address(rawValue: 0xac10_0000 + UInt32(host)),
        gateway: IPv4Address(10, 0, 0, 3), from: IPv4Address(10, 0, 0, 254), fib: fib,
        now: lab.kernel.machine.now)
    }
    lab.kernel.vnets[0].startRouteSweeps(&lab.kernel.machine)
    return lab
  }

  /// The routes of redirects.
  private func dynamic(_ lab: borrowing InterfaceLab, _ fib: FibNumber = .zero) -> [Rtentry] {
    let routes = (try? lab.kernel.routes(vnet: .zero, fib: fib)) ?? []
    return routes.filter { $0.flags.contains(.RTF_DYNAMIC) }
  }

  private func rtexpire(_ lab: borrowing InterfaceLab) -> Int { lab.kernel[.zero].sysctl.rtexpire }

  @Test(arguments: [FibNumber.zero, FibNumber(rawValue: 1)])
  func routesGoAtTheSweepAfterTheirHour(fib: FibNumber) {
    var lab = redirected(hosts: 1, fib: fib)
    // They expire at 3700 s; sweeps are at 3601.006 and 4201.007 s.
    lab.kernel.advance(to: Instant(seconds: 4201))
    var counts = [dynamic(lab, fib).count]
    lab.kernel.advance(to: Instant(seconds: 4202))
    counts.append(dynamic(lab, fib).count)
    #expect(counts == [1, 0])
    let timers = lab.kernel.machine.timers.count
    #expect(timers == 0)
  }

  @Test func timeEndsWithoutASweep() {
    let last = Instant(nanoseconds: .max)
    #expect(Instant(seconds: 0).nextRouteSweep == Instant(seconds: 1))
    #expect(Instant(seconds: 1).nextRouteSweep == Instant(nanoseconds: 601_001_000_000))
    #expect(last.nextRouteSweep == nil)
    var lab = InterfaceLab(cards: 1, ["em0 10.0.0.1/24"])
    lab.kernel.machine.now = last
    lab.kernel.vnets[0].startRouteSweeps(&lab.kernel.machine)
    let isSweeping = lab.kernel.vnets[0].isSweepingRoutes
    #expect(!isSweeping)
  }

  @Test func aRouteInUseStays() {
    var lab = redirected(hosts: 1)
    let route = lab.kernel.vnets[0].rtalloc1(
      IPv4Address(172, 16, 0, 0), fib: .zero, report: false)
    lab.kernel.advance(to: Instant(seconds: 10_000))
    let left = dynamic(lab)
    #expect(route != nil && left.count == 1)
  }

  @Test func whereThereAreTooManyTheirTimeIsCut() {
    var lab = redirected(hosts: 129)
    lab.kernel.advance(to: Instant(seconds: 602))
    // The sweep was at 601 s.
    let ends = Set(dynamic(lab).map(\.expire))
    #expect(ends == [3001])
    var limits = [rtexpire(lab)]
    lab.kernel.advance(to: Instant(seconds: 1203))
    limits.append(rtexpire(lab))
    #expect(limits == [2400, 1600])
  }

  @Test func noTimeIsCutBelowTheLeast() {
    var lab = redirected(hosts: 129)
    lab.kernel[.zero].sysctl[.ipRtminexpire] = 3000
    lab.kernel.advance(to: Instant(seconds: 602))
    var limits = [rtexpire(lab)]
    lab.kernel.advance(to: Instant(seconds: 1203))
    limits.append(rtexpire(lab))
    #expect(limits == [3000, 3000])
  }

  @Test func asManyAsMayStayKeepTheirTime() {
    var lab = redirected(hosts: 128)
    lab.kernel.advance(to: Instant(seconds: 602))
    let (limit, left) = (rtexpire(lab), dynamic(lab))
    #expect(limit == 3600 && left.count == 128)
  }
}
