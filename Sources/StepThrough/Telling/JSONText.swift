// Traces as files: a JSON object a line, for other programs and for another day. The
// page `chapters/traces.md` is the schema. Where CPython was, only the caller may know.

import EventLoops
package import Recording
import Simulation

/// The number of the vocabulary. A file of another one is refused.
let traceVersion = 1

/// The first line of a file: whose trace it is.
///
/// - Parameters:
///   - trace: the recording.
///   - sources: the folders of its Python files.
package func jsonHead(_ trace: Trace, sources: [String: String] = [:]) -> String {
  var head: [String: JSON] = [
    "trace": JSON(traceVersion), "name": .text(trace.scenario), "by": .text(trace.by),
  ]
  if !sources.isEmpty { head["sources"] = .object(sources.mapValues(JSON.text)) }
  return JSON.object(head).line + "\n"
}

/// A step as one JSON object on a line of its own.
///
/// - Parameters:
///   - telling: the step.
///   - tree: where the counterparts in asyncio are named. `asyncio` is `null` where there
///     is none; where nobody can know, the field is not there, and `missing` says why.
///   - cpython: where CPython was when it did the same, if anybody knows.
///   - function: what the file that the step comes from says in the place of `asyncio`.
package func jsonLine(
  _ telling: Telling, _ tree: SourceTree, cpython: String? = nil,
  function: String? = nil
) -> String {
  let step = telling.step
  var object: [String: JSON] = [
    "step": JSON(step.number), "turn": JSON(telling.iteration),
    "sentence": .text(telling.sentence), "file": .text(step.file),
    "line": JSON(step.line),
  ]
  // A name, or null where asyncio has nothing of the kind; nothing where nobody can know.
  let lack = function == nil ? tree.lack(of: step.file) : nil
  if lack == nil {
    object["asyncio"] = JSON(
      function ?? tree.asyncioCounterpart(step.file, step.line))
  }
  object["cpython"] = cpython.map(JSON.text)
  let missing = [lack, tree.lackOfRecordings].compactMap(\.self)
  if !missing.isEmpty { object["missing"] = .list(missing.map(JSON.text)) }
  var fields: [String: JSON] = [:]
  switch step.event {
  case .loop(let event):
    object["kind"] = "loop"
    let words = words(event, step)
    (object["event"], fields) = (.text(words.event), words.fields)
  case .call(let call, let answer):
    object["kind"] = "call"
    let words = words(call, step)
    (object["event"], fields) = (.text(words.event), words.fields)
    object["answer"] = .text(text(answer, call, step))
    // An answer that has two parts.
    switch answer {
    case .descriptor(_, let peer?): object["from"] = .text("\(peer)")
    case .address(let address): object["from"] = .text("\(address)")
    default: break
    }
  case .note(let text):
    object["kind"] = "note"
    object["event"] = .text(text)
  case .part(let title):
    object["kind"] = "part"
    object["event"] = .text(title)
  case .printed(let who, let line):
    object["kind"] = "printed"
    object["event"] = .text(line)
    fields = ["by": .text(who)]
  }
  if !telling.renamed.isEmpty {
    object["renamed"] = .object(telling.renamed.mapValues(JSON.text))
  }
  if !step.facts.isEmpty {
    object["kernel"] = .object(
      Dictionary(
        uniqueKeysWithValues: step.facts.map { (step.name($0.key), words($0.value)) }))
  }
  if !fields.isEmpty { object["fields"] = .object(fields) }
  return JSON.object(object).line + "\n"
}
