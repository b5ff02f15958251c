// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// The settings of interfaces that send packets or end them (`ifioctl`, net/if.c). Each has a form
/// with somebody listening; everything it sets in motion runs to completion.
///
/// `fib` is the table of the process that asks. All throw `ENXIO` for an interface that is not
/// there.
extension Kernel {
  /// Sets and clears flags, as ifconfig(8) does: those the administrator may not change stay
  /// (`SIOCSIFFLAGS`).
  package mutating func setFlags<T: Tracer & ~Copyable>(
    vnet: VnetIndex, interface: InterfaceIndex, set: InterfaceFlags = [],
    clear: InterfaceFlags = [], fib: FibNumber = .zero, tracer: inout T
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let stack = try stack(vnet, interface)
    let flags = vnets[stack].interfaces[interface].flags.union(set).subtracting(clear)
    tracer.enter(vnet)
    vnets[stack].setFlags(flags, of: interface, fib: fib, &machine, &tracer)
    drain(&tracer)
  }

  /// The same with nobody listening.
  package mutating func setFlags(
    vnet: VnetIndex, interface: InterfaceIndex, set: InterfaceFlags = [],
    clear: InterfaceFlags = [], fib: FibNumber = .zero
  ) throws(Errno) {
    var silent = Silent()
    try setFlags(
      vnet: vnet, interface: interface, set: set, clear: clear, fib: fib, tracer: &silent)
  }

  /// Adds an address, or changes one (`SIOCAIFADDR`).
  ///
  /// - Throws: What `in_control` says. In 8.0 a new address is there after most errors all the same.
  package mutating func addAddress<T: Tracer & ~Copyable>(
    vnet: VnetIndex, interface: InterfaceIndex, _ request: AddressRequest,
    fib: FibNumber = .zero, tracer: inout T
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let stack = try stack(vnet, interface)
    defer { drain(&tracer) }
    tracer.enter(vnet)
    try vnets[stack].addAddress(request, to: interface, fib: fib, &machine, &tracer)
  }

  /// The same with nobody listening.
  package mutating func addAddress(
    vnet: VnetIndex, interface: InterfaceIndex, _ request: AddressRequest,
    fib: FibNumber = .zero
  ) throws(Errno) {
    var silent = Silent()
    try addAddress(vnet: vnet, interface: interface, request, fib: fib, tracer: &silent)
  }

  /// Deletes an address, or with nil the interface's first (`SIOCDIFADDR`).
  package mutating func deleteAddress<T: Tracer & ~Copyable>(
    vnet: VnetIndex, interface: InterfaceIndex, _ address: IPv4Address?,
    fib: FibNumber = .zero, tracer: inout T
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let stack = try stack(vnet, interface)
    tracer.enter(vnet)
    try vnets[stack].deleteAddress(address, from: interface, fib: fib, &machine, &tracer)
    drain(&tracer)
  }

  /// The same with nobody listening.
  package mutating func deleteAddress(
    vnet: VnetIndex, interface: InterfaceIndex, _ address: IPv4Address?,
    fib: FibNumber = .zero
  ) throws(Errno) {
    var silent = Silent()
    try deleteAddress(vnet: vnet, interface: interface, address, fib: fib, tracer: &silent)
  }

  /// Gives an interface another link address (`SIOCSIFLLADDR`); `EINVAL` for another length than it
  /// has, `ENODEV` where it has none.
  package mutating func setLinkAddress<T: Tracer & ~Copyable>(
    vnet: VnetIndex, interface: InterfaceIndex, _ bytes: [UInt8], tracer: inout T
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let stack = try stack(vnet, interface)
    tracer.enter(vnet)
    try vnets[stack].setLinkAddress(bytes, of: interface, &machine, &tracer)
    drain(&tracer)
  }

  /// The same with nobody listening.
  package mutating func setLinkAddress(
    vnet: VnetIndex, interface: InterfaceIndex, _ bytes: [UInt8]
  ) throws(Errno) {
    var silent = Silent()
    try setLinkAddress(vnet: vnet, interface: interface, bytes, tracer: &silent)
  }

  /// Removes an interface that was made (`SIOCIFDESTROY`), of a pair both ends; not lo0, nor a card of
  /// boot.
  package mutating func destroyInterface<T: Tracer & ~Copyable>(
    vnet: VnetIndex, interface: InterfaceIndex, tracer: inout T
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    guard !vnets[stack].interfaces[interface].isPermanent else { throw .EINVAL }
    end(InterfacePlace(vnet, interface), &tracer)
    drain(&tracer)
  }

  /// Ends an interface without asking.
  mutating func end<T: Tracer & ~Copyable>(_ place: InterfacePlace, _ tracer: inout T) {
    let stack = Int(place.vnet.rawValue)
    guard vnets[stack].interfaces[place.interface].driver != .epair else {
      return destroyEpair(vnets[stack].interfaces[place.interface].epairEnd, &tracer)
    }
    tracer.enter(place.vnet)
    let outer = machine.enter(place.vnet)
    vnets[stack].detach(place.interface, fib: .zero, &machine, &tracer)
    machine.leave(to: outer)
  }

  /// The same with nobody listening.
  package mutating func destroyInterface(
    vnet: VnetIndex, interface: InterfaceIndex
  ) throws(Errno) {
    var silent = Silent()
    try destroyInterface(vnet: vnet, interface: interface, tracer: &silent)
  }

  /// Stops the driver of an interface, so that packets stay in its send queue, or lets it go on.
  package mutating func setStalled<T: Tracer & ~Copyable>(
    vnet: VnetIndex, interface: InterfaceIndex, _ isStalled: Bool, tracer: inout T
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let stack = try stack(vnet, interface)
    if isStalled {
      vnets[stack].interfaces[interface].isStalled = true
    } else {
      tracer.enter(vnet)
      vnets[stack].resume(interface, &machine, &tracer)
    }
  }

  /// The same with nobody listening.
  package mutating func setStalled(
    vnet: VnetIndex, interface: InterfaceIndex, _ isStalled: Bool
  ) throws(Errno) {
    var silent = Silent()
    try setStalled(vnet: vnet, interface: interface, isStalled, tracer: &silent)
  }
}
