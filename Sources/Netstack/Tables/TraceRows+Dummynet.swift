// SPDX-License-Identifier: BSD-2-Clause

extension TraceRow {
  /// Dummynet: our own ids.
  static let dummynet: [TraceRow] = [
    .init(
      .dnNopipe, "dn.nopipe", "dummynet_io", .drop, ioDrop,
      "The rule names a pipe that does not exist.", needs: "dummynet"),
    .init(
      .dnNoqueue, "dn.noqueue", "dummynet_io", .drop, ioDrop,
      "The rule names a queue that does not exist.", needs: "dummynet"),
    .init(
      .dnOrphan, "dn.orphan", "dummynet_io", .drop, ioDrop,
      "The queue's pipe does not exist.", needs: "dummynet"),
    .init(
      .dnPlr, "dn.plr", "dummynet_io", .drop, ioDrop,
      "Lost by chance, as the packet loss rate has it.", needs: "dummynet"),
    .init(
      .dnFull, "dn.full", "dummynet_io", .drop, ioDrop,
      "The queue of the packet's flow is full.", needs: "dummynet",
      sysctl: "net.inet.ip.dummynet.pipe_slot_limit"),
    .init(
      .dnRed, "dn.red", "red_drops", .drop, ioDrop,
      "Random early detection dropped the packet: the queue has been long of late.",
      needs: "dummynet"),
    .init(
      .dnNomem, "dn.nomem", "dummynet_io", .drop, ioDrop,
      "No memory for the packet's tag or a queue for its flow.", needs: "dummynet, mem"),
    .init(
      .dnPurged, "dn.purged", "purge_flow_set", .drop, "none",
      "The pipe or queue that the packet waited in was deleted.", needs: "dummynet"),
    .init(
      .dnCutoff, "dn.cutoff", "dummynet_io", .drop, "none",
      "Ready behind a packet that passed at once, and lost with the rest of the chain.",
      needs: "dummynet"),
    .init(
      .dnInet6, "dn.inet6", "dummynet_send", .drop, "none",
      "An IPv6 packet waited, and there is no IPv6 to give it to.", needs: "dummynet"),
    .init(
      .dnProfile, "dn.profile", "dummynet_send", .drop, "none",
      "The link lost the packet after its delay, as the pipe's profile has it.",
      needs: "dummynet"),
    .init(
      .dnPipe, "dn.pipe", "dummynet_io", .waypoint, "net.inet.ip.dummynet.io_pkt",
      "The packet is in the queue of a pipe.", needs: "dummynet"),
    .init(
      .dnQueue, "dn.queue", "dummynet_io", .waypoint, "net.inet.ip.dummynet.io_pkt",
      "The packet is in a weighted queue of a pipe.", needs: "dummynet"),
    .init(
      .dnFast, "dn.fast", "dummynet_io", .waypoint, "net.inet.ip.dummynet.io_pkt_fast",
      "The packet need not wait, and goes on at once.", needs: "dummynet",
      sysctl: "net.inet.ip.dummynet.io_fast"),
    .init(
      .dnLeaves, "dn.leaves", "dummynet_send", .waypoint, "none",
      "The packet's time has come: it goes on.", needs: "dummynet"),
  ]

  private static let ioDrop = "net.inet.ip.dummynet.io_pkt_drop"
}
