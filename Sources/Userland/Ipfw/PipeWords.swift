// SPDX-License-Identifier: BSD-2-Clause

import Netstack

/// A word of what `pipe N config` and `queue N config` are told (`dummynet_params`,
/// sbin/ipfw/dummynet.c). One table for parser, help and completion; none may be shortened.
struct PipeWord: Sendable {
  enum Kind: Sendable {
    case bandwidth, delay, burst, size, lossRate, buckets, mask, red(isGentle: Bool), dropTail
    case noError, weight, parent, profile
    /// Words behind `mask`.
    case all, address(PacketEnd), address6(PacketEnd), flowID, port(PacketEnd), proto
  }
  let words: [String]
  let kind: Kind
  let operand: String?
  /// What ipfw(8) says when the operand is missing.
  let missing: String
  let help: String

  private init(
    _ words: String..., kind: Kind, operand: String? = nil, missing: String = "", _ help: String
  ) {
    (self.words, self.kind, self.operand) = (words, kind, operand)
    (self.missing, self.help) = (missing, help)
  }

  static func row(_ word: String) -> PipeWord? { all.first { $0.words.contains(word) } }

  static let all = pipe + queue + drops + masks

  private static let pipe: [PipeWord] = [
    .init(
      "bw", "bandwidth", kind: .bandwidth, operand: "N[K|M]{bit/s|Byte/s}",
      missing: "bw needs bandwidth or interface\n",
      "What a pipe sends in a second; 0 for no limit. An interface would be the clock."),
    .init(
      "delay", kind: .delay, operand: "ms", missing: "delay needs argument 0..10000ms\n",
      "How long a pipe's packets travel, in milliseconds."),
    .init(
      "burst", kind: .burst, operand: "size", missing: "burst needs argument\n",
      "How many bytes a pipe sends at once after it was idle."),
    .init(
      "profile", kind: .profile, operand: "file",
      missing: "extra delay needs the file name\n",
      "A file that says how often the link's protocol delays packets, and how long."),
  ]

  private static let queue: [PipeWord] = [
    .init(
      "pipe", kind: .parent, operand: "number", missing: "pipe needs pipe_number\n",
      "The pipe that a queue shares with others."),
    .init(
      "weight", kind: .weight, operand: "1-100", missing: "weight needs argument 0..100\n",
      "A queue's share of its pipe."),
  ]

  private static let redMissing = "red/gred needs w_q/min_th/max_th/max_p\n"

  private static let drops: [PipeWord] = [
    .init(
      "queue", kind: .size, operand: "slots | NKbytes", missing: "queue needs queue size\n",
      "How many packets, or bytes, wait at most."),
    .init(
      "plr", kind: .lossRate, operand: "rate", missing: "plr needs argument 0..1\n",
      "The part of packets that is lost by chance."),
    .init(
      "droptail", kind: .dropTail, "A full queue drops what comes, and nothing is dropped early."),
    .init(
      "red", kind: .red(isGentle: false), operand: "w_q/min_th/max_th/max_p", missing: redMissing,
      "Random early detection: drops the more, the longer the queue has been."),
    .init(
      "gred", kind: .red(isGentle: true), operand: "w_q/min_th/max_th/max_p",
      missing: redMissing, "As red, but not all is dropped beyond the upper threshold."),
    .init("noerror", kind: .noError, "A drop is no error to the sender."),
    .init(
      "buckets", kind: .buckets, operand: "number", missing: "buckets needs argument\n",
      "The size of the hash table of flows."),
    .init(
      "mask", kind: .mask, operand: "all | bits ...", missing: "mask needs mask specifier\n",
      "What tells flows apart; each flow has a queue of its own."),
  ]

  private static let masks: [PipeWord] = [
    .init("all", kind: .all, "Behind mask: every bit."),
    .init("src-ip", kind: .address(.source), operand: "bits", "Behind mask: of the source."),
    .init(
      "dst-ip", kind: .address(.destination), operand: "bits", "Behind mask: of the destination."),
    .init(
      "src-port", kind: .port(.source), operand: "bits", "Behind mask: of the source port."),
    .init(
      "dst-port", kind: .port(.destination), operand: "bits",
      "Behind mask: of the destination port."),
    .init("proto", kind: .proto, operand: "bits", "Behind mask: of the protocol."),
    .init(
      "src-ip6", "src-ipv6", kind: .address6(.source), operand: "length",
      "Behind mask: of the IPv6 source."),
    .init(
      "dst-ip6", "dst-ipv6", kind: .address6(.destination), operand: "length",
      "Behind mask: of the IPv6 destination."),
    .init("flow-id", kind: .flowID, operand: "bits", "Behind mask: of the flow label."),
  ]
}
