import Foundation
import Scars
import Scenarios
import Telling

// What there is to step through, for people and for programs.

var scenarioList: String {
  let width = Scenario.all.map(\.name.count).max() ?? 0
  return Scenario.all.map { scenario in
    "\(scenario.name.padded(to: width))  \(scenario.title)"
      + (scenario.isScripted ? " (scripted kernel)" : "") + "\n"
  }.joined()
}

var scenarioObjects: [[String: Any]] {
  Scenario.all.map {
    ["name": $0.name, "title": $0.title, "isScripted": $0.isScripted]
  }
}

var scarList: String {
  let width = Scar.all.map(\.symptom.count).max() ?? 0
  let heading = "id   year  " + "what people saw".padded(to: width) + "  chapter\n"
  return heading
    + Scar.all.map { scar in
      "\(scar.id.padded(to: 3))  \(scar.year)  \(scar.symptom.padded(to: width))  "
        + padded("\(scar.chapter)", 2) + (scar.replay == nil ? "  told" : "") + "\n"
    }.joined()
    + "\n`walkthrough scar A2` steps through one; what is marked as told is not played.\n"
}

var scarObjects: [[String: Any]] {
  Scar.all.map {
    [
      "id": $0.id, "year": $0.year, "symptom": $0.symptom, "report": $0.report,
      "chapter": $0.chapter, "isPlayed": $0.replay != nil,
    ]
  }
}

/// An object a line, as the steps are.
func jsonLines(_ objects: [[String: Any]]) -> String {
  objects.map { object in
    let data = try? JSONSerialization.data(
      withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data ?? Data(), as: UTF8.self) + "\n"
  }.joined()
}
