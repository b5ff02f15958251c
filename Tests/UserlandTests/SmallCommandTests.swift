// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Testing
import Userland

@Suite("date, hostname, uname") struct SmallCommandTests {
  @Test(arguments: [
    ("date", "Tue Aug 11 14:13:20 UTC 2009\n0\n"),
    ("date +%F", "2009-08-11\n0\n"),
    ("date -u +%T/%R/%r/%k/%l/%I", "14:13:20/14:13/02:13:20 PM/14/ 2/02\n0\n"),
    ("date +%A/%a/%B/%b/%h/%C/%D/%d/%e", "Tuesday/Tue/August/Aug/Aug/20/08/11/09/11/11\n0\n"),
    (
      "date +%j/%m/%M/%S/%s/%u/%w/%y/%Y/%Z/%z", "223/08/13/20/1250000000/2/2/09/2009/UTC/+0000\n0\n"
    ),
    ("date +%c/%x/%X/%v", "Tue Aug 11 14:13:20 2009/08/11/09/14:13:20/11-Aug-2009\n0\n"),
    ("date +%G-%V/%g/%U/%W", "2009-33/09/32/32\n0\n"),
    ("date -r 1230768000 +%G-%V/%U/%W/%j", "2009-01/00/00/001\n0\n"),
    ("date -r 1262304000 +%G-%V/%a", "2009-53/Fri\n0\n"),
    ("date -r 1230681600 +%G-%V/%a", "2009-01/Wed\n0\n"),
    ("date -r 951782400 +%F/%j", "2000-02-29/060\n0\n"),
    ("date '+%n%t%%%Ey%Q%'", "\n\t%09Q%\n0\n"),
    ("date -r 0", "Thu Jan  1 00:00:00 UTC 1970\n0\n"),
    ("date -r -1", "date: -1: not a time that fibsh shows\n1\n"),
    ("date 200908111413", "date: settimeofday (timeval): Operation not permitted\n1\n"),
    ("date -v+1d", "date: -v: not in this fibsh\n1\n"),
    ("hostname", "\n0\n"),
    ("hostname a.b.c; hostname; hostname -s; hostname -f", "a.b.c\na\na.b.c\n0\n"),
    ("hostname r1; uname -n; sysctl -n kern.hostname", "r1\nr1\n0\n"),
    ("uname", "FreeBSD\n0\n"), ("uname -sr", "FreeBSD 8.0-RELEASE\n0\n"),
    ("uname -pim", "amd64 amd64 GENERIC\n0\n"),
    (
      "hostname h; uname -a",
      "FreeBSD h 8.0-RELEASE FreeBSD 8.0-RELEASE #0: Sat Nov 21 15:02:08 UTC 2009     "
        + "root@mason.cse.buffalo.edu:/usr/obj/usr/src/sys/GENERIC  amd64\n0\n"
    ),
    ("uname x", "usage: uname [-aimnoprsv]\n1\n"),
    ("hostname a b", "usage: hostname [-fs] [name-of-host]\n1\n"),
  ]) func says(line: String, answered: String) {
    #expect(answer("\(line); echo $?") == answered)
  }

  @Test func namesHaveTheirLength() {
    let name = String(repeating: "a", count: 256)
    #expect(answer("hostname \(name)") == "hostname: sethostname: Invalid argument\n")
  }

  @Test func aDateThatIsNoneShowsTheUsage() throws {
    let usage = try #require(Commands.registry["date"]).usageText
    #expect(answer("date tomorrow") == "date: illegal time format\n" + usage)
    #expect(usage.hasPrefix("usage: date [-jnu] [-d dst] [-r seconds] [-t west] [-v[+|-]val"))
  }
}
