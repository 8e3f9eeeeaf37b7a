import Foundation
import Scars
import Testing

/// What the Tab key offers, asked of real shells.
struct CompletionTests {
  static let lines: [([String], [String])] = [
    (["accept-s"], ["accept-spurious"]),
    (["ver"], ["version"]),
    (["scar", "A"], Scar.all.map(\.id).filter { $0.hasPrefix("A") }.sorted()),
    (["completion", ""], ["bash", "fish", "zsh"]),
    (["weave", "--"], ["--check", "--help"]),
    (
      ["accept", "--plain", "--"],
      ["--help", "--live", "--port", "--predict", "--what-if"]
    ),
    (["accept", "--json", "--p"], ["--port", "--predict"]),
    (["accept", "--live", "--port", ""], []),
    (["accept", ""], []),
  ]

  /// Runs a shell in which the program is to be found.
  private func run(_ shell: String, _ options: [String], _ script: String) throws
    -> [String]
  {
    let folder = URL(fileURLWithPath: Program.path).deletingLastPathComponent().path
    let path = "export PATH='\(folder)':$PATH\n"
    let outcome = try Program.run(options + ["-c", path + script], path: shell)
    #expect((outcome.code, outcome.error) == (0, ""))
    return outcome.output.split(separator: "\n").map(String.init).sorted()
  }

  private static func shell(_ name: String) -> String {
    ["/bin", "/usr/bin", "/usr/local/bin"].map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) } ?? ""
  }

  private func quoted(_ words: [String]) -> String {
    words.map { "'\($0)'" }.joined(separator: " ")
  }

  @Test(.enabled(if: shell("bash") != "", "there is no bash"), arguments: lines)
  func `bash`(_ words: [String], _ offers: [String]) throws {
    let offered = try run(
      Self.shell("bash"), ["--norc"],
      """
      eval "$(walkthrough completion bash)"
      complete -p walkthrough >/dev/null
      COMP_WORDS=(walkthrough \(quoted(words)))
      COMP_CWORD=\(words.count)
      _walkthrough walkthrough
      printf '%s\\n' "${COMPREPLY[@]}"
      """)
    #expect(offered == offers)
  }

  @Test(.enabled(if: shell("zsh") != "", "there is no zsh"), arguments: lines)
  func `zsh`(_ words: [String], _ offers: [String]) throws {
    // Outside of its line editor zsh has no `compadd`; this one prints.
    let offered = try run(
      Self.shell("zsh"), ["-f"],
      """
      compdef() { [[ $1 = _walkthrough && $2 = walkthrough ]] }
      eval "$(walkthrough completion zsh)" || exit 1
      compadd() { print -l -- "${(@P)2}" }
      _files() { }
      words=(walkthrough \(quoted(words)))
      CURRENT=$#words
      _walkthrough
      """)
    #expect(offered == offers)
  }

  @Test(.enabled(if: shell("fish") != "", "there is no fish"), arguments: lines)
  func `fish`(_ words: [String], _ offers: [String]) throws {
    let line = (["walkthrough"] + words).joined(separator: " ")
    let offered = try run(
      Self.shell("fish"), ["--no-config"],
      "walkthrough completion fish | source; complete -C '\(line)'")
    #expect(offered == offers)
  }
}
