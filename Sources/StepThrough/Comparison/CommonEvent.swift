// The language that both recorders speak. What is not the same in two runs, or has
// another name on the other side, ends here.

import Foundation

/// An event in the words that our recorder and the one for CPython have in common:
/// what happened, to whom, and what the answer was.
///
/// Both are read from JSON lines, `walkthrough accept --json` and
/// `Tests/AsyncioTests/CPython/record.py accept`. What cannot be the same in two runs,
/// a port that the kernel chose for instance, is left out here.
package struct CommonEvent: Sendable, Equatable {
  /// `call accept fd=listener → EAGAIN`: all that is compared.
  package let text: String
  /// The same without the numbers of futures and tasks, and those by themselves: where
  /// one side has made one more, all the later ones have other numbers.
  let outline: String
  let names: [Substring]
  /// The function of asyncio in which it happened,
  /// `BaseSelectorEventLoop._sock_accept`; `nil` if the program itself did it, or if it
  /// is one of our own steps.
  package let function: String?
  /// Where that was, `selector_events.py:712`.
  package let place: String?

  /// - Parameter json: one line of a recording.
  /// - Returns: `nil` for a line that is no event.
  package init?(json: String) {
    guard
      let object = try? JSONDecoder().decode(
        [String: JSON].self, from: Data(json.utf8)),
      case .text(let kind) = object["kind"], case .text(let event) = object["event"]
    else { return nil }
    var fields: [String: String] = [:]
    if case .object(let list) = object["fields"] { Self.flatten(list, into: &fields) }
    Self.forgetWhatVaries(in: &fields, of: event)
    let name = kind == "printed" ? withoutPorts(event) : event
    let parts = fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let answer = object["answer"].map { " → \($0.text)" } ?? ""
    text = ([kind, name] + parts).joined(separator: " ") + answer
    // Futures and tasks are counted. Where one side makes one more, every number behind
    // it is another; so the numbers are compared apart, by who is who.
    let number = /\b(?:Future|Task)-\d+\b/
    names = text.matches(of: number).map(\.0)
    outline = text.replacing(number) { $0.0.prefix { $0 != "-" } }
    // Ours has the names from doc comments there, theirs a function and a place.
    let words = object["asyncio"]?.text.split(separator: " ") ?? []
    let isTheirs = words.count == 2 && words[1].contains(".py:")
    function = isTheirs ? String(words[0]) : nil
    place = isTheirs ? String(words[1]) : nil
  }

  /// What happened to what is inside of it happened to it.
  private static func flatten(
    _ object: [String: JSON], into fields: inout [String: String]
  ) {
    for (name, value) in object {
      if case .object(let inner) = value, inner["label"] == nil {
        flatten(inner, into: &fields)
      } else {
        fields[name] = value.text
      }
    }
  }

  private static func forgetWhatVaries(
    in fields: inout [String: String], of event: String
  ) {
    switch event {
    case "connect":
      // The kernel's own ports begin far above those that people know.
      let parts = fields["value1"]?.split(separator: ":") ?? []
      if parts.count == 2, let port = Int(parts[1]), port > 1023 {
        fields["value1"] = String(parts[0])
      }
    case "futureSettled": fields["value1"] = fields["value1"].map(outcome)
    case "handleFinished": fields["error"] = fields["error"].map(outcome)
    case "readerChanged": fields["failure"] = fields["failure"].map(outcome)
    case "protocolCalled":
      let call = fields["value1"]?.wholeMatch(of: /connectionLost (.+)/)
      if let call { fields["value1"] = "connectionLost \(outcome("\(call.1)"))" }
    default: break
    }
  }

  /// Each side describes an error in its own words. That there is one, and the number
  /// that the kernel gave, can be compared.
  private static func outcome(_ text: String) -> String {
    if ["none", "result", "cancelled"].contains(text) { return text }
    let name = text.firstMatch(of: /\bE[A-Z]{3,}\b/).map { " \($0.0)" } ?? ""
    return "exception\(name)"
  }
}

private func withoutPorts(_ text: String) -> String {
  text.replacing(/', \d+\)/, with: "', port)")
}

/// Any JSON value.
private enum JSON: Decodable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([JSON])
  case object([String: JSON])

  init(from decoder: any Decoder) throws {
    let box = try decoder.singleValueContainer()
    // The likely ones first: a guess that fails is slow.
    if let value = try? box.decode(String.self) {
      self = .text(value)
    } else if box.decodeNil() {
      self = .null
    } else if let value = try? box.decode(Double.self) {
      self = .number(value)
    } else if let value = try? box.decode([String: JSON].self) {
      self = .object(value)
    } else if let value = try? box.decode([JSON].self) {
      self = .list(value)
    } else {
      self = .bool(try box.decode(Bool.self))
    }
  }

  var text: String {
    switch self {
    case .null: "none"
    case .bool(let value): "\(value)"
    case .number(let value): Int(exactly: value).map(String.init) ?? "\(value)"
    case .text(let value): value
    case .list(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
    // The number of a handle or a future is ours alone; people use its name.
    case .object(let object):
      object["label"]?.text
        ?? object.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }
        .joined(separator: " ")
    }
  }
}
