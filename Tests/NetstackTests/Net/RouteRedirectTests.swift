// SPDX-License-Identifier: BSD-2-Clause

import Testing
import Wire

// Redirects are applied without the ICMP packets that carry them.
@testable import Netstack

@Suite("rtredirect_fib") struct RouteRedirectTests {
  private let host = IPv4Address(172, 16, 5, 5)
  private let first = IPv4Address(10, 0, 0, 254)
  private let better = IPv4Address(10, 0, 0, 3)
  private let all = RouteKey(network: .any, mask: .any)

  private func redirect(
    _ vnet: inout Vnet, to gateway: IPv4Address, from source: IPv4Address, fib: UInt8 = 0
  ) {
    vnet.rtredirect(
      destination: host, gateway: gateway, from: source, fib: FibNumber(rawValue: fib),
      now: Instant(seconds: 100))
  }

  private func expectBad(_ vnet: borrowing Vnet, _ routes: [String]) {
    #expect(vnet.statistics.route[.badredirect] == 1)
    #expect(vnet.statistics.route[.dynamic] == 0 && vnet.statistics.route[.newgateway] == 0)
    #expect(vnet.added() == routes)
  }

  @Test func makesAHostRouteBesideTheDefault() throws {
    var vnet = Vnet.lab()
    try vnet.rtAdd(RouteTests.via(first, all), fib: .zero)
    redirect(&vnet, to: better, from: first)
    #expect(vnet.added().last == "172.16.5.5 10.0.0.3 UGHD3 em0 10.0.0.1")
    #expect(vnet.statistics.route[.dynamic] == 1)
    let found = vnet.routes.lookup(host, in: .zero)
    let index = try #require(found)
    #expect(vnet.routes[index].expire == 3700)
  }

  @Test func makesOneWhereThereIsNoRouteAtAll() {
    var vnet = Vnet.lab()
    redirect(&vnet, to: better, from: IPv4Address(9, 9, 9, 9), fib: 1)
    #expect(vnet.added(in: 1) == ["172.16.5.5 10.0.0.3 UGHD3 em0 10.0.0.1"])
    #expect(vnet.added() == [])
    #expect(vnet.statistics.route[.dynamic] == 1 && vnet.statistics.route[.unreach] == 1)
  }

  @Test func makesOneBesideANetwork() throws {
    var vnet = Vnet.lab()
    try vnet.rtAdd(RouteTests.via(first), fib: .zero)
    redirect(&vnet, to: better, from: first)
    #expect(
      vnet.added() == [
        "172.16.0.0/255.255.0.0 10.0.0.254 UGS em0 10.0.0.1",
        "172.16.5.5 10.0.0.3 UGHD3 em0 10.0.0.1",
      ])
  }

  @Test func changesAHostRoute() throws {
    var vnet = Vnet.lab()
    try vnet.rtAdd(RouteTests.via(first, RouteKey(host: host)), fib: .zero)
    redirect(&vnet, to: better, from: first)
    #expect(vnet.added() == ["172.16.5.5 10.0.0.3 UGHMS em0 10.0.0.1"])
    #expect(vnet.statistics.route[.newgateway] == 1 && vnet.statistics.route[.dynamic] == 0)
  }

  @Test func followsTheLastOfTwo() {
    var vnet = Vnet.lab()
    redirect(&vnet, to: better, from: first)
    redirect(&vnet, to: IPv4Address(10, 0, 0, 2), from: better)
    #expect(vnet.added() == ["172.16.5.5 10.0.0.2 UGHDM3 em0 10.0.0.1"])
  }

  @Test func refusesAGatewayOffTheNetwork() throws {
    var vnet = Vnet.lab()
    redirect(&vnet, to: IPv4Address(10, 0, 9, 3), from: first)
    expectBad(vnet, [])
  }

  @Test func refusesStrangersAndOtherNetworks() throws {
    var vnet = Vnet.lab()
    try vnet.rtAdd(RouteTests.via(first), fib: .zero)
    redirect(&vnet, to: better, from: IPv4Address(10, 0, 0, 99))
    expectBad(vnet, ["172.16.0.0/255.255.0.0 10.0.0.254 UGS em0 10.0.0.1"])
    redirect(&vnet, to: IPv4Address(10, 0, 1, 3), from: first)
    #expect(vnet.statistics.route[.badredirect] == 2)
  }

  @Test(arguments: [IPv4Address(10, 0, 0, 1), IPv4Address(10, 0, 0, 255)])
  func refusesAGatewayOfOurOwn(gateway: IPv4Address) {
    var vnet = Vnet.lab()
    redirect(&vnet, to: gateway, from: first)
    expectBad(vnet, [])
  }

  @Test func leavesInterfaceRoutesAlone() throws {
    var vnet = Vnet.lab()
    try vnet.rtAdd(RouteTests.via(IPv4Address(10, 0, 0, 1), RouteTests.net, []), fib: .zero)
    redirect(&vnet, to: better, from: IPv4Address(10, 0, 0, 1))
    expectBad(vnet, ["172.16.0.0/255.255.0.0 10.0.0.1 U em0 10.0.0.1"])
  }

  @Test func ageingStopsWhileARouteIsInUse() throws {
    var vnet = Vnet.lab()
    redirect(&vnet, to: better, from: first)
    let found = vnet.rtalloc1(host, fib: .zero, report: true)
    let index = try #require(found)
    #expect(!vnet.routes[index].flags.contains(.RTF_PROTO3) && vnet.routes[index].expire == 0)
    vnet.rtfree(index, now: Instant(seconds: 500))
    #expect(vnet.routes[index].flags.contains(.RTF_PROTO3) && vnet.routes[index].expire == 4100)
  }

  @Test func routesThatExpireAtOnceAreGone() {
    var vnet = Vnet.lab()
    vnet.sysctl[.ipRtexpire] = 0
    redirect(&vnet, to: better, from: first)
    #expect(vnet.added() == [] && vnet.statistics.route[.dynamic] == 1)
  }

  /// What a listener hears of one redirect: flags and errno.
  private func heard(
    _ vnet: inout Vnet, to gateway: IPv4Address, from source: IPv4Address
  ) -> [RoutingMessage] {
    let socket = vnet.routingSockets.open(limit: 8192)
    redirect(&vnet, to: gateway, from: source)
    return vnet.routingSockets.read(socket)
  }

  @Test func listenersHearWhatCameOfIt() throws {
    var vnet = Vnet.lab()
    try vnet.rtAdd(RouteTests.via(first, all), fib: .zero)
    let strange = heard(&vnet, to: better, from: better)
    #expect(strange.map(\.route.flags) == [[.RTF_GATEWAY, .RTF_HOST, .RTF_DONE]])
    #expect(strange.map(\.route.errno) == [Errno.EINVAL.rawValue])
    let added = heard(&vnet, to: better, from: first)
    #expect(
      added.map(\.route.flags) == [[.RTF_UP, .RTF_GATEWAY, .RTF_HOST, .RTF_DYNAMIC, .RTF_DONE]])
    #expect(added.map(\.type) == [.RTM_REDIRECT] && added.map(\.route.errno) == [0])
    let names = added.first?.addresses.present.map(\.name)
    #expect(names == ["DST", "GATEWAY", "AUTHOR"])
    let changed = heard(&vnet, to: IPv4Address(10, 0, 0, 2), from: better)
    #expect(
      changed.map(\.route.flags) == [[.RTF_GATEWAY, .RTF_HOST, .RTF_MODIFIED, .RTF_DONE]])
  }
}
