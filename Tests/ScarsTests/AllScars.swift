import Recording
import Scars
import Scenarios
import Telling
import Testing

/// What holds for every replay; what is special about one stands in the other files.
struct AllScars {
  @Test(arguments: Scar.all.filter { $0.replay != nil }.map(\.id))
  func `the old shape has the bug, and today's has not`(_ id: String) throws {
    let replay = try #require(Scar.named(id)?.replay)
    let old = try replay.play(Recorder(), .old)
    let today = try replay.play(Recorder(), .today)
    #expect(old != today)

    // And what one steps through is these two, with this sentence at its end.
    let steps = try #require(Scar.named(id)?.scenario).trace().steps
    let parts = steps.count(where: \.event.isPart)
    #expect(parts == 2)
    #expect(steps.last?.event == .note("old: \(old); today: \(today)"))
    // The screen has two lines for it.
    let last = try #require(Scar.named(id)?.scenario?.trace().tellings.last)
    let number = "\(last.step.number) "
    #expect(wrap(number + last.sentence, to: 80, indent: number.count).count <= 2)
    let failures = steps.filter {
      if case .note(let text) = $0.event {
        text.hasPrefix("the scenario ends here")
      } else {
        false
      }
    }
    #expect(failures.isEmpty)
  }

  @Test(arguments: Scar.all.filter { $0.replay != nil }.map(\.id))
  func `one steps through the old code itself`(_ id: String) throws {
    let tree = SourceTree()
    let steps = try Played(id, .old).steps
    let isThere = try steps.contains { step in
      guard step.file.contains("/ScarsOf") else { return false }
      let above = try #require(tree.lines(step.file)).prefix(step.line)
      // The last label above the line: `// [scar.a2-step]`.
      guard let label = above.last(where: { $0.contains("// [scar.") }) else {
        return false
      }
      let name = "[scar.\(id.lowercased())"
      return label.contains("\(name)]") || label.contains("\(name)-")
    }
    #expect(isThere)
  }

  @Test(
    arguments: Scar.all.filter { $0.replay != nil }.map(\.id), [Scar.Shape.old, .today])
  func `a replay leaves nothing behind`(_ id: String, _ shape: Scar.Shape) throws {
    let recorder = Recorder()
    _ = try #require(Scar.named(id)?.replay).play(recorder, shape)
    // A circle of closures, and the loop and its sockets would stay.
    #expect(recorder.loop == nil)
  }
}
