// Where what stands on the screen. It knows sizes, and not what is shown there.

/// A part of the picture that scrolls by itself.
package enum Pane: Sendable, Hashable { case source, machine, cpython }

/// The panes side by side, and how many lines they have.
struct Layout: Equatable {
  /// From the left, with the columns that each takes, counted from 0.
  var columns: [Column] = []
  /// The lines of the screen that they take, counted from 0.
  var rows: Range<Int>

  struct Column: Equatable {
    let pane: Pane
    let range: Range<Int>
    var width: Int { range.count }
  }

  /// What stands between two panes.
  static let border = "│ "
  /// From so many columns on there is room for all three.
  static let enoughForAll = 170

  init(_ browser: Browser, _ size: ScreenSize) {
    rows =
      1..<max(
        1, size.rows - (browser.isZoomed ? 1 : browser.bottomHeight(size)))
    if browser.isZoomed, let pane = browser.focus {
      columns = [Column(pane: pane, range: 0..<size.columns)]
      return
    }
    let panes = browser.panes(size)
    var left = size.columns - Self.border.count * (panes.count - 1)
    // The machine is a list of facts, and needs less room than a text; CPython's steps
    // are as long as ours.
    var widths: [Pane: Int] = [:]
    if panes.count > 2 {
      widths[.machine] = min(max(48, size.columns * 3 / 10), 72)
      widths[.cpython] = widths[.machine]
    } else if size.columns < Self.enoughForAll {
      widths[.machine] = min(max(24, size.columns * 2 / 5), 60)
      widths[.cpython] = min(max(24, size.columns / 2), 60)
    } else {
      widths[.machine] = min(size.columns * 2 / 5, 90)
    }
    left -= panes.reduce(0) { $0 + widths[$1, default: 0] }
    widths[.source] = left
    var start = 0
    for pane in panes {
      columns.append(Column(pane: pane, range: start..<(start + widths[pane]!)))
      start += widths[pane]! + Self.border.count
    }
  }

  /// What stands at a place, counted from 1 as a mouse counts.
  func pane(column: Int, row: Int) -> Column? {
    guard rows.contains(row - 1) else { return nil }
    return columns.first { $0.range.contains(column - 1) }
  }
}

/// The lines below the panes: the strip, two of what happened, what the kernel said, what
/// asyncio calls it, the keys.
let usualBottomHeight = 6

extension Browser {
  /// Whether there is room for source, machine and CPython at once.
  var hasRoomForAll: Bool { size.columns >= Layout.enoughForAll }

  /// The panes that are on the screen when none takes all of it.
  var panes: [Pane] { panes(size) }

  func panes(_ size: ScreenSize) -> [Pane] {
    if size.columns >= Layout.enoughForAll {
      let hasThird = counterparts != nil && !hidesCPython && prediction == nil
      return [.source, .machine] + (hasThird ? [.cpython] : [])
    }
    return [.source, showsCPython && prediction == nil ? .cpython : .machine]
  }
}
