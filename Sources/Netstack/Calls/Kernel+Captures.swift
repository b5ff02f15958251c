// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// Observers of an interface's traffic (net/bpf.c, as far as a packet path sees it).
extension Kernel {
  /// Begins to keep the frames of an interface for one more observer (`BIOCSETIF`, `BIOCPROMISC`).
  package mutating func attachObserver(
    _ interface: InterfaceIndex, vnet: VnetIndex, process: Int, program: String,
    isPromiscuous: Bool
  ) -> ObserverID {
    self[vnet].interfaces[interface].bpfPeers &+= 1
    if isPromiscuous {
      vnets[Int(vnet.rawValue)].setPromiscuous(true, on: interface, &machine)
    }
    return machine.observers.attach(
      interface, vnet, process: process, program: program, isPromiscuous: isPromiscuous)
  }

  /// Ends what `attachObserver` began (`bpf_detachd`); one that is gone already is no error.
  package mutating func detachObserver(_ id: ObserverID) {
    guard let observer = machine.observers.detach(id) else { return }
    let stack = Int(observer.vnet.rawValue)
    vnets[stack].interfaces[observer.interface].bpfPeers &-= 1
    if observer.isPromiscuous {
      vnets[stack].setPromiscuous(false, on: observer.interface, &machine)
    }
  }

  /// The frames that an observer has not read yet; nil if it or its interface is gone.
  package mutating func takeFrames(of id: ObserverID) -> [CapturedFrame]? {
    machine.observers.take(id)
  }

  /// Says that an observer's filter, which is no part of this kernel, let frames pass.
  package mutating func countMatches(_ count: UInt64, of id: ObserverID) {
    machine.observers.countMatches(count, of: id)
  }

  /// Sets the counters of all observers to zero (`net.bpf.stats`).
  package mutating func clearObserverCounters() { machine.observers.clearCounters() }
}
