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
    #expect(values.allSatisfy { $0.contains(": ") })
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
}
