// What is woven besides excerpts, links and steps.

import Comparison
import Foundation
import Recording
import Scars
import Scenarios
import Telling

/// More things to weave: the table of chapters, for the README too, the table of scars,
/// and where our steps differ from CPython's.
extension Weaver {
  /// `<!-- chapters -->`: the table of `chapters/README.md`, with its links as they
  /// are from here.
  func chapterTable() -> [String] {
    let path = root + "/chapters/README.md"
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return splitLines(text).drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }.map
    {
      $0.replacing("](../", with: "](").replacing(/\]\((\d\d-)/) {
        "](chapters/\($0.1)"
      }
    }
  }

  /// `<!-- scars -->`: the catalogue, with links to the chapters that tell them.
  func scarTable() -> [String] {
    let directory = root + "/chapters"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    let rows = Scar.all.map { scar in
      let number = scar.chapter < 10 ? "0\(scar.chapter)" : "\(scar.chapter)"
      let file = names.first { $0.hasPrefix("\(number)-") && $0.hasSuffix(".md") }
      let chapter = file.map { "[\(scar.chapter)](\($0))" } ?? "\(scar.chapter)"
      let name = scar.replay == nil ? scar.id : "**\(scar.id)**"
      return
        "| \(name) | \(scar.year) | \(scar.symptom) | \(scar.report) | \(chapter) |"
    }
    return ["| | year | what people saw | report | chapter |", "|---|---|---|---|---|"]
      + rows
  }

  static let figures = "chapters/15-fast/figures.json"

  /// `<!-- figures echo-50 -->`: a table of the run that `bench --json` has written down;
  /// `about` is where and when that was.
  func figureTable(_ name: String) -> [String]? {
    struct Report: Decodable {
      struct Table: Decodable {
        let name: String
        let columns: [String]
        let rows: [[Cell]]
      }
      let about: [String: String]
      let tables: [Table]
    }
    enum Cell: Decodable {
      case text(String)
      case number(Double)
      case none

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
          self = .none
        } else if let number = try? container.decode(Double.self) {
          self = .number(number)
        } else {
          self = .text(try container.decode(String.self))
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

    guard let root = tree.root,
      let data = FileManager.default.contents(atPath: "\(root)/\(Self.figures)"),
      let report = try? JSONDecoder().decode(Report.self, from: data)
    else { return nil }
    if name == "about" {
      return ["| | |", "|---|---|"]
        + report.about.sorted { $0.key < $1.key }.map { "| \($0.key) | \($0.value) |" }
    }
    guard let table = report.tables.first(where: { $0.name == name }) else {
      return nil
    }
    // Names to the left, numbers to the right.
    let rules = table.columns.indices.map { place in
      table.rows.contains { if case .text = $0[place] { true } else { false } }
        ? "---" : "---:"
    }
    return ([table.columns, rules] + table.rows.map { $0.map(\.text) }).map {
      "| " + $0.joined(separator: " | ") + " |"
    }
  }

  /// `<!-- differences -->`: all that the comparison with CPython lets pass.
  func differenceTable() -> [String] {
    let rows = Difference.all.map { difference in
      let versions =
        difference.versions == Difference.everyVersion
        ? "all" : "up to 3.\(difference.versions.upperBound)"
      let scenarios = difference.scenarios.keys.sorted().map { "`\($0)`" }
      let places =
        scenarios.count > 3
        ? "\(scenarios.count) scenarios"
        : scenarios.joined(separator: ", ")
      return "| \(difference.id) | \(versions) | \(places) | \(difference.reason) |"
    }
    return ["| | CPython | where | why |", "|---|---|---|---|"] + rows
  }
}
