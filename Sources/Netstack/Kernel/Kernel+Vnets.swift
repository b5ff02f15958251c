// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The stacks of a kernel (net/vnet.c). A stack's place is its number; that of one that is gone is
/// used again, the lowest first, and what is free at the end goes.
extension Kernel {
  /// A stack by its number, for callers outside of this module; the path itself uses `vnets`.
  package subscript(vnet: VnetIndex) -> Vnet {
    _read { yield vnets[Int(vnet.rawValue)] }
    _modify { yield &vnets[Int(vnet.rawValue)] }
  }

  /// Whether there is a stack of this number.
  package func has(_ vnet: VnetIndex) -> Bool {
    let place = Int(vnet.rawValue)
    return place < vnets.count && vnets[place].isAlive
  }

  /// The stacks in the kernel's order: the newest first (`vnet_head`).
  package var vnetList: [VnetIndex] {
    var found: [(birth: UInt64, index: VnetIndex)] = []
    for place in 0..<vnets.count where vnets[place].isAlive {
      found.append((vnets[place].birth, vnets[place].index))
    }
    return found.sorted { $0.birth > $1.birth }.map(\.index)
  }

  /// Whether there is a number left for one more stack.
  var hasRoomForVnet: Bool {
    vnets.count <= Int(VnetIndex.RawValue.max)
      || (0..<vnets.count).contains { !vnets[$0].isAlive }
  }

  /// Makes a stack, for which there must be room, and runs its constructors (`vnet_alloc`).
  ///
  /// Its values are those of the kernel's making, whatever the first stack has meanwhile.
  package mutating func createVnet() -> VnetIndex {
    var place = 0
    while place < vnets.count && vnets[place].isAlive { place += 1 }
    let index = VnetIndex(rawValue: UInt16(place))
    machine.lastVnet += 1
    let vnet = Vnet(index: index, machine.options, birth: machine.lastVnet)
    if place == vnets.count { vnets.append(vnet) } else { vnets[place] = vnet }
    vnets[place].sysctl[.ipFwEnable] = vnets[0].sysctl[.ipFwEnable]
    for constructor in VnetConstructor.creation { construct(place, constructor) }
    return index
  }

  /// Ends a stack: what came from others goes home, then the destructors run (`vnet_destroy`).
  /// What waits in it ends with a verdict.
  package mutating func destroyVnet<T: Tracer & ~Copyable>(
    _ index: VnetIndex, _ tracer: inout T
  ) {
    let place = Int(index.rawValue)
    guard place > 0, has(index) else { return }
    let outer = machine.enter(index)
    defer { machine.leave(to: outer) }
    for interface in vnets[place].interfaces.all {
      let home = vnets[place].interfaces[details: interface].home
      guard home != index, has(home) else { continue }
      move(InterfacePlace(index, interface), to: home, &tracer)
    }
    vnets[place].endSockets(&machine, &tracer)
    for constructor in VnetConstructor.destruction { destruct(place, constructor, &tracer) }
    vnets[place].endWaiting(&machine, &tracer)
    machine.forget(index, &tracer)
    drain(&tracer)
    // A place in the middle holds what little a new stack is, until there is one.
    vnets[place] = Vnet(index: index, machine.options)
    vnets[place].isAlive = false
    while !vnets[vnets.count - 1].isAlive { _ = vnets.popLast() }
  }

  /// The same with nobody listening.
  package mutating func destroyVnet(_ index: VnetIndex) {
    var silent = Silent()
    destroyVnet(index, &silent)
  }

  /// Moves an interface to another stack (`if_vmove`); there it is down and has no addresses.
  ///
  /// - Returns: Its number there.
  /// - Throws: `ENXIO` for an interface or a stack that is not there, `EEXIST` for one that is there
  ///   already or whose name is taken there.
  @discardableResult
  package mutating func moveInterface<T: Tracer & ~Copyable>(
    _ from: InterfacePlace, to vnet: VnetIndex, tracer: inout T
  ) throws(Errno) -> InterfaceIndex {
    guard has(from.vnet), has(vnet) else { throw .ENXIO }
    let stack = try stack(from.vnet, from.interface)
    guard from.vnet != vnet else { throw .EEXIST }
    let name = vnets[stack].interfaces[from.interface].name
    guard self[vnet].interfaces.index(named: name) == nil else { throw .EEXIST }
    return move(from, to: vnet, &tracer)
  }

  /// The same with nobody listening.
  @discardableResult
  package mutating func moveInterface(
    _ from: InterfacePlace, to vnet: VnetIndex
  ) throws(Errno) -> InterfaceIndex {
    var silent = Silent()
    return try moveInterface(from, to: vnet, tracer: &silent)
  }

  /// Moves without asking, as a stack that ends does.
  @discardableResult
  mutating func move<T: Tracer & ~Copyable>(
    _ from: InterfacePlace, to vnet: VnetIndex, _ tracer: inout T
  ) -> InterfaceIndex {
    let outer = machine.enter(from.vnet)
    let traveller = vnets[Int(from.vnet.rawValue)].release(from.interface, &machine, &tracer)
    machine.leave(to: vnet)
    let interface = vnets[Int(vnet.rawValue)].adopt(traveller)
    machine.leave(to: outer)
    machine.interfaceMoved(from: from, to: InterfacePlace(vnet, interface))
    drain(&tracer)
    return interface
  }
}
