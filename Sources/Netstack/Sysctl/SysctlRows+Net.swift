// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The rest of net, in listing order.
  static let net: [SysctlNode] = [
    .init(node: "net.bpf", "bpf sysctl"),
    .init(
      .bpfZerocopyEnable, "net.bpf.zerocopy_enable", .int, .readWrite, .machine, .number(0),
      "Enable new zero-copy BPF buffer sessions", isInert: true),
    .init(
      .bpfMaxinsns, "net.bpf.maxinsns", .int, .readWrite, .machine, .number(512),
      "Maximum bpf program instructions", isInert: true),
    .init(
      .bpfMaxbufsize, "net.bpf.maxbufsize", .int, .readWrite, .machine, .number(524288),
      "Default capture buffer in bytes", isInert: true),
    .init(
      .bpfBufsize, "net.bpf.bufsize", .int, .readWrite, .machine, .number(4096),
      "Maximum capture buffer size in bytes", isInert: true),
    .init(node: "net.bpf_jitter", "BPF JIT compiler"),
    .init(
      .bpfJitterEnable, "net.bpf_jitter.enable", .int, .readWrite, .machine, .number(1),
      "enable BPF JIT compiler", needs: "BPF_JITTER", isInert: true),
    .init(node: "net.enc", "enc sysctl"),
    .init(node: "net.enc.out", "enc output sysctl"),
    .init(
      .encOutIpsecBpfMask, "net.enc.out.ipsec_bpf_mask", .uint, .readWrite, .machine, .number(3),
      "IPsec output bpf mask", format: "IX", needs: "ENC", isInert: true),
    .init(
      .encOutIpsecFilterMask, "net.enc.out.ipsec_filter_mask",
      .uint, .readWrite, .machine, .number(1),
      "IPsec output firewall filter mask", format: "IX", needs: "ENC", isInert: true),
    .init(node: "net.enc.in", "enc input sysctl"),
    .init(
      .encInIpsecBpfMask, "net.enc.in.ipsec_bpf_mask", .uint, .readWrite, .machine, .number(1),
      "IPsec input bpf mask", format: "IX", needs: "ENC", isInert: true),
    .init(
      .encInIpsecFilterMask, "net.enc.in.ipsec_filter_mask",
      .uint, .readWrite, .machine, .number(1),
      "IPsec input firewall filter mask", format: "IX", needs: "ENC", isInert: true),
    .init(node: "net.isr", "netisr"),
    .init(
      .isrNumthreads, "net.isr.numthreads", .int, .readOnly, .machine, .number(1),
      "Number of extant netisr threads."),
    .init(
      .isrDefaultqlimit, "net.isr.defaultqlimit", .int, .readOnly, .machine, .number(256),
      "Default netisr per-protocol, per-CPU queue limit if not set by protocol"),
    .init(
      .isrMaxqlimit, "net.isr.maxqlimit", .int, .readOnly, .machine, .number(10240),
      "Maximum netisr per-protocol, per-CPU queue depth."),
    .init(
      .isrBindthreads, "net.isr.bindthreads", .int, .readOnly, .machine, .number(0),
      "Bind netisr threads to CPUs."),
    .init(
      .isrMaxthreads, "net.isr.maxthreads", .int, .readOnly, .machine, .number(1),
      "Use at most this many CPUs for netisr processing"),
    .init(
      .isrDirect, "net.isr.direct", .int, .readWrite, .machine, .number(1),
      "Enable direct dispatch"),
    .init(
      .isrDirectForce, "net.isr.direct_force", .int, .readWrite, .machine, .number(1),
      "Force direct dispatch"),
    .init(node: "net.raw", "Raw socket infrastructure"),
    .init(
      .netRawRecvspace, "net.raw.recvspace", .ulong, .readWrite, .machine, .number(8192),
      "Default raw socket receive space"),
    .init(
      .netRawSendspace, "net.raw.sendspace", .ulong, .readWrite, .machine, .number(8192),
      "Default raw socket send space", isInert: true),
    .init(
      .myFibnum, "net.my_fibnum", .int, .readOnly, .machine, .number(0),
      "default FIB of caller"),
    .init(
      .tunnelfib, "net.tunnelfib", .int, .readOnly, .machine, .number(0),
      ""),
    .init(.addAddrAllfibs, "net.add_addr_allfibs", .int, .readWrite, .machine, .number(1), ""),
    .init(.fibs, "net.fibs", .int, .readOnly, .machine, .number(1), ""),
    .init(node: "net.route", ""),
    .init(
      .routeNetisrMaxqlen, "net.route.netisr_maxqlen", .int, .readWrite, .machine, .number(256),
      "maximum routing socket dispatch queue length"),
  ]
}
