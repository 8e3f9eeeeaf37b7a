import Foundation
import Telling
import Testing
import Weaving

/// The programs with which the chapters begin.
@Suite struct OpeningTests {
  private let root = SourceTree().root!

  @Test func `each chapter begins with a program of its own, and what it prints`()
    throws
  {
    let names = try FileManager.default.contentsOfDirectory(atPath: root + "/chapters")
    let chapters = names.filter { $0.hasSuffix(".md") && $0.first!.isNumber }.sorted()
    #expect(chapters.count > 1)
    // (Chapter 0 is made of programs.)
    for (number, name) in chapters.enumerated().dropFirst() {
      let text = try String(
        contentsOfFile: "\(root)/chapters/\(name)", encoding: .utf8)
      let beginning = text[..<(try #require(text.firstRange(of: "\n**")).lowerBound)]
      let blocks = beginning.matches(of: /(?ms)^```(\S+) (\S+ ?\S*)\n(.*?)^```$/)
      try #require(blocks.count == 2, "\(name)")
      #expect(blocks[0].1 == "swift" && blocks[0].2.hasSuffix("#opening.\(number)"))
      #expect(blocks[1].1 == "text" && blocks[1].2 == "opening \(number)")
      let lines = blocks[0].3.split(separator: "\n")
      #expect((5...15).contains(lines.count), "\(name): \(lines.count) lines")
      #expect(blocks[1].3.hasPrefix("$ swift run opening \(number)\n"))
      #expect(blocks[1].3.split(separator: "\n").count > 1, "\(name): it says nothing")
    }
  }

  @Test(arguments: ["0", "99", "six"])
  func `an opening that is none is not woven`(number: String) {
    var weaver = Weaver()
    let text = "```text opening \(number)\nold\n```\n"
    #expect(weaver.weave(text, file: "chapters/x.md") == text)
    let problem = weaver.problems.first ?? ""
    #expect(problem.hasPrefix("chapters/x.md:1: opening \(number) fails: "))
    #expect(problem.contains("of which chapter? Say: swift run opening 1"))
  }
}
