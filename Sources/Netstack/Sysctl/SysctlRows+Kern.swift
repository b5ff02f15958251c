// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The nodes of kern with fixed numbers, in listing order.
  static let kern: [SysctlNode] = [
    .init(node: "kern", number: 1, "High kernel, proc, limits &c"),
    .init(
      .kernOstype, "kern.ostype", .string, .readOnly, .machine, .text("FreeBSD"),
      "Operating system type", number: 1),
    .init(
      .kernOsrelease, "kern.osrelease", .string, .readOnly, .machine, .text("8.0-RELEASE"),
      "Operating system release", number: 2),
    .init(
      .kernOsrevision, "kern.osrevision", .int, .readOnly, .machine, .number(199506),
      "Operating system revision", number: 3),
    .init(
      .kernVersion, "kern.version",
      .string, .readOnly, .machine,
      .text(
        "FreeBSD 8.0-RELEASE #0: Sat Nov 21 15:02:08 UTC 2009\n    root@mason.cse.buffalo.edu:/usr/obj/usr/src/sys/GENERIC\n"
      ),
      "Kernel version", number: 4),
    .init(
      .kernMaxvnodes, "kern.maxvnodes", .int, .readWrite, .machine, .number(70974),
      "Maximum number of vnodes", number: 5, isInert: true),
    .init(
      .kernMaxproc, "kern.maxproc", .int, .readOnlyTunable, .machine, .number(6164),
      "Maximum number of processes", number: 6, isInert: true),
    .init(
      .kernMaxfiles, "kern.maxfiles", .int, .readWrite, .machine, .number(12328),
      "Maximum number of files", number: 7, isInert: true),
    .init(
      .kernArgmax, "kern.argmax", .int, .readOnly, .machine, .number(262144),
      "Maximum bytes of argument to execve(2)", number: 8),
    .init(
      .kernSecurelevel, "kern.securelevel", .int, .readWrite, .machine, .number(-1),
      "Current secure level", number: 9),
    .init(
      .kernHostname, "kern.hostname", .string, .readWrite, .machine, .text(""),
      "Hostname", number: 10),
    .init(
      .kernHostid, "kern.hostid", .ulong, .readWrite, .machine, .number(0),
      "Host ID", number: 11, isInert: true),
    .init(
      .kernClockrate, "kern.clockrate", .opaque, .readOnly, .machine, .none,
      "Rate and period of various kernel clocks", number: 12, format: "S,clockinfo"),
    .init(
      .kernPosix1version, "kern.posix1version", .int, .readOnly, .machine, .number(200112),
      "Version of POSIX attempting to comply to", number: 17),
    .init(
      .kernNgroups, "kern.ngroups", .int, .readOnly, .machine, .number(1023),
      "Maximum number of groups a user can belong to", number: 18),
    .init(
      .kernJobControl, "kern.job_control", .int, .readOnly, .machine, .number(1),
      "Whether job control is available", number: 19),
    .init(
      .kernSavedIds, "kern.saved_ids", .int, .readOnly, .machine, .number(0),
      "Whether saved set-group/user ID is available", number: 20),
    .init(
      .kernBoottime, "kern.boottime", .opaque, .readOnly, .machine, .none,
      "System boottime", number: 21, format: "S,timeval"),
    .init(
      .kernDomainname, "kern.domainname", .string, .readWrite, .machine, .text(""),
      "Name of the current YP/NIS domain", number: 22, isInert: true),
    .init(
      .kernOsreldate, "kern.osreldate", .int, .readOnly, .machine, .number(800107),
      "Kernel release date", number: 24),
    .init(
      .kernBootfile, "kern.bootfile", .string, .readWrite, .machine, .text("/boot/kernel/kernel"),
      "Name of kernel file booted", number: 26, isInert: true),
    .init(
      .kernMaxfilesperproc, "kern.maxfilesperproc", .int, .readWrite, .machine, .number(11095),
      "Maximum files allowed open per process", number: 27, isInert: true),
    .init(
      .kernMaxprocperuid, "kern.maxprocperuid", .int, .readWrite, .machine, .number(5547),
      "Maximum processes allowed per userid", number: 28, isInert: true),
  ]
}
