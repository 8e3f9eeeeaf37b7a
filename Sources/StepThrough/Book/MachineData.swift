import Recording
import Telling

// The machine as the script in the browser wants it: sections and items with marks, as
// the terminal shows them.

/// The machine, from step to step.
struct MachineData {
  private var before: [(title: String, items: [MachineSection.Item])]
  private var places: [String: Int] = [:]

  /// - Parameters:
  ///   - state: the machine before the first step.
  ///   - isEmpty: the first step brings everything that was there before it.
  init(_ state: LoopState, isEmpty: Bool = false) {
    before = isEmpty ? [] : Self.sections(state)
  }

  /// All sections by their titles, with what the step has changed marked.
  mutating func step(to state: LoopState, _ table: inout Packed) -> Int {
    let after = Self.sections(state)
    var object: [String: Int] = [:]
    for (title, items) in after {
      let old = before.first { $0.title == title }?.items ?? []
      if old != items {
        object[title] = table.list(
          MachineSection.changes(from: old, to: items).map {
            let id = $0.item.id
            return item($0.item, $0.mark, old.first { $0.id == id }, &table)
          })
        places[title] = nil
        continue
      }
      let place =
        places[title]
        ?? table.list(items.map { item($0, .same, nil, &table) })
      (object[title], places[title]) = (place, place)
    }
    before = after
    return table.object(object)
  }

  /// The sections, each with its items; to ask for these takes long.
  private static func sections(
    _ state: LoopState
  ) -> [(title: String, items: [MachineSection.Item])] {
    state.sections.map { ($0.title, Array($0.items)) }
  }

  private func item(
    _ item: MachineSection.Item, _ mark: MachineSection.Mark,
    _ old: MachineSection.Item?, _ table: inout Packed
  ) -> Int {
    var object = ["name": table.text(withoutPorts(item.name))]
    // Of what was there before, only what has changed is news.
    let old = mark == .changed ? old : nil
    if !item.state.isEmpty {
      let isNew = old.map { $0.state != item.state } ?? false
      object[isNew ? "changed" : "details"] = table.text(withoutPorts(item.state))
    }
    if !item.callbacks.isEmpty {
      object["list"] = table.list(
        item.callbacks.map { name in
          let isNew = old.map { !$0.callbacks.contains(name) } ?? false
          return table.text(isNew ? "+\(name)" : name)
        })
    }
    object["mark"] = mark.look.map { table.text($0) }
    return table.object(object)
  }
}

extension MachineSection.Mark {
  /// The class that the style sheet knows.
  var look: String? {
    switch self {
    case .same: nil
    case .added: "added"
    case .changed: "altered"
    case .removed: "removed"
    }
  }
}
