// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The nodes of debug, hw and security, in listing order. The leaf of debug is ours: 8.0's
  /// `debug.fail_point` is a node, whose points a kernel with FAIL_POINT has.
  static let machine: [SysctlNode] = [
    .init(node: "debug", number: 5, "Debugging"),
    .init(
      .debugFailPoint, "debug.fail_point", .int, .readWrite, .machine, .number(0),
      "How many of the next allocations of packet buffers fail"),
    .init(
      .debugNetisrStop, "debug.netisr_stop", .uint, .readWrite, .machine, .number(0),
      "The CPUs whose netisr workers stand still, a bit each"),
    .init(node: "hw", number: 6, "hardware"),
    .init(
      .hwMachine, "hw.machine", .string, .readOnly, .machine, .text("amd64"),
      "Machine class", number: 1),
    .init(
      .hwModel, "hw.model", .string, .readOnly, .machine, .text("Virtual CPU"),
      "Machine model", number: 2),
    .init(
      .hwNcpu, "hw.ncpu", .int, .readOnly, .machine, .number(1),
      "Number of active CPUs", number: 3),
    .init(
      .hwByteorder, "hw.byteorder", .int, .readOnly, .machine, .number(1234),
      "System byte order", number: 4),
    .init(
      .hwPhysmem, "hw.physmem", .ulong, .readOnly, .machine, .number(1061847040),
      "", number: 5),
    .init(
      .hwUsermem, "hw.usermem", .ulong, .readOnly, .machine, .number(1027944448),
      "", number: 6),
    .init(
      .hwPagesize, "hw.pagesize", .int, .readOnly, .machine, .number(4096),
      "System memory page size", number: 7),
    .init(
      .hwFloatingpoint, "hw.floatingpoint", .int, .readOnly, .machine, .number(1),
      "Floating point instructions executed in hardware", number: 10),
    .init(
      .hwMachineArch, "hw.machine_arch", .string, .readOnly, .machine, .text("amd64"),
      "System architecture", number: 11),
    .init(
      .hwRealmem, "hw.realmem", .ulong, .readOnly, .machine, .number(1073741824),
      "", number: 12),
    .init(
      .hwAvailpages, "hw.availpages", .ulong, .readOnly, .machine, .number(259240),
      ""),
    .init(
      .hwClockrate, "hw.clockrate", .int, .readOnly, .machine, .number(2000),
      "CPU instruction clock rate"),
    .init(node: "security", "Security"),
    .init(node: "security.jail", "Jails"),
    .init(
      .securityJailEnforceStatfs, "security.jail.enforce_statfs",
      .int, .readWrite, .machine, .number(2),
      "Processes in jail cannot see all mounted file systems"),
    .init(
      .securityJailMountAllowed, "security.jail.mount_allowed",
      .int, .readWrite, .machine, .number(0),
      "Processes in jail can mount/unmount jail-friendly file systems"),
    .init(
      .securityJailChflagsAllowed, "security.jail.chflags_allowed",
      .int, .readWrite, .machine, .number(0),
      "Processes in jail can alter system file flags"),
    .init(
      .securityJailAllowRawSockets, "security.jail.allow_raw_sockets",
      .int, .readWrite, .machine, .number(0),
      "Prison root can create raw sockets"),
    .init(
      .securityJailSysvipcAllowed, "security.jail.sysvipc_allowed",
      .int, .readWrite, .machine, .number(0),
      "Processes in jail can use System V IPC primitives"),
    .init(
      .securityJailSocketUnixiprouteOnly, "security.jail.socket_unixiproute_only",
      .int, .readWrite, .machine, .number(1),
      "Processes in jail are limited to creating UNIX/IP/route sockets only"),
    .init(
      .securityJailSetHostnameAllowed, "security.jail.set_hostname_allowed",
      .int, .readWrite, .machine, .number(1),
      "Processes in jail can set their hostnames"),
    .init(
      .securityJailJailMaxAfIps, "security.jail.jail_max_af_ips",
      .uint, .readWrite, .machine, .number(255),
      "Number of IP addresses a jail may have at most per address family"),
    .init(
      .securityJailJailed, "security.jail.jailed", .int, .readOnly, .machine, .number(0),
      "Process in jail?"),
  ]
}
