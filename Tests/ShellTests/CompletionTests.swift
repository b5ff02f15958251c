// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Testing

@Suite("completion") struct CompletionTests {
  @Test(arguments: [
    ("", "words both link stat conf twice captured echo help man source exit"),
    ("li", "link"),
    ("link ", "list show em0 em1 lo0 add tag"),
    ("link em0 ", "mtu"),
    ("link em9 ", ""),
    ("link em0 mtu ", ""),
    ("link add ", "-net"),
    ("link add -net 10 e", "em0 em1"),
    ("link tag ", "red green"),
    ("link tag red g", "green"),
    ("link list ", ""),
    ("stat -", "-a -n -r -I -w"),
    ("stat -I ", "em0 em1 lo0"),
    ("stat -aI e", "em0 em1"),
    ("stat -Iem0 ", "all few"),
    ("stat -a a", "all"),
    ("stat -w 5 ", "all few"),
    ("stat all ", ""),
    ("stat -- -", ""),
    ("conf ", "em0 em1 lo0"), ("conf em0 ", "up alias add range peer"),
    ("conf em0 range 1 ", "up alias add range peer"), ("conf em0 range 1 up p", "peer"),
    ("conf em0 range ", ""),
    ("walk ", "net. kern."), ("walk net.", "net.inet. net.fibs"), ("walk net.f", "net.fibs"),
    ("walk net.inet.t", "net.inet.ttl"), ("walk net.x", ""),
    ("conf em0 p", "peer"),
    ("conf em0 peer ", "em0 em1 lo0"),
    ("conf em0 peer em1 u", "up"),
    ("conf em0 alias ", ""),
    ("conf em0 alias 1 ra", "range"),
    ("twice li", "link"),
    ("twice link em0 ", "mtu"),
    ("twice twice stat -I l", "lo0"),
    ("captured conf em0 peer l", "lo0"),
    ("words r", "rules run 1.fsh"),
    ("words dir/", "dir/inner"),
    ("words .", ".hidden"),
    ("source ru", "rules run 1.fsh"),
    ("link list > ru", "rules run 1.fsh"),
    ("link list >f add", ""),
    ("false; lin", "link"),
    ("false && ! lin", "link"), ("if lin", "link"), ("if true; then link em0 m", "mtu"),
    ("while ! lin", "link"), ("mtu=1400 lin", "link"), ("words $(lin", "link"),
    ("words $(link list) > ru", "rules run 1.fsh"), ("words \"$(link em0 m", "mtu"),
    ("a=$(link em0 ", "mtu"), ("words if ru", "rules run 1.fsh"),
    ("link list | gre", ""),
    ("link \"em0\" m", "mtu"),
    ("help lin", "link"), ("help k", "kill keys"), ("help link ", "list show mtu add -net tag"),
    ("nonesuch ", ""),
    ("words 'ru", "rules run 1.fsh"),
  ]) func offers(line: String, expected: String) {
    let rig = Rig()
    let found = Commands.registry.complete(line, rig.bench, rig.files.host).candidates.map(\.text)
    if line.isEmpty {
      #expect(found.count == Commands.registry.commands.count)
      #expect(Set(found).isSuperset(of: expected.split(separator: " ").map(String.init)))
    } else {
      #expect(found.joined(separator: " ") == expected)
    }
  }

  @Test(
    arguments: [
      ("li", "link ", 2), ("link e", "em", 1), ("link em", nil, 2), ("link em0 ", "mtu ", 0),
      ("words di", "dir/", 2), ("words run", "run\\ 1.fsh ", 3),
      ("words run\\ 1", "run\\ 1.fsh ", 6),
      ("words 'run 1", "run\\ 1.fsh ", 6), ("nonesuch x", nil, 1), ("words héé", nil, 3),
      ("walk n", "net.", 1), ("walk k", "kern.", 1), ("walk kern.", "kern.ident", 5),
    ] as [(String, String?, Int)]) func replaces(line: String, text: String?, length: Int)
  {
    let rig = Rig()
    let found = Commands.registry.complete(line, rig.bench, rig.files.host)
    #expect(found.replacement == text)
    #expect(found.typedLength == length)
  }

  @Test func listsFewWithHelpAndManyInColumns() {
    let rig = Rig()
    let few = Commands.registry.complete("link tag ", rig.bench, rig.files.host)
    #expect(few.candidates.listing(width: 80) == "  red    like blood\n  green  \n")
    #expect(few.candidates.listing(width: 8) == "  red  \n  green\n")
    let plain = Commands.registry.complete("stat -I ", rig.bench, rig.files.host)
    #expect(plain.candidates.listing(width: 10) == "em0  lo0\nem1\n")
    let many = (10..<40).map { Candidate("\($0)", "a number") }
    #expect(many.listing(width: 80, height: 40).hasPrefix("  10  a number\n  11  a number\n"))
    #expect(many.listing(width: 80, height: 30).hasPrefix("10  12  14  16  18"))
  }
}
