// SPDX-License-Identifier: BSD-2-Clause

import Netstack

/// The packet memory as `netstat -m` shows it (`mbpr()` of mbuf.c).
///
/// Each buffer of the model counts as an mbuf with a cluster, whatever its size: that is what
/// kern.ipc.nmbclusters limits here. There are no jumbo clusters and no sendfile(2).
enum MemoryReport {
  /// `MSIZE` and `MCLBYTES`.
  private static let bufferSize = 256 + 2048

  static func text(_ session: Session) -> String {
    let used = session.kernel.machine.store.buffersInUse
    let cached = session.kernel.machine.store.buffersInCache
    let limit = session.kernel.machine.store.limit
    let denied = session.kernel.machine.store.denied
    let drains = session.kernel.machine.store.drains
    let sizes = [used, cached, used + cached].map { "\($0 * bufferSize / 1024)K" }
    return """
      \(used)/\(cached)/\(used + cached) mbufs in use (current/cache/total)
      \(used)/\(cached)/\(used + cached)/\(limit) mbuf clusters in use (current/cache/total/max)
      \(used)/\(cached) mbuf+clusters out of packet secondary zone in use (current/cache)
      0/0/0/\(limit / 2) 4k (page size) jumbo clusters in use (current/cache/total/max)
      0/0/0/\(limit / 4) 9k jumbo clusters in use (current/cache/total/max)
      0/0/0/\(limit / 8) 16k jumbo clusters in use (current/cache/total/max)
      \(sizes.joined(separator: "/")) bytes allocated to network (current/cache/total)
      0/0/\(denied) requests for mbufs denied (mbufs/clusters/mbuf+clusters)
      0/0/0 requests for jumbo clusters denied (4k/9k/16k)
      0/0/0 sfbufs in use (current/peak/max)
      0 requests for sfbufs denied
      0 requests for sfbufs delayed
      0 requests for I/O initiated by sendfile
      \(drains) calls to protocol drain routines

      """
  }
}
