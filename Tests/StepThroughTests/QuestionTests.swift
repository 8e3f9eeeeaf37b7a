import Asking
import Comparison
import Recording
import Scars
import Scenarios
import Simulation
import Telling
import Testing

/// What is the next step? The right answer is what came, and no other could have come.
@Suite struct QuestionTests {
  private static let tree = SourceTree()
  private static let habits = Habits(others: 12)

  /// Whether this could be the next step after so many; `nil` if nobody knows.
  private func isPossible(
    _ event: StepEvent, after count: Int, of trace: Trace
  ) -> Bool? {
    var laws = Laws()
    for step in trace.steps.prefix(count) { laws.add(step) }
    if laws.forbid(event) != nil { return false }
    // What only our code decides: it has done that, or never.
    let (last, state) = (trace.steps[count - 1], trace.state(after: count))
    if Self.habits.hasCome(event, after: last, state) { return true }
    return Self.habits.count(of: last, state) < 3 ? nil : false
  }

  /// What is wrong with a question.
  ///
  /// - Parameter isScar: it is a story that no other run tells, and so there need be no
  ///   other one that is like it.
  private func faults(
    _ question: Question, in trace: Trace, isScar: Bool = false
  ) -> [String] {
    var faults: [String] = []
    let state = trace.state(after: question.step - 1)
    let came = trace.steps[question.step - 1]
    for (place, choice) in question.choices.enumerated() {
      if (place == question.right) != (choice.event == came.event) {
        faults.append("what came is '\(sentence(came, before: state))'")
      }
      if place == question.right { continue }
      if choice.reason?.isEmpty != false { faults.append("no reason") }
      switch isPossible(choice.event, after: question.step - 1, of: trace) {
      case true?: faults.append("'\(choice.sentence)' can be")
      case nil where isScar: break
      case nil: faults.append("'\(choice.sentence)': who knows?")
      case false?: break
      }
    }
    let sentences = Set(question.choices.map(\.sentence))
    if sentences.count != question.choices.count { faults.append("twice the same") }
    if !(3...4).contains(question.choices.count) { faults.append("too few, too many") }
    let lines = Self.tree.lines(question.file) ?? []
    if question.line.map({ !lines.indices.contains($0 - 1) }) ?? true {
      faults.append("no line decides")
    }
    return faults
  }

  @Test(arguments: Scenario.all.map(\.name))
  func `nothing but what came could have come`(name: String) throws {
    let scenario = try #require(Scenario.named(name))
    let trace = try scenario.usualTrace()
    let questions = questions(about: trace, Self.tree)
    for question in questions {
      let faults = faults(question, in: trace)
      if !faults.isEmpty {
        Issue.record(
          "\(name), before step \(question.step) (\(question.kind)): \(faults)")
      }
    }
    #expect((2...10).contains(questions.selection.count), "\(questions.count)")
    // Not always at the same place.
    #expect(Set(questions.map(\.right)).count > 1)
  }

  @Test func `a scar is asked about in today's shape`() throws {
    var count = 0
    for scar in Scar.all {
      guard let trace = try scar.scenario?.trace() else { continue }
      let questions = questions(about: trace, Self.tree)
      count += questions.isEmpty ? 0 : 1
      for question in questions {
        let faults = faults(question, in: trace, isScar: true)
        if !faults.isEmpty {
          Issue.record(
            "\(scar.id), before step \(question.step) (\(question.kind)): \(faults)")
        }
      }
    }
    #expect(count > 10)
    // What A2 is about: the step is called, and nobody wants its connection any more.
    let trace = try #require(Scar.named("A2")?.scenario).trace()
    #expect(questions(about: trace, Self.tree).contains { $0.kind == "late" })
  }

  @Test func `CPython's recordings are asked about, too`() throws {
    var count = 0
    for scenario in Scenario.all {
      guard let text = AsyncioTrace.text(of: scenario.name, Self.tree) else { continue }
      let trace = try TraceFile(text: text).trace
      for question in questions(about: trace, Self.tree) {
        count += 1
        // (The line that decides may be asyncio's own, which need not be here.)
        let faults = faults(question, in: trace, isScar: true).filter {
          $0 != "no line decides"
        }
        if !faults.isEmpty {
          Issue.record(
            "\(scenario.name), before step \(question.step) (\(question.kind)): \(faults)"
          )
        }
      }
    }
    #expect(count > 100)
  }

  @Test func `no law forbids what happens`() {
    #expect(Self.habits.courses > 200)
    #expect(Self.habits.violations == [])
  }

  @Test(arguments: Scenario.all.map(\.name))
  func `a wrong question is seen`(name: String) throws {
    let trace = try #require(Scenario.named(name)).usualTrace()
    for question in questions(about: trace, Self.tree) {
      let came = question.choices[question.right]
      let wrong = (question.right + 1) % question.choices.count
      // By the measure of the wrong choices, what came can come.
      #expect(isPossible(came.event, after: question.step - 1, of: trace) == true)
      var planted = question
      planted.right = wrong
      #expect(!faults(planted, in: trace).isEmpty)
      planted = question
      planted.choices[wrong] = .init(
        event: came.event, sentence: "the same", reason: "it is not")
      #expect(!faults(planted, in: trace).isEmpty)
    }
  }

  @Test func `what could come is no wrong choice`() throws {
    // While the loop sleeps, anything may be ready, or nobody: so nothing is asked.
    let trace = try #require(Scenario.named("accept")).trace()
    let asked = Set(questions(about: trace, Self.tree).map(\.step))
    for step in trace.steps {
      switch step.event {
      case .call(.epollWait(_, -1), _), .call(.send, _), .call(.connect, _), .note:
        #expect(!asked.contains(step.number), "\(step.number)")
      default: break
      }
    }
    #expect(!asked.isEmpty)
  }

  @Test func `it is data for other programs`() throws {
    let trace = try #require(Scenario.named("accept")).usualTrace()
    let question = try #require(questions(about: trace, Self.tree).first)
    let json = try JSON(line: question.json.line)
    #expect(json["step"]?.integer == question.step)
    #expect(json["right"]?.integer == question.right)
    #expect(json["line"]?.integer == question.line)
    guard case .list(let choices) = json["choices"] else { throw Missing() }
    #expect(choices.map { $0["sentence"]?.string } == question.choices.map(\.sentence))
    #expect(choices.map { $0["reason"]?.string } == question.choices.map(\.reason))
  }
  private struct Missing: Error {}

  @Test func `the next step's own machine is needed, and no more`() throws {
    // A question does not depend on what comes after the step that it hides.
    let trace = try #require(Scenario.named("accept-again")).trace()
    for question in questions(about: trace, Self.tree) {
      var cut = trace
      cut.steps.removeLast(trace.steps.count - question.step)
      #expect(questions(about: cut, Self.tree).last == question)
    }
  }
}
