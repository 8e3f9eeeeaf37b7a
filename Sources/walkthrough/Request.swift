/// What the reader wrote behind `walkthrough`, understood.
struct Request {
  /// What is to be done. Without a word that says so, it is the usual.
  private(set) var command = Command.usual
  /// Its arguments, in order.
  private(set) var arguments: [String] = []
  /// What each option was given, by name; one without a value has the empty text.
  private var options: [String: [String]] = [:]
  /// The step at which to begin: what stands behind the colon in `accept:25`.
  private(set) var step: Int?
  /// The last word is an option, and its value is still to come.
  private(set) var isUnfinished = false

  /// Something that cannot be meant, in one line.
  struct Mistake: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  func has(_ option: Option) -> Bool { options[option.name] != nil }
  /// What stands behind an option, as often as it was given.
  func values(of option: Option) -> [String] { options[option.name] ?? [] }

  /// - Parameter words: what was written, without the program's own name.
  init(_ words: [String]) throws(Mistake) {
    try self.init(unchecked: words)
    try checkOptions()
    try checkArguments()
  }

  /// Only takes the words apart; whether they fit together is another question.
  init(unchecked words: [String]) throws(Mistake) {
    var rest = words[...]
    var hasWord = false
    var isHelp = false
    while let word = rest.popFirst() {
      if word == Option.help.name || word == "-h" {
        isHelp = true
      } else if let named = Command.named(word), !hasWord {
        (command, hasWord) = (named, true)
      } else if word.hasPrefix("-") {
        try take(option: word, &rest)
      } else {
        hasWord = true
        arguments.append(word)
      }
      let next = command.arguments.dropFirst(arguments.count).first
      if next?.isRest == true {
        arguments += rest
        return
      }
    }
    if isHelp {
      arguments = command.name.isEmpty ? Array(arguments.prefix(1)) : [command.name]
      (command, options) = (.help, [:])
    }
  }

  private mutating func take(
    option word: String, _ rest: inout ArraySlice<String>
  ) throws(Mistake) {
    let parts = word.split(
      separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let option = Option.all.first(where: { $0.name == parts[0] }) else {
      if let other = Command.named(word) {
        throw Mistake("one at a time; '\(other.usage)' is too many")
      }
      let names = Option.all.map(\.name) + Command.all.compactMap(\.spelling)
      throw Mistake(
        "there is no option '\(word)'" + suggestion(for: word, among: names))
    }
    var value = parts.count > 1 ? String(parts[1]) : nil
    if option.value == nil {
      if value != nil { throw Mistake("\(option.name) takes no value") }
    } else {
      if has(option) && !option.isRepeatable {
        throw Mistake("\(option.name) once is enough")
      }
      value = value ?? rest.popFirst()
      isUnfinished = value == nil
    }
    options[option.name, default: []].append(value ?? "")
  }

  // MARK: What fits together

  private func checkOptions() throws(Mistake) {
    for option in Option.all where has(option) {
      if !command.options.contains(where: { $0.name == option.name }) {
        let homes = Command.all.filter { command in
          command.options.contains { $0.name == option.name }
        }
        throw Mistake(
          "\(option.name) goes with "
            + homes.map { "`walkthrough \($0.usage)`" }.joined(separator: " or "))
      }
      if let needed = option.needs, options[needed] == nil,
        command.options.contains(where: { $0.name == needed })
      {
        throw Mistake("\(option.name) goes with \(needed)")
      }
      if let other = option.excludes.first(where: { options[$0] != nil }) {
        throw Mistake("\(option.name) and \(other) do not go together; leave one out")
      }
    }
  }

  private mutating func checkArguments() throws(Mistake) {
    for (place, argument) in command.arguments.enumerated() where !argument.isRest {
      guard place < arguments.count else {
        if argument.isOptional { return }
        throw Mistake("which \(argument.noun)? \(argument.hint)")
      }
      if argument.takesStep { try takeStep(at: place) }
      guard let value = argument.value(arguments[place]) else {
        throw Mistake(
          "there is no \(argument.noun) '\(arguments[place])'"
            + nearest(to: arguments[place], argument) + " \(argument.hint)")
      }
      arguments[place] = value
    }
    let room = command.arguments.count
    if arguments.count > room && command.arguments.last?.isRest != true {
      throw Mistake("one at a time; '\(arguments[room])' is too many")
    }
  }

  private mutating func takeStep(at place: Int) throws(Mistake) {
    let word = arguments[place]
    guard let colon = word.lastIndex(of: ":") else { return }
    guard let number = Int(word[word.index(after: colon)...]), number > 0 else {
      throw Mistake(
        "'\(word)': the number of a step stands behind the colon, accept:25")
    }
    (arguments[place], step) = (String(word[..<colon]), number)
  }

  /// What was meant, perhaps: a value of this argument, or another command, or what
  /// another command takes.
  private func nearest(to word: String, _ argument: Argument) -> String {
    if !command.name.isEmpty {
      return suggestion(for: word, among: argument.values())
    }
    for other in Command.visible {
      if let first = other.arguments.first, let value = first.find?(word),
        first.values().contains(value)
      {
        return "; did you mean '\(other.name) \(value)'?"
      }
    }
    return suggestion(
      for: word, among: argument.values() + Command.visible.map(\.name))
  }
}

/// `; did you mean '--plain'?`, or nothing if nothing is near.
func suggestion(for word: String, among words: [String]) -> String {
  // A number is near to others by what it says, not by how it is written.
  if let number = Int(word),
    let near = words.compactMap({ Int($0) }).min(by: {
      abs($0 - number) < abs($1 - number)
    })
  {
    return "; did you mean '\(near)'?"
  }
  let typed = word.lowercased()
  let near = words.map { (word: $0, distance: editDistance(typed, $0.lowercased())) }
    .filter { $0.distance <= max(2, typed.count / 2) }
    // A word of two or three letters is near to too many.
    .filter { typed.count > 3 || typed.first == $0.word.lowercased().first }
  return near.min { $0.distance < $1.distance }.map { "; did you mean '\($0.word)'?" }
    ?? ""
}

/// How many letters must be added, dropped or exchanged to make one of the other.
func editDistance(_ a: String, _ b: String) -> Int {
  let b = Array(b)
  // `row[j]`: from as much of `a` as we have seen to the first j letters of `b`.
  var row = Array(0...b.count)
  for (i, letter) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for j in b.indices {
      let exchanged = diagonal + (letter == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(exchanged, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
