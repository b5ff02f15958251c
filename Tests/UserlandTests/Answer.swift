// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Userland

/// What a fresh machine, or the given one, answers to typed lines on both streams.
func answer(_ lines: String, in session: Session = Session()) -> String {
  let transcript = Transcript()
  let shell = Interpreter(
    world: session, registry: Commands.registry, output: transcript.output())
  shell.run(text: lines)
  return transcript.all
}
