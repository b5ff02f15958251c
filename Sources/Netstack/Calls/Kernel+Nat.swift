// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The socket options of NAT (`ipfw_ctl` and netinet/ipfw/ip_fw_nat.c). All say `ENOPROTOOPT` where the
/// kernel has no firewall, and `EINVAL`, with a line in the log, where it has no libalias.
extension Kernel {
  /// Makes an instance, or changes it (`IP_FW_NAT_CFG`).
  ///
  /// - Throws: `EINVAL` for a message that is too long, past whose end C reads, and for a port of a
  ///   protocol other than TCP and UDP, at which C panics.
  package mutating func natConfigure(
    vnet: VnetIndex, _ configuration: NatConfiguration
  ) throws(Errno) {
    try needNat("CFG")
    guard configuration.messageSize <= NatConfiguration.mostBytes else { throw .EINVAL }
    for redirect in configuration.redirects {
      if case .port(let proto, _, _) = redirect.kind, proto != .tcp && proto != .udp {
        throw .EINVAL
      }
    }
    vnets[Int(vnet.rawValue)].firewall.nats.configure(configuration, at: machine.now)
  }

  /// Removes an instance with all its links (`IP_FW_NAT_DEL`).
  ///
  /// - Throws: `EINVAL` if there is none of this number.
  package mutating func natDelete(vnet: VnetIndex, _ number: Int32) throws(Errno) {
    try needNat("DEL")
    guard vnets[Int(vnet.rawValue)].firewall.nats.remove(number) else { throw .EINVAL }
  }

  /// What the instances were told, the last configured first, redirections too
  /// (`IP_FW_NAT_GET_CONFIG`).
  ///
  /// - Throws: `ENOSPC` if that is longer than a message can be.
  package mutating func natConfigurations(
    vnet: VnetIndex
  ) throws(Errno) -> [NatConfiguration] {
    try needNat("GET_CFG")
    let place = Int(vnet.rawValue)
    var result: [NatConfiguration] = []
    var size = MemoryLayout<Int32>.size
    for index in 0..<vnets[place].firewall.nats.count {
      result.append(vnets[place].firewall.nats[index].configuration)
      size += result[index].messageSize
    }
    guard result.isEmpty || size < NatConfiguration.mostBytes else {
      machine.log("serialized data buffer not big enough:please increase NAT_BUF_LEN")
      throw .ENOSPC
    }
    return result
  }

  /// What the instances with `log` keep of their links (`IP_FW_NAT_GET_LOG`).
  package mutating func natLogs(
    vnet: VnetIndex
  ) throws(Errno) -> [(number: Int32, text: String)] {
    try needNat("GET_LOG")
    let place = Int(vnet.rawValue)
    var result: [(number: Int32, text: String)] = []
    for index in 0..<vnets[place].firewall.nats.count
    where vnets[place].firewall.nats[index].library.mode.contains(.log) {
      let number = vnets[place].firewall.nats[index].number
      let logged = vnets[place].firewall.nats[index].library.logged
      result.append((number, logged?.line ?? ""))
    }
    return result
  }

  /// - Parameter option: The name of the socket option in the kernel's message.
  private mutating func needNat(_ option: String) throws(Errno) {
    try needFirewall()
    guard machine.options.libalias else {
      machine.log("IP_FW_NAT_\(option): ipfw_nat not present, please load it")
      throw .EINVAL
    }
  }
}
