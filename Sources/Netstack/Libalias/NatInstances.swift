// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The instances of NAT of a firewall, the one configured last in front (`nat` of
/// `struct ip_fw_chain`).
struct NatInstances: ~Copyable, StateHashable {
  private var instances = UniqueArray<NatInstance>()

  init() {}

  var count: Int { instances.count }

  subscript(place: Int) -> NatInstance {
    @inline(__always) _read { yield instances[place] }
    @inline(__always) _modify { yield &instances[place] }
  }

  /// The place of an instance (`LOOKUP_NAT`).
  @inline(__always)
  func place(of number: Int32) -> Int? {
    for place in 0..<instances.count where instances[place].number == number { return place }
    return nil
  }

  /// Changes an instance, or makes it, and puts it in front.
  mutating func configure(_ configuration: NatConfiguration, at moment: Instant) {
    let instance: NatInstance
    if let place = place(of: configuration.number) {
      instance = instances.remove(at: place)
    } else {
      instance = NatInstance(number: configuration.number, at: moment)
    }
    instances.insert(instance, at: 0)
    instances[0].configure(configuration)
  }

  /// Removes an instance; false if there is none.
  mutating func remove(_ number: Int32) -> Bool {
    guard let place = place(of: number) else { return false }
    _ = instances.remove(at: place)
    return true
  }

  func clone() -> NatInstances {
    var copy = NatInstances()
    for place in 0..<instances.count { copy.instances.append(instances[place].clone()) }
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    for place in 0..<instances.count { hasher.combine(instances[place]) }
  }
}
