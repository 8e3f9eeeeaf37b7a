import Foundation
import Telling
import TestSupport
import Testing
import Weaving

/// Excerpts, links and tables in the chapters.
@Suite(.onLinux) struct WeaverTests {
  /// Weaves a text and expects no problem, or this one.
  private func weave(_ text: String, problem: String? = nil) -> String {
    var weaver = Weaver()
    let result = weaver.weave(text + "\n", file: "chapters/x.md")
    #expect(weaver.problems == (problem.map { ["chapters/x.md:\($0)"] } ?? []))
    return String(result.dropLast())
  }

  @Test func `the committed chapters are woven`() {
    var weaver = Weaver()
    for (name, text) in weaver.weave() where text.old != text.new {
      Issue.record("\(name): run `swift run walkthrough weave`")
    }
    #expect(weaver.problems == [])
  }

  @Test func `an excerpt is what stands below its label`() {
    let woven = weave(
      """
      ```swift Sources/SocketOperations/Waiting.swift#waiting.read-done
      old
      ```
      """)
    #expect(woven.contains("package func sockReadDone(_ fd: Int32, _ handle: Handle)"))
    #expect(woven.contains("\n/// ") && woven.hasSuffix("\n}\n```"))
    #expect(!woven.contains("old") && !woven.contains("// ["))
    #expect(weave(woven) == woven)
  }

  @Test func `an excerpt of so many lines`() {
    let woven = weave(
      """
      ```swift Sources/SocketOperations/SockAccept.swift#accept.try:2
      ```
      """)
    #expect(woven.split(separator: "\n").count == 4)
    #expect(woven.contains("\n// Just try."))
  }

  @Test func `a block without a label must stand in its file`() {
    let right = """
      ```swift Sources/SocketOperations/SockAccept.swift
      if future.done() { return }
      ```
      """
    #expect(weave(right) == right)
    let wrong = right.replacing("return", with: "retrun")
    let path = "Sources/SocketOperations/SockAccept.swift"
    #expect(
      weave(
        wrong, problem: "1: this is not in \(path); give it a label, or copy it again")
        == wrong)
  }

  @Test func `a link finds its line by label, title or function`() {
    let file = "../Sources/SocketOperations/SockAccept.swift"
    let texts = ["[accept.try](\(file)#L1)", "[`sockAccept`](\(file)#L1)"]
    for text in texts {
      let woven = weave("see \(text).")
      #expect(woven.contains(/SockAccept.swift#L\d\d\)\./))
    }
    #expect(
      weave("[here](\(file)#L1 \"accept.try\")").contains(/#L\d\d "accept.try"\)/))
    let unknown = "[no.such](\(file)#L1)"
    #expect(
      weave(
        "\n" + unknown,
        problem: "2: no label or function 'no.such' in \(file.dropFirst(3))")
        == "\n" + unknown)
  }

  private let loop = "Sources/forty-lines/Loop.swift"

  @Test func `a file with numbers, and a link that says one`() {
    let woven = weave("```swift \(loop) numbered\nold\n```")
    let lines = woven.split(separator: "\n")
    #expect(lines[1] == " 1  final class Loop: TaskExecutor, @unchecked Sendable {")
    #expect(lines.count == 42 && !woven.contains("// [") && !woven.contains("old"))
    #expect(weave(woven) == woven)
    // The number is that of the line which the label stands before.
    let link = weave("it is [line 0](../\(loop)#L0 \"forty.run\").")
    let number = link.firstMatch(of: /line (\d+)/)!.1
    #expect(
      lines.contains { $0.hasPrefix("\(number)  ") && $0.hasSuffix("func run() {") })
    _ = weave(
      "[line 0](../\(loop)#L0 \"forty.no\")",
      problem: "1: no label or function 'forty.no' in \(loop)")
    _ = weave(
      "```swift Sources/no.swift numbered\n```",
      problem: "1: there is no file Sources/no.swift")
  }

  @Test func `what is different between two stages`() {
    let stages = "Sources/forty-lines/Blocking.swift#forty.story-1"
    let woven = weave(
      "```diff \(stages) Sources/forty-lines/Awaiting.swift#forty.story-4\nold\n```")
    let lines = woven.split(separator: "\n")
    #expect(lines[1] == "-func greet(_ guest: Int32) throws {")
    #expect(lines[2] == "+func greet(_ guest: Int32, _ loop: Loop) async throws {")
    #expect(
      lines.count { $0.hasPrefix("+") } == 2 && lines.count { $0.hasPrefix("-") } == 1)
    #expect(lines.count { $0.hasPrefix(" ") } == 8)
    #expect(weave(woven) == woven)
    _ = weave(
      "```diff \(stages) \(loop)#no\n```", problem: "1: no label 'no' in \(loop)")
  }

  @Test func `a table of steps`() {
    let woven = weave(
      """
      before
      <!-- steps accept 1-2 step,what,kernel -->
      old
      <!-- /steps -->
      after
      """)
    let lines = woven.split(separator: "\n")
    #expect(lines.count == 8)
    #expect(lines[2] == "| step | what happened | kernel |")
    #expect(lines[4].hasPrefix("| 1 | epoll_create1() → epoll: "))
    #expect(weave(woven) == woven)
  }

  @Test func `figures come from the committed run`() throws {
    let woven = weave("<!-- figures echo-50 -->\nold\n<!-- /figures -->")
    let lines = woven.split(separator: "\n")
    try #require(lines.count > 4)
    #expect(lines[1].hasPrefix("| server | round trips/s |"))
    #expect(lines[2].hasPrefix("| --- | ---: |"))
    #expect(lines[3].hasPrefix("| raw epoll loop | "))
    #expect(weave(woven) == woven)
    _ = weave(
      "<!-- figures nothing -->\n<!-- /figures -->",
      problem: "1: no figures of 'nothing' in chapters/15-fast/figures.json")
  }

  @Test func `the pictures show all that was measured`() throws {
    func rows(_ table: String) -> [Substring] {
      weave("<!-- figures \(table) -->\n<!-- /figures -->").split(separator: "\n")
        .dropFirst(3).dropLast()
    }
    func picture(_ name: String) throws -> String {
      try String(
        contentsOfFile: "\(SourceTree().root!)/chapters/15-fast/\(name).svg",
        encoding: .utf8)
    }
    for table in ["echo-50", "echo-500"] {
      let bars = try picture(table).split(separator: "<rect ").count - 1
      #expect(bars == rows(table).count)
    }
    for whose in ["ours", "asyncio"] {
      let measured = rows("growth").count { $0.contains("| \(whose) |") }
      let curves = try picture("growth").matches(of: /class="(\w+)"/).count {
        $0.1 == whose
      }
      #expect(curves == measured && measured > 10, "\(whose)")
    }
  }

  @Test func `lines that can be broken come from the list of experiments`() {
    let table = "<!-- experiments accept.done-first lazy.select -->"
    let woven = weave("\(table)\nold\n<!-- /experiments -->")
    let lines = woven.split(separator: "\n")
    #expect(lines.count == 6 && lines[0] == table)
    let path = "../Sources/SocketOperations/SockAccept.swift"
    #expect(
      lines[3].contains(
        /^\| \[accept\.done-first\]\(\S+SockAccept\.swift#L\d+\) \| with/))
    #expect(
      lines[3].contains(path) && lines[3].contains("`A2 nobody is accepted for a"))
    #expect(lines[4].contains("|| rest == 0 { return wanted }`") == false)
    #expect(
      lines[4].contains("\\|\\| rest == 0 { return wanted }` becomes `return wanted`"))
    #expect(weave(woven) == woven)
    _ = weave(
      "<!-- experiments no.such -->\n<!-- /experiments -->",
      problem: "1: there is no experiment 'no.such'")
  }

  @Test func `a table that cannot be`() {
    func table(_ what: String, _ problem: String) {
      _ = weave("<!-- steps \(what) -->\n<!-- /steps -->", problem: "1: \(problem)")
    }
    table("nonesuch step", "there is no scenario 'nonesuch'")
    table(
      "accept colour",
      "no column 'colour'; there are step, iteration, what, source, ready, selector, "
        + "timers, futures, tasks, kernel")
  }
}
