// SPDX-License-Identifier: BSD-2-Clause

import Testing
import Wire

// The requests below are the kernel's own; no call reaches all of them.
@testable import Netstack

@Suite("rtrequest1_fib") struct RouteTests {
  static let one = FibNumber(rawValue: 1)
  static let net = RouteKey(network: IPv4Address(172, 16, 0, 0), mask: IPv4Prefix.mask(length: 16))

  static func via(
    _ gateway: IPv4Address, _ key: RouteKey = RouteTests.net,
    _ flags: RouteFlags = [.RTF_GATEWAY, .RTF_STATIC]
  ) -> RouteRequest {
    RouteRequest(key: key, gateway: .address(gateway), flags: flags)
  }

  /// What is asked for, and the route that comes of it or the error.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let request: RouteRequest
    let answer: Result<String, Errno>

    init(_ name: String, _ request: RouteRequest, _ answer: String) {
      (testDescription, self.request, self.answer) = (name, request, .success(answer))
    }

    init(_ name: String, _ request: RouteRequest, _ error: Errno) {
      (testDescription, self.request, self.answer) = (name, request, .failure(error))
    }
  }

  @Test(arguments: [
    Case(
      "a gateway on a connected network", via(IPv4Address(10, 0, 1, 254)),
      "172.16.0.0/255.255.0.0 10.0.1.254 UGS em1 10.0.1.1"),
    Case(
      "the host part of the destination goes",
      via(
        IPv4Address(10, 0, 1, 254),
        RouteKey(network: IPv4Address(172, 16, 5, 6), mask: IPv4Prefix.mask(length: 16))),
      "172.16.0.0/255.255.0.0 10.0.1.254 UGS em1 10.0.1.1"),
    Case(
      "a gateway that is a broadcast address", via(IPv4Address(10, 0, 1, 255)),
      "172.16.0.0/255.255.0.0 10.0.1.255 UGS em1 10.0.1.1"),
    Case(
      "an own address without the gateway flag",
      via(IPv4Address(10, 0, 1, 1), net, .RTF_STATIC),
      "172.16.0.0/255.255.0.0 10.0.1.1 US em1 10.0.1.1"),
    Case(
      "a host", via(IPv4Address(10, 0, 2, 9), RouteKey(host: IPv4Address(10, 0, 0, 7))),
      "10.0.0.7 10.0.2.9 UGHS em2 10.0.2.1"),
    Case(
      "an interface is all that is known of the way",
      RouteRequest(key: net, gateway: .link(LabInterface.em2), flags: .RTF_STATIC),
      "172.16.0.0/255.255.0.0 link#3 US em2 10.0.2.1"),
    Case(
      "an interface is asked for",
      {
        var request = via(IPv4Address(10, 0, 1, 254))
        request.interface = LabInterface.em2
        return request
      }(), "172.16.0.0/255.255.0.0 10.0.1.254 UGS em2 10.0.2.1"),
    Case(
      "a source is asked for",
      {
        var request = via(IPv4Address(10, 0, 1, 254))
        request.sourceAddress = IPv4Address(10, 0, 2, 1)
        return request
      }(), "172.16.0.0/255.255.0.0 10.0.1.254 UGS em2 10.0.2.1"),
    Case(
      "a source decides over the interface that is asked for",
      {
        var request = via(IPv4Address(10, 0, 1, 254))
        request.sourceAddress = IPv4Address(10, 0, 2, 1)
        request.interface = LabInterface.em0
        return request
      }(), "172.16.0.0/255.255.0.0 10.0.1.254 UGS em2 10.0.2.1"),
    Case(
      "a source that is nobody's leaves the gateway to decide",
      {
        var request = via(IPv4Address(10, 0, 1, 254))
        request.sourceAddress = IPv4Address(9, 9, 9, 9)
        return request
      }(), "172.16.0.0/255.255.0.0 10.0.1.254 UGS em1 10.0.1.1"),
    Case(
      "a loopback interface without address leads to this host",
      {
        var request = RouteRequest(
          key: RouteKey(host: IPv4Address(10, 0, 0, 2)), gateway: .link(LabInterface.em0),
          flags: .RTF_STATIC)
        request.interface = LabInterface.lo0
        return request
      }(), "10.0.0.2 link#1 UHS lo0 127.0.0.1"),
    Case("no gateway", RouteRequest(key: net, gateway: nil, flags: .RTF_GATEWAY), .EINVAL),
    Case("nothing reaches the gateway", via(IPv4Address(30, 0, 0, 1)), .ENETUNREACH),
    Case(
      "the interface has no address",
      RouteRequest(key: net, gateway: .link(LabInterface.gif0)), .ENETUNREACH),
    Case(
      "the interface that is asked for has no address",
      {
        var request = via(IPv4Address(10, 0, 1, 254))
        request.interface = LabInterface.gif0
        return request
      }(), .ENETUNREACH),
    Case(
      "the network is connected already",
      via(
        IPv4Address(10, 0, 1, 254),
        RouteKey(network: IPv4Address(10, 0, 0, 0), mask: IPv4Prefix.mask(length: 24))), .EEXIST),
    Case(
      "an unreachable gateway is told before a duplicate",
      via(
        IPv4Address(30, 0, 0, 1),
        RouteKey(network: IPv4Address(10, 0, 0, 0), mask: IPv4Prefix.mask(length: 24))),
      .ENETUNREACH),
  ]) func adds(_ test: Case) throws {
    var vnet = Vnet.lab()
    let before = vnet.routes.count(in: .zero)
    var added: RouteIndex?
    let error = errno { () throws(Errno) in added = try vnet.rtAdd(test.request, fib: .zero) }
    switch test.answer {
    case .success(let text):
      let index = try #require(added)
      #expect(vnet.text(vnet.routes[index]) == text)
      #expect(vnet.routes.exact(test.request.key, in: .zero) == index)
      #expect(vnet.routes.count(in: .zero) == before + 1)
    case .failure(let expected):
      #expect(error == expected)
      #expect(vnet.routes.count(in: .zero) == before)
    }
    #expect(vnet.routes.count(in: Self.one) == 4)
  }

  @Test func refusesTablesThatAreNot() {
    var vnet = Vnet.lab()
    let fib = FibNumber(rawValue: 2)
    let request = Self.via(IPv4Address(10, 0, 1, 254))
    #expect(errno { () throws(Errno) in try vnet.rtAdd(request, fib: fib) } == .EAFNOSUPPORT)
    #expect(errno { () throws(Errno) in try vnet.rtDelete(Self.net, fib: fib) } == .EAFNOSUPPORT)
  }

  @Test func refusesTheSameKeyTwice() throws {
    var vnet = Vnet.lab()
    try vnet.rtAdd(Self.via(IPv4Address(10, 0, 1, 254)), fib: .zero)
    let again = Self.via(IPv4Address(10, 0, 2, 254))
    #expect(errno { () throws(Errno) in try vnet.rtAdd(again, fib: .zero) } == .EEXIST)
    try vnet.rtAdd(again, fib: Self.one)
    #expect(vnet.added(in: 1) == ["172.16.0.0/255.255.0.0 10.0.2.254 UGS em2 10.0.2.1"])
  }

  @Test func aDefaultRouteReachesNoGateway() throws {
    var vnet = Vnet.lab()
    let all = RouteKey(network: .any, mask: .any)
    try vnet.rtAdd(Self.via(IPv4Address(10, 0, 0, 254), all), fib: .zero)
    let request = Self.via(IPv4Address(30, 0, 0, 1))
    #expect(errno { () throws(Errno) in try vnet.rtAdd(request, fib: .zero) } == .ENETUNREACH)
  }

  @Test func aGatewayBehindAGatewayKeepsItsAddress() throws {
    var vnet = Vnet.lab()
    try vnet.rtAdd(Self.via(IPv4Address(10, 0, 1, 254)), fib: .zero)
    let far = RouteKey(network: IPv4Address(192, 168, 0, 0), mask: IPv4Prefix.mask(length: 16))
    let request = Self.via(IPv4Address(172, 16, 0, 77), far)
    #expect(errno { () throws(Errno) in try vnet.rtAdd(request, fib: Self.one) } == .ENETUNREACH)
    let index = try vnet.rtAdd(request, fib: .zero)
    #expect(
      vnet.text(vnet.routes[index]) == "192.168.0.0/255.255.0.0 172.16.0.77 UGS em1 10.0.1.1")
  }

  @Test func aPeerIsReachedOverItsLink() throws {
    var vnet = Vnet.lab()
    let peer = IPv4Address(10, 8, 0, 2)
    let index = vnet.addresses.insert(
      InterfaceAddress(
        address: IPv4Address(10, 8, 0, 1), mask: .broadcast, interface: LabInterface.gif0,
        peer: peer))
    let behind = try vnet.rtAdd(Self.via(peer), fib: .zero)
    let host = try vnet.rtAdd(Self.via(peer, RouteKey(host: peer), .RTF_STATIC), fib: .zero)
    #expect(vnet.routes[behind].address == index && vnet.routes[host].address == index)
    #expect(vnet.routes[behind].interface == LabInterface.gif0)
    #expect(vnet.routes[behind].mtu == 1280)
    let beside = Self.via(IPv4Address(10, 8, 0, 3))
    #expect(errno { () throws(Errno) in try vnet.rtAdd(beside, fib: Self.one) } == .ENETUNREACH)
  }

  @Test func loopbackNeedsNoAddressToLeadToThisHost() throws {
    var vnet = Vnet.lab()
    let loopback = vnet.addresses.own(.loopback)
    let address = try #require(loopback)
    vnet.rtIfaDelete(address: address, includeStatic: true)
    vnet.addresses.remove(address)
    let own = IPv4Address(10, 0, 0, 1)
    var request = RouteRequest(
      key: RouteKey(host: own), gateway: .link(LabInterface.em0), flags: .RTF_STATIC)
    request.interface = LabInterface.lo0
    let index = try vnet.rtAdd(request, fib: .zero)
    #expect(vnet.text(vnet.routes[index]) == "10.0.0.1 link#1 UHS lo0 10.0.0.1")
    #expect(vnet.routes[index].mtu == 16384 && !vnet.routes[index].flags.contains(.RTF_LOCAL))
    request.key = RouteKey(host: IPv4Address(10, 0, 0, 9))
    let other = request
    #expect(errno { () throws(Errno) in try vnet.rtAdd(other, fib: .zero) } == .ENETUNREACH)
  }

  @Test func marksWhatItKnowsOfTheDestination() throws {
    var vnet = Vnet.lab()
    func flags(_ key: RouteKey, _ gateway: IPv4Address) throws -> RouteFlags {
      let index = try vnet.rtAdd(Self.via(gateway, key, []), fib: Self.one)
      return vnet.routes[index].flags.intersection([
        .RTF_LOCAL, .RTF_BROADCAST, .RTF_MULTICAST,
      ])
    }
    let (own, peer) = (IPv4Address(10, 0, 0, 1), IPv4Address(10, 0, 0, 9))
    #expect(try flags(RouteKey(host: own), own) == .RTF_LOCAL)
    #expect(try flags(RouteKey(host: IPv4Address(10, 0, 0, 255)), own) == .RTF_BROADCAST)
    #expect(try flags(RouteKey(host: .broadcast), peer) == .RTF_BROADCAST)
    #expect(try flags(RouteKey(host: IPv4Address(224, 0, 0, 5)), own) == .RTF_MULTICAST)
    let groups = RouteKey(network: IPv4Address(224, 0, 0, 0), mask: IPv4Prefix.mask(length: 4))
    #expect(try flags(groups, own) == .RTF_MULTICAST)
    #expect(try flags(RouteKey(host: peer), own) == [])
  }

  @Test func metricsAreTheInterfacesUnlessAskedFor() throws {
    var vnet = Vnet.lab()
    let plain = try vnet.rtAdd(Self.via(IPv4Address(10, 0, 1, 254)), fib: .zero)
    #expect(vnet.routes[plain].mtu == 1500 && vnet.routes[plain].weight == 1)
    #expect(vnet.routes[plain].expire == 0)
    var request = Self.via(IPv4Address(10, 0, 1, 254))
    (request.mtu, request.weight, request.expire) = (9000, 7, 99)
    let asked = try vnet.rtAdd(request, fib: Self.one)
    #expect(vnet.routes[asked].mtu == 9000 && vnet.routes[asked].weight == 7)
    #expect(vnet.routes[asked].expire == 99)
  }

  @Test func deletesByExactKey() throws {
    var vnet = Vnet.lab()
    let slash32 = RouteKey(network: IPv4Address(172, 16, 0, 0), mask: .broadcast)
    let host = RouteKey(host: IPv4Address(172, 16, 0, 0))
    try vnet.rtAdd(Self.via(IPv4Address(10, 0, 1, 254)), fib: .zero)
    try vnet.rtAdd(Self.via(IPv4Address(10, 0, 1, 254), slash32), fib: .zero)
    #expect(errno { () throws(Errno) in try vnet.rtDelete(host, fib: .zero) } == .ESRCH)
    #expect(errno { () throws(Errno) in try vnet.rtDelete(Self.net, fib: Self.one) } == .ESRCH)
    let gone = try vnet.rtDelete(Self.net, fib: .zero)
    #expect(gone.key == Self.net && !gone.flags.contains(.RTF_UP))
    #expect(vnet.added() == ["172.16.0.0/255.255.255.255 10.0.1.254 UGS em1 10.0.1.1"])
  }

  @Test func anAddressTakesItsRoutesAlong() throws {
    var vnet = Vnet.lab()
    let all = RouteKey(network: .any, mask: .any)
    for fib in [FibNumber.zero, Self.one] {
      try vnet.rtAdd(Self.via(IPv4Address(10, 0, 1, 254), all), fib: fib)
      try vnet.rtAdd(Self.via(IPv4Address(10, 0, 2, 254)), fib: fib)
    }
    let host = RouteKey(host: IPv4Address(9, 9, 9, 9))
    try vnet.rtAdd(Self.via(IPv4Address(10, 0, 1, 9), host, .RTF_GATEWAY), fib: Self.one)
    let own = vnet.addresses.own(IPv4Address(10, 0, 1, 1))
    let address = try #require(own)
    vnet.addresses[address].ownsPrefixRoute = true
    vnet.rtIfaDelete(address: address, includeStatic: false)
    #expect(!vnet.addresses[address].ownsPrefixRoute)
    for destination in [IPv4Address(10, 0, 1, 7), IPv4Address(9, 9, 9, 9)] {
      let found = vnet.routes.lookup(destination, in: Self.one)
      #expect(found.map { vnet.routes[$0].key } == all)
    }
    #expect(vnet.added().count == 2)
    vnet.rtIfaDelete(address: address, includeStatic: true)
    #expect(vnet.added() == ["172.16.0.0/255.255.0.0 10.0.2.254 UGS em2 10.0.2.1"])
    #expect(vnet.added(in: 1) == vnet.added())
  }

  @Test func anInterfaceTakesItsRoutesAlong() throws {
    var vnet = Vnet.lab()
    try vnet.rtAdd(Self.via(IPv4Address(10, 0, 1, 254)), fib: Self.one)
    vnet.rtIfDelete(interface: LabInterface.em1)
    #expect(vnet.routes.lookup(IPv4Address(10, 0, 1, 7), in: .zero) == nil)
    #expect(vnet.routes.count(in: Self.one) == 3)
    // The way to the own address leads over lo0 and stays.
    #expect(vnet.routes.lookup(IPv4Address(10, 0, 1, 1), in: .zero) != nil)
  }

  @Test func lookupsThatFailAreCounted() {
    var vnet = Vnet.lab()
    let missed = [true, false].map {
      vnet.rtalloc1(IPv4Address(9, 9, 9, 9), fib: .zero, report: $0)
    }
    let found = vnet.rtalloc1(IPv4Address(10, 0, 0, 9), fib: .zero, report: true)
    #expect(missed == [nil, nil] && found != nil)
    #expect(vnet.statistics.route[.unreach] == 2)
  }
}
