import Book
import Testing

/// The part of Markdown that the chapters use is read, and the rest is refused.
@Suite struct MarkdownTests {
  private func read(_ text: String) throws -> [MarkdownBlock] {
    try markdown(text, file: "x.md")
  }

  @Test func `paragraphs, headings and what is in a line`() throws {
    #expect(
      try read("# A `b`\n\nOne *two* **three**\n`f(*x*)` [link](y.md#z).\n") == [
        .heading(level: 1, [.text("A "), .code("b")]),
        .paragraph([
          .text("One "), .emphasis([.text("two")]), .text(" "),
          .strong([.text("three")]),
          .text("\n"), .code("f(*x*)"), .text(" "),
          .link([.text("link")], target: "y.md#z"), .text("."),
        ]),
      ])
    // What only looks like markup is text.
    #expect(try read("2 * 3 and a[0]") == [.paragraph([.text("2 * 3 and a[0]")])])
  }

  @Test func `an image says in words what it shows, on more than one line`() throws {
    #expect(
      try read("![One \"thing\",\nanother.](pictures/x.svg)\n") == [
        .paragraph([
          .image(alt: "One \"thing\",\nanother.", target: "pictures/x.svg")
        ])
      ])
  }

  @Test func `lists with paragraphs and details in them`() throws {
    let text = """
      1. First
         line.

         <details><summary>Answer</summary>

         Yes.
         </details>

      2. Second
      """
    #expect(
      try read(text) == [
        .list(
          start: 1,
          [
            [
              .paragraph([.text("First\nline.")]),
              .details(summary: [.text("Answer")], [.paragraph([.text("Yes.")])]),
            ], [.paragraph([.text("Second")])],
          ])
      ])
  }

  @Test func `tables, code and what is woven`() throws {
    let text = """
      <!-- steps accept 1-2 step,what -->
      | step | what |
      |---|---|
      | 1 | a \\| b |
      <!-- /steps -->

      ```swift Sources/X.swift#label
      let x = 1
      ```
      """
    #expect(
      try read(text) == [
        .woven(
          "steps accept 1-2 step,what",
          [
            .table(
              head: [[.text("step")], [.text("what")]],
              rows: [[[.text("1")], [.text("a | b")]]])
          ]), .code(info: "swift Sources/X.swift#label", ["let x = 1"]),
      ])
  }

  @Test(arguments: [
    ("text\n\n<b>bold</b>", "x.md:3: "),
    ("```\nno end", "x.md:1: this block has no end"),
    ("| a |\n| b |", "x.md:2: the second line of a table"),
    ("| a |\n|---|\n| b | c |", "x.md:3: 2 cells below a head of 1"),
    ("*open", "x.md:1: there is no * that ends this emphasis"),
    ("<!-- steps x -->\n\nlost", "x.md:1: there is no <!-- /steps --> below this"),
    ("a <i>b</i>", "x.md:"), ("> quoted", "x.md:1: "),
  ])
  func `what the book does not know is an error with a place`(
    text: String, message: String
  ) throws {
    let error = #expect(throws: MarkdownError.self) { try read(text) }
    #expect(try #require(error).description.hasPrefix(message))
  }
}
