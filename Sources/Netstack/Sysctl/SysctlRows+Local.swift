// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// net and the nodes of net.local, in listing order.
  static let local: [SysctlNode] = [
    .init(node: "net", number: 4, "Network, (see socket.h)"),
    .init(node: "net.local", number: 1, "Local domain"),
    .init(node: "net.local.stream", number: 1, "SOCK_STREAM"),
    .init(
      .localStreamPcblist, "net.local.stream.pcblist", .opaque, .readOnly, .machine, .none,
      "List of active local stream sockets", format: "S,xunpcb"),
    .init(
      .localStreamRecvspace, "net.local.stream.recvspace",
      .ulong, .readWrite, .machine, .number(8192),
      "Default stream receive space.", isInert: true),
    .init(
      .localStreamSendspace, "net.local.stream.sendspace",
      .ulong, .readWrite, .machine, .number(8192),
      "Default stream send space.", isInert: true),
    .init(node: "net.local.dgram", number: 2, "SOCK_DGRAM"),
    .init(
      .localDgramPcblist, "net.local.dgram.pcblist", .opaque, .readOnly, .machine, .none,
      "List of active local datagram sockets", format: "S,xunpcb"),
    .init(
      .localDgramRecvspace, "net.local.dgram.recvspace",
      .ulong, .readWrite, .machine, .number(4096),
      "Default datagram receive space.", isInert: true),
    .init(
      .localDgramMaxdgram, "net.local.dgram.maxdgram", .ulong, .readWrite, .machine, .number(2048),
      "Default datagram send space.", isInert: true),
    .init(
      .localTaskcount, "net.local.taskcount", .int, .readOnly, .machine, .number(0),
      "Number of times the garbage collector has run.", isInert: true),
    .init(
      .localRecycled, "net.local.recycled", .int, .readOnly, .machine, .number(0),
      "Number of unreachable sockets claimed by the garbage collector.", isInert: true),
    .init(
      .localInflight, "net.local.inflight", .int, .readOnly, .machine, .number(0),
      "File descriptors in flight.", isInert: true),
  ]
}
