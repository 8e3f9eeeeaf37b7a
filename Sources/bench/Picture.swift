import Foundation

/// Draws what there is to see: bars for the floors, curves for the growth. SVG is text,
/// and a few elements of it are enough.
func draw(_ tables: [Table], in folder: String) throws {
  let directory = URL(fileURLWithPath: folder)
  try FileManager.default.createDirectory(
    at: directory, withIntermediateDirectories: true)
  for table in tables {
    let picture: Picture
    switch table.name {
    case let name where name.hasPrefix("echo"): picture = bars(table)
    case "growth": picture = curves(table)
    default: continue
    }
    let file = directory.appending(path: "\(table.name).svg")
    try Data(picture.text.utf8).write(to: file)
  }
}

private struct Picture {
  let width: Double
  let height: Double
  private var elements: [String] = []

  init(_ width: Double, _ height: Double) {
    (self.width, self.height) = (width, height)
  }

  mutating func write(_ text: String, _ x: Double, _ y: Double, _ kind: String = "") {
    let text = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    elements.append("<text x=\"\(x)\" y=\"\(y)\" class=\"\(kind)\">\(text)</text>")
  }
  mutating func fill(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
    elements.append(
      "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\"/>")
  }
  mutating func line(_ points: [(x: Double, y: Double)], _ kind: String) {
    let points = points.map { "\(tenth($0.x)),\(tenth($0.y))" }.joined(separator: " ")
    elements.append(
      "<polyline points=\"\(points)\" fill=\"none\" class=\"\(kind)\"/>")
  }
  private func tenth(_ value: Double) -> Double { (value * 10).rounded() / 10 }

  /// In the colours of the page, be it light or dark.
  var text: String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))">
    <style>
    text { font: 12px sans-serif; fill: #333 } .right { text-anchor: end }
    .small { font-size: 10px } rect { fill: #4a7 }
    polyline { stroke-width: 2 } .frame { stroke: #8888; stroke-width: 1 }
    .ours { stroke: #4a7 } .asyncio { stroke: #c73; stroke-dasharray: 5 3 }
    @media (prefers-color-scheme: dark) { text { fill: #ddd } }
    </style>
    \(elements.joined(separator: "\n"))
    </svg>

    """
  }
}

extension Table.Cell {
  fileprivate var value: Double? {
    if case .number(let value) = self { value } else { nil }
  }
}

/// A bar for each server: what part of the raw loop's speed, in processor time, is left.
private func bars(_ table: Table) -> Picture {
  var picture = Picture(640, Double(table.rows.count * 22 + 36))
  picture.write("\(table.title): what is left of the raw loop's speed", 10, 18)
  for (place, row) in table.rows.enumerated() {
    let y = Double(place * 22 + 30)
    let part = row.last?.value ?? 0
    picture.write(row[0].text, 180, y + 13, "right")
    picture.fill(190, y, part * 380, 17)
    picture.write(row.last!.text, 196 + part * 380, y + 13)
  }
  return picture
}

/// A panel for each workload, three in a row. Both axes are logarithmic: what grows as its
/// work grows costs the same a piece, and is level.
private func curves(_ table: Table) -> Picture {
  let names = table.rows.indices.filter { table.rows[$0][0].text != "" }
  var picture = Picture(840, Double((names.count + 2) / 3 * 150 + 30))
  picture.write(table.title + " (ours: solid; asyncio: dashed)", 10, 18)
  for (number, first) in names.enumerated() {
    let x = Double(number % 3) * 280 + 50
    let y = Double(number / 3) * 150 + 50
    let (width, height) = (210.0, 100.0)
    picture.write(table.rows[first][0].text, x, y - 6, "small")
    picture.line(
      [(x, y), (x, y + height), (x + width, y + height)], "frame")
    // From 10 ns to 1 ms, five decades.
    for (decade, text) in ["10 ns", "", "1 us", "", "", "1 ms"].enumerated()
    where text != "" {
      let height = y + height - Double(decade) * height / 5
      picture.write(text, x - 4, height + 3, "small right")
    }
    let end = number + 1 < names.count ? names[number + 1] : table.rows.count
    for row in table.rows[first..<end] where ["ours", "asyncio"].contains(row[1].text) {
      let points = row.dropFirst(2).enumerated().compactMap { place, cell in
        cell.value.map {
          (
            x: x + Double(place) * width / Double(row.count - 3),
            y: y + height - min(max(log10($0) - 1, 0), 5) * height / 5
          )
        }
      }
      picture.line(points, row[1].text)
    }
  }
  return picture
}
