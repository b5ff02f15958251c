// SPDX-License-Identifier: BSD-2-Clause

import Netstack

/// The situations, in the order of the ids.
extension Situation {
  static let all =
    link + frames + devices + carp + bridges + arp + filter + input + output + dummynet + local
    + tcp

  /// An Ethernet header from a neighbour to everybody, up to the type.
  private static let everybody = "ffffffffffff02aa00000001"

  private static let link = [
    Situation(.ethRunt, "inject -j frame 0102 recv em0"),
    Situation(
      .ethMonitor, "ifconfig em0 monitor", "inject -j icmp from 10.0.0.2 to 10.0.0.1 recv em0"),
    Situation(.ethVlanshort, "inject -j frame \(everybody)810000 recv em0"),
    Situation(.ethNovlan, "inject -j frame \(everybody)810000050800000000000000 recv em0"),
    Situation(.ethOther, "inject -j frame \(everybody)86dd6000 recv em0"),
    Situation(.ethUnknown, "inject -j frame \(everybody)99990000 recv em0"),
    Situation(
      .isrQdrop, "sysctl net.inet.ip.intr_queue_maxlen=1",
      "inject -j send udp from 127.0.0.1 1 to 127.0.0.1 1 len 40000"),
    Situation(
      .isrHybrid, "sysctl net.isr.direct_force=0",
      "inject -j icmp from 10.0.0.2 to 10.0.0.1 recv em0"),
    Situation(
      .isrQdrop, "sysctl debug.netisr_stop=1 net.inet.ip.intr_queue_maxlen=1",
      "inject -q send icmp from 127.0.0.1 to 127.0.0.1",
      "inject -j send icmp from 127.0.0.1 to 127.0.0.1"),
    Situation(
      .isrHeld, "sysctl debug.netisr_stop=1", "inject -j send icmp from 127.0.0.1 to 127.0.0.1"),
    Situation(
      .ethFwDeny, "sysctl net.link.ether.ipfw=1", "ipfw add deny ip from any to any layer2",
      "inject -j icmp from 10.0.0.2 to 10.0.0.1 recv em0"),
    Situation(
      .ethFwOut, "sysctl net.link.ether.ipfw=1", "ipfw add deny ip from any to any layer2 out",
      "inject -j send icmp from 10.0.0.1 to 10.0.0.2"),
  ]

  /// Frames wait in a pipe too.
  private static let frames = [
    Situation(
      .ethFwHold, "sysctl net.link.ether.ipfw=1", "ipfw add pipe 1 ip from any to any layer2 in",
      "ipfw pipe 1 config delay 100", "inject -j icmp from 10.0.0.2 to 10.0.0.1 recv em0")
  ]

  private static let fragments = "udp from 10.0.0.2 1 to 10.0.0.1 2 len 8 mf recv em0"
  private static let lastFragment = "udp from 10.0.0.2 to 10.0.0.1 len 4 frag 16 recv em0"

  private static let filter = [
    Situation(
      .fwDivert, "ipfw add divert 1 ip from any to any in", "sock divert 1",
      "inject -j icmp from 10.0.0.2 to 10.0.0.1 recv em0"),
    Situation(
      .fwDivertNoport, "ipfw add tee 1 ip from any to any in",
      "inject -j icmp from 10.0.0.2 to 10.0.0.1 recv em0"),
    Situation(
      .fwDivertNomod, "ipfw add divert 1 ip from any to any frag in", "sock divert 1",
      "inject \(fragments)", "inject -j \(lastFragment)"),
    Situation(
      .fwDivertFrag, "ipfw add divert 1 ip from any to any in", "inject -j \(fragments)"),
  ]

  private static let arp = [
    Situation(
      .arpRequestNoaddr, "ifconfig em3 up", "route add -net 7.0.0.0/8 -interface em0",
      "route change -net 7.0.0.0/8 -interface em3 -ifp em3 -ifa 10.0.1.1",
      "inject -j icmp from 10.0.0.2 to 7.0.0.1 recv em0"),
    Situation(.arpRunt, "inject -j frame \(everybody)08060001 recv em0"),
    Situation(.arpBadhw, "inject -j frame \(everybody)08060099080006040001 recv em0"),
    Situation(
      .arpBadproto,
      "inject -j frame \(everybody)0806000186dd06040001\(String(repeating: "0", count: 40)) "
        + "recv em0"),
    Situation(.arpRuntIn, "inject -j frame \(everybody)08060001080000000001 recv em0"),
    Situation(
      .arpNoaddr, "ifconfig em3 up",
      "inject -j arp request from 10.0.3.2 to 10.0.3.1 recv em3"),
    Situation(
      .arpPermanent,
      "inject -j arp reply from 10.0.0.2 to 10.0.0.1 src 02:aa:00:00:00:99 recv em0"),
    Situation(.arpNoreply, "inject -j arp reply from 10.0.0.77 to 10.0.0.88 recv em0"),
    Situation(
      .arpRequestWrongif, "sysctl net.link.ether.inet.proxyall=1",
      "route add -net 9.0.0.0/8 10.0.1.2",
      "inject -j arp request from 10.0.1.9 to 9.9.9.9 recv em0"),
    Situation(
      .arpMoved, "inject arp reply from 10.0.0.9 to 10.0.0.1 src 02:aa:00:00:00:08 recv em0",
      "inject -j arp reply from 10.0.0.9 to 10.0.0.1 src 02:aa:00:00:00:09 recv em0"),
    Situation(
      .arpBadlen,
      "inject -j frame \(everybody)08060001080008040002"
        + "02aa00000009ffff0a0000090000000000000000" + "0a000001 recv em0"),
    Situation(
      .arpStatic, "ifconfig em0 staticarp",
      "inject -j arp reply from 10.0.0.9 to 10.0.0.1 recv em0"),
  ]

  private static let input = [
    Situation(
      .reassNomem, "sysctl debug.fail_point=1",
      "inject -j udp from 10.0.0.2 1 to 10.0.0.1 2 len 8 mf recv em0"),
    Situation(
      .fwdErrNocopy, "ifconfig em1 mtu 576", "sysctl debug.fail_point=1",
      "inject -j udp from 10.0.0.2 1 to 10.0.1.2 2 len 1000 df recv em0"),
    Situation(
      .ffFrag, "ifconfig em1 mtu 576",
      "sysctl net.inet.ip.fastforwarding=1 debug.fail_point=1",
      "inject -j udp from 10.0.0.2 1 to 10.0.1.2 2 len 1000 recv em0"),
    Situation(
      .icmpSupNomem, "sysctl debug.fail_point=1",
      "inject -j udp from 10.0.0.2 1 to 10.0.1.2 2 ttl 1 recv em0"),
  ]

  private static let output = [
    Situation(
      .outFlowHit, "inject -q send icmp from 10.0.0.1 to 10.0.0.2",
      "inject -j send icmp from 10.0.0.1 to 10.0.0.2"),
    Situation(.outFlowMiss, "inject -j send icmp from 10.0.0.1 to 10.0.0.2"),
    Situation(
      .outFlowStale, "route add 7.0.0.0/8 10.0.0.2", "arp -s 10.0.0.3 02:aa:00:00:00:03",
      "inject -q send icmp from 10.0.0.1 to 7.0.0.1", "route change 7.0.0.0/8 10.0.0.3",
      "inject -j send icmp from 10.0.0.1 to 7.0.0.1"),
    Situation(.outBadaddr, "inject -j send proto 99 from 127.0.0.1 to 10.0.1.2"),
    Situation(
      .outFragNobufs, "sysctl debug.fail_point=1",
      "inject -j send udp from 10.0.1.1 1 to 10.0.1.2 9 len 3000"),
    Situation(
      .rawOutMsgsize, "inject -j send hex 45" + String(repeating: "00", count: 65_535)),
    Situation(.rawOutInval, "inject -j send hex 4500"),
  ]

  private static let local = [
    Situation(
      .dlvRaw, "sock raw icmp", "inject -j icmp from 10.0.0.2 to 10.0.0.1 icmptype 0 recv em0"),
    Situation(
      .rawPolicy, "sock raw icmp minttl 255",
      "inject -j icmp from 10.0.0.2 to 10.0.0.1 icmptype 0 recv em0"),
    Situation(
      .rawFull, "sysctl net.inet.raw.recvspace=20", "sock raw icmp",
      "inject -j icmp from 10.0.0.2 to 10.0.0.1 icmptype 0 recv em0"),
    Situation(
      .dlvUdp, "sock udp bind 10.0.0.1:53",
      "inject -j udp from 10.0.0.2 1 to 10.0.0.1 53 recv em0"),
    Situation(
      .udpMinttl, "sock udp bind 10.0.0.1:53 minttl 255",
      "inject -j udp from 10.0.0.2 1 to 10.0.0.1 53 recv em0"),
    Situation(
      .udpFullsock, "sysctl net.inet.udp.recvspace=20", "sock udp bind 10.0.0.1:53",
      "inject -j udp from 10.0.0.2 1 to 10.0.0.1 53 len 30 recv em0"),
    Situation(.rsvpOff, "inject -j proto 46 from 10.0.0.2 to 10.0.0.1 recv em0"),
    Situation(
      .igmpV3srcs,
      "inject -j proto 2 from 10.0.0.2 to 224.0.0.1 ttl 1 "
        + "payload 110aeef500000000" + "0000ffff recv em0"),
  ]

  private static let listening = "sock tcp listen *:80"

  private static let tcp = [
    Situation(
      .tcpShort, "sysctl net.inet.ip.fw.enable=0",
      "inject -j hex 4500001800010000400666dd0a0000020a00000100010002 recv em0"),
    Situation(
      .tcpClosed, "inject -j tcp from 10.0.0.2 1 to 10.0.0.1 81 tcpflags syn recv em0"),
    Situation(.tcpNorst, "inject -j tcp from 10.0.0.2 1 to 10.0.0.1 81 tcpflags rst recv em0"),
    Situation(
      .tcpMinttl, "sock tcp listen *:80 minttl 255",
      "inject -j tcp from 10.0.0.2 1 to 10.0.0.1 80 tcpflags syn recv em0"),
    Situation(
      .dlvTcpSyn, listening,
      "inject -j tcp from 10.0.0.2 1 to 10.0.0.1 80 tcpflags syn recv em0"),
    Situation(
      .tcpListenRst, listening,
      "inject -j tcp from 10.0.0.2 1 to 10.0.0.1 80 tcpflags rst recv em0"),
    Situation(
      .tcpListenNosyn, listening,
      "inject -j tcp from 10.0.0.2 1 to 10.0.0.1 80 tcpflags psh recv em0"),
    Situation(
      .tcpListenSynfin, listening, "sysctl net.inet.tcp.drop_synfin=1",
      "inject -j tcp from 10.0.0.2 1 to 10.0.0.1 80 tcpflags syn,fin recv em0"),
    Situation(
      .tcpListenL2bcast, listening,
      "inject -j tcp from 10.0.0.2 1 to 10.0.0.1 80 tcpflags syn dst bcast recv em0"),
    Situation(
      .tcpListenLand, listening,
      "inject -j tcp from 10.0.0.1 80 to 10.0.0.1 80 tcpflags syn recv em0"),
    Situation(
      .tcpListenBcast, listening,
      "inject -j tcp from 10.0.0.2 1 to 10.0.0.255 80 tcpflags syn dst 02:00:00:00:00:00 recv em0"),
    Situation(
      .tcpListenSynack, listening,
      "inject -j tcp from 10.0.0.2 1 to 10.0.0.1 80 tcpflags syn,ack recv em0"),
    Situation(
      .tcpListenBadack, listening,
      "inject -j tcp from 10.0.0.2 1 to 10.0.0.1 80 tcpflags ack recv em0"),
  ]
}
