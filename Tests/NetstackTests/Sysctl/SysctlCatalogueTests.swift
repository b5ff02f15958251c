// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Netstack
import Testing

/// The leaves of 8.0's kernel, as its sources declare them, against the model's tables.
@Suite("sysctl catalogue") struct SysctlCatalogueTests {
  private static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "catalogue.tsv")

  /// A line of the catalogue; the default is empty where 8.0 computes it.
  struct Entry: Sendable, CustomStringConvertible {
    let name: String
    let type: String
    let access: String
    let initial: String
    let summary: String

    var description: String { name }
  }

  private static func entries() throws -> [Entry] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 5, !line.hasPrefix("#") else { return nil }
      return Entry(
        name: fields[0], type: fields[1], access: fields[2], initial: fields[3],
        summary: fields[4])
    }
  }

  /// Where boot gives another value than the declaration, or the lab's machine has another.
  private static let set: [String: Int64] = [
    "kern.osreldate": 800_107, "kern.ipc.max_datalen": 84, "kern.ipc.max_hdr": 76,
    "kern.ipc.max_linkhdr": 16, "kern.ipc.max_protohdr": 60, "net.inet.tcp.tcbhashsize": 512,

    "net.inet.ip.fw.static_count": 1, "net.isr.maxthreads": 1, "net.isr.numthreads": 1,
    "security.jail.jail_max_af_ips": 255,
  ]

  @Test func everyLeafIsThereAsDeclared() throws {
    let entries = try Self.entries()
    #expect(entries.count == 429)
    for entry in entries {
      guard let row = SysctlTree.node(named: entry.name) else {
        Issue.record("\(entry) is missing")
        continue
      }
      #expect("\(row.kind)".uppercased() == entry.type, "\(entry)")
      #expect(row.summary == entry.summary, "\(entry)")
      switch row.access {
      case .readOnly: #expect(entry.access == "RD", "\(entry)")
      case .readOnlyTunable: #expect(entry.access == "RD+TUN", "\(entry)")
      case .readWrite: #expect(["RW", "RW+PRISON", "RW+TUN"].contains(entry.access), "\(entry)")
      case .secure, .secure3: #expect(entry.access == "RW+SECURE", "\(entry)")
      }
      guard let declared = Int64(entry.initial), case .number(let initial) = row.initial else {
        continue
      }
      #expect(initial == Self.set[entry.name] ?? declared, "\(entry)")
    }
  }

  @Test func whatTheKernelIsNotMadeWithIsNotThere() {
    let kernel = Kernel()
    for (name, isThere) in [
      ("net.link.bridge.ipfw", true), ("net.inet.carp.allow", true), ("net.enc.in", false),
      ("net.inet.ipsec.filtertunnel", false), ("net.link.vlan.soft_pad", true),
      ("net.inet.divert.pcblist", true), ("net.inet.sctp.debug", false),
      ("net.inet.pim.stats", false),
    ] {
      let row = SysctlTree.node(named: name)
      #expect(row.map { kernel.has($0) } == isThere, "\(name)")
    }
  }
}
