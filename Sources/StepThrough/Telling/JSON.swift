// Any JSON value, for reading and for writing traces. It knows nothing of steps.
import Foundation

/// A JSON value.
package enum JSON: Codable, Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([JSON])
  case object([String: JSON])

  /// - Parameter line: the text of one value.
  /// - Throws: `DecodingError` if it is none.
  package init(line: some StringProtocol) throws {
    self = try JSONDecoder().decode(JSON.self, from: Data(line.utf8))
  }

  package init(from decoder: any Decoder) throws {
    let box = try decoder.singleValueContainer()
    // The likely ones first: a guess that fails is slow.
    if let value = try? box.decode(String.self) {
      self = .text(value)
    } else if box.decodeNil() {
      self = .null
    } else if let value = try? box.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? box.decode(Double.self) {
      self = .number(value)
    } else if let value = try? box.decode([String: JSON].self) {
      self = .object(value)
    } else {
      self = .list(try box.decode([JSON].self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var box = encoder.singleValueContainer()
    switch self {
    case .null: try box.encodeNil()
    case .bool(let value): try box.encode(value)
    case .number(let value): try box.encode(value)
    case .text(let value): try box.encode(value)
    case .list(let values): try box.encode(values)
    case .object(let values): try box.encode(values)
    }
  }

  /// On one line, the same text for the same value.
  package var line: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Only a number that is none could not be written, and a trace has no such number.
    let data = try! encoder.encode(self)
    return String(decoding: data, as: UTF8.self)
  }

  package subscript(key: String) -> JSON? {
    if case .object(let values) = self { values[key] } else { nil }
  }
  package var string: String? {
    if case .text(let value) = self { value } else { nil }
  }
  /// A whole number, as far as JSON's numbers are exact.
  package var integer: Int? {
    guard case .number(let value) = self, abs(value) <= 0x1p53 else { return nil }
    return Int(exactly: value)
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .text(value) }
  package init(integerLiteral value: Int) { self = .number(Double(value)) }
  package init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(Dictionary(uniqueKeysWithValues: elements))
  }
  package init(_ value: some BinaryInteger) { self = .number(Double(value)) }
  package init(_ value: String?) { self = value.map(JSON.text) ?? .null }
}
