// SPDX-License-Identifier: BSD-2-Clause

import Testing
import Wire

// A change is asked for by the route's place here; the calls have their own tests.
@testable import Netstack

@Suite("RTM_CHANGE") struct RouteChangeTests {
  private let gateway = IPv4Address(10, 0, 1, 254)

  /// Adds the route to 172.16/16 over em1, or as the request says, and changes it.
  private func changed(
    _ change: RouteRequest, from request: RouteRequest? = nil
  ) throws -> (text: String, route: Rtentry) {
    var vnet = Vnet.lab()
    let index = try vnet.rtAdd(request ?? RouteTests.via(gateway), fib: .zero)
    try vnet.rtChange(index, change)
    return (vnet.text(vnet.routes[index]), vnet.routes[index])
  }

  @Test func aNewGatewayBringsItsInterface() throws {
    let result = try changed(RouteTests.via(IPv4Address(10, 0, 2, 254)))
    #expect(result.text == "172.16.0.0/255.255.0.0 10.0.2.254 UGS em2 10.0.2.1")
    #expect(result.route.mtu == 1500)
  }

  @Test func anUnreachableGatewayChangesNothing() throws {
    var vnet = Vnet.lab()
    let index = try vnet.rtAdd(RouteTests.via(gateway), fib: .zero)
    var request = RouteTests.via(IPv4Address(30, 0, 0, 1))
    request.mtu = 700
    #expect(errno { () throws(Errno) in try vnet.rtChange(index, request) } == .ENETUNREACH)
    #expect(vnet.text(vnet.routes[index]) == "172.16.0.0/255.255.0.0 10.0.1.254 UGS em1 10.0.1.1")
    #expect(vnet.routes[index].mtu == 1500)
  }

  @Test func onlySomeFlagsAreReplaced() throws {
    let blackhole = RouteTests.via(
      gateway, RouteTests.net, [.RTF_GATEWAY, .RTF_STATIC, .RTF_BLACKHOLE, .RTF_PROTO1])
    let plain = RouteTests.via(gateway, RouteTests.net, [.RTF_REJECT, .RTF_DYNAMIC])
    let result = try changed(plain, from: blackhole)
    #expect(result.text == "172.16.0.0/255.255.0.0 10.0.1.254 UGR em1 10.0.1.1")
  }

  @Test func metricsAreReplacedWhereNamed() throws {
    var request = RouteTests.via(gateway)
    (request.mtu, request.weight) = (700, 3)
    let result = try changed(request)
    #expect(result.route.mtu == 700 && result.route.weight == 3 && result.route.expire == 0)
  }

  @Test func loopbackBringsItsMTUAndKeepsIt() throws {
    var vnet = Vnet.lab()
    let index = try vnet.rtAdd(RouteTests.via(gateway), fib: .zero)
    var toLoopback = RouteTests.via(.loopback, RouteTests.net, [.RTF_STATIC, .RTF_BLACKHOLE])
    toLoopback.mtu = 500
    try vnet.rtChange(index, toLoopback)
    #expect(vnet.text(vnet.routes[index]) == "172.16.0.0/255.255.0.0 127.0.0.1 UGSB lo0 127.0.0.1")
    #expect(vnet.routes[index].mtu == 16384)
    vnet.routes[index].mtu = 500
    try vnet.rtChange(index, RouteTests.via(gateway))
    #expect(vnet.text(vnet.routes[index]) == "172.16.0.0/255.255.0.0 10.0.1.254 UGS em1 10.0.1.1")
    #expect(vnet.routes[index].mtu == 16384)
  }

  @Test func aRouteWithoutGatewayKeepsItsInterface() throws {
    let direct = RouteRequest(
      key: RouteTests.net, gateway: .link(LabInterface.em0), flags: .RTF_STATIC)
    let result = try changed(RouteTests.via(gateway), from: direct)
    #expect(result.text == "172.16.0.0/255.255.0.0 10.0.1.254 UGS em0 10.0.0.1")
  }

  @Test func interfaceAndSourceCanBeAskedFor() throws {
    var request = RouteRequest(key: RouteTests.net, gateway: nil, flags: .RTF_STATIC)
    request.interface = LabInterface.em2
    request.sourceAddress = IPv4Address(10, 0, 0, 1)
    let result = try changed(request)
    // Other than on adding, the interface is the one asked for.
    #expect(result.text == "172.16.0.0/255.255.0.0 10.0.1.254 UGS em2 10.0.0.1")
  }
}
