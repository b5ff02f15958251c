// SPDX-License-Identifier: BSD-2-Clause

import Glibc
import Shell
import Userland

/// The program: a shell at a terminal, or one that runs a script, a text or its standard input.
@main struct Main {
  static func main() {
    setCharacterSet()
    let terminal = Terminal()
    let output = terminal.output
    let options: CommandLineOptions
    do throws(Fault) {
      options = try CommandLineOptions(CommandLine.arguments.dropFirst())
    } catch {
      let (text, status) = error.resolved(
        program: "fibsh", usage: CommandLineOptions.usage, usageStatus: 2)
      output.writeError(text)
      exit(status)
    }
    if let text = options.information {
      output.write(text)
      terminal.flush()
      exit(0)
    }
    let status = run(options, terminal, output)
    terminal.rest()
    exit(terminal.hasFailed && status == 0 ? 1 : status)
  }

  /// Runs what the options say; returns the exit status.
  private static func run(
    _ options: CommandLineOptions, _ terminal: Terminal, _ output: Output
  ) -> Int32 {
    let session: Session
    do throws(Fault) {
      session = Session(
        try SessionOptions(tunables: options.tunables, interfaces: options.interfaces))
    } catch {
      let (text, status) = error.resolved(program: "fibsh", usage: "", usageStatus: 1)
      output.writeError(text)
      return status
    }
    let stdin = LineReader(descriptor: STDIN_FILENO)
    var host = options.isSandbox ? terminal.host.sandboxed : terminal.host
    if options.isInteractive { host.pause = Pause.wait }
    let shell = Interpreter(
      world: session, registry: Commands.registry, output: output, input: Input(lines: stdin.next),
      host: host)
    configure(shell, options)
    Signals.install(isInteractive: options.isInteractive)
    if !options.texts.isEmpty {
      for text in options.texts where !shell.isLeaving { shell.run(text: text) }
    } else if let script = options.script {
      runScript(script, shell)
    } else if options.isInteractive {
      runStartFile(options, shell)
      if !options.isQuiet { output.line("Type \"help\" for help.") }
      // Without a home neither history nor ~/.editrc is touched.
      if options.isSandbox { unsafe _ = unsetenv("HOME") }
      let editor = Editor(shell, terminal, stdin)
      shell.run(lines: editor.read)
      editor.close()
    } else {
      shell.run { _ in
        stdin.next().map { .line(String(decoding: $0, as: UTF8.self)) } ?? .end
      }
    }
    shell.end()
    return shell.exitStatus
  }

  /// Gives the shell what the options say, and the variables the program was started with.
  private static func configure(_ shell: Interpreter<Session>, _ options: CommandLineOptions) {
    shell.isInteractive = options.isInteractive
    shell.allowsHostPrograms = options.isInteractive || options.allowsHostPrograms
    shell.defaultPrompt = { shell.world.prompt }
    shell.hostName = { shell.world.hostName }
    for letter in options.letters { _ = shell.setOption(letter) }
    shell.setParameters(name: options.name, options.parameters)
    // The user's own prompt is another shell's.
    for (name, value) in HostProgram.ownVariables
    where !["IFS", "PS1", "PS2", "PS4"].contains(name) {
      shell.importVariable(name, value)
    }
  }

  /// Runs the script of the command line, which a sandbox may read, too.
  private static func runScript(_ path: String, _ shell: Interpreter<Session>) {
    do throws(HostError) {
      shell.run(text: String(decoding: try HostFiles.read(path), as: UTF8.self), file: path)
    } catch {
      shell.output.writeError("fibsh: cannot open \(path): \(error.message)\n")
      shell.leave(status: 2)
    }
  }

  /// Runs the file of `-r`, or the user's own if there is one.
  private static func runStartFile(_ options: CommandLineOptions, _ shell: Interpreter<Session>) {
    guard !options.hasNoStartFile else { return }
    if let path = options.startFile { return runScript(path, shell) }
    guard let home = unsafe getenv("HOME"), !options.isSandbox else { return }
    let path = unsafe String(cString: home) + "/.fibshrc"
    if HostFiles.file(path) != nil { runScript(path, shell) }
  }

  /// Takes the user's character set; without one UTF-8, or libedit drops all but ASCII.
  ///
  /// Only LC_CTYPE: LC_NUMERIC would change the decimal point of ping's times.
  private static func setCharacterSet() {
    let name = unsafe setlocale(LC_CTYPE, "").map { unsafe String(cString: $0) }
    if name == nil || name == "C" || name == "POSIX" { unsafe _ = setlocale(LC_CTYPE, "C.UTF-8") }
  }
}
