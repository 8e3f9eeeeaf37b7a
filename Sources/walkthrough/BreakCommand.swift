import Experiments
import Telling
import Terminal

/// `walkthrough break`: the list of what can be broken.
/// `walkthrough break NAME`: breaks it, in a copy, and shows what is seen.
/// `walkthrough break --all`: all of them.
///
/// - Returns: with `--check`, 1 if something else was seen than the chapters say.
func breakLines(_ request: Request) throws -> Int32 {
  let tree = SourceTree()
  if let lack = tree.lack { throw Request.Mistake("\(lack): nothing can be broken") }
  guard let chosen = try chosenExperiments(request) else { return list(tree) }
  do {
    let bench = try Bench(tree)
    var wrong: [String] = []
    for (place, experiment) in chosen.enumerated() {
      if chosen.count > 1 { write("\(place + 1) of \(chosen.count): ") }
      if try !bench.isAsClaimed(experiment, isAlone: chosen.count == 1) {
        wrong.append(experiment.name)
      }
    }
    if !wrong.isEmpty {
      write("something else was seen: \(wrong.joined(separator: ", "))\n")
    } else if chosen.count > 1 {
      write("\(chosen.count) experiments, and what is claimed was seen\n")
    }
    return wrong.isEmpty || !request.has(.check) ? 0 : 1
  } catch is Child.Stopped {
    complain("stopped; the copy in .build/break stays for the next time")
    return 130
  }
}

/// Which ones are wanted; `nil` if the reader only asks what there is.
private func chosenExperiments(
  _ request: Request
) throws(Request.Mistake) -> [Experiment]? {
  if let name = request.arguments.first {
    if request.has(.everything) { throw .init("'\(name)' or --all, one of the two") }
    return [Experiment.named(name)!]
  }
  if request.has(.everything) { return Experiment.all }
  if request.has(.check) { throw .init("check which one? name it, or say --all") }
  return nil
}

private func list(_ tree: SourceTree) -> Int32 {
  let width = Experiment.all.map(\.name.count).max() ?? 0
  var code: Int32 = 0
  for experiment in Experiment.all {
    do throws(Experiment.Lost) {
      let place = try experiment.change(in: tree)
      let file = place.path.split(separator: "/").last ?? ""
      write("\(experiment.name.padded(to: width))  \(file):\(place.line + 1)\n")
    } catch {
      complain(error.description)
      code = 1
    }
  }
  write("\n`walkthrough break accept.done-first` does one, in a copy of the package.\n")
  return code
}
