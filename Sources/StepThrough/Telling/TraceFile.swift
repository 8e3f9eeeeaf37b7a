// A trace with what only its file says. Where the file lies is the command line's
// business.

package import Recording

/// A trace, and what was said in its file beside the steps.
package struct TraceFile: Sendable {
  /// What happened.
  package let trace: Trace
  /// What asyncio calls the function that a step was done in, by the step's number: so
  /// says a recording of CPython. Ours is looked up in the source.
  package let functions: [Int: String]
  /// The folders of Python files, if the trace says where they are: `asyncio`, `program`.
  package let sources: [String: String]
  /// It was recorded under CPython: `CPython 3.13.0`.
  package var isOfCPython: Bool { trace.by.hasPrefix("CPython ") }

  /// - Parameters:
  ///   - trace: what happened.
  ///   - functions: what asyncio calls the functions.
  ///   - sources: the folders of Python files.
  package init(
    _ trace: Trace, functions: [Int: String] = [:], sources: [String: String] = [:]
  ) {
    self.trace = trace
    self.functions = functions
    self.sources = sources
  }

  /// - Parameter text: what the file contains.
  /// - Throws: `TraceError` with the number of the first line that is wrong.
  package init(text: String) throws(TraceError) {
    var reader = TraceReader()
    let trace = try reader.trace(text)
    let isOfCPython = trace.by.hasPrefix("CPython ")
    self.init(
      trace, functions: isOfCPython ? reader.functions : [:], sources: reader.sources)
  }

  /// The parts of a recording that has several, each as a recording of its own, from its
  /// first step to its last; without the words that begin it, which are its name.
  package var parts: [TraceFile] {
    var parts: [TraceFile] = []
    for step in trace.steps {
      if case .part(let title) = step.event {
        parts.append(TraceFile(Trace(scenario: title, by: trace.by)))
      } else if let last = parts.popLast() {
        var trace = last.trace
        trace.steps.append(step.numbered(trace.steps.count + 1))
        parts.append(TraceFile(trace))
      }
    }
    return parts
  }
}
