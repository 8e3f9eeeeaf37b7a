import Foundation

/// What a section found out. Numbers have three digits: nobody has measured more.
struct Table: Encodable {
  /// What it is called in chapter 15.
  let name: String
  /// For people.
  let title: String
  let columns: [String]
  var rows: [[Cell]] = []

  enum Cell: Encodable {
    case text(String)
    case number(Double)
    /// It was not measured: it takes too long, or it is not there.
    case none

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .number(let number) where number == number.rounded():
        try container.encode(Int(number))
      case .number(let number): try container.encode(number)
      case .none: try container.encodeNil()
      }
    }

    var text: String {
      switch self {
      case .text(let text): text
      case .number(let number) where number == number.rounded():
        Int(number).formatted(.number.locale(Locale(identifier: "en_US")))
      case .number(let number): "\(number)"
      case .none: "-"
      }
    }
  }

  /// In columns, names to the left and numbers to the right.
  var text: String {
    let lines = [columns] + rows.map { $0.map(\.text) }
    let widths = columns.indices.map { place in
      lines.map { $0[place].count }.max()!
    }
    let isName = columns.indices.map { place in
      rows.contains { if case .text = $0[place] { true } else { false } }
    }
    return "\n\(title)\n"
      + lines.map { line in
        line.indices.map { place in
          let gap = String(repeating: " ", count: widths[place] - line[place].count)
          return isName[place] ? line[place] + gap : gap + line[place]
        }.joined(separator: "  ")
      }.joined(separator: "\n")
  }
}

extension Table.Cell {
  /// Three digits of it.
  static func rounded(_ value: Double?) -> Self {
    guard let value, value.isFinite else { return .none }
    if value == 0 { return .number(0) }
    let digits = 2 - Int(log10(abs(value)).rounded(.down))
    let unit = pow(10, Double(abs(digits)))
    return .number(
      digits < 0 ? (value / unit).rounded() * unit : (value * unit).rounded() / unit)
  }
}

/// Everything that a run found out.
struct Report: Encodable {
  let about: [String: String]
  var tables: [Table] = []

  func write(to file: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try (encoder.encode(self) + Data("\n".utf8)).write(to: URL(fileURLWithPath: file))
  }
}

/// The middle of some measurements, and how far they go.
struct Spread {
  let median: Double
  let low: Double
  let high: Double

  init?(_ values: [Double]) {
    if values.isEmpty { return nil }
    let sorted = values.sorted()
    median = sorted[sorted.count / 2]
    low = sorted.first!
    high = sorted.last!
  }
}
