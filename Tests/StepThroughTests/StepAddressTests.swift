import Testing

/// A step that one names on the command line: `accept:25`.
@Suite struct StepAddressTests {
  @Test(arguments: [["accept:60"], ["scar", "a2:60"]])
  func `the steps begin there`(words: [String]) throws {
    let text = try Program.run(words + ["--plain"])
    let steps = text.output.split(separator: "\n").dropFirst(2)
    #expect(text.code == 0)
    #expect(try #require(steps.first).hasPrefix("  60 "))
    let json = try Program.run(words + ["--json"])
    // A file begins with a line that says whose trace it is.
    #expect(json.output.split(separator: "\n").count == steps.count + 1)
  }

  @Test func `another course has addresses, too`() throws {
    let words = ["accept:30", "--what-if", "20=EINTR"]
    let text = try Program.run(words + ["--plain"])
    let steps = text.output.split(separator: "\n").dropFirst(2)
    #expect(text.code == 0 && steps.first?.hasPrefix("  30 ") == true)
    let outcome = try Program.run(["accept:999"] + words.dropFirst())
    #expect(outcome.code == 2)
    #expect(outcome.error.hasPrefix("walkthrough: so, accept has the steps 1 to "))
  }

  @Test(arguments: [
    (["accept:65"], "accept has the steps 1 to 64, not 65"),
    (
      ["accept:0"],
      "'accept:0': the number of a step stands behind the colon, accept:25"
    ),
    (["accept:"], "'accept:': the number of a step stands behind the colon, accept:25"),
    (
      ["accept:3", "--live"], "a live loop begins at its beginning; leave the step out"
    ),
    (["acept:3"], "there is no scenario 'acept'; did you mean 'accept'?"),
  ])
  func `an address of nothing is refused`(words: [String], message: String) throws {
    let outcome = try Program.run(words)
    #expect(outcome.code == 2 && outcome.output.isEmpty)
    #expect(outcome.error.hasPrefix("walkthrough: \(message)"))
  }
}
