// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The nodes of kern that the system numbers, and vm, in listing order.
  static let kernTuning: [SysctlNode] = [
    .init(
      .kernPsStrings, "kern.ps_strings", .ulong, .readOnly, .machine, .number(140737488355296),
      "", number: 32),
    .init(
      .kernUsrstack, "kern.usrstack", .ulong, .readOnly, .machine, .number(140737488355328),
      "", number: 33),
    .init(
      .kernLogsigexit, "kern.logsigexit", .int, .readWrite, .machine, .number(1),
      "Log processes quitting on abnormal signals to syslog(3)", number: 34, isInert: true),
    .init(
      .kernIovMax, "kern.iov_max", .int, .readOnly, .machine, .number(1024),
      "Maximum number of elements in an I/O vector; sysconf(_SC_IOV_MAX)", number: 35),
    .init(
      .kernHostuuid, "kern.hostuuid",
      .string, .readWrite, .machine, .text("00000000-0000-0000-0000-000000000000"),
      "Host UUID", number: 36, isInert: true),
    .init(
      .kernRandompid, "kern.randompid", .int, .readWrite, .machine, .number(0),
      "Random PID modulus", isInert: true),
    .init(
      .kernMaxusers, "kern.maxusers", .int, .readOnlyTunable, .machine, .number(384),
      "Hint for kernel tuning", isInert: true),
    .init(
      .kernIdent, "kern.ident", .string, .readOnly, .machine, .text("GENERIC"),
      "Kernel identifier"),
    .init(
      .kernCorefile, "kern.corefile", .string, .readWrite, .machine, .text("%N.core"),
      "process corefile name format string", isInert: true),
    .init(
      .kernCoredump, "kern.coredump", .int, .readWrite, .machine, .number(1),
      "Enable/Disable coredumps", isInert: true),
    .init(
      .kernSugidCoredump, "kern.sugid_coredump", .int, .readWrite, .machine, .number(0),
      "Enable coredumping set user/group ID processes", isInert: true),
    .init(node: "kern.timecounter", ""),
    .init(
      .kernTimecounterTick, "kern.timecounter.tick", .int, .readOnly, .machine, .number(1),
      "", isInert: true),
    .init(
      .kernTimecounterChoice, "kern.timecounter.choice",
      .string, .readOnly, .machine, .text("TSC(-100) ACPI-fast(1000) i8254(0) dummy(-1000000)"),
      "", isInert: true),
    .init(
      .kernTimecounterHardware, "kern.timecounter.hardware",
      .string, .readWrite, .machine, .text("ACPI-fast"),
      "", isInert: true),
    .init(
      .kernTimecounterStepwarnings, "kern.timecounter.stepwarnings",
      .int, .readWrite, .machine, .number(0),
      "", isInert: true),
    .init(
      .kernNcallout, "kern.ncallout", .int, .readOnlyTunable, .machine, .number(18508),
      "Number of pre-allocated timer events", isInert: true),
    .init(
      .kernHz, "kern.hz", .int, .readOnlyTunable, .machine, .number(1000),
      "Number of clock ticks per second"),
    .init(
      .kernMsgbuf, "kern.msgbuf", .string, .readOnly, .machine, .text(""),
      "Contents of kernel message buffer"),
    .init(node: "kern.smp", "Kernel SMP"),
    .init(
      .kernSmpCpus, "kern.smp.cpus", .int, .readOnly, .machine, .number(1),
      "Number of CPUs online"),
    .init(
      .kernSmpDisabled, "kern.smp.disabled", .int, .readOnlyTunable, .machine, .number(0),
      "SMP has been disabled from the loader"),
    .init(
      .kernSmpActive, "kern.smp.active", .int, .readWrite, .machine, .number(0),
      "Number of Auxillary Processors (APs) that were successfully started", isInert: true),
    .init(
      .kernSmpMaxcpus, "kern.smp.maxcpus", .int, .readOnly, .machine, .number(32),
      "Max number of CPUs that the system was compiled for."),
    .init(node: "vm", number: 2, "Virtual memory"),
    .init(
      .vmVmtotal, "vm.vmtotal", .opaque, .readOnly, .machine, .none,
      "System virtual memory statistics", number: 1, format: "S,vmtotal"),
    .init(
      .vmLoadavg, "vm.loadavg", .opaque, .readOnly, .machine, .none,
      "Machine loadaverage history", number: 2, format: "S,loadavg"),
  ]
}
