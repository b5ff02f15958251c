// SPDX-License-Identifier: BSD-2-Clause

import Netstack

/// Situations of dummynet.
extension Situation {
  /// What comes in goes through pipe 1, what has left it passes.
  private static let pipe = "ipfw -q add 100 pipe 1 ip from any to any in"
  private static let queue = "ipfw -q add 100 queue 1 ip from any to any in"
  /// A packet that is to be forwarded.
  private static let packet = "inject -j udp from 10.0.0.2 1 to 10.0.1.2 1 recv em0"

  static let dummynet = [
    Situation(.ipFwConsumed, "ipfw pipe 1 config delay 1", pipe, packet),
    Situation(
      .outFwConsumed, "ipfw pipe 1 config delay 1", "ipfw -q add 100 pipe 1 ip from any to any out",
      packet),
    Situation(.dnNopipe, pipe, packet),
    Situation(.dnNoqueue, queue, packet),
    Situation(.dnOrphan, "ipfw queue 1 config pipe 9", queue, packet),
    Situation(.dnPlr, "ipfw pipe 1 config plr 1", pipe, packet),
    Situation(.dnFull, "ipfw pipe 1 config bw 1Kbit/s queue 1", pipe, packet, packet),
    Situation(.dnRed, "ipfw pipe 1 config bw 1Kbit/s red 1/1/2/1", pipe, packet, packet, packet),
    Situation(.dnNomem, "ipfw pipe 1 config", pipe, "sysctl debug.fail_point=1", packet),
    // The first has left the delay line before the pipe may send the second.
    Situation(
      .dnCutoff, "ipfw pipe 1 config bw 8Kbit/s delay -20", "ipfw queue 1 config pipe 1",
      "ipfw queue 2 config pipe 1 weight 100",
      "ipfw -q add 50 queue 2 udp from any to any 2 in", queue, packet, packet, "sleep 0.02",
      "ipfw pipe 1 config", "inject -j udp from 10.0.0.2 1 to 10.0.1.2 2 recv em0"),
    Situation(
      .dnInet6, "ipfw pipe 1 config delay 1", "ipfw -q add 100 pipe 1 ip from any to any out",
      "inject -j send hex 6500002800013b00400000000a0001010a000102"
        + String(repeating: "00", count: 20), "sleep -j 1"),
    Situation(.dnPipe, "ipfw pipe 1 config", pipe, packet),
    Situation(.dnQueue, "ipfw pipe 1 config", "ipfw queue 1 config pipe 1", queue, packet),
    Situation(.dnFast, "ipfw pipe 1 config", pipe, packet),
    Situation(.dnLeaves, "ipfw pipe 1 config delay 1", pipe, packet, "sleep -j 1"),
  ]
}
