// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Testing
import Userland

@Suite("sysctl") struct SysctlTests {
  @Test func countsRefusedValuesInTheExitStatus() {
    let lines = "sysctl net.inet.igmp.gsrdelay=99 net.inet.ip.random_id_period=1; echo $?"
    #expect(answer(lines).hasSuffix("\n2\n"))
  }

  @Test func readsWhatThePacketPathCounts() {
    let session = Session()
    #expect(answer("sysctl -n net.inet.ip.fw.static_count", in: session) == "1\n")
    _ = answer("ipfw -q add 100 count ip from any to any", in: session)
    #expect(answer("sysctl -n net.inet.ip.fw.static_count", in: session) == "2\n")
  }

  @Test func writesWhatThePacketPathReads() {
    let session = Session()
    _ = answer("sysctl net.inet.ip.forwarding=1 net.add_addr_allfibs=0", in: session)
    let forwards = session.kernel[session.vnet].sysctl.forwarding
    let addsToAll = session.kernel.machine.sysctl.addAddrAllFibs
    #expect(forwards && !addsToAll)
  }

  @Test func handlersChangeValues() {
    #expect(answer("sysctl net.inet.ip.fw.enable=7") == "net.inet.ip.fw.enable: 1 -> 1\n")
    #expect(
      answer("sysctl net.inet.ip.portrange.first=80")
        == "net.inet.ip.portrange.first: 10000 -> 1024\n")
  }

  @Test(arguments: [
    ("IPSTEALTH", "net.inet.ip.stealth"), ("IPFIREWALL", "net.inet.ip.fw.one_pass"),
    ("DUMMYNET", "net.inet.ip.dummynet.hash_size"),
  ]) func leavesComeWithTheirOption(option: String, name: String) throws {
    let without = Session(try SessionOptions(tunables: [(option, "0")]))
    #expect(answer("sysctl \(name)", in: without) == "sysctl: unknown oid '\(name)'\n")
    #expect(!answer("sysctl -aN", in: without).contains(name + "\n"))
    #expect(answer("sysctl -aN").contains(name + "\n"))
  }

  @Test func listsEveryLeafOnce() {
    let names = answer("sysctl -aN").split(separator: "\n")
    #expect(names.count > 200)
    #expect(Set(names).count == names.count)
    let values = answer("sysctl -a").split(separator: "\n")
    // kern.version and vm.vmtotal have more lines.
    #expect(values.count { !$0.contains(": ") } == 3)
    #expect(values.contains("net.fibs: 16"))
  }

  @Test(arguments: [
    ("2147483648", "-2147483648"), ("-1", "-1"), ("0x7fffffff", "2147483647"),
    ("4294967297", "1"), ("99999999999999999999", "-1"), (" 12", "12"), ("+5", "5"),
  ]) func integersWrapAsInC(typed: String, stored: String) {
    #expect(
      answer("sysctl 'net.inet.ip.gifttl=\(typed)'") == "net.inet.ip.gifttl: 30 -> \(stored)\n")
  }

  @Test func refusesNamesThatAreTooLong() {
    let name = String(repeating: "a", count: 1024)
    #expect(answer("sysctl \(name)") == "sysctl: oid too long: '\(name)'\n")
  }

  /// Every error of sysctl, with its status; what comes first is on stdout.
  @Test(arguments: [
    ("net.foo", "sysctl: unknown oid 'net.foo'\n", 1),
    ("-q net.foo", "", 1), ("-i net.foo", "", 0), ("-iq net.foo=1", "", 0),
    ("net.foo=1 net.fibs", "sysctl: unknown oid 'net.foo'\n", 1),
    ("net.inet.ip=1", "sysctl: oid 'net.inet.ip' isn't a leaf node\n", 1),
    ("net.fibs=2", "sysctl: oid 'net.fibs' is read only\n", 1),
    (
      "net.inet.tcp.syncache.hashsize=1",
      "sysctl: oid 'net.inet.tcp.syncache.hashsize' is a read only tunable\n"
        + "sysctl: Tunable values are set in /boot/loader.conf\n", 1
    ),
    ("net.inet.ip.ttl=", "sysctl: empty numeric value\n", 1),
    ("'net.inet.ip.ttl=  '", "sysctl: empty numeric value\n", 1),
    ("net.inet.ip.ttl=abc", "sysctl: invalid integer 'abc'\n", 1),
    ("net.inet.ip.ttl=1x", "sysctl: invalid integer '1x'\n", 1),
    ("net.inet.icmp.maskfake=x", "sysctl: invalid unsigned integer 'x'\n", 1),
    ("net.inet.ip.dummynet.pipe_slot_limit=x", "sysctl: invalid long integer 'x'\n", 1),
    ("net.inet.raw.maxdgram=x", "sysctl: invalid unsigned long integer 'x'\n", 1),
    ("net.inet.ip.stats=1", "sysctl: oid 'net.inet.ip.stats' is type 5, cannot set that\n", 1),
    ("net.inet.tcp.drop=1", "sysctl: oid 'net.inet.tcp.drop' is type 5, cannot set that\n", 1),
    (
      "kern.ipc.somaxconn=0 net.fibs",
      "kern.ipc.somaxconn: 128\nsysctl: kern.ipc.somaxconn: Invalid argument\nnet.fibs: 16\n", 1
    ),
    ("-n kern.securelevel=-2", "-1\nsysctl: kern.securelevel: Operation not permitted\n", 1),
    (
      "kern.securelevel=3 net.inet.ip.fw.enable=0",
      "kern.securelevel: -1 -> 3\nnet.inet.ip.fw.enable: 1\n"
        + "sysctl: net.inet.ip.fw.enable: Operation not permitted\n", 1
    ),
    (
      "kern.timecounter.hardware=sundial",
      "kern.timecounter.hardware: ACPI-fast\n"
        + "sysctl: kern.timecounter.hardware: Invalid argument\n", 1
    ),
    ("net.fibs.", "net.fibs: 16\n", 0), ("NET.FIBS", "sysctl: unknown oid 'NET.FIBS'\n", 1),
    ("-h net.inet.tcp.recvspace", "net.inet.tcp.recvspace: 65536\n", 0),
    ("-w net.inet.ip.ttl=64", "net.inet.ip.ttl: 64 -> 64\n", 0),
    ("-dn net.inet.icmp.bmcastecho", "\n", 0), ("-d net.fibs", "net.fibs: \n", 0),
    ("-de net.inet.ip.ttl", "net.inet.ip.ttl=Maximum TTL on IP packets\n", 0),
  ]) func says(words: String, answered: String, status: Int) {
    #expect(answer("sysctl \(words)\necho $?") == answered + "\(status)\n")
  }

  @Test func rawBytesHaveNothingAroundThem() {
    #expect(answer("sysctl -b kern.ostype net.inet.ip.ttl=65") == "FreeBSD\0@\0\0\0A\0\0\0")
    #expect(answer("sysctl -b net.inet.tcp.recvspace") == "\0\0\u{1}\0\0\0\0\0")
    #expect(answer("sysctl -bd kern.ostype") == "kern.ostype: Operating system type")
    #expect(answer("sysctl -bN kern.ostype") == "kern.ostype")
  }

  @Test func structuresAreShownAsTheyAreMeant() {
    let text = answer("sysctl kern.clockrate kern.boottime vm.loadavg")
    #expect(
      text == """
        kern.clockrate: { hz = 1000, tick = 1000, profhz = 2000, stathz = 133 }
        kern.boottime: { sec = 1249999999, usec = 0 } Tue Aug 11 14:13:19 2009
        vm.loadavg: { 0.00 0.00 0.00 }

        """)
    #expect(answer("sysctl vm.vmtotal").contains("\nVirtual Memory:\t\t(Total: 32768K, Active "))
  }

  @Test func whatHasNoContentsIsPassedOver() {
    for options in ["", "-o ", "-x "] {
      #expect(
        answer("sysctl \(options)net.inet.tcp.pcblist net.inet.udp.getcred; echo $?") == "0\n")
    }
    #expect(answer("sysctl -a").contains("\nnet.inet.udp.recvspace: 42080\n"))
    #expect(!answer("sysctl -A").contains("pcblist"))
  }

  @Test func someLeavesOnlyTheirNameShows() {
    #expect(!answer("sysctl -aN").contains("net.inet.tcp.hostcache.list"))
    #expect(answer("sysctl net.inet.tcp.hostcache.list").contains("RTTVAR BANDWIDTH "))
  }

  @Test func livingValuesFollowTheMachine() {
    let session = Session()
    let lines = """
      sysctl -n kern.ipc.numopensockets net.inet.tcp.pcbcount
      sock tcp listen *:80
      sock udp
      sysctl -n kern.ipc.numopensockets net.inet.tcp.pcbcount
      sysctl -n net.link.generic.system.ifcount net.inet.ip.dummynet.curr_time
      sleep 2
      sysctl -n net.inet.ip.dummynet.curr_time
      sysctl -n kern.msgbuf
      ifconfig em0 promisc
      sysctl -n kern.msgbuf
      """
    let text = answer(lines, in: session)
    #expect(text.hasPrefix("0\n0\nsocket 1\nsocket 2\n2\n1\n5\n0\n2000\n"), "\(text)")
    #expect(text.hasSuffix("em0: permanently promiscuous mode enabled\n\n"), "\(text)")
  }

  @Test func buffersAreBoundedByTheirSysctl() {
    let text = answer("sysctl kern.ipc.maxsockbuf=9000\nsock udp")
    #expect(text.hasSuffix(" -> 9000\nsock: socket: No buffer space available\n"))
  }
}
