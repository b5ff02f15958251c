// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing

@Suite("sysctl tree") struct SysctlTreeTests {
  @Test func leavesStandInKeyOrder() {
    #expect(SysctlTree.rows.compactMap(\.key) == SysctlKey.allCases)
    #expect(SysctlKey.allCases.map { Int($0.rawValue) } == Array(SysctlKey.allCases.indices))
    for key in SysctlKey.allCases {
      #expect(SysctlTree[key].key == key)
    }
  }

  @Test func keysAreTheNamesInCamelCase() {
    for row in SysctlTree.rows {
      guard let key = row.key else { continue }
      var words = row.name.split { $0 == "." || $0 == "_" }
      if words.starts(with: ["net"]), !words.starts(with: ["net", "raw"]) { words.removeFirst() }
      if words.starts(with: ["inet"]) { words.removeFirst() }
      let name = words.dropFirst().reduce(String(words[0])) {
        $0 + $1.prefix(1).uppercased() + $1.dropFirst()
      }
      #expect(name == "\(key)")
    }
  }

  @Test func namesAreUniqueAndBelowTheirNode() {
    #expect(Set(SysctlTree.rows.map(\.name)).count == SysctlTree.rows.count)
    for row in SysctlTree.rows {
      #expect((row.kind == .node) == (row.key == nil))
      guard let dot = row.name.lastIndex(of: ".") else { continue }
      let parent = String(row.name[..<dot])
      #expect(SysctlTree.node(named: parent)?.kind == .node)
      #expect(SysctlTree.descendants(of: parent).contains { $0.name == row.name })
    }
  }

  @Test func fixedNumbersComeFirstAndAscend() {
    for node in [""] + SysctlTree.rows.filter({ $0.key == nil }).map(\.name) {
      let numbers = SysctlTree.children(of: node).map { $0.number ?? .max }
      #expect(numbers == numbers.sorted())
      #expect(Set(numbers.filter { $0 != .max }).count == numbers.filter { $0 != .max }.count)
    }
  }

  @Test func descendantsAreAWholeSubtree() {
    let names = SysctlTree.descendants(of: "net.link.ether").map(\.name)
    #expect(names.first == "net.link.ether.inet")
    #expect(names.last == "net.link.ether.ipfw")
    #expect(names.count == 9)
    #expect(SysctlTree.descendants(of: "").count == SysctlTree.rows.count)
    #expect(SysctlTree.descendants(of: "net.nosuch").isEmpty)
    #expect(SysctlTree.descendants(of: "net.fibs").isEmpty)
  }

  @Test func childrenAreOneLevel() {
    #expect(
      SysctlTree.children(of: "").map(\.name) == ["kern", "vm", "net", "debug", "hw", "security"])
    #expect(
      SysctlTree.children(of: "net.inet").map(\.name) == [
        "net.inet.ip", "net.inet.icmp", "net.inet.igmp", "net.inet.tcp", "net.inet.udp",
        "net.inet.pim", "net.inet.carp", "net.inet.sctp", "net.inet.ipsec", "net.inet.raw",
        "net.inet.divert", "net.inet.accf", "net.inet.flowtable",
      ])
  }

  @Test func oneTrailingDotIsTolerated() {
    #expect(SysctlTree.node(named: "net.inet.ip.ttl.")?.key == .ipTtl)
    #expect(SysctlTree.node(named: "net.inet.ip.ttl..") == nil)
    #expect(SysctlTree.node(named: "net.inet.ip.TTL") == nil)
    #expect(SysctlTree.node(named: "") == nil)
  }

  @Test func nextLeafWalksTheTree() {
    var name = ""
    var walked: [SysctlKey] = []
    while let leaf = SysctlTree.leaf(after: name) {
      walked += [leaf.key].compactMap { $0 }
      name = leaf.name
    }
    #expect(walked == SysctlKey.allCases)
    #expect(SysctlTree.leaf(after: "net.inet.icmp")?.key == .icmpMaskrepl)
    #expect(SysctlTree.leaf(after: "net.nosuch") == nil)
  }

  @Test func rowsSayWhatSysctlPrints() {
    let ttl = SysctlTree[.ipTtl]
    #expect(ttl.name == "net.inet.ip.ttl")
    #expect(ttl.summary == "Maximum TTL on IP packets")
    #expect(ttl.format == "I")
    #expect(ttl.number == 3)
    #expect(SysctlTree[.ipStats].kind.rawValue == 5)
    #expect(SysctlTree[.ipStats].format == "S,ipstat")
    #expect(SysctlTree[.ipRandomIdPeriod].format == "IU")
    #expect(SysctlTree[.tcpSendspace].format == "LU")
    #expect(SysctlTree[.ipStealth].needsOption == "IPSTEALTH")
  }

  @Test func tunnelsHaveTheirRowsInAKernelWithThem() {
    var options = KernelOptions.demo
    let keys: [SysctlKey] = [.ipGifttl, .linkGifMaxNesting, .linkGifParallelTunnels]
    for hasTunnels in [true, false] {
      options.gif = hasTunnels
      let kernel = Kernel(options)
      let found = keys.map { kernel.has(SysctlTree[$0]) }
      #expect(found == [hasTunnels, hasTunnels, hasTunnels])
    }
  }

  @Test func whatThePathConsultsIsNotInert() {
    let inert = Set(SysctlTree.inertNames)
    #expect(inert.contains("net.inet.tcp.msl"))
    #expect(
      inert.isDisjoint(with: [
        "net.inet.ip.forwarding", "net.inet.icmp.icmplim", "net.link.ether.inet.max_age",
        "net.inet.ip.fw.enable", "net.isr.direct", "net.inet.udp.blackhole",
      ]))
  }
}
