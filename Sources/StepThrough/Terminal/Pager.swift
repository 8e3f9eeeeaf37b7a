// The reader's own pager, where they read everything else. It knows processes.

import CLibrary

/// Shows a file in `$PAGER`, or in `less`, and waits for its end.
///
/// - Parameters:
///   - path: the file.
///   - line: where to begin, counted from 1, if it is one of the pagers that can.
/// - Returns: what went wrong, in a sentence.
func runPager(_ path: String, from line: Int) -> String? {
  let said = getenv("PAGER").map { String(cString: $0) } ?? ""
  let pager = said.isEmpty ? "less" : said
  let name = pager.split(separator: " ").first?.split(separator: "/").last ?? ""
  let canBegin = ["less", "more", "most", "vi", "view", "vim", "nvim"].contains(name)
  // It is a shell's command, with options perhaps.
  let command = pager + (canBegin ? " +\(line)" : "") + " \"$1\""
  let arguments = ["sh", "-c", command, "sh", path]
  var words = arguments.map { strdup($0) } + [nil]
  defer { words.forEach { free($0) } }
  var child = pid_t()
  guard posix_spawn(&child, "/bin/sh", nil, nil, &words, environ) == 0 else {
    return "there is no shell to run \(pager)"
  }
  var status: Int32 = 0
  while waitpid(child, &status, 0) < 0 && errno == EINTR {}
  return [126, 127].contains(status >> 8 & 0xFF)
    ? "'\(pager)' cannot be run; PAGER names another program" : nil
}
