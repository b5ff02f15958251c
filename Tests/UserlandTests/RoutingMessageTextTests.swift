// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

// The text of messages that nothing in the model sends.
@testable import Userland

@Suite("route monitor") struct RoutingMessageTextTests {
  @Test(
    arguments: [
      (1, "RTM_ADD: Add Route"), (2, "RTM_DELETE: Delete Route"),
      (3, "RTM_CHANGE: Change Metrics or flags"), (4, "RTM_GET: Report Metrics"),
      (5, "RTM_LOSING: Kernel Suspects Partitioning"),
      (6, "RTM_REDIRECT: Told to use different route"),
      (7, "RTM_MISS: Lookup failed on this address"), (8, "RTM_LOCK: fix specified metrics"),
      (9, "RTM_OLDADD: caused by SIOCADDRT"), (10, "RTM_OLDDEL: caused by SIOCDELRT"),
      (11, "RTM_RESOLVE: Route created by cloning"),
      (12, "RTM_NEWADDR: address being added to iface"),
      (13, "RTM_DELADDR: address being removed from iface"),
      (14, "RTM_IFINFO: iface status change"),
      (15, "RTM_NEWMADDR: new multicast group membership on iface"),
      (16, "RTM_DELMADDR: multicast group membership removed from iface"),
      (17, "RTM_IFANNOUNCE: interface arrival/departure"),
    ] as [(UInt8, String)])
  func namesEveryType(_ number: UInt8, _ caption: String) {
    #expect(RoutingMessageType(rawValue: number)?.caption == caption)
  }

  @Test(arguments: [
    (0, "default", "default"), (8, "(0) 0 ff", "(255) ffff ff"),
    (12, "(0) 0 f0ff", "(255) ffff f0ff"), (16, "(0) 0 ffff", "(255) ffff ffff"),
    (20, "(0) 0 ffff f0", "(255) ffff ffff f0"), (24, "(0) 0 ffff ff", "(255) ffff ffff ff"),
    (32, "(0) 0 ffff ffff", "(255) ffff ffff ffff"),
  ])
  func showsMasksOfNoFamilyAsWords(_ length: Int, _ written: String, _ kept: String) {
    let mask = IPv4Prefix.mask(length: length)
    #expect(RoutingAddress.bareMask(mask).text == written)
    #expect(RoutingAddress.treeMask(mask).text == kept)
  }

  @Test func showsLinkLevelAddressesWithoutLeadingZeros() {
    let address = EthernetAddress(0, 0x0c, 0x29, 0xaa, 0xbb, 1)
    #expect(LinkAddress(name: "em0", hardwareAddress: address).text == "em0:0.c.29.aa.bb.1")
    #expect(LinkAddress(hardwareAddress: address).text == "0.c.29.aa.bb.1")
    #expect(LinkAddress(name: "lo0").text == "lo0")
    #expect(LinkAddress(index: InterfaceIndex(rawValue: 1)).text == "")
  }

  @Test func countsLengthsAsAmd64Does() {
    var message = RoutingMessage(.RTM_ADD)
    #expect(message.length == 152)
    message.addresses.destination = .inet(IPv4Address(10, 9, 0, 0))
    message.addresses.gateway = .inet(IPv4Address(10, 0, 0, 254))
    message.addresses.netmask = .bareMask(IPv4Prefix.mask(length: 16))
    #expect(message.length == 192)
    message.addresses.interface = .link(LinkAddress())
    #expect(message.length == 248)
    let none = InterfaceIndex.none
    #expect(RoutingMessage(.RTM_IFINFO, .interface(none, .up, [])).length == 168)
    #expect(RoutingMessage(.RTM_NEWADDR, .address(metric: 0, [])).length == 20)
    #expect(RoutingMessage(.RTM_NEWMADDR, .membership).length == 16)
    #expect(RoutingMessage(.RTM_IFANNOUNCE, .announcement(none, isArrival: true)).length == 24)
  }

  @Test func namesBitsInOrder() {
    var header = RoutingMessage.RouteHeader(flags: RouteFlags(rawValue: .max))
    header.inits = RouteMetricSet(rawValue: .max)
    header.metrics.locks = .RTV_HOPCOUNT
    #expect(
      RoutingMessage(.RTM_LOSING, header).text == """
        RTM_LOSING: Kernel Suspects Partitioning: len 152, pid: 0, seq 0, errno 0, \
        flags:<UP,GATEWAY,HOST,REJECT,DYNAMIC,MODIFIED,DONE,XRESOLVE,LLINFO,STATIC,BLACKHOLE,\
        PROTO2,PROTO1,PRCLONING,PROTO3,PINNED,LOCAL,BROADCAST,MULTICAST,STICKY>
        locks:  inits: <weight,rttvar,rtt,ssthresh,sendpipe,recvpipe,expire,mtu>

        """)
    let flags = InterfaceFlags(rawValue: .max)
    let interface = InterfaceIndex(rawValue: 3)
    #expect(
      RoutingMessage(.RTM_IFINFO, .interface(interface, .unknown, flags)).text == """
        RTM_IFINFO: iface status change: len 168, if# 3, link: unknown, \
        flags:<UP,BROADCAST,DEBUG,LOOPBACK,PTP,b6,RUNNING,NOARP,PPROMISC,ALLMULTI,OACTIVE,\
        SIMPLEX,LINK0,LINK1,LINK2,MULTICAST>

        """)
  }
}
