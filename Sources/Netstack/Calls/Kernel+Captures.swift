// SPDX-License-Identifier: BSD-2-Clause

/// Observers of an interface's traffic (net/bpf.c, as far as a packet path sees it).
extension Kernel {
  /// Begins to keep the frames of an interface; one more observer (`bpf_attachd`).
  package mutating func attachObserver(_ interface: InterfaceIndex, vnet: VnetIndex) {
    self[vnet].interfaces[interface].bpfPeers &+= 1
  }

  /// Ends what `attachObserver` began (`bpf_detachd`).
  package mutating func detachObserver(_ interface: InterfaceIndex, vnet: VnetIndex) {
    guard self[vnet].interfaces[interface].bpfPeers > 0 else { return }
    self[vnet].interfaces[interface].bpfPeers -= 1
  }

  /// Gives away the frames that observers have seen so far.
  package mutating func takeCaptures() -> [CapturedFrame] { machine.captures.take() }
}
