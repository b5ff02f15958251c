// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What became of a packet that was handed down, for the caller who gives its verdict.
struct OutputResult: BitwiseCopyable {
  /// Where the packet is now.
  enum Fate: BitwiseCopyable {
    /// It left by an interface, whole or in fragments.
    case sent
    /// Something keeps it and has given the verdict.
    case held
    /// It goes on in this machine as input; the verdict comes there.
    case continues
    /// The firewall refused it, by this rule; it is freed.
    case denied(rule: UInt16)
    /// It is freed, for the reason that is `id`.
    case dropped
  }

  var fate: Fate
  /// The id of the place that decided.
  var id: TraceID
  /// What the caller of the C function would see.
  var errno: Errno?
  var interface = InterfaceIndex.none
  var nextHop: IPv4Address?
  /// The route the packet took, for the MTU that `ip_forward` reports.
  var route: RouteIndex?

  init(_ fate: Fate, _ id: TraceID, _ errno: Errno? = nil) {
    self.fate = fate
    self.id = id
    self.errno = errno
  }
}
