// The language that both recorders speak. What is not the same in two runs, or has
// another name on the other side, ends here.

import Telling

/// An event in the words that our recorder and the one for CPython have in common:
/// what happened, to whom, and what the answer was.
///
/// Both are read from JSON lines, `walkthrough accept --json` and
/// `Tests/AsyncioTests/CPython/record.py accept`. What cannot be the same in two runs, a port
/// that the kernel chose for instance, is left out here.
package struct CommonEvent: Sendable, Equatable {
  /// `call accept fd=listener → EAGAIN`: all that is compared.
  package let text: String
  /// The same without the numbers of futures and tasks, and those by themselves: where
  /// one side has made one more, all the later ones have other numbers.
  let outline: String
  let names: [Substring]
  /// The function of asyncio in which it happened, `BaseSelectorEventLoop._sock_accept`;
  /// `nil` if the program itself did it, or if it is one of our own steps.
  package let function: String?
  /// Where that was, `selector_events.py:712`.
  package let place: String?

  /// - Parameter json: one line of a recording.
  /// - Returns: `nil` for a line that is no event.
  package init?(json: String) {
    guard let object = try? JSON(line: json), let kind = object["kind"]?.string,
      let event = object["event"]?.string
    else { return nil }
    var fields: [String: String] = [:]
    if case .object(let list) = object["fields"] { fields = list.mapValues(\.text) }
    Self.forgetWhatVaries(in: &fields, of: event)
    let name = kind == "printed" ? withoutPeerPorts(event) : event
    let parts = fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let answer = object["answer"].map { " → \($0.text)" } ?? ""
    text = ([kind, name] + parts).joined(separator: " ") + answer
    names = text.matches(of: numbered).map(\.0)
    outline = text.replacing(numbered) { $0.0.prefix { $0 != "-" } }
    // Ours has the names from doc comments there, theirs a function and a place.
    let file = object["file"]?.string ?? ""
    let isTheirs = file.hasPrefix("asyncio/")
    function = isTheirs ? object["asyncio"]?.string : nil
    let line = object["line"]?.integer ?? 0
    place = isTheirs ? "\(file.dropFirst("asyncio/".count)):\(line)" : nil
  }

  private static func forgetWhatVaries(
    in fields: inout [String: String], of event: String
  ) {
    switch event {
    case "connect":
      // The kernel's own ports begin far above those that people know.
      let parts = fields["address"]?.split(separator: ":") ?? []
      if parts.count == 2, let port = Int(parts[1]), port > 1023 {
        fields["address"] = String(parts[0])
      }
    case "timerScheduled": fields["delay"] = nil  // ours alone
    case "futureSettled": fields["error"] = fields["error"].map(outcome)
    case "handleFinished": fields["error"] = fields["error"].map(outcome)
    case "readerChanged": fields["failure"] = fields["failure"].map(outcome)
    case "protocolCalled":
      let call = fields["call"]?.wholeMatch(of: /connectionLost (.+)/)
      if let call { fields["call"] = "connectionLost \(outcome("\(call.1)"))" }
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

/// `Task-1`. It is made once: there are thousands of lines.
nonisolated(unsafe) private let numbered = /\b(?:Future|Task)-\d+\b/

extension JSON {
  /// As it is compared.
  fileprivate var text: String {
    switch self {
    case .null: "none"
    case .bool(let value): "\(value)"
    case .number(let value): Int(exactly: value).map(String.init) ?? "\(value)"
    case .text(let value): value
    case .list(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
    case .object(let object):
      object.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }
        .joined(separator: " ")
    }
  }
}
