// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Userland

/// A published listing: what has to be typed for it, and the lines of its cards.
struct GoldenListing: CustomTestStringConvertible {
  let testDescription: String
  let commands: String
  let listing: String
}

/// Listings that people have published, rebuilt and compared byte for byte.
@Suite("Published listings of ifconfig") struct IfconfigGoldenTests {
  /// The loopback interface of all, but for the lines of IPv6; it is the first here.
  private static let loopback = """
    lo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> metric 0 mtu 16384
    \toptions=3<RXCSUM,TXCSUM>
    \tinet 127.0.0.1 netmask 0xff000000\u{20}

    """

  @Test(arguments: [
    GoldenListing(
      testDescription: "a server with aliases, FreeBSD 8",
      commands: """
        ifconfig em0 name bce0 capabilities 19b
        ifconfig bce0 ether 00:16:18:87:ca:b5
        ifconfig bce0 11.105.11.105 netmask 255.255.255.192
        ifconfig bce0 alias 11.105.11.110/32
        ifconfig bce0 11.105.11.111 netmask 0xffffffff alias
        ifconfig em1 name bce1 capabilities 19b
        ifconfig bce1 ether 00:16:18:87:ca:b6
        ifconfig bce1 192.168.12.105/24
        """,
      listing: """
        bce0: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> metric 0 mtu 1500
        \toptions=19b<RXCSUM,TXCSUM,VLAN_MTU,VLAN_HWTAGGING,VLAN_HWCSUM,TSO4>
        \tether 00:16:18:87:ca:b5
        \tinet 11.105.11.105 netmask 0xffffffc0 broadcast 11.105.11.127
        \tinet 11.105.11.110 netmask 0xffffffff broadcast 11.105.11.110
        \tinet 11.105.11.111 netmask 0xffffffff broadcast 11.105.11.111
        \tmedia: Ethernet autoselect (1000baseT <full-duplex>)
        \tstatus: active
        bce1: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> metric 0 mtu 1500
        \toptions=19b<RXCSUM,TXCSUM,VLAN_MTU,VLAN_HWTAGGING,VLAN_HWCSUM,TSO4>
        \tether 00:16:18:87:ca:b6
        \tinet 192.168.12.105 netmask 0xffffff00 broadcast 192.168.12.255
        \tmedia: Ethernet autoselect (1000baseT <full-duplex>)
        \tstatus: active

        """),
    GoldenListing(
      testDescription: "a workstation, FreeBSD 8.1",
      commands: """
        ifconfig em0 name re0 capabilities 389b
        ifconfig re0 ether c8:0a:a9:3f:35:fa
        ifconfig re0 129.132.95.98/26
        ifconfig em1 destroy
        """,
      listing: """
        re0: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> metric 0 mtu 1500
        \toptions=389b<RXCSUM,TXCSUM,VLAN_MTU,VLAN_HWTAGGING,VLAN_HWCSUM,WOL_UCAST,WOL_MCAST,\
        WOL_MAGIC>
        \tether c8:0a:a9:3f:35:fa
        \tinet 129.132.95.98 netmask 0xffffffc0 broadcast 129.132.95.127
        \tmedia: Ethernet autoselect (1000baseT <full-duplex>)
        \tstatus: active

        """),
    GoldenListing(
      testDescription: "the Handbook's first card",
      commands: """
        ifconfig em0 name dc0 capabilities 80008 linkmedia 100baseTX
        ifconfig dc0 ether 00:a0:cc:da:da:da
        ifconfig dc0 inet 192.168.1.3 netmask 255.255.255.0
        ifconfig em1 destroy
        """,
      listing: """
        dc0: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> metric 0 mtu 1500
        \toptions=80008<VLAN_MTU,LINKSTATE>
        \tether 00:a0:cc:da:da:da
        \tinet 192.168.1.3 netmask 0xffffff00 broadcast 192.168.1.255
        \tmedia: Ethernet autoselect (100baseTX <full-duplex>)
        \tstatus: active

        """),
    GoldenListing(
      testDescription: "two em cards, one without a cable, FreeBSD 8.2",
      commands: """
        ifconfig em0 capabilities 4219b
        ifconfig em0 ether 00:30:48:ff:ff:ff
        ifconfig em0 10.10.10.250/27
        ifconfig em0 alias 10.10.10.56/26
        ifconfig em1 capabilities 4219b linkstate down
        ifconfig em1 ether 00:30:48:aa:aa:aa
        """,
      listing: """
        em0: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> metric 0 mtu 1500
        \toptions=4219b<RXCSUM,TXCSUM,VLAN_MTU,VLAN_HWTAGGING,VLAN_HWCSUM,TSO4,WOL_MAGIC,\
        VLAN_HWTSO>
        \tether 00:30:48:ff:ff:ff
        \tinet 10.10.10.250 netmask 0xffffffe0 broadcast 10.10.10.255
        \tinet 10.10.10.56 netmask 0xffffffc0 broadcast 10.10.10.63
        \tmedia: Ethernet autoselect (1000baseT <full-duplex>)
        \tstatus: active
        em1: flags=8802<BROADCAST,SIMPLEX,MULTICAST> metric 0 mtu 1500
        \toptions=4219b<RXCSUM,TXCSUM,VLAN_MTU,VLAN_HWTAGGING,VLAN_HWCSUM,TSO4,WOL_MAGIC,\
        VLAN_HWTSO>
        \tether 00:30:48:aa:aa:aa
        \tmedia: Ethernet autoselect
        \tstatus: no carrier

        """),
  ]) func areTheSame(_ golden: GoldenListing) {
    // A machine with two cards that can be taken out.
    var options = SessionOptions()
    options.kernel.ethernetInterfaces = 0
    let session = Session(options)
    #expect(answer("ifconfig em create; ifconfig em create", in: session) == "em0\nem1\n")
    #expect(answer(golden.commands, in: session) == "")
    #expect(answer("ifconfig -a", in: session) == Self.loopback + golden.listing)
  }
}
