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
            item($0.item, $0.mark, &table)
          })
        places[title] = nil
        continue
      }
      let place =
        places[title]
        ?? table.list(items.map { item($0, .same, &table) })
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
    _ item: MachineSection.Item, _ mark: MachineSection.Mark, _ table: inout Packed
  ) -> Int {
    var object = [
      "id": table.text(item.id), "name": table.text(withoutPorts(item.name)),
      "details": table.text(withoutPorts(item.state)),
    ]
    if !item.callbacks.isEmpty {
      object["list"] = table.list(item.callbacks.map { table.text($0) })
    }
    if mark != .same { object["mark"] = table.text(mark.rawValue) }
    return table.object(object)
  }
}
