import CLibrary
import Recording
import Scenarios
import Screen
import Telling
import Terminal

/// How the steps of a program come to the reader.
struct View {
  let name: String
  let tree: SourceTree
  let wishes: Wishes

  private var isText: Bool {
    wishes.isPlain || wishes.isJSON || isatty(STDOUT_FILENO) == 0
      || isatty(STDIN_FILENO) == 0 || Terminal.isDumb
  }

  /// First all of it, then the steps.
  func afterwards<Value>(_ program: Watched<Value>) throws -> Value {
    // Signals belong to the process; only its first thread may take them over.
    var result: Result<Value, any Error>?
    let (old, new, changes) = printingElsewhere(isText) {
      courses { recorder in
        result = program.run(recorder, catchingInterrupt: isFirstThread)
      }
    }
    let trace = Trace(scenario: name, by: "stepThrough", steps: new.trace.steps)
    if isText {
      _ = writeOut(TraceFile(trace), title: name, asJSON: wishes.isJSON, tree: tree)
    } else {
      var browser = Browser(trace)
      browser.stand(in: new, changes, beside: changes.isEmpty ? nil : old.trace)
      if case .failure(let error) = result { browser.hint = "it has ended: \(error)" }
      _ = try runFullScreen(browser, tree: tree)
    }
    return try result!.get()
  }

  /// Runs the program once, and, if something is to be otherwise, again for each of that.
  private func courses(
    _ run: (Recorder) -> Void
  ) -> (old: Course, new: Course, changes: [WhatIf]) {
    do throws(WhatIf.Refusal) {
      return try Course.pair(whatIf: wishes.whatIf, isSameEachTime: false) {
        Course(of: name, $0, Recorder(), run)
      }
    } catch {
      complain(error.description)
      exit(2)
    }
  }

  /// Step by step, while it runs.
  func live<Value>(_ program: Watched<Value>) throws -> Value {
    if isText {
      let recorder = Recorder()
      var (text, teller) = (PlainText(), Teller())
      recorder.onStep = { if !write(text.line(teller.tell($0))) { exit(0) } }
      write(PlainText.heading)
      return try program.run(recorder, catchingInterrupt: isFirstThread).get()
    }
    // Written in the loop's thread, read here once that has nothing to do any more.
    nonisolated(unsafe) var result: Result<Value, any Error>?
    let loop = LiveLoop(advice: "it is your turn, in another terminal") { recorder in
      result = program.run(recorder, catchingInterrupt: false)
      _ = try result?.get()
    }
    let code = try runFullScreen(
      Browser(Trace(scenario: name + " (live)"), isLive: true), live: loop, tree: tree)
    // Who quits before the end has seen enough of the program, too.
    guard loop.hasEnded, let result else { exit(code) }
    return try result.get()
  }
}

/// What the program prints meanwhile goes to standard error: the other output is for the
/// steps.
private func printingElsewhere<Value>(_ isNeeded: Bool, _ body: () -> Value) -> Value {
  if !isNeeded { return body() }
  fflush(nil)
  let output = dup(STDOUT_FILENO)
  dup2(STDERR_FILENO, STDOUT_FILENO)
  defer {
    fflush(nil)
    dup2(output, STDOUT_FILENO)
    close(output)
  }
  return body()
}
