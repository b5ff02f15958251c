// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// One of the functions that make a stack or end it (`struct vnet_sysinit`, net/vnet.h).
///
/// They run by subsystem and order; those of one place in the order in which they registered.
package struct VnetConstructor: Sendable {
  /// What the model does where C's function is more than a table: that comes and goes with its stack.
  enum Part: Sendable { case identification, loopback }

  /// The C function.
  package let name: String
  /// `SI_SUB_` and `SI_ORDER_` of sys/kernel.h.
  package let subsystem: UInt32
  package let order: UInt32
  let part: Part?

  private init(_ name: String, _ subsystem: UInt32, _ order: UInt32, _ part: Part? = nil) {
    (self.name, self.subsystem, self.order, self.part) = (name, subsystem, order, part)
  }

  /// As they register: the kernel's own before those of modules.
  private static let registered = [
    VnetConstructor("vnet_if_init", 0x300_0000, 0),
    VnetConstructor("vnet_gif_init", 0x700_0000, 0x100_0000),
    VnetConstructor("vnet_igmp_init", 0x700_0000, 0xfff_ffff),
    VnetConstructor("vnet_domain_init", 0x880_0000, 1, .identification),
    VnetConstructor("vnet_route_init", 0x880_0000, 3),
    VnetConstructor("vnet_loif_init", 0x880_0001, 0xfff_ffff, .loopback),
    VnetConstructor("vnet_ipfw_init", 0x880_0001, 0xfff_ff02),
    VnetConstructor("flowtable_init_vnet", 0xe00_0000, 0x100_0000),
  ]

  private static let unregistered = [
    VnetConstructor("vnet_if_uninit", 0x300_0000, 0),
    VnetConstructor("vnet_igmp_uninit", 0x700_0000, 0xfff_ffff),
    VnetConstructor("vnet_domain_uninit", 0x880_0000, 1),
    VnetConstructor("vnet_route_uninit", 0x880_0000, 2),
    VnetConstructor("vnet_loif_uninit", 0x880_0001, 0xfff_ffff, .loopback),
    VnetConstructor("vnet_ipfw_uninit", 0x880_0001, 0xfff_ff02),
    VnetConstructor("flowtable_uninit", 0xe00_0000, 0xfff_ffff),
  ]

  /// What makes a stack, in order (`vnet_sysinit`).
  package static let creation = sorted(registered)

  /// What ends one: the last first (`vnet_sysuninit`).
  package static let destruction = Array(sorted(unregistered).reversed())

  private static func sorted(_ all: [VnetConstructor]) -> [VnetConstructor] {
    all.enumerated().sorted { a, b in
      (a.element.subsystem, a.element.order, a.offset)
        < (b.element.subsystem, b.element.order, b.offset)
    }.map(\.element)
  }
}

extension Kernel {
  /// What a constructor does.
  mutating func construct(_ place: Int, _ constructor: VnetConstructor) {
    switch constructor.part {
    case nil: return
    // ip_init takes the clock for the first identification.
    case .identification: vnets[place].ipID = UInt16(truncatingIfNeeded: machine.wallSeconds)
    case .loopback: makeLoopback(place)
    }
  }

  /// What a destructor does.
  mutating func destruct<T: Tracer & ~Copyable>(
    _ place: Int, _ constructor: VnetConstructor, _ tracer: inout T
  ) {
    if constructor.part == .loopback { detachAll(of: place, &tracer) }
  }

  /// lo0, by its cloner: down and without an address (`lo_clone_create`).
  mutating func makeLoopback(_ place: Int) {
    guard let name = InterfaceName(prefix: "lo", unit: 0) else { return }
    let loopback = vnets[place].attachLoopback(name)
    // Its cloner has made it, so that it is in that's group; nothing else is yet.
    try? vnets[place].interfaces.groups.add(loopback, to: InterfaceDriver.lo.name)
  }

  /// Ends what was made in a stack: the cloner of lo goes, and so do the model's other interfaces,
  /// for which 8.0 forgets to.
  private mutating func detachAll<T: Tracer & ~Copyable>(of place: Int, _ tracer: inout T) {
    for interface in vnets[place].interfaces.all
    where vnets[place].interfaces[interface].index == interface {
      end(InterfacePlace(vnets[place].index, interface), &tracer)
    }
    drain(&tracer)
  }
}
