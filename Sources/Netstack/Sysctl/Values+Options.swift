// SPDX-License-Identifier: BSD-2-Clause

/// The values that a kernel's options and loader tunables set at boot.
extension SysctlValues where Scope == VnetSysctlScope {
  init(_ options: KernelOptions) {
    self.init()
    self[.ipOutputFlowtableSize] = Int64(options.flowtableSize)
    self[.ipFwVerbose] = options.ipfirewallVerbose ? 1 : 0
  }
}

extension SysctlValues where Scope == MachineSysctlScope {
  init(_ options: KernelOptions) {
    self.init()
    self[.fibs] = Int64(options.numberOfFibs)
    self[.hwNcpu] = Int64(options.numberOfCPUs)
    self[.kernSmpCpus] = Int64(options.numberOfCPUs)
    self[.kernSmpActive] = options.numberOfCPUs > 1 ? 1 : 0
    self[.ipFwDefaultToAccept] = options.firewallDefaultsToAccept ? 1 : 0
  }
}
