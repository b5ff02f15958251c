// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What the words behind `route add` and its like ask for (`newroute()` of route.c).
///
/// The order of the words matters: -net, -host, -interface and the family act on the words behind
/// them.
struct RouteWords {
  /// The families that route(8) reads addresses of; there are tables of the first alone.
  enum Family: Sendable { case inet, inet6, link, appleTalk }

  /// The words of the answer, as typed.
  var destinationWord = ""
  /// How many bytes of the destination come before its length, where it has one.
  var destinationEnd: Int?
  var gatewayText = ""
  var addresses = RoutingAddresses()
  /// Whether it is a host's route in the end.
  var isHost = false

  /// nil until it was asked for, or an address was read as one of IPv4.
  var family: Family?
  var flags: RouteFlags = .RTF_STATIC
  var isDirect = false
  var forcesNet = false
  var forcesHost = false
  var metrics = RouteMetrics()
  var inits = RouteMetricSet(rawValue: 0)
  /// -lock: the next metric is locked; -lockrest: all that follow.
  var locksNext = false
  var locksRest = false

  /// Reads the words behind the command's verb.
  init(_ words: ArraySlice<String>, _ session: Session) throws(Fault) {
    try RouteWords.table.parse(words, into: &self, session, missing: { _, _ in .usage() }) {
      asked, rest throws(Fault) in
      guard let word = rest.popFirst() else { return }
      guard !word.hasPrefix("-") else { throw .usage("bad keyword: \(word.dropFirst())") }
      if asked.addresses.destination == nil {
        try asked.readDestination(word)
      } else if asked.addresses.gateway == nil {
        asked.gatewayText = word
        try asked.readGateway(word, session)
      } else {
        asked.addresses.netmask = try asked.mask(word)
        asked.forcesNet = true
      }
    }
    if forcesHost {
      isHost = true
      if family == .inet6 { addresses.netmask = nil }
    }
    if forcesNet { isHost = false }
  }

  /// The destination as typed, without its length.
  var destinationText: String {
    guard let destinationEnd else { return destinationWord }
    return String(decoding: destinationWord.utf8.prefix(destinationEnd), as: UTF8.self)
  }

  /// The message that is written to the routing socket. route(8) asks the interface of a route too.
  func message(_ type: RoutingMessageType) -> RoutingMessage {
    var header = RoutingMessage.RouteHeader(flags: flags.union(.RTF_UP))
    if isHost { header.flags.insert(.RTF_HOST) }
    if !isDirect { header.flags.insert(.RTF_GATEWAY) }
    header.sequence = 1
    header.metrics = metrics
    header.inits = inits
    var message = RoutingMessage(type, header)
    message.addresses = addresses
    if type == .RTM_GET, addresses.interface == nil {
      message.addresses.interface = .link(LinkAddress())
    }
    return message
  }

  /// Sets a metric (`set_metric()`).
  mutating func set(
    _ metric: WritableKeyPath<RouteMetrics, UInt64>, _ flag: RouteMetricSet, _ text: String
  ) {
    inits.insert(flag)
    if locksRest || locksNext { metrics.locks.insert(flag) }
    locksNext = false
    metrics[keyPath: metric] = UInt64(bitPattern: Int64(CNumber.atoi(text)))
  }
}
