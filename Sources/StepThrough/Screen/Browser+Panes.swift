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
    leaveGonePane()
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
    case .escape where focus != nil: leavePanes()
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
    // What nobody sees chosen is not.
    if pane != .machine {
      selected = nil
    } else if selected == nil {
      selected = firstChanged
    }
  }

  mutating func leavePanes() {
    setFocus(nil)
    isZoomed = false
  }

  /// The same, if the chosen one is not on the screen any more.
  mutating func leaveGonePane() {
    if let focus, !panes.contains(focus) { leavePanes() }
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

  /// The first thing that this step has changed, or the first of all.
  private var firstChanged: (section: String, id: String)? {
    let (old, sections) = (before.sections, after.sections)
    for section in sections {
      let changes = section.changes(since: old.first { $0.title == section.title })
      let change = changes.changes.first { $0.mark == .added || $0.mark == .changed }
      if let change { return (section.title, change.item.id) }
    }
    let first = sections.first { !$0.items.isEmpty }
    return first.map { ($0.title, $0.items[0].id) }
  }

  private mutating func moveSelection(_ by: Int) {
    let sections = after.sections.filter { !$0.items.isEmpty }
    guard let selected,
      let section = sections.firstIndex(where: { $0.title == selected.section }),
      let place = sections[section].items.place(of: selected.id)
    else {
      self.selected = firstChanged
      return
    }
    // All sections are one list to whoever goes through it.
    let all = sections.reduce(0) { $0 + $1.items.count }
    var number = sections[..<section].reduce(place + by) { $0 + $1.items.count }
    number = min(max(0, number), all - 1)
    for section in sections {
      if number < section.items.count {
        self.selected = (section.title, section.items[number].id)
        return
      }
      number -= section.items.count
    }
  }

  // MARK: The mouse

  /// The wheel turns what is under it; a press chooses a pane, and what it hits there.
  /// A row of a list it opens, and of a thing that is chosen already it shows the cause.
  mutating func press(_ mouse: Mouse) -> Wish {
    switch mouse.act {
    case .wheelUp: turn(by: -3, mouse)
    case .wheelDown: turn(by: 3, mouse)
    case .press: return press(at: mouse)
    case .release, .other: break
    }
    return .nothing
  }

  private mutating func turn(by: Int, _ mouse: Mouse) {
    if mode != .steps {
      for _ in 0..<abs(by) { _ = press(by < 0 ? Key.up : .down) }
    } else if let pane = Layout(self, size).pane(column: mouse.column, row: mouse.row) {
      hint = nil
      setFocus(pane.pane)
      scroll(by: by)
    }
  }

  private mutating func press(at mouse: Mouse) -> Wish {
    if isAsking { return .nothing }
    let picture = screen(self, tree, size)
    guard picture.indices.contains(mouse.row - 1) else { return .nothing }
    let hit = picture[mouse.row - 1].hit(at: mouse.column)
    hint = nil
    if case .help = mode { return press(Key.escape) }
    if case .row(let row) = hit {
      // At once: a list that moved with its choice would have moved away from the mouse.
      choose(row)
      return press(Key.enter)
    }
    if mode == .steps,
      let column = Layout(self, size).pane(column: mouse.column, row: mouse.row)
    {
      let had = focus == .machine ? selected : nil
      if case .item(let section, let id) = hit { selected = (section, id) }
      setFocus(column.pane)
      if case .item(let section, let id) = hit, let had, had == (section, id) {
        goToCause()
      }
    }
    if case .step(let step) = hit { land(on: step) }
    return .nothing
  }

  /// Chooses a row of the list that is on the screen.
  private mutating func choose(_ row: Int) {
    switch mode {
    case .log: mode = .log(selected: row)
    case .scenarios(_, let filter): mode = .scenarios(selected: row, filter: filter)
    case .whatIf: mode = .whatIf(selected: row)
    case .stations: mode = .stations(selected: row)
    default: break
    }
  }
}

extension Counterparts {
  /// The row of a step; where it has none, the first or the last.
  func place(near number: Int) -> Int {
    row(of: number)
      ?? (rows.first?.number.map { number < $0 } ?? true ? 0 : max(0, rows.count - 1))
  }
}
