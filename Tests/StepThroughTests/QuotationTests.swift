import Testing
import Weaving

/// What a chapter quotes from a trace.
@Suite struct QuotationTests {
  private func weave(_ text: String, problem: String? = nil) -> String {
    var weaver = Weaver()
    let result = weaver.weave(text + "\n", file: "chapters/x.md")
    #expect(weaver.problems == (problem.map { ["chapters/x.md:\($0)"] } ?? []))
    return String(result.dropLast())
  }

  @Test func `a sentence that the step says`() {
    let text = """
      It says "Future-1 is made: the place for a
      result" (`accept-ready`, step 20), and "The code of
      Task-1 has ended" (`accept-ready`,
      step 24).
      """
    #expect(weave(text) == text)
  }

  @Test func `the scenario is that of the table above`() {
    let table = "<!-- steps accept-ready 24-24 what -->\n<!-- /steps -->\n"
    #expect(weave(table + "\n\"has ended\" (step 24)").hasSuffix("(step 24)"))
    _ = weave(
      "\"has ended\" (step 24)",
      problem: #"1: "has ended": of which scenario? (`accept`, step 34)"#)
  }

  @Test func `the number of a step is woven`() {
    #expect(
      weave("x\n\n\"The code of Task-1 has ended\" (`accept-ready`, step 7).")
        == "x\n\n\"The code of Task-1 has ended\" (`accept-ready`, step 24).")
  }

  @Test func `a sentence that no step says`() {
    let text = "x\n\nFrom\n\"Task-1 ran\" (`accept-ready`, step 19)"
    #expect(
      weave(text, problem: #"4: no step of accept-ready says "Task-1 ran""#) == text)
    let often = "\"wake-up of Task-1\" (`accept-ready`, step 1)"
    var weaver = Weaver()
    _ = weaver.weave(often, file: "x")
    #expect(
      weaver.problems.first?.contains("step 1 of accept-ready does not say") == true)
    #expect(weaver.problems.count == 1)
  }

  @Test func `what looks like a quotation must be one`() {
    _ = weave(
      "x\nLook at\nstep 57.",
      problem: "3: 'step 57' without its sentence: write \"...\" (`accept`, step 34)")
    _ = weave(
      "From \"Task-1\nruns\" on",
      problem: "1: \"Task-1 runs\" without its step: write \"...\" (`accept`, step 34)")
    // These are none.
    let text = """
      It says "no" to Task-1 and "yes" to Task-2, and `"Task-1"` is code.

      ```
      step 57 says "Task-1 runs"
      ```
      """
    #expect(weave(text) == text)
  }

  @Test func `a table from one machine has the sentences of the trace`() {
    func table(_ third: String) -> String {
      """
      <!-- quoted accept-ready -->
      | step | what happened |
      |---|---|
      | 12 | Future-1 is made: the place for a result that is not there yet |
      | 13 | \(third) |
      """
    }
    let right = table("setsockopt(listener, SO_REUSEADDR, 12) → 0: the option is set")
    // It does, but not behind the other one.
    _ = weave(
      right,
      problem:
        "5: no step of accept-ready says \"setsockopt(listener, SO_REUSEADDR, 12)"
        + " → 0: the option is set\", or not in this place")
    let later = table("Task-1 has its result; next it queues its callback")
    #expect(weave(later) == later)
    // The number of a task is no figure.
    let other = table("Task-9 has its result; next it queues its callback")
    _ = weave(
      other,
      problem: "5: no step of accept-ready says \"Task-9 has its result; next it queues"
        + " its callback\", or not in this place")
    let bare = later.split(separator: "\n").dropFirst().joined(separator: "\n")
    _ = weave(bare, problem: "1: name the scenario: <!-- quoted accept -->")
  }
}
