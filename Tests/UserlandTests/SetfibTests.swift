// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Testing
import Userland

/// Every way to write setfib(1)'s words, with what it says and its status.
@Suite("setfib") struct SetfibTests {
  private static let usage = "usage: setfib [-[F]]value command\n"

  @Test(arguments: [
    ("setfib", usage, 1),
    ("setfib 1", usage, 1),
    ("setfib -F", "setfib: option requires an argument -- F\n\(usage)", 1),
    ("setfib -F 1", usage, 1),
    ("setfib -x", "setfib: illegal option -- x\n\(usage)", 1),
    ("setfib -x 1 echo a", "setfib: illegal option -- x\n\(usage)", 1),
    ("setfib --1 echo a", "setfib: illegal option -- -\n\(usage)", 1),
    ("setfib 1 echo a", "a\n", 0),
    ("setfib -1 echo a", "a\n", 0),
    ("setfib -F1 echo a", "a\n", 0),
    ("setfib -F 1 echo a", "a\n", 0),
    ("setfib 1 -- echo a", "a\n", 0),
    ("setfib 1 echo -n a", "a", 0),
    ("setfib 0 sysctl -n net.my_fibnum", "0\n", 0),
    ("setfib 3 sysctl -n net.my_fibnum", "3\n", 0),
    ("setfib -F1 -F2 sysctl -n net.my_fibnum", "2\n", 0),
    ("setfib sysctl -n net.my_fibnum", "0\n", 0),
    ("setfib 1 setfib 2 sysctl -n net.my_fibnum", "2\n", 0),
    ("setfib 1 setfib sysctl -n net.my_fibnum", "0\n", 0),
    ("setfib 4 echo a", "setfib: 4: invalid FIB (max 3)\n", 1),
    ("setfib -4 echo a", "setfib: 4: invalid FIB (max 3)\n", 1),
    ("setfib -F4 echo a", "setfib: 4: invalid FIB (max 3)\n", 1),
    ("setfib -F -1 echo a", "setfib: -1: invalid FIB (max 3)\n", 1),
    ("setfib 1x echo a", "setfib: 1x: invalid FIB (max 3)\n", 1),
    ("setfib -F '' echo a", "setfib: : invalid FIB (max 3)\n", 1),
    ("setfib -Fx echo a", "setfib: x: invalid FIB (max 3)\n", 1),
    (
      "setfib 99999999999999999999 echo a", "setfib: 99999999999999999999: invalid FIB (max 3)\n", 1
    ),
    ("setfib 01 sysctl -n net.my_fibnum", "1\n", 0),
    ("setfib 1 nonesuch", "setfib: nonesuch: No such file or directory\n", 127),
    ("setfib nonesuch", "setfib: nonesuch: No such file or directory\n", 127),
    ("setfib 1 /usr/bin/netstat -rnf x", "netstat: x: unknown address family\n", 1),
    ("setfib 1 ifconfig em9", "ifconfig: interface em9 does not exist\n", 1),
    ("setfib 1 false", "", 1),
  ]) func answers(line: String, text: String, status: Int) throws {
    let session = Session(try SessionOptions(tunables: [(name: "net.fibs", value: "4")]))
    #expect(answer("\(line); echo $?", in: session) == "\(text)\(status)\n")
  }

  @Test func theTableIsThatOfTheCommandAlone() {
    #expect(answer("setfib 5 sysctl -n net.my_fibnum; sysctl -n net.my_fibnum") == "5\n0\n")
    #expect(answer("sysctl net.fibs=2") == "sysctl: oid 'net.fibs' is read only\n")
  }

  @Test func oneTableIsAllThatGenericHas() throws {
    let session = Session(try SessionOptions(tunables: [(name: "net.fibs", value: "1")]))
    #expect(answer("setfib 1 echo a", in: session) == "setfib: 1: invalid FIB (max 0)\n")
    #expect(answer("setfib 0 echo a", in: session) == "a\n")
  }
}
