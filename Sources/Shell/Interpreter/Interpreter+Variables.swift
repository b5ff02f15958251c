// SPDX-License-Identifier: BSD-2-Clause

extension Interpreter {
  /// The value of a variable, or nil.
  package func variable(_ name: String) -> String? {
    if let variable = state.variables[name] { return variable.value }
    return name == "LINENO" ? String(origin.line) : nil
  }

  /// Sets a variable; one that is read-only is an error.
  func setVariable(_ name: String, _ value: String?) throws(ShellError) {
    guard name.isName else { throw ShellError("\(name): bad variable name") }
    guard state.variables[name]?.isReadOnly != true else {
      throw ShellError("\(name): is read only")
    }
    state.variables[name, default: Variable()].value = value
    if name == "OPTIND" { state.optionOffset = 0 }
  }

  /// Sets a variable as the program that starts the shell does; it is exported.
  package func importVariable(_ name: String, _ value: String) {
    guard name.isName else { return }
    state.variables[name] = Variable(value: value, isExported: true)
  }

  /// What characters separate fields.
  var separators: String { state.variables["IFS"].map { $0.value ?? " \t\n" } ?? " \t\n" }

  /// The value of what stands behind a dollar, but for `$@` and `$*`; nil if it is not set.
  func parameter(_ name: String) -> String? {
    guard let first = name.utf8.first else { return nil }
    if isDigit(first) {
      guard let number = Int(name), number > 0 else { return state.name }
      return number <= state.parameters.count ? state.parameters[number - 1] : nil
    }
    switch name {
    case "?": return String(status)
    case "$": return String(Self.processID)
    case "#": return String(state.parameters.count)
    case "!": return lastBackground.map(String.init)
    case "-": return state.options.letters + (isInteractive ? "i" : "")
    default: return variable(name)
    }
  }

  /// Everything that is set, as a host's sh(1) gets it.
  var hostScriptVariables: [(name: String, value: String)] {
    state.variables.compactMap { name, variable in
      ["IFS", "PS1", "PS2", "PS4", "PPID", "OPTIND"].contains(name)
        ? nil : variable.value.map { (name, $0) }
    }.sorted { $0.0 < $1.0 }
  }
}

/// Words that could stand at a cursor.
extension Interpreter {
  /// The names of the functions that were defined.
  package var functionNames: [String] { state.functions.keys.sorted() }

  /// The aliases with their texts.
  package var aliases: [(name: String, text: String)] {
    state.aliases.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The variables that are set, with their values.
  package var variables: [(name: String, value: String)] {
    state.variables.compactMap { name, variable in variable.value.map { (name, $0) } }
      .sorted { $0.0 < $1.0 }
  }
}
