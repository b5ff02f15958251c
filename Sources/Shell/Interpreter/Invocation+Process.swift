// SPDX-License-Identifier: BSD-2-Clause

extension Invocation {
  /// A number for the process that the command is (`getpid`), taken anew with each call; behind `&`
  /// it is what `$!` tells.
  package func takeProcessID() -> Int {
    interpreter.startingJob?.pid ?? interpreter.takeProcessID()
  }
}
