// SPDX-License-Identifier: BSD-2-Clause

extension PacketPrinter {
  /// Prints ARP and its kin for any address lengths; models print-arp.c.
  mutating func printARP(_ bytes: RawSpan, length: Int) {
    guard let header = ARPFixedHeader(bytes) else {
      text += "[|ARP]"
      return
    }
    let (hardware, network) = (Int(header.hardwareLength), Int(header.protocolLength))
    guard bytes.byteCount >= ARPFixedHeader.size + 2 * (hardware + network) else {
      text += "[|ARP]"
      return
    }
    if !options.showsLinkHeader { text += "ARP, " }
    let isKnown =
      header.protocolType == .ipv4 && network == 4 && hardware > 0
      && Self.hardwareName(header.hardwareType) != nil
    if !isKnown || options.verbosity > 0 {
      let type = Self.hardwareName(header.hardwareType)
      text += "\(type ?? "Unknown Hardware (\(header.hardwareType))") (len \(hardware)), "
      let protocolType = header.protocolType
      text += protocolType.name ?? "Unknown Protocol (\(hex(protocolType.rawValue)))"
      text += " (len \(network))"
      guard options.verbosity > 0 else {
        text += ", length \(length)"
        return
      }
      text += ", "
    }
    text += "\(Self.operationName(header.operation)) "
    guard printARPAddresses(bytes, header) else {
      return HexDump.appendHexAndASCII(bytes, to: &text)
    }
    text += ", length \(length)"
  }

  /// Prints who asks or tells what; false if the operation has no words.
  private mutating func printARPAddresses(_ bytes: RawSpan, _ header: ARPFixedHeader) -> Bool {
    let (hardware, network) = (Int(header.hardwareLength), Int(header.protocolLength))
    let senderNetwork = ARPFixedHeader.size + hardware
    let targetHardware = senderNetwork + network
    let sender = linkAddress(bytes, at: ARPFixedHeader.size, length: hardware)
    let target = linkAddress(bytes, at: targetHardware, length: hardware)
    let senderAddress = networkAddress(bytes, at: senderNetwork, length: network)
    let targetAddress = networkAddress(
      bytes, at: targetHardware + hardware, length: network)
    switch header.operation {
    case .request:
      text += "who-has \(targetAddress)"
      let isAsked = (0..<hardware).allSatisfy { bytes.uint8(at: targetHardware + $0) == 0 }
      if !isAsked { text += " (\(target))" }
      text += " tell \(senderAddress)"
    case .reply: text += "\(senderAddress) is-at \(sender)"
    case .reverseRequest, .inverseRequest: text += "who-is \(target) tell \(sender)"
    case .reverseReply, .inverseReply: text += "\(target) at \(targetAddress)"
    default: return false
    }
    return true
  }

  /// All bytes of a link address, whatever its length, as linkaddr_string() writes it.
  private func linkAddress(_ bytes: RawSpan, at offset: Int, length: Int) -> String {
    if length == 6 { return linkText(EthernetAddress(rawValue: bytes.uint48(at: offset))) }
    var text = ""
    for index in 0..<length {
      if index > 0 { text += ":" }
      text.appendHex(bytes.uint8(at: offset + index), digits: 2)
    }
    return text
  }

  /// An IPv4 address, or one of another length by its bytes.
  private func networkAddress(_ bytes: RawSpan, at offset: Int, length: Int) -> String {
    guard length == 4 else { return linkAddress(bytes, at: offset, length: length) }
    return IPv4Address(rawValue: bytes.uint32(at: offset)).description
  }

  private static func hardwareName(_ type: UInt16) -> String? {
    switch type {
    case 1: "Ethernet"
    case 6: "TokenRing"
    case 7: "ArcNet"
    case 15: "FrameRelay"
    case 23: "Strip"
    case 24: "IEEE 1394"
    default: nil
    }
  }

  private static func operationName(_ operation: ARPOperation) -> String {
    switch operation {
    case .request: "Request"
    case .reply: "Reply"
    case .reverseRequest: "Reverse Request"
    case .reverseReply: "Reverse Reply"
    case .inverseRequest: "Inverse Request"
    case .inverseReply: "Inverse Reply"
    case .nack: "NACK Reply"
    default: "Unknown (\(operation.rawValue))"
    }
  }
}
