// The rows of a trace as a picture: where each column stands, how far down each row, and
// where its words have room. It knows no event.

package import Recording

/// A piece of a trace as an SVG file: columns for those who act, time downwards.
///
/// - Parameters:
///   - trace: any recording.
///   - title: what it shows.
///   - shown: the steps that are wanted, in order; `nil` is all.
package func lanePicture(
  _ trace: Trace, title: String, _ shown: [ClosedRange<Int>]? = nil
) -> String {
  let all = trace.steps.isEmpty ? [] : [1...trace.steps.count]
  var picture = LanePicture(PictureRows(trace, shown ?? all), trace.scenario)
  return picture.file(title)
}

private struct LanePicture {
  typealias Column = PictureRows.Column

  private let story: PictureRows
  private let name: String
  private var svg: SVG
  /// Where the columns are; a future shares its place with others, at other times.
  private var places: [Column: Int] = [:]
  /// What stands above, from the left.
  private var heads: [(x: Int, label: String)] = []
  /// Where a transport's buffer begins, and how many bytes a pixel are.
  private var buffers: [Int: (x: Int, scale: Double)] = [:]
  /// Where the rows' arrows are.
  private var ys: [Int] = []
  private var bottoms: [Int] = []
  /// Where the turn begins whose first row this is.
  private var tops: [Int: Int] = [:]
  private var height = 0
  private static let bufferWidth = 92

  init(_ story: PictureRows, _ name: String) {
    (self.story, self.name) = (story, name)
    let columns = story.columns
    let buffered = story.buffered
    let room = buffered.count * Self.bufferWidth
    svg = SVG(width: max(700, 130 + columns.count * 72 + room))
    place(columns, buffered)
    placeRows()
  }

  // MARK: Places

  private mutating func place(_ columns: [[Column]], _ buffered: [Int: Int]) {
    let left = 104
    let room = svg.width - left - 64 - buffered.count * Self.bufferWidth
    var x = left
    for (number, column) in columns.enumerated() {
      if case .transport(let id)? = column.first, let most = buffered[id] {
        buffers[id] = (x - 34, Double(most) / Double(Self.bufferWidth - 26))
        heads.append((x, "buffer"))
        x += Self.bufferWidth
      }
      for column in column { places[column] = x }
      heads.append((x, column.count == 1 ? label(column[0]) : "futures"))
      let gaps = max(1, columns.count - 1)
      x += room * (number + 1) / gaps - room * number / gaps
    }
  }

  private func label(_ column: Column) -> String {
    switch column {
    case .queue: "ready queue"
    case .selector: "selector"
    case .kernel: "kernel"
    case .timers: "timers"
    default: story.labels[column] ?? ""
    }
  }

  private mutating func placeRows() {
    var y = 58
    var last: PictureRows.Row?
    for (number, row) in story.rows.enumerated() {
      if row.part != nil { y += last == nil ? 22 : 36 }
      if last?.turn != row.turn || row.part != nil {
        if last != nil { y += 20 }
        tops[number] = y
        y += 18
      }
      y += row.to == nil ? 27 : 32
      ys.append(y)
      if row.answer != nil { y += 24 }
      bottoms.append(y)
      last = row
    }
    height = y + 28
  }

  /// How far down a life's end is, and its beginning.
  private func end(_ place: Int) -> Int {
    place % 2 == 1 ? ys[place / 2] + 5 : place == 0 ? 0 : bottoms[place / 2 - 1] + 9
  }

  private func begin(_ place: Int) -> Int {
    place / 2 == ys.count
      ? end(place) : ys[place / 2] - (place % 2 == 1 ? 5 : 20)
  }

  // MARK: Drawing

  mutating func file(_ title: String) -> String {
    drawBands()
    for (number, row) in story.rows.enumerated() {
      let words = [row.words, row.answer].compactMap { $0 }.joined(separator: " → ")
      svg.link(
        to: row.steps, of: name, words, rows: ys[number] - 20..<bottoms[number] + 7)
    }
    drawHeads()
    for (id, buffer) in buffers.sorted(by: { $0.key < $1.key }) {
      drawBuffer(id, buffer.x, buffer.scale)
    }
    for life in story.lives { draw(life) }
    for number in story.rows.indices { draw(number) }
    return svg.file(title, height: height)
  }

  private mutating func drawBands() {
    var top = 0
    for (number, row) in story.rows.enumerated() {
      top = tops[number] ?? top
      if let part = row.part {
        let title = part.prefix(1).uppercased() + part.dropFirst()
        svg.text(clip(title, to: 80), "h", x: 14, y: top - 12)
      }
      if number + 1 < story.rows.count, tops[number + 1] == nil { continue }
      svg.rect(
        "band", x: 6, y: top, width: svg.width - 12, height: bottoms[number] + 13 - top,
        round: 6)
      svg.text(
        row.turn == 0 ? "before" : "turn \(row.turn)", "h", x: 14, y: top + 18)
    }
  }

  private mutating func drawHeads() {
    var isEven = true
    let isTight = zip(heads, heads.dropFirst()).contains { left, right in
      right.x - left.x < (SVG.width(left.label) + SVG.width(right.label)) / 2 + 14
    }
    for head in heads {
      // Where two would touch, every other one stands higher.
      let y = isTight ? (isEven ? 22 : 42) : 34
      svg.text(head.label, "h", x: head.x, y: y, .middle)
      // (A curve has its own lines.)
      if head.label != "buffer" {
        svg.path("hair", "M\(head.x) \(y + 10)V\(height - 10)")
      }
      isEven.toggle()
    }
  }

  private mutating func draw(_ life: PictureRows.Life) {
    guard let x = places[life.column] else { return }
    let (top, bottom) = (begin(life.from), end(life.to))
    func bar(_ look: String, _ width: Int) {
      svg.rect(
        look, x: x - width / 2 + life.lane * 9, y: top, width: width,
        height: bottom - top, round: min(3, width / 2))
    }
    switch life.look {
    case .runs: bar("bar", 9)
    case .watched: bar("list", 7)
    case .pending: bar("box", 13)
    case .settled: bar("bar", 13)
    case .owns: bar("box", 9)
    case .waits, .sleeps:
      svg.path("gap", "M\(x) \(top)V\(bottom)")
      svg.path("dots", "M\(x) \(top + 3)V\(bottom)")
    }
  }

  /// A curve of steps, with the two marks; time goes down here, too.
  private mutating func drawBuffer(_ id: Int, _ x: Int, _ scale: Double) {
    let levels = story.levels.filter { $0.transport == id }
    func place(_ bytes: Int) -> Int { x + Int((Double(bytes) / scale).rounded()) }
    let (top, bottom) = ((tops[0] ?? 0) + 24, height - 14)
    var curve = "M\(x) \(top)"
    for level in levels {
      curve += "V\(max(top, begin(level.from)))H\(place(level.bytes))"
    }
    if let last = levels.last {
      svg.text("high", "q", x: place(last.high) + 4, y: top - 12)
      svg.text("low", "q", x: place(last.low) + 4, y: top)
      for mark in [last.low, last.high] {
        svg.path("mark", "M\(place(mark)) \(top - 20)V\(bottom)")
      }
    }
    svg.path("curve", curve + "V\(bottom)H\(x)z")
  }

  // MARK: A row

  private mutating func draw(_ number: Int) {
    let row = story.rows[number]
    let y = ys[number]
    let steps = row.steps
    svg.text(
      steps.count == 1
        ? "\(steps.lowerBound)" : "\(steps.lowerBound)–\(steps.upperBound)",
      "q", x: 56, y: y + 4, .end)
    guard let to = row.to.flatMap({ places[$0] }) else { return drawWord(row, y) }
    // A callback stands at its place in the queue, wherever it is called to.
    let isCall = row.look == .calls
    let end = row.place == nil || isCall ? 7 : 10
    let words = row.count > 1 ? "\(row.words), ×\(row.count)" : row.words
    var start: Int
    switch row.from {
    case .world: start = svg.width - 12
    case let from?: start = places[from] ?? 64
    case nil: start = 64
    }
    let look =
      switch row.look {
      case .plain, .calls: ("line", "tip", "")
      case .queues: ("to", "head", "")
      case .attempt: ("try", "trytip", "a")
      }
    if start == to {
      // Who queues something behind itself.
      svg.path(look.0, "M\(to + 6) \(y - 9)h16q6 0 6 5t-6 5h-7")
      svg.path(look.1, "M\(to + end) \(y + 1)l9 -4v8z")
      if let place = row.place { svg.disc(place, x: to, y: y) }
      return svg.text(words, look.2, x: to + 34, y: y + 2)
    }
    if let place = row.place { svg.disc(place, x: isCall ? start : to, y: y) }
    let sign = start < to ? 1 : -1
    if row.from != .world { start += (isCall && row.place != nil ? 10 : 7) * sign }
    let tip = to - end * sign
    svg.arrow(look.0, tip: look.1, from: start, to: tip, y: y)
    write(words, look.2, from: start, to: tip, y: y - 7)
    if row.from == .selector, row.to == .kernel, let selector = places[.selector] {
      svg.text("the loop sleeps", "q", x: selector - 12, y: y + 4, .end)
    }
    if let answer = row.answer {
      svg.arrow("\(look.0) back", tip: look.1, from: tip, to: start, y: y + 24)
      write(answer, look.2, from: tip, to: start, y: y + 17)
    }
  }

  /// Words on an arrow: where it comes from, and inside of the picture.
  private mutating func write(
    _ words: String, _ look: String, from start: Int, to end: Int, y: Int
  ) {
    let width = SVG.width(words)
    let x = start < end ? start + 6 : start - 6 - width
    svg.text(words, look, x: max(62, min(x, svg.width - 12 - width)), y: y)
  }

  /// A word beside a bar.
  private mutating func drawWord(_ row: PictureRows.Row, _ y: Int) {
    let x = row.from.flatMap { places[$0] } ?? 64
    let look = row.look == .attempt ? "a" : ""
    let offset = row.place == nil ? 11 : 14
    if let place = row.place { svg.disc(place, x: x, y: y) }
    let width = SVG.width(row.words)
    let left = x + offset + width < svg.width - 10 ? x + offset : x - offset - width
    svg.text(row.words, look, x: max(62, left), y: y + 4)
  }
}

extension PictureRows {
  /// The columns that something happens in, from the left. Futures that are never there
  /// at the same time are in one.
  var columns: [[Column]] {
    let used = Set(rows.flatMap { [$0.from, $0.to] }.compactMap { $0 })
    func all(_ of: (Int) -> Column) -> [[Column]] {
      let ids = labels.keys.compactMap { column -> Int? in
        switch column {
        case .task(let id), .future(let id), .reader(let id), .transport(let id):
          of(id) == column ? id : nil
        default: nil
        }
      }
      return ids.sorted().map(of).filter(used.contains).map { [$0] }
    }
    let rest: [Column] = [.timers, .queue, .selector, .kernel]
    return all(Column.task) + shared(all(Column.future).map { $0[0] })
      + all(Column.reader) + all(Column.transport)
      + rest.filter { $0 != .timers || used.contains($0) }.map { [$0] }
  }

  private func shared(_ futures: [Column]) -> [[Column]] {
    var places: [(futures: [Column], end: Int)] = []
    for future in futures {
      let mine = lives.filter { $0.column == future }
      let touched = rows.indices.filter { rows[$0].to == future }.map { 2 * $0 + 1 }
      let begin = min(mine.map(\.from).min() ?? .max, touched.min() ?? .max)
      let end = max(mine.map(\.to).max() ?? 0, touched.max() ?? 0)
      if let place = places.firstIndex(where: { $0.end < begin }) {
        places[place].futures.append(future)
        places[place].end = end
      } else {
        places.append(([future], end))
      }
    }
    return places.map(\.futures)
  }

  /// The transports that keep something at some time, and the most that fits in.
  var buffered: [Int: Int] {
    var most: [Int: Int] = [:]
    for level in levels where level.bytes > 0 {
      most[level.transport] = max(most[level.transport] ?? 0, level.bytes, level.high)
    }
    return most
  }
}
