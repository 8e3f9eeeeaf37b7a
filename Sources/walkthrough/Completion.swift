/// A shell that completes words.
enum Shell: String, CaseIterable {
  case bash, zsh, fish

  /// What the reader loads into it. It knows nothing: at each Tab it asks the program
  /// itself what could stand there. Where the program knows nothing, there may be a file.
  var script: String {
    switch self {
    case .bash:
      """
      # eval "$(walkthrough completion bash)"
      _walkthrough() {
        local IFS=$'\\n'
        COMPREPLY=($("$1" complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
      }
      complete -o default -F _walkthrough walkthrough

      """
    case .zsh:
      """
      # eval "$(walkthrough completion zsh)", behind compinit
      _walkthrough() {
        local -a found
        found=("${(@f)$("${words[1]}" complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
        if [[ -n "$found" ]]; then compadd -a found; else _files; fi
      }
      compdef _walkthrough walkthrough

      """
    case .fish:
      """
      # walkthrough completion fish | source
      function __walkthrough
        set -l typed (commandline -opc)
        command $typed[1] complete $typed[2..] (commandline -ct) 2>/dev/null
      end
      complete -c walkthrough -f -a '(__walkthrough)'

      """
    }
  }
}

/// What could stand in the place of the last word.
func completions(of words: [String]) -> [String] {
  let typed = (words.last ?? "").lowercased()
  guard let request = try? Request(unchecked: words.dropLast()) else { return [] }
  let all = typed.hasPrefix("-") ? request.optionsToCome : request.wordsToCome
  return Set(all).filter { !$0.isEmpty && $0.lowercased().hasPrefix(typed) }.sorted()
}

extension Request {
  /// Nothing but options was typed.
  private var isOpen: Bool { command.name.isEmpty && arguments.isEmpty }

  fileprivate var wordsToCome: [String] {
    if isUnfinished { return [] }
    let argument = command.arguments.dropFirst(arguments.count).first
    return (argument?.values() ?? []) + (isOpen ? Command.visible.map(\.name) : [])
  }

  fileprivate var optionsToCome: [String] {
    let options = isOpen ? Option.all : command.options
    let fitting = options.filter { option in
      let others = Option.all.filter {
        option.excludes.contains($0.name) || $0.excludes.contains(option.name)
      }
      return (option.isRepeatable || !has(option)) && !others.contains(where: has)
    }
    return fitting.map(\.name) + [Option.help.name]
      + (isOpen ? Command.visible.compactMap(\.spelling) : [])
  }
}
