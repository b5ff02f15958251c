// SPDX-License-Identifier: BSD-2-Clause

import Netstack

/// Situations of VLANs, taps and tunnels.
extension Situation {
  static let devices = vlans + cables + tunnels + wrapped + stacks

  private static let neighbour = "arp -s 10.5.0.2 02:aa:00:00:00:05"

  private static let stacks = [
    Situation(
      .vnetGone, "jail -c name=j vnet persist", "jexec j ifconfig lo0 127.0.0.1/8",
      "ipfw pipe 1 config delay 100", "jexec j ipfw -q add pipe 1 ip from any to any out",
      "jexec j inject -q send udp from 127.0.0.1 1 to 127.0.0.1 2", "jail -r j", "sleep -j 1")
  ]

  private static let vlans = [
    Situation(
      .ethVlan, "ifconfig vlan5 create vlan 5 vlandev em0 up",
      "inject -j frame ffffffffffff02aa000000018100000599990000 recv em0"),
    Situation(
      .vlanTag, "ifconfig vlan5 create vlan 5 vlandev em0 10.5.0.1/24", neighbour,
      "inject -j send icmp from 10.5.0.1 to 10.5.0.2"),
    Situation(
      .vlanDown, "ifconfig vlan5 create vlan 5 vlandev em2 10.5.0.1/24", neighbour,
      "inject -j send icmp from 10.5.0.1 to 10.5.0.2"),
    Situation(
      .tapClosed, "ifconfig tap0 create 10.5.0.1/24", neighbour,
      "inject -j send icmp from 10.5.0.1 to 10.5.0.2"),
    Situation(
      .epairDown, "ifconfig epair0 create", "ifconfig epair0a 10.5.0.1/24", neighbour,
      "inject -j send icmp from 10.5.0.1 to 10.5.0.2"),
    Situation(
      .epairCross, "ifconfig epair0 create 10.5.0.1/24", "ifconfig epair0b up", neighbour,
      "inject -j send icmp from 10.5.0.1 to 10.5.0.2"),
  ]

  private static let pair = "ifconfig epair0 create 10.5.0.1/24; ifconfig epair0b up"
  private static let across = "inject -j send icmp from 10.5.0.1 to 10.5.0.2"

  /// Cables, and what throws away.
  private static let cables = [
    Situation(.linkHeld, pair, neighbour, "link epair0a delay 5ms", across),
    Situation(.linkSent, pair, neighbour, "link epair0a bw 1Mbit/s", across),
    Situation(.linkArrives, pair, neighbour, "link epair0a delay 5ms", across),
    Situation(.linkLost, pair, neighbour, "link epair0a loss 100%", across),
    Situation(.linkDown, pair, neighbour, "link epair0a down", across),
    Situation(
      .linkFull, pair, neighbour, "link epair0a delay 1m bw 1bit/s queue 1", across, across),
    Situation(
      .discEaten, "ifconfig disc0 create 10.5.0.1/24", "route add 10.9.0.0/24 -interface disc0",
      "inject -j send icmp from 10.5.0.1 to 10.9.0.1"),
    Situation(.edscEaten, "ifconfig edsc0 create 10.5.0.1/24", neighbour, across),
    Situation(
      .isrStorm, "ifconfig em0 10.0.0.1/24",
      "sysctl net.inet.ip.forwarding=1 net.inet.ip.stealth=1",
      "route add 10.9.0.0/24 127.0.0.1",
      "inject -j icmp from 10.0.0.2 to 10.9.0.1 recv em0"),
  ]

  private static let send = "inject -j send icmp from 10.8.0.1 to 10.8.0.2"
  private static let ends = "10.8.0.1 10.8.0.2"

  private static let tunnels = [
    Situation(
      .gifLoop, "sysctl net.link.gif.max_nesting=9",
      "ifconfig gif0 create tunnel 10.0.0.1 10.9.0.2 \(ends)",
      "ifconfig gif1 create tunnel 10.0.0.1 10.8.0.2 10.9.0.1 10.9.0.2", send),
    Situation(
      .gifNested, "ifconfig gif0 create tunnel 10.0.0.1 10.9.0.2 \(ends)",
      "ifconfig gif1 create tunnel 10.0.0.1 10.0.0.2 10.9.0.1 10.9.0.2", send),
    Situation(.gifDown, "ifconfig gif0 create \(ends)", send),
    Situation(.gifNoroute, "ifconfig gif0 create tunnel 10.0.0.1 172.16.0.1 \(ends)", send),
    Situation(.gifSelf, "ifconfig gif0 create tunnel 10.0.0.1 10.8.0.2 \(ends)", send),
    // The route to the other end is turned into the tunnel once it runs.
    Situation(
      .greNested, "route add -net 172.16.0.0/24 10.0.0.2",
      "ifconfig gre0 create tunnel 10.0.0.1 172.16.0.1 \(ends)",
      "route delete -net 172.16.0.0/24", "route add -net 172.16.0.0/24 10.8.0.2", send),
    Situation(.greDown, "ifconfig gre0 create \(ends)", send),
    Situation(
      .greFragment, "ifconfig gre0 create tunnel 10.0.0.1 10.0.0.2 -link0 \(ends)",
      "inject -j send icmp from 10.8.0.1 to 10.8.0.2 df"),
    Situation(.gifWrap, "ifconfig gif0 create tunnel 10.0.0.1 10.0.0.2 \(ends)", send),
    Situation(.greWrap, "ifconfig gre0 create tunnel 10.0.0.1 10.0.0.2 \(ends)", send),
  ]

  private static let gif = "ifconfig gif0 create tunnel 10.0.0.1 10.0.0.2 link1 \(ends)"
  private static let gre = "ifconfig gre0 create tunnel 10.0.0.1 10.0.0.2 \(ends)"
  private static let way = "from 10.0.0.2 to 10.0.0.1 recv em0"
  /// An inner header without marks of congestion.
  private static let inner = "4500001400010000406300000a0800020a080001"

  private static let wrapped = [
    Situation(.dlvEncap, gif, "inject -j proto 4 \(way) payload \(inner)"),
    Situation(.gifEcn, gif, "inject -j proto 4 \(way) tos 3 payload \(inner)"),
    Situation(.gifShort, gif, "inject -j proto 4 \(way) payload 4500"),
    Situation(.gifOther, gif, "inject -j proto 41 \(way) payload 60000000"),
    Situation(
      .greBadsum, "\(gre) -link0",
      "inject -j proto 55 \(way) payload 110000000a08000100000000"),
    Situation(
      .greGone, "\(gre) -link0", "ifconfig gre0 down",
      "inject -j proto 55 \(way) payload 11000000"),
    Situation(.greShort, gre, "inject -j proto 47 \(way) payload 20000800"),
  ]
}
