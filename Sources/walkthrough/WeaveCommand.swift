import Foundation
import Telling
import Terminal
import Weaving

/// `walkthrough weave`: writes what is woven into the chapters.
/// `walkthrough weave --check`: only says what would change.
///
/// - Returns: 0 if all is well, 1 if something cannot be woven or written or, with
///   `--check`, if something would change; 2 on a system with other steps.
func weaveChapters(isCheck: Bool) -> Int32 {
  if !isLinux {
    complain("the steps in the chapters are those of Linux: weave them there")
    return 2
  }
  var weaver = Weaver()
  var isDifferent = false
  for (name, text) in weaver.weave().sorted(by: { $0.key < $1.key })
  where text.old != text.new {
    isDifferent = true
    if isCheck {
      write(difference(name, text.old, text.new))
      continue
    }
    do {
      try text.new.write(
        toFile: "\(weaver.root)/\(name)", atomically: true, encoding: .utf8)
      write("\(name): woven\n")
    } catch {
      complain("\(name) cannot be written: \(reason(error))")
      return 1
    }
  }
  for problem in weaver.problems { write(problem + "\n", to: STDERR_FILENO) }
  return !weaver.problems.isEmpty || isCheck && isDifferent ? 1 : 0
}

#if os(Linux)
  private let isLinux = true
#else
  private let isLinux = false
#endif

/// The first line that differs; usually it tells what happened to the others too.
private func difference(_ name: String, _ old: String, _ new: String) -> String {
  let (old, new) = (splitLines(old), splitLines(new))
  let place = zip(old, new).enumerated().first { $1.0 != $1.1 }?.offset
  let index = place ?? min(old.count, new.count)
  func line(_ lines: [String]) -> String {
    lines.indices.contains(index) ? lines[index] : "(end of file)"
  }
  return """
    \(name):\(index + 1): run `swift run walkthrough weave`
      is:        \(line(old))
      should be: \(line(new))

    """
}
