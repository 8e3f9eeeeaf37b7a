/// The left side: the source around the line of a step.
///
/// If the whole function fits, it stands still while the marked line moves through
/// it. Otherwise the marked line stays a little below the middle, because what
/// explains it, its comment, stands above it.
///
/// - Returns: exactly `height` lines, none wider than `width`.
func sourcePane(
  _ tree: SourceTree, _ step: Step, width: Int, height: Int
) -> [StyledLine] {
  let title = "\(tree.path(step.file)):\(step.line)"
  var pane = [StyledLine(clipFront(title, to: width), .heading)]
  if let lines = tree.lines(step.file), lines.indices.contains(step.line - 1) {
    let room = height - 1
    // What is further away than that cannot be on the screen with the line.
    let near = max(0, step.line - room)..<min(lines.count, step.line + room)
    let rows = near.flatMap { index in
      sourceRows(lines[index], index + 1, isCurrent: index + 1 == step.line, width)
        .map { (index: index, line: $0) }
    }
    let top = topRow(rows.map(\.index), lines, step.line, room)
    pane += rows.dropFirst(top).prefix(room).map(\.line)
  } else {
    pane += wrap("(the source is not to be found here)", to: width)
      .map { StyledLine($0, .dim) }
  }
  let missing = max(0, height - pane.count)
  return Array(pane.prefix(height)) + Array(repeating: StyledLine(), count: missing)
}

/// Which of the rows is the first on the screen. `indices` says which line of the
/// file each row belongs to.
private func topRow(
  _ indices: [Int], _ lines: [String], _ line: Int, _ height: Int
) -> Int {
  let current = indices.lastIndex(of: line - 1)!
  var top = current - height * 3 / 5
  let function = declarations(around: line, in: lines).last { !$0.isType }
  if let function {
    let range = function.comment.lowerBound..<function.body.upperBound
    let first = indices.firstIndex { range.contains($0) }!
    let count = indices.count { range.contains($0) }
    let isWhole =
      indices.contains(range.upperBound - 1) && indices[first] == range.lowerBound
    if isWhole && count <= height {
      top = first - (height - count) / 2
    } else if isWhole {
      top = min(max(top, first), first + count - height)
    }
  }
  return min(max(0, top), max(0, indices.count - height))
}

/// One line of source with its number, folded if it is too long.
private func sourceRows(
  _ text: String, _ number: Int, isCurrent: Bool, _ width: Int
) -> [StyledLine] {
  let gutter = 6
  let indent = min(indentation(text) + 4, (width - gutter) / 2)
  let pieces = text.isEmpty ? [""] : wrap(text, to: width - gutter, indent: indent)
  let isComment = text.drop { $0 == " " }.hasPrefix("//")
  return pieces.enumerated().map { place, piece in
    let digits = place == 0 ? "\(number)" : ""
    let mark = isCurrent && place == 0 ? "▶" : " "
    let label =
      mark + String(repeating: " ", count: max(0, 4 - digits.count)) + digits + " "
    if isCurrent {
      return StyledLine(label + piece, .current).fitted(to: width, filling: .current)
    }
    var line = StyledLine(label, .dim)
    if !isComment, let comment = piece.range(ofComment: "  // ") {
      line.add(String(piece[..<comment]))
      line.add(String(piece[comment...]), .comment)
    } else {
      line.add(piece, isComment ? .comment : .plain)
    }
    return line
  }
}

extension String {
  /// Where a comment at the end of a line of code begins.
  fileprivate func range(ofComment mark: String) -> Index? {
    indices.first { self[$0...].hasPrefix(mark) }
  }
}

/// The text's end, as much of it as fits: the end of a path says more.
func clipFront(_ text: String, to columns: Int) -> String {
  displayWidth(text) <= columns ? text : "…" + text.suffix(max(0, columns - 1))
}
