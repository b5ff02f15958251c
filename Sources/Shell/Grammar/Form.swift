// SPDX-License-Identifier: BSD-2-Clause

/// One way to write a command: its operands in order, and what to do with their values.
package struct Form<World: AnyObject>: Sendable {
  /// What came of holding words against a form.
  package enum Match {
    /// Everything was read: the call that acts.
    case fits((World, Invocation<World>) throws(Fault) -> Void)
    /// A word was missing, left over or another keyword (nil), or one was wrong. Of several forms
    /// the one that matched most keywords owns the error.
    case fails(Fault?, keywords: Int)
  }

  /// The places in order, for usage, manual and completion.
  package let sources: [Source<World>]

  /// Holds the words after the command's name against the form; changes nothing.
  let match: @Sendable (ArraySlice<String>, World) -> Match

  /// For each place a probe that reads past it, or returns false; completion walks with these.
  let probes: [@Sendable (inout ArraySlice<String>, World) -> Bool]

  /// Declares a form from its operands and a closure that gets a value for each.
  package init<each Value>(
    _ operands: repeat Operand<World, each Value>,
    run:
      @escaping @Sendable (
        World, Invocation<World>, repeat each Value
      ) throws(Fault) -> Void
  ) {
    var sources: [Source<World>] = []
    var probes: [@Sendable (inout ArraySlice<String>, World) -> Bool] = []
    for operand in repeat each operands {
      sources.append(operand.source)
      probes.append { rest, world in
        do throws(Fault) {
          _ = try operand.read(&rest, world)
          return true
        } catch {
          return false
        }
      }
    }
    self.sources = sources
    self.probes = probes
    self.match = { words, world in
      var walk = Walk(rest: words)
      do throws(Stop) {
        let values = (repeat try walk.next(each operands, world))
        guard walk.rest.isEmpty else { return .fails(nil, keywords: walk.keywords) }
        return .fits { world, invocation throws(Fault) in
          try run(world, invocation, repeat each values)
        }
      } catch {
        return .fails(error.fault, keywords: walk.keywords)
      }
    }
  }

  /// The form as a usage line shows it after the command's name.
  package var synopsis: String { sources.map(\.synopsis).joined(separator: " ") }
}

/// Ends the walk through a form: with a fault, or because the form differs.
private struct Stop: Error {
  let fault: Fault?
}

/// The words a form has yet to read, and how many of its keywords were there.
private struct Walk {
  var rest: ArraySlice<String>
  var keywords = 0

  mutating func next<World, Value>(
    _ operand: Operand<World, Value>, _ world: World
  ) throws(Stop) -> Value {
    if rest.isEmpty && !operand.source.isOptional { throw Stop(fault: nil) }
    do throws(Fault) {
      let value = try operand.read(&rest, world)
      if operand.source.isLiteral { keywords += 1 }
      return value
    } catch {
      throw Stop(fault: operand.source.isLiteral ? nil : error)
    }
  }
}

extension Form {
  /// The call of the first form that fits, or the error of the form that came furthest.
  static func choose(
    _ forms: [Form], _ words: ArraySlice<String>, _ world: World
  ) throws(Fault) -> (World, Invocation<World>) throws(Fault) -> Void {
    var best: (fault: Fault?, keywords: Int) = (nil, 0)
    for form in forms {
      switch form.match(words, world) {
      case .fits(let call): return call
      case .fails(let fault, let keywords):
        let isFirstFault = best.fault == nil && keywords == best.keywords
        if keywords > best.keywords || isFirstFault { best = (fault, keywords) }
      }
    }
    throw best.fault ?? .usage()
  }
}
