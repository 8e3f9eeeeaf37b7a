// Any JSON value, for reading and for writing traces. It knows nothing of steps.
import Foundation

/// A JSON value.
package enum JSON: Encodable, Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([JSON])
  case object([String: JSON])

  /// - Parameter line: the text of one value.
  /// - Throws: an error of Foundation's if it is none.
  package init(line: some StringProtocol) throws {
    // Not with a `JSONDecoder`: it wants to be told what comes, and where one has to
    // guess, each wrong guess is an error that is made, thrown and thrown away.
    let value = try JSONSerialization.jsonObject(
      with: Data(line.utf8), options: .fragmentsAllowed)
    self.init(value)
  }

  private init(_ value: Any) {
    switch value {
    case let text as String: self = .text(text)
    case let number as NSNumber:
      // `true` and `false` are numbers, too, but of a type of their own.
      let isTruth = "cB".utf8.contains(UInt8(bitPattern: number.objCType.pointee))
      self = isTruth ? .bool(number.boolValue) : .number(number.doubleValue)
    case let values as [String: Any]: self = .object(values.mapValues(JSON.init))
    case let values as [Any]: self = .list(values.map(JSON.init))
    default: self = .null
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
    // Only what is no finite number could not be written, and a trace has none: see `time`
    // in Vocabulary.swift.
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
