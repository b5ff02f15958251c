// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Testing
import Userland

/// Captures of the wires of other stacks.
@Suite("tcpdump in a jail") struct TcpdumpJailTests {
  /// The host, a router and a server, in a row; the addresses of the wires' ends are known.
  private static let network = """
    jail -c name=r1 vnet persist
    jail -c name=s1 vnet persist
    ifconfig epair0 create 10.1.0.1/24 > made
    ifconfig epair1 create > made
    ifconfig epair0b vnet r1
    ifconfig epair1a vnet r1
    ifconfig epair1b vnet s1
    jexec r1 ifconfig epair0b 10.1.0.2/24
    jexec r1 ifconfig epair1a 10.2.0.1/24
    jexec r1 sysctl -q net.inet.ip.forwarding=1 > made
    jexec s1 ifconfig epair1b 10.2.0.2/24
    jexec s1 route -q add default 10.2.0.1
    route -q add default 10.1.0.2
    ping -q -c 1 10.2.0.2 > made

    """

  @Test func writesWhatPassesThere() {
    let lines = """
      jexec r1 tcpdump -w near -i epair0b icmp &
      jexec s1 tcpdump -s 0 -w far -i epair1b &
      inject -q send icmp from 10.1.0.1 to 10.2.0.2 > made
      kill %1
      kill %2
      tcpdump -tnr near
      tcpdump -tnvr far 'icmp[icmptype] == 8'
      """
    let files = MemoryFiles()
    let text = files.answer(Self.network + lines)
    let request = "IP 10.1.0.1 > 10.2.0.2: ICMP echo request, id 0, seq 0, length 64\n"
    let reply = "IP 10.2.0.2 > 10.1.0.1: ICMP echo reply, id 0, seq 0, length 64\n"
    #expect(text.out.hasPrefix(request + reply), "\(text.out)")
    // The router has taken one from the TTL.
    #expect(text.out.contains("ttl 63"), "\(text.out)")
    #expect(text.error.contains("2 packets captured"), "\(text.error)")
  }

  /// What inject keeps is what leaves by the interfaces of its own stack.
  @Test func injectKeepsOneStack() {
    let lines = """
      inject -w kept -q send icmp from 10.1.0.1 to 10.2.0.2 > made
      tcpdump -tnr kept
      jexec r1 inject -w kept -q icmp from 10.2.0.9 to 10.1.0.1 recv epair1a > made
      tcpdump -tnr kept icmp
      """
    let text = MemoryFiles().answer(Self.network + lines)
    // The router sends the request on; nobody at the other end answers for 10.2.0.9.
    #expect(
      text.out == """
        IP 10.1.0.1 > 10.2.0.2: ICMP echo request, id 0, seq 0, length 64
        IP 10.2.0.9 > 10.1.0.1: ICMP echo request, id 0, seq 0, length 64

        """, "\(text.out)")
  }
}
