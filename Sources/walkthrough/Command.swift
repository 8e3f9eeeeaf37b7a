/// One thing that `walkthrough` can do. Parsing, help, suggestions and completion are
/// read off the list of these, and so is what contradicts what: a new command is an entry
/// in `Command.all` and a function that does it.
struct Command: Sendable {
  /// What to type; empty for the one that needs no word of its own.
  let name: String
  /// The same as an option, for whoever looks for it there: `--list`.
  var spelling: String?
  var arguments: [Argument] = []
  var options: [Option] = []
  /// What it does, in a line; `nil` if it is not for people.
  let help: String?
  /// Does it, and returns the exit code.
  let perform: @Sendable (Request) throws -> Int32

  /// How it is written: `scar ID`.
  var usage: String {
    ([spelling ?? name] + arguments.map(\.usage)).filter { !$0.isEmpty }
      .joined(separator: " ")
  }

  /// Whatever the case of its letters.
  static func named(_ word: String) -> Command? {
    let word = word.lowercased()
    return all.first { !word.isEmpty && ($0.name == word || $0.spelling == word) }
  }

  /// The one that needs no word of its own.
  static var usual: Command { all[0] }

  /// Those that are for people.
  static var visible: [Command] { all.filter { $0.help != nil } }
}

/// A word that a command wants.
struct Argument: Sendable {
  /// What stands for it: `NAME`.
  let name: String
  /// What it is: `scenario`.
  let noun: String
  var isOptional = false
  /// It is any number of words, and whatever they are, they are not ours.
  var isRest = false
  /// What there is to choose from; none, and anything will do.
  var values: @Sendable () -> [String] = { [] }
  /// Which of them is meant by a word, if that is not simply the one that is spelled so.
  var find: (@Sendable (String) -> String?)?
  /// The number of a step may follow: `accept:25`.
  var takesStep = false
  /// Where the reader finds what there is.
  var hint = ""

  var usage: String {
    isOptional ? "[\(name)]" : isRest ? "\(name)…" : name
  }

  /// What is meant by a word, whatever the case of its letters; `nil` if nothing is.
  func value(_ word: String) -> String? {
    if let find { return find(word) }
    let values = values()
    return values.isEmpty
      ? word : values.first { $0.lowercased() == word.lowercased() }
  }
}

/// A word with dashes.
struct Option: Sendable {
  let name: String
  /// What follows it: `N`.
  var value: String?
  /// It may be given several times, and each time means something more.
  var isRepeatable = false
  /// What it does, in a line.
  let help: String
  /// It means nothing without this one.
  var needs: String?
  /// It cannot be meant together with these.
  var excludes: [String] = []

  var usage: String { value.map { "\(name) \($0)" } ?? name }

  /// All that some command has, each once.
  static var all: [Option] {
    var all: [Option] = []
    for option in Command.all.flatMap(\.options)
    where !all.contains(where: { $0.name == option.name }) { all.append(option) }
    return all
  }
}
