// A trace as text or JSON on standard output: what there is without a screen.

import CLibrary
import Comparison
package import Recording
package import Telling

/// Writes a trace, until it ends or nobody reads on.
///
/// - Parameters:
///   - file: the trace.
///   - title: the first line of the text.
///   - failure: why it ends before its end.
///   - asJSON: as a file that can be opened again, and not for people.
///   - tree: the source that belongs to it.
///   - start: the first step to write.
///   - common: as much of it as CPython did, too; leave it out for all of it.
/// - Returns: the exit code.
package func writeOut(
  _ file: TraceFile, title: String, _ failure: (any Error)? = nil, asJSON: Bool,
  tree: SourceTree = SourceTree(), upTo common: Trace? = nil, from start: Int = 1
) -> Int32 {
  let trace = file.trace
  defer {
    if let failure { complain("\(trace.scenario) ends before its end: \(failure)") }
  }
  let code: Int32 = failure == nil ? 0 : 1
  let tellings = trace.tellings.dropFirst(start - 1)
  if asJSON {
    let theirs = Counterparts(common ?? trace, tree)
    if !write(jsonHead(trace, sources: file.sources)) { return code }
    for telling in tellings {
      let number = telling.step.number
      let place = theirs?.counterpart(of: number)?.place
      let line = jsonLine(
        telling, tree, cpython: place, function: file.functions[number])
      if !write(line) { return code }
    }
    return code
  }
  var text = PlainText()
  let lack = tree.lack.map { "(\($0))\n" } ?? ""
  if !write("\(title)\n\(lack)\n" + PlainText.heading) { return code }
  for telling in tellings where !write(text.line(telling)) { return code }
  return code
}
