// SPDX-License-Identifier: BSD-2-Clause

package import Shell

extension Commands {
  /// Every command; `help` shows them by name.
  package static let all: [Command<Session>] = [
    arp,
    clock,
    date,
    dmesg,
    expect,
    hostname,
    ifconfig,
    ifmcstat,
    inject,
    ipfw,
    jail,
    jexec,
    jls,
    link,
    mcast,
    neighbor,
    netstat,
    ping,
    route,
    setfib,
    show,
    sleep,
    sock,
    state,
    sysctl,
    tcpdump,
    trace,
    traceroute,
    uname,
  ]

  /// Topics of `help` that are no commands.
  package static let topics: [Topic] = LabTopics.all + ShellTopics.all + TraceTopics.all

  /// The commands and topics with the shell's own.
  package static var registry: Registry<Session> { Registry(all, topics: topics) }
}
