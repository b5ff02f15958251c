// SPDX-License-Identifier: BSD-2-Clause

import Shell

/// What `help` says of the lab as a whole.
enum LabTopics {
  static let all = [packets, fibs, addresses, interfaces, machines, time]

  private static let packets = Topic(
    "packets", "how to describe a packet and see what becomes of it",
    [
      "A packet is described in words: its kind (udp, tcp, icmp, igmp, gre, proto N, arp), 'from' an "
        + "address and port 'to' another, and how it comes in: 'recv em0' as a frame that an interface "
        + "receives, 'send' from a process of this host. Everything else has a usual value: ttl 64, no "
        + "options, right checksums.",
      "'trace' shows the way of such a packet on a copy of the machine, so that nothing changes; "
        + "'inject' lets it into the machine itself, where counters count and neighbours are asked. "
        + "-q shows one line for each packet, -v also what was asked in vain, -j the same for programs.",
      "Each packet ends once, and its end has an id such as 'out.sent' or 'ip.badsum': "
        + "'help trace-ids' lists them, 'help trace ip.badsum' explains one. Packets made on the way, "
        + "such as ICMP errors and fragments, have numbers of their own: #4.1 was made of #4.",
      "'inject -r FILE recv em0' replays a capture; 'expect PATTERN inject ...' checks what comes out, "
        + "and makes a script fail where it is not as expected.",
    ],
    examples: [
      Example("trace udp from 10.1.0.7 5000 to 8.8.8.8 53 recv em0", "Where would a query go?"),
      Example(
        "inject -q icmp from 10.1.0.7 to 10.1.0.1 icmptype 8 recv em0",
        "A neighbour sends an echo request."),
    ],
    seeAlso: ["inject(8)", "trace(8)", "expect(8)", "tcpdump(1)"])

  private static let fibs = Topic(
    "fibs", "forwarding tables: who chooses one, and how to fill it",
    [
      "The kernel has net.fibs forwarding tables, numbered from 0. Each is a whole routing table: an "
        + "interface's address puts its network into all of them (net.add_addr_allfibs), all other "
        + "routes are in the table they were added to.",
      "A process has a table, 0 unless setfib(1) started it: 'setfib 1 route add default 10.0.0.1' "
        + "adds to table 1, 'setfib 1 netstat -rn' shows it, and what a process of table 1 sends goes by "
        + "it. A socket keeps the table of the process that made it, or gets another with SO_SETFIB.",
      "A packet that is forwarded has table 0 unless a rule of the firewall gave it another: "
        + "'ipfw add setfib 1 ip from 10.1.0.0/16 to any in' routes by source. Such a rule does not "
        + "decide; the search goes on behind it.",
      "'trace -v' shows for each packet which table was used, who chose it, and what the others would "
        + "have done.",
    ],
    examples: [
      Example("setfib 1 route add default 203.0.113.1", "Gives table 1 a default route."),
      Example(
        "ipfw add 100 setfib 1 ip from 10.1.0.0/16 to any in", "Routes a network by table 1."),
      Example("sysctl net.fibs", "Shows how many tables there are."),
    ],
    seeAlso: ["setfib(1)", "route(8)", "ipfw(8)", "sock(8)"])

  private static let addresses = Topic(
    "addresses", "how addresses and networks are written",
    [
      "Tools take addresses as inet_aton(3) reads them: one to four parts, each decimal, octal with a "
        + "0 or hexadecimal with 0x in front. The last part fills what is left, so 10.1 is 10.0.0.1.",
      "route(8) reads a network by inet_network(3), where parts stand at the front: 'route add -net 10.1 "
        + "10.0.0.1' is the network 10.1.0.0. Without a length or a netmask the class decides, or the "
        + "last byte that is not 0.",
      "ifconfig(8) takes ADDRESS/LENGTH, or ADDRESS 'netmask' MASK, where the mask may be hexadecimal. "
        + "Without either the class of the address decides: 8 bits below 128, 16 below 192, else 24.",
      "Hardware addresses are six hexadecimal numbers with colons between them. Names of hosts are "
        + "not looked up.",
      "A second address of an interface is an alias: 'ifconfig em0 alias 10.0.0.2/32'. Without "
        + "'alias' the new address takes the place of the first.",
    ],
    examples: [
      Example("ifconfig em0 10.0.0.1/24", "An address with the length of its network."),
      Example("ifconfig em0 inet 10.0.0.1 netmask 0xffffff00", "The same in other words."),
    ],
    seeAlso: ["ifconfig(8)", "route(8)"])

  private static let interfaces = Topic(
    "interfaces", "which interfaces there are, and what is on the other side",
    [
      "The lab boots with lo0 and some Ethernet interfaces em0, em1 and so on, down and without "
        + "addresses; 'fibsh -I 8' boots with eight. 'ifconfig em create' makes one more.",
      "On the other side of each cable is nobody but what you say: neighbor(8) puts a host there that "
        + "answers, frames that a station sends are injected by 'inject ... recv em0', and an ARP entry "
        + "set by 'arp -s' spares the question who has an address. 'ifconfig em0 linkstate down' pulls "
        + "the cable out. The other side of an epair is another interface: see machines(7).",
      "What an interface sends is shown by trace(8), inject(8) and tcpdump(1), and counted by "
        + "'netstat -i'.",
    ],
    examples: [
      Example("ifconfig -a", "Shows all interfaces."),
      Example("arp -s 10.1.0.7 02:00:00:00:00:07", "A neighbour that need not be asked."),
    ],
    seeAlso: ["ifconfig(8)", "arp(8)", "neighbor(8)", "tcpdump(1)", "machines(7)"])

  private static let machines = Topic(
    "machines", "many machines in one shell, and the wires between them",
    [
      "'jail -c name=r1 vnet persist' makes a jail with a network stack of its own, as good as a "
        + "machine: interfaces, addresses, forwarding tables, ARP, sockets, firewall and most sysctls "
        + "are its own. 'jexec r1 COMMAND' types at it, 'jexec r1 sh' stays there until 'exit'. jls(8) "
        + "lists the jails, 'jail -r r1' ends one.",
      "'ifconfig epair create' makes a wire with an interface at each end, epair0a and epair0b; "
        + "'ifconfig epair0b vnet r1' moves one into a jail, and 'ifconfig epair0b -vnet r1' or the "
        + "jail's end brings it back. It loses its addresses and routes on the way. More than two ends "
        + "meet at a bridge. link(8) makes a wire slow, lossy, or pulls it out.",
      "A trace follows a packet through all machines: 'trace -q' has a line for each, with its name, "
        + "and the number stays the same. As in 8.0 a packet that crosses an epair keeps its forwarding "
        + "table, which no packet on copper could.",
      "One clock, one message buffer, and netisr's queues, pipes and some sysctls are for all.",
    ],
    examples: [
      Example(
        "jail -c name=r1 vnet persist; ifconfig epair0 create; ifconfig epair0b vnet r1",
        "Makes a machine and a wire to it."),
      Example("jls jid name; link -a", "Shows the machines and the wires."),
    ],
    seeAlso: ["ifconfig(8)", "jail(8)", "jexec(8)", "jls(8)", "link(8)", "trace(8)"])

  private static let time = Topic(
    "virtual-time", "the machine's clock, and what happens when it moves",
    [
      "The machine's time is virtual: it starts at 2009-08-11 14:13:20 UTC with an uptime of 1 s, and "
        + "stands still while nobody moves it. Between two commands no time passes, so the same commands "
        + "give the same bytes, timestamps included.",
      "'sleep 20' and 'clock +20m' let time pass, at once: ARP entries expire, fragments are given up, "
        + "dynamic rules end, pipes let packets go, IGMP reports. 'clock' shows the time. A replay moves "
        + "the clock by the times of its capture.",
    ],
    examples: [
      Example("clock", "Shows the time."), Example("sleep 20m", "Lets ARP entries expire."),
    ],
    seeAlso: ["clock(8)", "sleep(1)"])
}
