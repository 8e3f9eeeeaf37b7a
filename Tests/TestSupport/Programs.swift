import Foundation
package import Testing

/// What a chapter says of system calls, and a few things that only Linux does, hold there.
package let isLinux: Bool = {
  #if os(Linux)
    true
  #else
    false
  #endif
}()

extension Trait where Self == ConditionTrait {
  /// The scenarios' steps, and so the tables in the chapters, are Linux's: elsewhere they
  /// are skipped, and the test says why.
  package static var onLinux: Self {
    .enabled(if: isLinux, "the steps in the chapters are those of Linux")
  }
}

/// Where the tests are, and so what else was built: both come out of one build.
package func builtProgram(_ name: String) -> String {
  let me = Bundle.main.executableURL ?? URL(fileURLWithPath: "")
  let built = me.deletingLastPathComponent().appendingPathComponent(name).path
  if FileManager.default.isExecutableFile(atPath: built) { return built }
  // Some runners start a helper that loads the tests: then ask for the tests' file.
  return Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent().path }
    .map { $0 + "/" + name }
    .first { FileManager.default.isExecutableFile(atPath: $0) } ?? built
}

/// A command, for `/usr/bin/env`, that is killed after so many seconds. (Not every system
/// has `timeout`, and the alarm may be blocked in whoever starts it.)
package func limited(_ seconds: Int, _ command: [String]) -> [String] {
  let script = """
    use POSIX; sigprocmask(SIG_UNBLOCK, POSIX::SigSet->new(SIGALRM)); \
    alarm shift; exec @ARGV or exit 127
    """
  return ["perl", "-e", script, "\(seconds)"] + command
}

/// Our environment, for a program that leaves something behind on purpose: the address
/// sanitizer says nothing of leaks.
package var withoutLeaks: [String: String] {
  ProcessInfo.processInfo.environment.merging(["ASAN_OPTIONS": "detect_leaks=0"]) { $1 }
}
