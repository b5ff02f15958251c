// SPDX-License-Identifier: BSD-2-Clause

/// What the real ipfw(8) was seen to answer to `add`.
enum RecordedRules {
  /// Words, and the line it showed for the rule.
  static let accepted: [(words: String, line: String)] = [
    ("77 // only", "00077 count ip from any to any // only"),
    ("// just a comment", "00100 count ip from any to any // just a comment"),
    ("5 check-state log logamount 7", "00005 check-state log logamount 7"),
    ("5 setfib 2 log ip from any to any", "00005 setfib 2 log ip from any to any"),
    ("deny log ip from any to any", "00100 deny log ip from any to any"),
    ("deny log logamount 10 ip from any to any", "00100 deny log logamount 10 ip from any to any"),
    ("deny log logamount 0 ip from any to any", "00100 deny log ip from any to any"),
    ("deny log logamount x ip from any to any", "00100 deny log ip from any to any"),
    ("deny log logamount 10x ip from any to any", "00100 deny log logamount 10 ip from any to any"),
    (
      "deny log logamount 2147483647 ip from any to any",
      "00100 deny log logamount 2147483647 ip from any to any"
    ),
    ("deny log logamount 4294967296 ip from any to any", "00100 deny log ip from any to any"),
    ("skipto 1000 log ip from any to any", "00100 skipto 1000 log ip from any to any"),
    ("reset log tcp from any to any", "00100 reset log tcp from any to any"),
    ("permit ip from any to any", "00100 allow ip from any to any"),
    ("check-state in", "00100 check-state"),
    ("allow ip from any to any", "00100 allow ip from any to any"),
    ("check-state", "00100 check-state"),
    ("unreach 8 ip from any to any", "00100 unreach isolated ip from any to any"),
    ("unreach 013 ip from any to any", "00100 unreach tosnet ip from any to any"),
    ("unreach host ip from any to any", "00100 reject ip from any to any"),
    ("unreach 11 ip from any to any", "00100 unreach tosnet ip from any to any"),
    ("unreach host-prohib ip from any to any", "00100 unreach host-prohib ip from any to any"),
    ("unreach isolated ip from any to any", "00100 unreach isolated ip from any to any"),
    ("100 skipto 100 ip from any to any", "00100 skipto 100 ip from any to any"),
    ("skipto 131073 ip from any to any", "00100 skipto 1 ip from any to any"),
    ("100 skipto 50 ip from any to any", "00100 skipto 50 ip from any to any"),
    ("skipto 100 ip from any to any", "00100 skipto 100 ip from any to any"),
    ("skipto 1 ip from any to any", "00100 skipto 1 ip from any to any"),
    ("fwd 1.2.3.4,http ip from any to any", "00100 fwd 1.2.3.4,80 ip from any to any"),
    ("fwd 256.1.1.1 ip from any to any", "00100 fwd tablearg ip from any to any"),
    ("fwd 1.2.3.4,0x50 ip from any to any", "00100 fwd 1.2.3.4,80 ip from any to any"),
    ("fwd 1.2.3.4,80:90 ip from any to any", "00100 fwd tablearg,90 ip from any to any"),
    ("fwd 0.0.0.0 ip from any to any", "00100 fwd tablearg ip from any to any"),
    ("fwd 1.2 ip from any to any", "00100 fwd 1.0.0.2 ip from any to any"),
    ("fwd nosuchhost,80 ip from any to any", "00100 fwd tablearg,80 ip from any to any"),
    ("fwd 1.2.3.4,010 ip from any to any", "00100 fwd 1.2.3.4,8 ip from any to any"),
    ("fwd 1.2.3.4,80 ip from any to any", "00100 fwd 1.2.3.4,80 ip from any to any"),
    ("fwd 1.2.3.4 ip from any to any", "00100 fwd 1.2.3.4 ip from any to any"),
    ("setfib 1 all from 10.0.0.0/8 to any out", "00100 setfib 1 ip from 10.0.0.0/8 to any out"),
    ("setfib 1x ip from any to any", "00100 setfib 1 ip from any to any"),
    ("setfib 0x1 ip from any to any", "00100 setfib 0 ip from any to any"),
    ("setfib foo ip from any to any", "00100 setfib 0 ip from any to any"),
    ("setfib 1 ip from any to any fib 0", "00100 setfib 1 ip from any to any fib 0"),
    ("setfib 1 ip from any to any in recv em0", "00100 setfib 1 ip from any to any in recv em0"),
    ("allow fib 3", "00100 allow ip from any to any fib 3"),
    ("count ip from any to any fib 65536", "00100 count ip from any to any fib 0"),
    ("count ip from any to any fib 1-2", "00100 count ip from any to any fib 1"),
    ("count ip from any to any fib 1x", "00100 count ip from any to any fib 1"),
    ("count ip from any to any fib 15", "00100 count ip from any to any fib 15"),
    (
      "count ip from any to any { fib 1 or fib 2 }",
      "00100 count ip from any to any { fib 1 or fib 2 }"
    ),
    ("99 count ip from any to any", "00099 count ip from any to any"),
    ("65533 count ip from any to any", "65533 count ip from any to any"),
    ("65537 count ip from any to any", "00001 count ip from any to any"),
    ("99999 count ip from any to any", "34463 count ip from any to any"),
    ("100 set 5 allow ip from any to any", "00100 allow ip from any to any"),
    ("set 30 count ip from any to any", "00100 count ip from any to any"),
    ("set 1 count ip from any to any", "00100 count ip from any to any"),
    ("set 31 count ip from any to any", "00100 count ip from any to any"),
    ("allow 58 from any to any", "00100 allow ipv6-icmp from any to any"),
    ("allow 112 from any to any", "00100 allow carp from any to any"),
    ("allow 17 from any to any", "00100 allow udp from any to any"),
    (
      "allow { tcp or udp } from any to any 53",
      "00100 allow { tcp or udp } from any to any dst-port 53"
    ),
    ("allow 65542 from any to any", "00100 allow tcp from any to any"),
    ("allow ip from any to any ip4", "00100 allow ip4 from any to any"),
    ("allow ipv4 from any to any", "00100 allow ip4 from any to any"),
    ("allow proto tcp dst-port 80", "00100 allow ip from any to any proto tcp dst-port 80"),
    ("allow ip4 from any to any", "00100 allow ip4 from any to any"),
    ("allow rdp from any to any", "00100 allow rdp from any to any"),
    (
      "allow ip from any to 1.2.3.0:255.255.255.0{1,2}",
      "00100 allow ip from any to 1.2.3.0/24{1,2}"
    ),
    ("allow ip from any to 192.168.1.77/24", "00100 allow ip from any to 192.168.1.0/24"),
    ("allow ip from 0.0.0.0/0 to any", "00100 allow ip from any to any"),
    ("allow ip from 1.2.3.0/24{1,2 to any", "00100 allow ip from 1.2.3.0/24{1,2} to any"),
    ("allow ip from 1.2.3.0{5-7} to any", "00100 allow ip from 1.2.3.0/24{5-7} to any"),
    ("allow ip from 1.2.3.4/ to any", "00100 allow ip from any to any"),
    ("allow ip from any to 1.2.3.4:0.0.0.255", "00100 allow ip from any to 0.0.0.4:0.0.0.255"),
    ("allow ip from any to 1.2.3.4/x", "00100 allow ip from any to any"),
    ("allow ip from any to 1.2.3.0/24{1-}", "00100 allow ip from any to 1.2.3.0/24{1}"),
    ("allow ip from any to 1.2.3.4:255.255.255.254", "00100 allow ip from any to 1.2.3.4/31"),
    ("allow ip from any to 1.2.3.0/24{1,2,3,4,5,6}", "00100 allow ip from any to 1.2.3.0/24{1-6}"),
    ("allow ip from 1.2.3.4/0 to any", "00100 allow ip from any to any"),
    ("allow ip from any to 10.1.2.3/8", "00100 allow ip from any to 10.0.0.0/8"),
    ("allow ip from 10 to any", "00100 allow ip from 0.0.0.10 to any"),
    (
      "allow ip from any to 10.0.0.0/8,192.168.0.0/16",
      "00100 allow ip from any to 10.0.0.0/8,192.168.0.0/16"
    ),
    (
      "allow ip from 1.2.3.0/24{1,2,4,5,7,8} to any",
      "00100 allow ip from 1.2.3.0/24{1,2,4,5,7,8} to any"
    ),
    ("allow ip from any to any dst-ip 0.0.0.0/0", "00100 allow ip from any to any"),
    ("allow ip from any to not 1.2.3.4,0.0.0.0/0", "00100 allow ip from any to any"),
    (
      "allow ip from any to any not src-ip 1.2.3.4:255.0.255.0",
      "00100 allow ip from any to any not src-ip 1.0.3.0:255.0.255.0"
    ),
    ("allow dst-ip me", "00100 allow ip from any to any dst-ip me"),
    ("allow ip from any to not me", "00100 allow ip from any to not me"),
    ("allow ip from not 10.0.0.0/8 to any", "00100 allow ip from not 10.0.0.0/8 to any"),
    ("allow ip from { 1.2.3.4 } to any", "00100 allow ip from 1.2.3.4 to any"),
    ("allow ip from { 5.6.7.8 or any } to any", "00100 allow ip from { 5.6.7.8 or to any"),
    (
      "allow ip from ( 1.2.3.4 or 5.6.7.8 ) to any",
      "00100 allow ip from { 1.2.3.4 or 5.6.7.8 } to any"
    ),
    (
      "allow ip from { 1.2.3.4 or 1.2.3.0/24{1,2} } to any 80",
      "00100 allow ip from { 1.2.3.4 or 1.2.3.0/24{1,2} } to any dst-port 80"
    ),
    (
      "allow ip from { 10.0.0.0/8 or not 192.168.0.0/16 or me } to any",
      "00100 allow ip from { 10.0.0.0/8 or not 192.168.0.0/16 or me } to any"
    ),
    (
      "allow ip from { 1.2.3.4 or 5.6.7.8 } to any",
      "00100 allow ip from { 1.2.3.4 or 5.6.7.8 } to any"
    ),
    ("allow tcp from any ssh,smtp,25,www to any", "00100 allow tcp from any 22,25,25,80 to any"),
    ("allow tcp from any 65536 to any", "00100 allow tcp from any 0 to any"),
    ("allow udp from any domain to any ntp", "00100 allow udp from any 53 to any dst-port 123"),
    (
      "allow tcp from any to any ssh,smtp,25,www",
      "00100 allow tcp from any to any dst-port 22,25,25,80"
    ),
    ("allow tcp from any to any any", "00100 allow tcp from any to any"),
    ("allow tcp from any ftp\\-data to any", "00100 allow tcp from any 20 to any"),
    ("allow tcp from any http to any", "00100 allow tcp from any 80 to any"),
    ("allow udp from any to any tftp", "00100 allow udp from any to any dst-port 69"),
    ("allow tcp from any x11 to any", "00100 allow tcp from any 6000 to any"),
    (
      "allow tcp from any to any 80 dst-port 81",
      "00100 allow tcp from any to any dst-port 80 dst-port 81"
    ),
    ("allow tcp from any 80,443 to any", "00100 allow tcp from any 80,443 to any"),
    (
      "allow tcp from any 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 to any",
      "00100 allow tcp from any 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 to any"
    ),
    ("allow ip from any to any !versrcreach", "00100 allow ip from any to any not versrcreach"),
    (
      "deny tcp from 10.0.0.0/8 to me 80 out",
      "00100 deny tcp from 10.0.0.0/8 to me dst-port 80 out"
    ),
    (
      "deny tcp from 10.0.0.0/8 to me 80 established",
      "00100 deny tcp from 10.0.0.0/8 to me dst-port 80 established"
    ),
    ("allow ipsec", "00100 allow ip from any to any ipsec"),
    ("allow ip from any to any !fragment", "00100 allow ip from any to any not frag"),
    ("deny ip from any to any not estab", "00100 deny ip from any to any not established"),
    ("deny ip from any to any not setup", "00100 deny ip from any to any not setup"),
    ("deny ip from any to any not verrevpath", "00100 deny ip from any to any not verrevpath"),
    ("allow ip from any to any not via any", "00100 allow ip from any to any"),
    (
      "allow ip from any to any xmit averyveryverylongname0",
      "00100 allow ip from any to any xmit averyveryverylo"
    ),
    ("allow ip from any to any not recv any", "00100 allow ip from any to any"),
    (
      "allow ip from any to any recv averyveryverylongname0",
      "00100 allow ip from any to any recv averyveryverylo"
    ),
    ("allow ip from any to any xmit vlan10.5", "00100 allow ip from any to any xmit vlan10.5"),
    ("allow ip from any to any via any0", "00100 allow ip from any to any via any0"),
    (
      "allow ip from any to any ipoptions ts,rr,lsrr,ssrr",
      "00100 allow ip from any to any ipoptions ssrr,lsrr,rr,ts"
    ),
    ("deny ipoptions ssrr", "00100 deny ip from any to any ipoptions ssrr"),
    (
      "allow ip from any to any ipoptions ssrr,ssrr",
      "00100 allow ip from any to any ipoptions ssrr"
    ),
    ("allow ip from any to any ipoptions lsrr", "00100 allow ip from any to any ipoptions lsrr"),
    ("allow ip from any to any ipoptions ssrr", "00100 allow ip from any to any ipoptions ssrr"),
    ("allow ip from any to any ipopts !ts", "00100 allow ip from any to any ipoptions !ts"),
    ("deny ipopts rr", "00100 deny ip from any to any ipoptions rr"),
    ("deny ip from any to any not ipopts rr", "00100 deny ip from any to any not ipoptions rr"),
    (
      "allow ip from any to any iptos !congestion",
      "00100 allow ip from any to any iptos !mincost,!congestion"
    ),
    ("allow ip from any to any iptos ecntransport", "00100 allow ip from any to any iptos mincost"),
    ("deny iptos lowdelay", "00100 deny ip from any to any iptos lowdelay"),
    ("allow ip from any to any iptos lowdelay", "00100 allow ip from any to any iptos lowdelay"),
    (
      "deny ip from any to any not iptos lowdelay",
      "00100 deny ip from any to any not iptos lowdelay"
    ),
    (
      "allow ip from any to any tcpflags !fin,!syn,!rst,!psh,!ack,!urg",
      "00100 allow ip from any to any tcpflags !syn,!fin,!ack,!psh,!rst,!urg"
    ),
    (
      "allow ip from any to any tcpflags fin,syn,rst,psh,ack,urg",
      "00100 allow ip from any to any tcpflags syn,fin,ack,psh,rst,urg"
    ),
    ("deny tcpflags syn", "00100 deny ip from any to any tcpflags syn"),
    ("allow ip from any to any tcpflags fin", "00100 allow ip from any to any tcpflags fin"),
    ("allow ip from any to any tcpflags !syn", "00100 allow ip from any to any tcpflags !syn"),
    (
      "deny ip from any to any not tcpflgs syn,fin",
      "00100 deny ip from any to any not tcpflags syn,fin"
    ),
    (
      "allow ip from any to any tcpoptions timestamp",
      "00100 allow ip from any to any tcpoptions ts"
    ),
    ("allow ip from any to any tcpoptions maxseg", "00100 allow ip from any to any tcpoptions mss"),
    ("allow ip from any to any tcpoptions mss", "00100 allow ip from any to any tcpoptions mss"),
    (
      "allow ip from any to any tcpoptions mss,!window,sack,!ts,!cc",
      "00100 allow ip from any to any tcpoptions mss,!window,sack,!ts,!cc"
    ),
    ("deny ip from any to any not tcpopts mss", "00100 deny ip from any to any not tcpoptions mss"),
    ("allow ip from any to any iplen 0x28", "00100 allow ip from any to any iplen 40"),
    ("allow ip from any to any iplen 65536", "00100 allow ip from any to any iplen 0"),
    ("allow ip from any to any iplen x", "00100 allow ip from any to any iplen 0"),
    ("allow ip from any to any iplen 60-40", "00100 allow ip from any to any iplen 60-40"),
    (
      "allow ip from any to any iplen 40-60,1500", "00100 allow ip from any to any iplen 40-60,1500"
    ),
    ("deny ipttl 0", "00100 deny ip from any to any ipttl 0"),
    ("allow ip from any to any ipttl 0", "00100 allow ip from any to any ipttl 0"),
    ("allow ip from any to any ipttl 255", "00100 allow ip from any to any ipttl 255"),
    ("deny ipid 0", "00100 deny ip from any to any ipid 0"),
    ("allow ip from any to any ipid 1,2", "00100 allow ip from any to any ipid 1,2"),
    ("allow ip from any to any ipid 100-200", "00100 allow ip from any to any ipid 100-200"),
    ("allow ip from any to any ipversion 6", "00100 allow ip from any to any ipver 6"),
    ("allow ip from any to any ipversion 4", "00100 allow ip from any to any ipver 4"),
    ("allow ip from any to any ipversion x", "00100 allow ip from any to any ipver 0"),
    ("allow ip from any to any ipversion 15", "00100 allow ip from any to any ipver 15"),
    ("deny ipver 4", "00100 deny ip from any to any ipver 4"),
    ("allow ip from any to any ipver 4", "00100 allow ip from any to any ipver 4"),
    ("deny ip from any to any not ipver 4", "00100 deny ip from any to any not ipver 4"),
    ("allow ip from any to any ipprecedence x", "00100 allow ip from any to any ipprecedence 0"),
    ("allow ip from any to any ipprecedence 8", "00100 allow ip from any to any ipprecedence 0"),
    ("deny ipprecedence 0", "00100 deny ip from any to any ipprecedence 0"),
    ("allow ip from any to any ipprecedence 15", "00100 allow ip from any to any ipprecedence 7"),
    (
      "deny ip from any to any not ipprecedence 0",
      "00100 deny ip from any to any not ipprecedence 0"
    ),
    ("allow ip from any to any ipprecedence 0", "00100 allow ip from any to any ipprecedence 0"),
    ("allow ip from any to any tcpdatalen 0-10", "00100 allow ip from any to any tcpdatalen 0-10"),
    ("deny ip from any to any not tcpdatalen 0", "00100 deny ip from any to any not tcpdatalen 0"),
    ("allow ip from any to any tcpseq 0xffffffff", "00100 allow ip from any to any tcpseq -1"),
    ("allow ip from any to any tcpseq 4294967295", "00100 allow ip from any to any tcpseq -1"),
    ("allow ip from any to any tcpseq 4294967296", "00100 allow ip from any to any tcpseq 0"),
    ("deny tcpseq 0", "00100 deny ip from any to any tcpseq 0"),
    ("allow ip from any to any tcpseq 1", "00100 allow ip from any to any tcpseq 1"),
    ("allow ip from any to any tcpseq 1000", "00100 allow ip from any to any tcpseq 1000"),
    (
      "allow ip from any to any tcpack 2147483648",
      "00100 allow ip from any to any tcpack -2147483648"
    ),
    ("deny ip from any to any not tcpack 0", "00100 deny ip from any to any tcpack 0"),
    ("allow ip from any to any tcpack x", "00100 allow ip from any to any tcpack 0"),
    ("allow ip from any to any tcpack 4294967295", "00100 allow ip from any to any tcpack -1"),
    ("allow ip from any to any tcpack 0", "00100 allow ip from any to any tcpack 0"),
    ("allow ip from any to any tcpack 1000", "00100 allow ip from any to any tcpack 1000"),
    ("allow ip from any to any tcpwin 1,2", "00100 allow ip from any to any tcpwin 1"),
    ("allow ip from any to any tcpwin 1-5", "00100 allow ip from any to any tcpwin 1"),
    ("deny tcpwin 0", "00100 deny ip from any to any tcpwin 0"),
    ("allow ip from any to any tcpwin 65536", "00100 allow ip from any to any tcpwin 0"),
    ("allow ip from any to any tcpwin 1", "00100 allow ip from any to any tcpwin 1"),
    ("allow ip from any to any tcpwin 1024", "00100 allow ip from any to any tcpwin 1024"),
    ("allow ip from any to any icmptypes ,8", "00100 allow ip from any to any icmptypes 8"),
    ("allow ip from any to any icmptypes 256", "00100 allow ip from any to any icmptypes 0"),
    ("deny icmptypes 0", "00100 deny ip from any to any icmptypes 0"),
    ("allow ip from any to any icmptypes 0,0", "00100 allow ip from any to any icmptypes 0"),
    (
      "allow ip from any to any icmptypes 0,3,8,11",
      "00100 allow ip from any to any icmptypes 0,3,8,11"
    ),
    ("allow ip from any to any icmptypes 8", "00100 allow ip from any to any icmptypes 8"),
    ("deny ip from any to any not icmptype 8", "00100 deny ip from any to any not icmptypes 8"),
    ("deny icmptype 8", "00100 deny ip from any to any icmptypes 8"),
    ("allow tcp from any to any not tcpseq 5", "00100 allow tcp from any to any tcpseq 5"),
    ("allow tcp from any to any tcpflags !ack,syn in", "00100 allow tcp from any to any setup in"),
    ("allow tcp from any to any setup in", "00100 allow tcp from any to any setup in"),
    (
      "allow tcp from any to any { setup or established }",
      "00100 allow tcp from any to any { setup or established }"
    ),
    ("allow ip from any to any ( in or out }", "00100 allow ip from any to any { in or out }"),
    (
      "allow ip from any to any { not in or not frag or !setup }",
      "00100 allow ip from any to any { out or not frag or not setup }"
    ),
    ("allow ip from any to any { in or }", "00100 allow ip from any to any { in or"),
    ("allow ip from any to any { in } { out }", "00100 allow ip from any to any in out"),
    ("allow ip from any to any not { in or out }", "00100 allow ip from any to any { out or out }"),
    ("allow ip from any to any { }", "00100 allow ip from any to any"),
    ("allow ip from any to any ( in or out )", "00100 allow ip from any to any { in or out }"),
    ("allow ip from any to any { in", "00100 allow ip from any to any in"),
    (
      "allow ip from any to any { in or out or frag }",
      "00100 allow ip from any to any { in or out or frag }"
    ),
    (
      "allow ip from any to any { in or out } { frag or not frag }",
      "00100 allow ip from any to any { in or out } { frag or not frag }"
    ),
    ("allow // c", "00100 allow ip from any to any // c"),
    ("count // a b c", "00100 count ip from any to any // a b c"),
    ("check-state // st", "00100 check-state"),
    (
      "allow ip from any to any // hello world two spaces",
      "00100 allow ip from any to any // hello world two spaces"
    ),
    ("allow ip from any to any // hello", "00100 allow ip from any to any // hello"),
    ("allow in recv em0", "00100 allow ip from any to any in recv em0"),
  ]
}
