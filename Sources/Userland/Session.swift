// SPDX-License-Identifier: BSD-2-Clause

package import Netstack
package import Shell
import Wire

/// One sitting at the machine: the kernel, and where in it the user stands.
///
/// What commands act on. Reach the kernel through one expression at a time, such as
/// `session.kernel[session.vnet].sysctl`, or through `call`: accesses that overlap trap.
package final class Session {
  /// The machine.
  package var kernel: Kernel
  /// What it was booted with.
  package let options: SessionOptions
  /// The jail that commands run in, the host's own at first.
  package var prison = PrisonID.host {
    didSet { vnet = kernel.machine.prisons[prison]?.vnet ?? .zero }
  }
  /// The stack that commands act on: that of the jail.
  package private(set) var vnet = VnetIndex.zero
  /// The forwarding table of the process, which setfib(1) sets for the command it runs.
  package var fib = FibNumber.zero
  /// What `sock recv` read last from each divert socket, so that it can be sent back.
  var diverted: [VnetIndex: [SocketIndex: ReceivedDatagram]] = [:]

  /// How many of the kernel's messages the console has shown.
  private var shownMessages = 0

  /// Boots a machine.
  package init(_ options: SessionOptions = SessionOptions()) {
    self.options = options
    kernel = Kernel(options.kernel)
  }

  /// What stands before each line at a terminal; names the jail, and the forwarding table if that
  /// is not 0.
  package var prompt: String {
    let places = [prisonName, fib == .zero ? nil : "fib\(fib.rawValue)"].compactMap { $0 }
    return places.isEmpty ? "fibsh# " : "fibsh(\(places.joined(separator: ", ")))# "
  }

  /// The machine's name, which a prompt may show.
  package var hostName: String { text(.kernHostname) }

  /// The kernel's messages since the last call, for the console: the terminal of an interactive shell.
  package func takeMessages() -> ArraySlice<String> {
    let count = kernel.machine.messageCount
    defer { shownMessages = count }
    return kernel.machine.messages.suffix(count - shownMessages)
  }

  /// Who chose the forwarding table of what a command sends.
  package var fibChooser: FibChooser { fib == .zero ? .default : .process }

  /// How many forwarding tables the kernel has.
  package var fibCount: Int { kernel.machine.options.numberOfFibs }

  /// Makes a system call; an error is worded as err(3) does: `PROGRAM: WHAT: File exists`.
  package func call<Value>(
    _ program: String, _ what: String, _ body: (inout Kernel) throws(Errno) -> Value
  ) throws(Fault) -> Value {
    do throws(Errno) {
      return try body(&kernel)
    } catch {
      throw .failed(program: program, message: "\(what): \(error.message)")
    }
  }

  /// Runs something with another forwarding table of the process.
  package func withFib<Value, Failure: Error>(
    _ fib: FibNumber, _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let outer = self.fib
    self.fib = fib
    defer { self.fib = outer }
    return try body()
  }
}

/// Names of what is there now, for messages and completion.
extension Session {
  /// The interfaces in order of attaching.
  package var interfaces: [InterfaceIndex] { kernel[vnet].interfaces.all }

  /// The names of the interfaces in order of attaching.
  package var interfaceNames: [String] { interfaces.map(name(of:)) }

  /// An interface as it is now.
  package func interface(_ index: InterfaceIndex) -> Ifnet {
    kernel[vnet].interfaces[index]
  }

  /// An interface's name.
  package func name(of index: InterfaceIndex) -> String { "\(interface(index).name)" }

  /// An interface of any stack as it is now.
  package func interface(_ index: InterfaceIndex, in vnet: VnetIndex) -> Ifnet {
    kernel[vnet].interfaces[index]
  }

  /// The name of an interface of any stack.
  package func name(of index: InterfaceIndex, in vnet: VnetIndex) -> String {
    "\(interface(index, in: vnet).name)"
  }

  /// What a stack is called: as its jail, and `vnet0` for that of the host.
  package func name(of vnet: VnetIndex) -> String {
    let jail = kernel.machine.prisons.all.first { $0.vnet == vnet && $0.flags.contains(.PR_VNET) }
    return jail?.name ?? "vnet\(vnet.rawValue)"
  }

  /// The interface of this name.
  package func findInterface(_ word: String) -> InterfaceIndex? {
    guard let name = InterfaceName(word) else { return nil }
    return kernel[vnet].interfaces.index(named: name)
  }
}
