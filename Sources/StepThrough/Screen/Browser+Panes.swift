// The panes: which one the arrows belong to, how far it is scrolled, what is chosen in
// it. The mouse does the same in another way.

import Comparison
import Recording
package import Telling

extension Browser {
  /// Tells the browser how large the screen is, before the next picture: how far a
  /// source can be scrolled depends on it.
  package mutating func fit(_ size: ScreenSize, _ tree: SourceTree) {
    self.size = size
    if isZoomed && focus == nil { isZoomed = false }
    if let focus, !panes.contains(focus) { (self.focus, isZoomed) = (nil, false) }
    if let offset = scrolled[.source], position > 0,
      let column = Layout(self, size).columns.first(where: { $0.pane == .source })
    {
      let page = SourcePage(
        tree, tellings[position - 1].step, width: column.width,
        height: Layout(self, size).rows.count, reach: abs(offset))
      scrolled[.source] = page.clamped(offset)
    }
  }

  /// CPython's own source is wanted, and nobody has looked for it.
  package var missesOriginal: String? {
    guard original == nil, let counterparts, position > 0 else { return nil }
    let isShown = Layout(self, size).columns.contains { $0.pane == .cpython }
    return isShown && mode == .steps ? counterparts.version : nil
  }

  // MARK: Keys

  /// The keys that belong to a pane.
  ///
  /// - Returns: `false` if this one does not.
  mutating func pressInPane(_ key: Key) -> Bool {
    switch key {
    case .tab: move(focusBy: 1)
    case .backTab: move(focusBy: -1)
    case .character("z"):
      if focus == nil { setFocus(panes.last) }
      isZoomed.toggle()
    case .escape where isZoomed: isZoomed = false
    case .escape where focus != nil: focus = nil
    case .character("k"): scroll(by: -1)
    case .character("j"): scroll(by: 1)
    case .pageUp: scroll(by: -page)
    case .pageDown: scroll(by: page)
    case .up where focus != nil: scroll(by: -1)
    case .down where focus != nil: scroll(by: 1)
    default: return false
    }
    return true
  }

  private var page: Int { max(1, Layout(self, size).rows.count - 2) }

  private mutating func move(focusBy by: Int) {
    let order: [Pane?] = [nil] + panes
    let place = order.firstIndex(of: focus) ?? 0
    setFocus(order[(place + by + order.count) % order.count])
    if focus == nil { isZoomed = false }
  }

  private mutating func setFocus(_ pane: Pane?) {
    focus = pane
    if pane == .machine, selected == nil { select(firstOf: changedItems) }
  }

  /// Scrolls the pane with the focus; without one, the right one gets it.
  private mutating func scroll(by: Int) {
    if focus == nil {
      setFocus(panes.contains(.machine) ? .machine : panes.last)
    }
    switch focus {
    case .machine: moveSelection(by)
    case .cpython:
      guard let counterparts else { return }
      let here = counterparts.place(near: position)
      let place = here + scrolled[.cpython, default: 0] + by
      scrolled[.cpython] = min(max(0, place), counterparts.rows.count - 1) - here
    case .source: scrolled[.source, default: 0] += by
    case nil: break
    }
  }

  // MARK: What is chosen

  /// All that one can choose in the machine's pane, from the top.
  private var items: [(section: String, id: String)] {
    after.sections.flatMap { section in
      section.items.map { (section.title, $0.id) }
    }
  }

  /// What this step has changed, first of all.
  private var changedItems: [(section: String, id: String)] {
    let old = before.sections
    let changed = after.sections.flatMap { section in
      let items = old.first { $0.title == section.title }?.items ?? []
      return section.items.filter { !items.contains($0) }.map { (section.title, $0.id) }
    }
    return changed.isEmpty ? items : changed
  }

  private mutating func select(firstOf items: [(section: String, id: String)]) {
    selected = items.first
  }

  private mutating func moveSelection(_ by: Int) {
    let items = items
    guard let selected, let place = items.firstIndex(where: { $0 == selected }) else {
      return select(firstOf: changedItems)
    }
    self.selected = items[min(max(0, place + by), items.count - 1)]
  }

  /// The item itself, as it is now; `nil` if it is there no more.
  func item(_ selection: (section: String, id: String)) -> MachineSection.Item? {
    after.item(selection)
  }

  // MARK: The mouse

  /// The wheel turns what is under it; a press chooses a pane, and what it hits there.
  mutating func press(_ mouse: Mouse) -> Wish {
    let by: Int
    switch mouse.act {
    case .wheelUp: by = -3
    case .wheelDown: by = 3
    case .press: by = 0
    default: return .nothing
    }
    if mode != .steps {
      for _ in 0..<abs(by) { _ = press(by < 0 ? Key.up : .down) }
      return .nothing
    }
    let layout = Layout(self, size)
    guard let column = layout.pane(column: mouse.column, row: mouse.row) else {
      return .nothing
    }
    hint = nil
    if by == 0 && column.pane == .machine && position > 0 {
      let rows = machineRows(self, width: column.width, height: layout.rows.count)
      let row = mouse.row - 1 - layout.rows.lowerBound
      if rows.indices.contains(row), let item = rows[row].item { selected = item }
    }
    setFocus(column.pane)
    if by != 0 { scroll(by: by) }
    return .nothing
  }
}

extension Counterparts {
  /// The row of a step; where it has none, the first or the last.
  func place(near number: Int) -> Int {
    row(of: number)
      ?? (rows.first?.number.map { number < $0 } ?? true ? 0 : max(0, rows.count - 1))
  }
}
