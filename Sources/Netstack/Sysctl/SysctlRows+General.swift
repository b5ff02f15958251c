// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The nodes of kern, and net apart from net.inet and net.link, in listing order.
  static let general: [SysctlNode] = [
    .init(node: "kern", number: 1, "High kernel, proc, limits &c"),
    .init(
      .kernOstype, "kern.ostype", .string, .readOnly, .machine, .text("FreeBSD"),
      "Operating system type", number: 1),
    .init(
      .kernOsrelease, "kern.osrelease", .string, .readOnly, .machine, .text("8.0-RELEASE"),
      "Operating system release", number: 2),
    .init(
      .kernHostname, "kern.hostname", .string, .readWrite, .vnet, .text(""),
      "Hostname", number: 10),
    .init(
      .kernOsreldate, "kern.osreldate", .int, .readOnly, .machine, .number(800107),
      "Kernel release date", number: 24),
    .init(
      .kernHz, "kern.hz", .int, .readOnlyTunable, .machine, .number(1000),
      "Number of clock ticks per second"),
    .init(node: "net", number: 4, "Network, (see socket.h)"),
  ]

  /// The nodes of debug, which come last. The leaf is ours: 8.0's `debug.fail_point` is a node, whose
  /// points a kernel with FAIL_POINT has.
  static let debug: [SysctlNode] = [
    .init(node: "debug", number: 5, "Debugging"),
    .init(
      .debugFailPoint, "debug.fail_point", .int, .readWrite, .machine, .number(0),
      "How many of the next allocations of packet buffers fail"),
  ]
}
