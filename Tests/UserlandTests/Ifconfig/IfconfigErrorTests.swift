// SPDX-License-Identifier: BSD-2-Clause

import Testing
import Userland

/// Every error that ifconfig(8) and the ioctls below it can tell of, with the exit status.
@Suite("Errors of ifconfig") struct IfconfigErrorTests {
  private static let usage = """
    usage: ifconfig [-L] [-C] [-g groupname] interface address_family [address [dest_address]]
                    [parameters]
           ifconfig interface create
           ifconfig -a [-L] [-C] [-g groupname] [-d] [-m] [-u] [-v] [address_family]
           ifconfig -l [-d] [-u] [address_family]
           ifconfig [-L] [-C] [-g groupname] [-d] [-m] [-u] [-v]

    """

  @Test(arguments: [
    "-l -a", "-l -m", "-u -d", "-a em0", "-l em0", "-a inet inet", "-l inet 10.0.0.1", "-a foo",
  ]) func printsTheUsage(_ words: String) {
    #expect(answer("ifconfig \(words); echo $?") == Self.usage + "1\n")
  }

  @Test(arguments: [
    ("-x", "illegal option -- x"), ("-g", "option requires an argument -- g"),
    ("--help", "illegal option -- -"),
  ]) func saysWhatIsWrongWithALetter(_ words: String, _ message: String) {
    #expect(answer("ifconfig \(words); echo $?") == "ifconfig: \(message)\n\(Self.usage)1\n")
  }

  /// What ends the program: the message, then status 1.
  @Test(
    arguments: [
      ("em9", "interface em9 does not exist"), ("em9 up", "interface em9 does not exist"),
      ("em9 create", nil), ("em0 upp", "upp: bad value"), ("em0 fib 1", "fib: bad value"),
      ("em0 tunnelfib 1", "tunnelfib: bad value"), ("em0 create", "create: bad value"),
      ("em0 plumb", "plumb: bad value"), ("em0 inet ::1", "::1: bad value"),
      // Addresses.
      ("em0 10.0.0.1/33", "10.0.0.1/33: bad value (width too large)"),
      ("em0 10.0.0.1/-1", "10.0.0.1/-1: bad value (width invalid)"),
      ("em0 10.0.0.1/x", "10.0.0.1/x: bad value (width invalid)"),
      ("em0 10.0.0.1/24x", "10.0.0.1/24x: bad value (width invalid)"),
      ("em0 10.0.0.1/", "10.0.0.1/: bad value (width invalid)"),
      ("em0 10.0.0.256", "10.0.0.256: bad value"), ("em0 nohost", "nohost: bad value"),
      ("em0 nohost/24", "nohost: bad value"), ("em0 10.0.0.1 10.0.0.x", "10.0.0.x: bad value"),
      ("em0 10.0.0.1 netmask 255.x", "255.x: bad value"),
      ("em0 broadcast x", "x: bad value"), ("em0 ipdst x", "x: bad value"),
      ("em0 -alias 10.0.0.1/24", "10.0.0.1/24: bad value"),
      ("em0 -alias 1.2.3.4", "ioctl (SIOCDIFADDR): Can't assign requested address"),
      ("em0 delete", "ioctl (SIOCDIFADDR): Can't assign requested address"),
      ("em1 10.0.0.1/24", "ioctl (SIOCAIFADDR): File exists"),
      ("gif0 10.8.0.1", "ioctl (SIOCAIFADDR): Destination address required"),
      ("em0 netmask", "'netmask' requires argument"),
      ("em0 broadcast", "'broadcast' requires argument"),
      // The link level.
      ("em0 ether 00:11:22", "ioctl (SIOCAIFADDR): Invalid argument"),
      ("em0 ether zz", "ioctl (SIOCAIFADDR): Invalid argument"),
      ("lo0 lladdr 00:11:22:33:44:55", "ioctl (SIOCAIFADDR): Invalid argument"),
      ("lo0 lladdr zz", "ioctl (SIOCAIFADDR): Operation not supported by device"),
      ("em0 link 1.2.3.4.5.6.7.8.9.a.b.c.d.e.f", "malformed link-level address"),
      ("em0 ether netmask 255.0.0.0", "can't set link-level netmask or broadcast"),
      ("em0 ether broadcast 1.2.3.4", "can't set link-level netmask or broadcast"),
      ("em0 ether 0:1:2:3:4:5 6", "can't set link-level netmask or broadcast"),
      ("em0 ether delete 0:1:2:3:4:5", "can't set link-level netmask or broadcast"),
      // What is for IPv6 alone.
      ("em0 inet6 ::1", "inet6: only IPv4 is supported"), ("em0 pltime x", "invalid pltime"),
      ("em0 pltime 5", "pltime not allowed for the AF"), ("em0 vltime x", "invalid vltime"),
      ("em0 vltime 5", "vltime not allowed for the AF"),
      ("em0 eui64", "eui64 not allowed for the AF"),
      ("em0 prefixlen", "'prefixlen' requires argument"),
      // Settings.
      ("em0 mtu", "'mtu' requires argument"), ("em0 metric", "'metric' requires argument"),
      ("em0 name", "'name' requires argument"), ("em0 descr", "'descr' requires argument"),
      ("em0 description", "'description' requires argument"),
      ("gif0 rxcsum", "rxcsum: Invalid argument"), ("tap0 -tso", "-tso: Invalid argument"),
      // Groups.
      ("em0 group lan", " SIOCAIFGROUP: File exists"),
      ("em0 -group wan", "SIOCDIFGROUP: No such file or directory"),
      ("em0 group em5", "setifgroup: group names may not end in a digit"),
      ("em0 -group em5", "unsetifgroup: group names may not end in a digit"),
      ("em0 group abcdefghijklmnop", "setifgroup: group name too long"),
      ("em0 -group abcdefghijklmnop", "unsetifgroup: group name too long"),
      ("em0 group", "'group' requires argument"), ("em0 -group", "'-group' requires argument"),
      // Media.
      ("em0 media 5", "unknown media subtype: 5"), ("em0 media", "'media' requires argument"),
      ("em0 media 100baseFX", "SIOCSIFMEDIA (media): Device not configured"),
      ("em0 mediaopt full-duplex", "SIOCSIFMEDIA (media): Device not configured"),
      ("em0 mediaopt sideways", "SIOCSIFMEDIA (media): Device not configured"),
      ("em0 -mediaopt sideways", "SIOCSIFMEDIA (media): Device not configured"),
      ("em0 mode 11g", "SIOCSIFMEDIA (media): Device not configured"),
      ("em0 inst 16", "invalid media instance: 16"), ("em0 inst -1", "invalid media instance: -1"),
      ("lo0 media auto", "SIOCGIFMEDIA: Invalid argument"),
      ("lo0 mediaopt full-duplex", "SIOCGIFMEDIA: Invalid argument"),
      ("lo0 mode 11g", "SIOCGIFMEDIA: Invalid argument"),
      ("lo0 instance 1", "SIOCGIFMEDIA: Invalid argument"),
      ("vlan0 media auto", "SIOCGIFMEDIA: Invalid argument"),
      ("vlan5 media auto", "SIOCSIFMEDIA (media): Invalid argument"),
      // VLANs.
      ("vlan0 vlan 7", "both vlan and vlandev must be specified"),
      ("vlan0 vlandev em1", "both vlan and vlandev must be specified"),
      ("em0 vlan 7", "both vlan and vlandev must be specified"),
      ("vlan0 vlan x vlandev em1", "invalid value for vlan"),
      ("vlan0 vlan 65536 vlandev em1", "value for vlan out of range"),
      ("vlan0 vlan 4096 vlandev em1", "SIOCSETVLAN: Invalid argument"),
      ("vlan0 vlan 5 vlandev em0", "SIOCSETVLAN: File exists"),
      ("vlan0 vlan 7 vlandev em9", "SIOCSETVLAN: No such file or directory"),
      ("vlan0 vlan 7 vlandev lo0", "SIOCSETVLAN: Protocol not supported"),
      ("vlan5 vlan 7 vlandev em1", "SIOCSETVLAN: Device busy"),
      ("em0 -vlandev", "SIOCGETVLAN: Invalid argument"),
      ("vlan0 vlan", "'vlan' requires argument"), ("vlan0 vlandev", "'vlandev' requires argument"),
      ("vlan9 create vlan 7", "must specify a parent device for vlan create"),
      ("vlan9 create vlandev em1", "must specify a tag for vlan create"),
      ("vlan9 create vlan 7 vlandev em9", "SIOCIFCREATE2: Device not configured"),
      ("vlan9 create vlan 4096 vlandev em1", "SIOCIFCREATE2: Invalid argument"),
      ("vlan9 create vlan", "'vlan' requires argument"),
      ("em0.5 create", "SIOCIFCREATE2: File exists"),
      ("em0.4096 create", "SIOCIFCREATE2: Invalid argument"),
      // Tunnels.
      ("gif0 tunnel", "'tunnel' requires 2 arguments"),
      ("gif0 tunnel 10.0.0.1", "'tunnel' requires 2 arguments"),
      (
        "gif0 tunnel nohost 10.0.0.1",
        "error in parsing address string: hostname nor servname provided, or not known"
      ),
      (
        "gif0 tunnel 10.0.0.1 nohost",
        "error in parsing address string: hostname nor servname provided, or not known"
      ),
      ("gif0 tunnel 10.0.0.1 ::1", "source and destination address families do not match"),
      ("em0 deletetunnel", "SIOCDIFPHYADDR: Invalid argument"),
      ("em0 -tunnel", "SIOCDIFPHYADDR: Invalid argument"),
      ("gre0 grekey", "'grekey' requires argument"),
      // Making and removing.
      ("lagg0 create", "SIOCIFCREATE2: Invalid argument"),
      ("gif07 create", "SIOCIFCREATE2: Invalid argument"),
      ("gifx create", "SIOCIFCREATE2: Invalid argument"),
      ("gif32768 create", "SIOCIFCREATE2: No space left on device"),
      ("gif9999999999 create", "SIOCIFCREATE2: Invalid argument"),
      ("gif9 create create up", "SIOCIFCREATE2: File exists"),
      ("averyveryverylong create", "averyveryverylong: cloning name too long"),
      ("em0 destroy", "SIOCIFDESTROY: Invalid argument"),
      ("lo0 unplumb", "SIOCIFDESTROY: Invalid argument"),
      ("gif0 destroy destroy", "SIOCIFDESTROY: Device not configured"),
      ("gif0 destroy up", "ioctl (SIOCGIFFLAGS): no such interface"),
      ("gif0 destroy rxcsum", "ioctl (SIOCGIFCAP): no such interface"),
      ("gif0 destroy 10.8.0.1 10.8.0.2", "ioctl (SIOCDIFADDR): no such interface"),
      // Kinds that are not there.
      ("em0 vnet 1", "SIOCSIFVNET: Device not configured"),
      ("em0 laggport em1", "laggport: not supported"), ("em0 vhid 1", "SIOCGVH: Invalid argument"),
      ("em0 vhid 0", "vhid must be greater than 0"),
      // The model's own words.
      ("em0 linkstate sideways", "sideways: bad value"),
      ("em0 linkmedia sideways", "unknown media subtype: sideways"),
      ("lo0 linkmedia auto", "linkmedia: Invalid argument"),
      ("em0 capabilities xyz", "xyz: bad value"),
      ("lo0 capabilities 3", "capabilities: Invalid argument"),
    ] as [(String, String?)]) func endsWithAMessage(_ words: String, _ message: String?)
  {
    let said = answer("ifconfig \(words); echo $?", in: IfconfigErrorTests.session)
    let expected = message.map { "ifconfig: \($0)\n1\n" } ?? "0\n"
    #expect(said == expected)
  }

  /// What is only said: the rest of the words is heeded, and the status is 0.
  @Test(arguments: [
    ("mtu 71", "ioctl (set mtu): Invalid argument"),
    ("mtu 65536", "ioctl (set mtu): Invalid argument"),
    ("mtu x", "ioctl (set mtu): Invalid argument"),
    ("name em1", "ioctl (set name): File exists"),
    ("name ''", "ioctl (set name): Invalid argument"),
    ("name a123456789012345", "ioctl (set name): File name too long"),
    ("descr \(String(repeating: "x", count: 1024))", "ioctl (set descr): File name too long"),
    ("tunnel 10.0.0.1 10.0.0.2", "SIOCSIFPHYADDR: Invalid argument"),
    ("grekey 5", "ioctl (set grekey): Invalid argument"),
    ("accept_rev_ethip_ver", "ioctl(GIFGOPTS): Invalid argument"),
    ("-send_rev_ethip_ver", "ioctl(GIFGOPTS): Invalid argument"),
  ]) func warns(_ words: String, _ message: String) {
    let said = answer(
      "ifconfig em0 \(words) metric 7; echo $?; ifconfig em0 link", in: IfconfigErrorTests.session)
    #expect(said.hasPrefix("ifconfig: \(message)\n0\nem0: "))
    #expect(said.contains(" metric 7 "))
  }

  @Test func warnsOfASecondTunnelWithTheSameEnds() {
    let said = answer(
      """
      ifconfig gif0 tunnel 10.0.0.1 10.0.0.2
      ifconfig gif1 create tunnel 10.0.0.1 10.0.0.2; echo $?
      """, in: IfconfigErrorTests.session)
    #expect(said == "ifconfig: SIOCSIFPHYADDR: Can't assign requested address\n0\n")
  }

  @Test(arguments: ["link", "ether", "lladdr"]) func addressesOfTheLinkStay(family: String) {
    let said = answer("ifconfig em0 \(family) delete; echo $?")
    #expect(said == "ifconfig: interface em0 cannot change \(family) addresses!\n0\n")
  }

  @Test func whatComesBeforeAnErrorStays() {
    let said = answer("ifconfig em0 mtu 1400 up media 5 down; ifconfig em0 inet; ifconfig -l -u")
    #expect(said.hasPrefix("ifconfig: unknown media subtype: 5\nem0: flags=8843<UP,"))
    #expect(said.contains(" mtu 1400\n"))
  }

  /// em0 has 10.0.0.1/24 and is in the group lan; vlan5 has tag 5 on it.
  private static var session: Session {
    let session = Session()
    _ = answer(
      """
      ifconfig em0 group lan
      ifconfig vlan5 create vlan 5 vlandev em0
      ifconfig vlan0 create; ifconfig gif0 create; ifconfig gre0 create; ifconfig tap0 create
      ifconfig em3 10.0.0.1/24
      """, in: session)
    return session
  }
}
