// SPDX-License-Identifier: BSD-2-Clause

/// Observers of an interface's traffic (net/bpf.c, as far as a packet path sees it).
extension Kernel {
  /// Begins to keep the frames of an interface for one more observer (`BIOCSETIF`, `BIOCPROMISC`).
  package mutating func attachObserver(
    _ interface: InterfaceIndex, vnet: VnetIndex, program: String, isPromiscuous: Bool
  ) -> ObserverID {
    self[vnet].interfaces[interface].bpfPeers &+= 1
    if isPromiscuous { setPromiscuous(true, interface, vnet) }
    return machine.observers.attach(
      interface, vnet, program: program, isPromiscuous: isPromiscuous)
  }

  /// Ends what `attachObserver` began (`bpf_detachd`); one that is gone already is no error.
  package mutating func detachObserver(_ id: ObserverID) {
    guard let observer = machine.observers.detach(id) else { return }
    self[observer.vnet].interfaces[observer.interface].bpfPeers &-= 1
    if observer.isPromiscuous { setPromiscuous(false, observer.interface, observer.vnet) }
  }

  /// The frames that an observer has not read yet; nil if it or its interface is gone.
  package mutating func takeFrames(of id: ObserverID) -> [CapturedFrame]? {
    machine.observers.take(id)
  }

  /// Counts who wants promiscuous mode, and sets it with the first and clears it with the last
  /// (`ifpromisc`, net/if.c). A permanent one stays as it is.
  private mutating func setPromiscuous(
    _ isOn: Bool, _ interface: InterfaceIndex, _ vnet: VnetIndex
  ) {
    let isPermanent = self[vnet].interfaces[interface].flags.contains(.IFF_PPROMISC)
    let before = self[vnet].interfaces[interface].promiscuousCount
    let after = isOn ? before &+ 1 : before &- 1
    self[vnet].interfaces[interface].promiscuousCount = after
    guard !isPermanent, min(before, after) == 0 else { return }
    let name = self[vnet].interfaces[interface].name
    if isOn {
      self[vnet].interfaces[interface].flags.insert(.IFF_PROMISC)
    } else {
      self[vnet].interfaces[interface].flags.remove(.IFF_PROMISC)
    }
    machine.log("\(name): promiscuous mode \(isOn ? "enabled" : "disabled")")
  }
}
