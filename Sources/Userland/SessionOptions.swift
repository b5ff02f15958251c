// SPDX-License-Identifier: BSD-2-Clause

package import Netstack
package import Shell

/// What a session boots with: kernel options and loader tunables.
package struct SessionOptions: Sendable {
  /// The kernel's part.
  package var kernel = KernelOptions.demo

  /// The lab's usual kernel.
  package init() {}

  /// The lab's usual kernel with what the command line changes.
  ///
  /// - Parameters:
  ///   - tunables: What `-o NAME=VALUE` gave, in order.
  ///   - interfaces: The number of em interfaces; nil for the usual number.
  package init(
    tunables: [(name: String, value: String)], interfaces: Int? = nil
  ) throws(Fault) {
    if let interfaces { kernel.ethernetInterfaces = interfaces }
    for (name, value) in tunables { try set(name, value) }
  }

  /// A value that can be set at boot.
  private enum Row {
    case flag(WritableKeyPath<KernelOptions, Bool>)
    case number(WritableKeyPath<KernelOptions, Int>, ClosedRange<Int>)
    case optionalNumber(WritableKeyPath<KernelOptions, Int?>, ClosedRange<Int>)
    case wide(WritableKeyPath<KernelOptions, UInt64>)
  }

  /// What an `int` holds.
  private static let integers = Int(Int32.min)...Int(Int32.max)

  /// Every tunable and kernel option by name, with where it goes.
  private static var rows: [(name: String, row: Row)] {
    [
      // As the loader takes any number, and boot clamps it.
      ("net.fibs", .optionalNumber(\.fibs, -65_536...65_536)),
      ("net.inet.ip.fw.default_to_accept", .flag(\.firewallDefaultsToAccept)),
      ("net.inet.ip.output_flowtable_size", .number(\.flowtableSize, 1...1 << 20)),
      ("net.isr.maxthreads", .number(\.netisr.maxthreads, Self.integers)),
      ("net.isr.bindthreads", .number(\.netisr.bindthreads, Self.integers)),
      ("net.isr.maxqlimit", .number(\.netisr.maxqlimit, Self.integers)),
      ("net.isr.defaultqlimit", .number(\.netisr.defaultqlimit, Self.integers)),
      ("net.isr.direct", .number(\.netisr.direct, Self.integers)),
      ("net.isr.direct_force", .number(\.netisr.directForce, Self.integers)),
      ("net.route.netisr_maxqlen", .number(\.netisr.routeMaxqlen, Self.integers)),
      ("net.link.epair.netisr_maxqlen", .number(\.netisr.epairMaxqlen, Self.integers)),
      ("ROUTETABLES", .number(\.routeTables, 1...16)),
      ("IPFIREWALL", .flag(\.ipfirewall)),
      ("IPFIREWALL_DEFAULT_TO_ACCEPT", .flag(\.firewallDefaultsToAccept)),
      ("IPFIREWALL_FORWARD", .flag(\.ipfirewallForward)),
      ("IPFIREWALL_VERBOSE", .flag(\.ipfirewallVerbose)),
      ("IPSTEALTH", .flag(\.ipStealth)),
      ("FLOWTABLE", .flag(\.flowtable)),
      ("VIMAGE", .flag(\.vimage)),
      ("VNET_DEBUG", .flag(\.vnetDebug)),
      ("GIF", .flag(\.gif)),
      ("CARP", .flag(\.carp)),
      ("DUMMYNET", .flag(\.dummynet)),
      ("IPDIVERT", .flag(\.ipdivert)),
      ("IPFIREWALL_NAT", .flag(\.libalias)),
      ("fibsh.cpus", .number(\.cpus, 1...KernelOptions.mostCPUs)),
      ("fibsh.boottime", .wide(\.bootTime)),
      ("fibsh.seed", .wide(\.seed)),
    ]
  }

  private mutating func set(_ name: String, _ value: String) throws(Fault) {
    guard let row = Self.rows.first(where: { $0.name == name })?.row else {
      let names = Self.rows.map(\.name).joined(separator: ", ")
      throw .failed("unknown tunable: \(name) (there are \(names))", status: 2)
    }
    switch row {
    case .flag(let path):
      guard let flag = ["0": false, "1": true][value] else {
        throw .failed("bad value of \(name): \(value) (0 or 1)", status: 2)
      }
      kernel[keyPath: path] = flag
    case .number(let path, let range):
      kernel[keyPath: path] = try number(name, value, range)
    case .optionalNumber(let path, let range):
      kernel[keyPath: path] = try number(name, value, range)
    case .wide(let path):
      guard let number = UInt64(value) else {
        throw .failed("bad value of \(name): \(value)", status: 2)
      }
      kernel[keyPath: path] = number
    }
  }

  private func number(
    _ name: String, _ value: String, _ range: ClosedRange<Int>
  ) throws(Fault) -> Int {
    guard let number = Int(value), range.contains(number) else {
      let bounds = "\(range.lowerBound) to \(range.upperBound)"
      throw .failed("bad value of \(name): \(value) (\(bounds))", status: 2)
    }
    return number
  }
}
