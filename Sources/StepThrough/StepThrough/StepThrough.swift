// StepThrough: a program of the reader's own, recorded as a scenario is. It stands on all
// floors of the demo but the scenarios' own, and what it knows of the program is a closure.

import CLibrary
public import EventLoops
import Recording
import Screen
import Sockets
import Telling
import Terminal

/// `run`, watched: makes a loop, runs `main` on it, and shows every step that it did.
///
/// It is for looking, not for production. First the program runs, to its end or until
/// Ctrl-C, then the steps are on the screen, beside the program's own source. Without a
/// terminal, or with `--plain`, they are text; `--json` writes a trace that `walkthrough
/// open` reads; with `--live` one steps while the program runs. These words stand on the
/// program's own command line, or, if it has other ideas about that, in the variable
/// `STEP_THROUGH`.
///
/// What is seen is this loop, and each socket that is made in its thread while it runs.
/// What is not: another loop, other threads, a detached task, and a socket that was there
/// before.
///
/// - Parameters:
///   - debug: see `EventLoop.debug`.
///   - limit: so many steps are recorded; then `main` is cancelled, as Ctrl-C does it.
///   - main: what to run.
/// - Returns: what `main` returns, after the reader has quit.
/// - Throws: what `run` throws; `KeyboardInterrupt` also after the last step that is
///   recorded.
public func stepThrough<Value>(
  debug: Bool = false, limit: Int = 10_000,
  file: StaticString = #fileID, path: StaticString = #filePath, line: UInt = #line,
  _ main: sending @escaping (EventLoop) async throws -> Value
) throws -> Value {
  if EventLoop.running != nil {
    throw RuntimeError("stepThrough() inside a running event loop: await the body")
  }
  let wishes: Wishes
  do { wishes = try Wishes() } catch {
    complain("\(error)")
    exit(2)
  }
  let name = String("\(file)".prefix { $0 != "/" })
  let view = View(
    name: name, tree: SourceTree(withProgram: "\(file)", at: "\(path)"),
    wishes: wishes)
  complain(
    "\(name) is recorded, for looking at and not for production: this loop, and the "
      + "sockets made in its thread; no other loop, thread or detached task")
  let watched = Watched(
    debug: debug, limit: wishes.limit ?? limit, site: CallSite(file, line), main)
  return try wishes.isLive ? view.live(watched) : view.afterwards(watched)
}

/// The reader's program with a recorder in front of its kernel.
///
/// It goes to the loop's thread, and nobody touches it there until that is done.
struct Watched<Value>: @unchecked Sendable {
  private let debug: Bool
  private let limit: Int
  private let site: CallSite
  private let main: (EventLoop) async throws -> Value

  init(
    debug: Bool, limit: Int, site: CallSite,
    _ main: @escaping (EventLoop) async throws -> Value
  ) {
    (self.debug, self.limit, self.site, self.main) = (debug, limit, site, main)
  }

  /// Runs it in this thread.
  func run(_ recorder: Recorder, catchingInterrupt: Bool) -> Result<Value, any Error> {
    let kernel = RecordingKernel(systemKernel, recorder)
    kernel.listenOnlyHere()
    let show = recorder.onStep
    nonisolated(unsafe) var isCut = false
    recorder.onStep = { [unowned recorder, limit, site] step in
      show?(step)
      if step.number == limit {
        isCut = true
        cut(recorder, limit, site)
      }
    }
    nonisolated(unsafe) let main = main
    return Result {
      do {
        return try withKernelInFront(kernel) {
          let loop = try EventLoop(
            kernel: kernel, observer: recorder, debug: debug)
          recorder.loop = loop
          return try EventLoops.run(
            loop, catchingInterrupt: catchingInterrupt, file: site.file,
            line: site.line, main)
        }
      } catch let error as CancellationError {
        throw isCut ? KeyboardInterrupt() : error
      }
    }
  }
}

/// The page is full. The program hears of it as of Ctrl-C.
private func cut(_ recorder: Recorder, _ limit: Int, _ site: CallSite) {
  recorder.conclude(
    "the recording is full: what comes after \(limit) steps is cut, and the program is "
      + "cancelled", at: site)
  recorder.endPart()
  try? recorder.loop?.callSoonThreadsafe {
    for task in EventLoop.running?.allTasks() ?? [] { task.cancel() }
  }
}
