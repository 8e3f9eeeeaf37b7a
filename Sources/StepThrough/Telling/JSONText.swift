// A recording for other programs: `--json`. It knows no event by name; and where
// CPython was, only its caller may know.

import EventLoops
import Foundation
import Recording
import Selectors
import Sockets

/// A step as one JSON object on a line of its own, for other programs.
///
/// The fields of an event are read off the enum case itself, by reflection. So an
/// event that somebody adds next year is written out without a word here.
///
/// - Parameters:
///   - telling: the step.
///   - tree: where the counterparts in asyncio are named.
///   - cpython: where CPython was when it did the same, if anybody knows.
package func jsonLine(
  _ telling: Telling, _ tree: SourceTree, cpython: String? = nil
) -> String {
  let step = telling.step
  var object: [String: Any] = [
    "step": step.number, "iteration": telling.iteration, "sentence": telling.sentence,
    "file": step.file, "line": step.line,
  ]
  object["asyncio"] = tree.asyncioCounterpart(step.file, step.line)
  object["cpython"] = cpython
  switch step.event {
  case .loop(let event):
    object["kind"] = "loop"
    object["event"] = caseName(event)
    object["fields"] = fields(event, step)
  case .call(let call, let answer):
    object["kind"] = "call"
    object["event"] = caseName(call)
    object["fields"] = fields(call, step)
    object["answer"] = text(answer, call, step)
  case .note(let text):
    object["kind"] = "note"
    object["event"] = text
  case .part(let title):
    object["kind"] = "part"
    object["event"] = title
  case .printed(let who, let line):
    object["kind"] = "printed"
    object["event"] = line
    object["fields"] = ["by": who]
  }
  let data = try? JSONSerialization.data(
    withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
  return String(decoding: data ?? Data(), as: UTF8.self) + "\n"
}

// A mirror shows an enum case as a child with the case's name, and what it carries as
// that child's value.

/// `handleQueued` from `.handleQueued(…)`.
private func caseName(_ value: Any) -> String {
  Mirror(reflecting: value).children.first?.label ?? "\(value)"
}

/// The associated values of an enum case, under their labels.
private func fields(_ value: Any, _ step: Step) -> [String: Any] {
  guard let payload = Mirror(reflecting: value).children.first?.value else {
    return [:]
  }
  let mirror = Mirror(reflecting: payload)
  // A single value without a label is its own payload, several are a tuple.
  guard mirror.displayStyle == .tuple else {
    return ["value": json(payload, nil, step)]
  }
  var result: [String: Any] = [:]
  for (label, value) in mirror.children {
    let label = label!.hasPrefix(".") ? label!.replacing(".", with: "value") : label!
    result[label] = json(value, label, step)
  }
  return result
}

private func json(_ value: Any, _ label: String?, _ step: Step) -> Any {
  // Every `Int32` called so is a descriptor; it goes out by its name.
  let descriptors: Set = ["fd", "epoll", "eventfd"]
  switch value {
  case let number as Int32:
    return label.map(descriptors.contains) == true ? step.name(number) : Int(number)
  case let list as [Int32]: return list.map(step.name)
  case let name as Name: return ["id": name.id, "label": name.label]
  case let entry as Registration:
    var object: [String: Any] = [
      "fd": step.name(entry.fd), "events": Int(entry.events.rawValue),
    ]
    object["reader"] = entry.reader.map { json($0, nil, step) }
    object["writer"] = entry.writer.map { json($0, nil, step) }
    return object
  case is TransportState, is ReaderState:
    let children = Mirror(reflecting: value).children
    return Dictionary(
      uniqueKeysWithValues: children.map { ($0.label!, json($0.value, $0.label, step)) }
    )
  case let list as [ReadyDescriptor]:
    return list.map {
      ["fd": step.name($0.fd), "events": Int($0.events.rawValue)] as [String: Any]
    }
  case is Int, is Double, is Bool, is String: return value
  case let number as UInt32: return Int(number)
  default:
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional {
      return mirror.children.first.map { json($0.value, label, step) } ?? NSNull()
    }
    return "\(value)"
  }
}
