import CLibrary
import Selectors
import Sockets

// [run]
/// Makes a loop, runs `main` as a task on it, and closes the loop.
///
/// Tasks that `main` left behind are cancelled and waited for, and then the threads of
/// `runInExecutor`, five minutes at the most. Ctrl-C cancels `main`, so that its
/// clean-up runs; a second Ctrl-C ends the process.
///
/// `sending` in the signature has a reason. Without it, a closure written in
/// `main.swift` belongs to the main actor, and the loop, which occupies the main
/// thread, would wait for it for ever.
///
/// - Parameters:
///   - debug: see `EventLoop.debug`.
///   - main: what to run.
/// - Returns: what `main` returns.
/// - Throws: what `main` throws; `KeyboardInterrupt` if Ctrl-C ended it;
///   `RuntimeError` if this thread runs a loop already.
///
/// asyncio: runners.run, runners.Runner.run
public func run<Value>(
  debug: Bool = false, file: StaticString = #fileID, line: UInt = #line,
  _ main: sending @escaping (EventLoop) async throws -> Value
) throws -> Value {
  if EventLoop.running != nil {
    throw RuntimeError("run() inside a running event loop: await the body instead")
  }
  let kernel = systemKernel
  // With epoll, the one that is slow to forget; with kqueue, the usual one.
  let lazy = try kernel.asEpoll.map { try LazySelector(kernel: $0) }
  let loop = try EventLoop(kernel: kernel, selector: lazy, debug: debug)
  // Signals belong to the process; only its first thread may take them over.
  return try run(
    loop, catchingInterrupt: isFirstThread, file: file, line: line, main)
}

/// `run` on a loop of the caller's.
package func run<Value>(
  _ loop: EventLoop, catchingInterrupt: Bool,
  file: StaticString = #fileID, line: UInt = #line,
  _ main: sending @escaping (EventLoop) async throws -> Value
) throws -> Value {
  defer {
    cancelAllTasks(loop)
    if loop.workers != nil {
      _ = try? loop.runUntilComplete(
        loop.createTask {
          try await loop.shutdownDefaultExecutor(timeout: EventLoop.threadJoinTimeout)
        })
    }
    try? loop.close(file: file, line: line)
  }
  let task = try loop.createTask(file: file, line: line) { try await main(loop) }
  let interrupt = catchingInterrupt ? InterruptHandler(loop, task) : nil
  defer { interrupt?.remove() }
  do {
    return try loop.runUntilComplete(task, file: file, line: line)
  } catch is CancellationError {
    // Ctrl-C's own request is taken back. If another one is left, somebody else
    // has cancelled main as well, and that is what the caller should hear.
    if interrupt?.hasFired == true && task.uncancel() == 0 {
      throw KeyboardInterrupt()
    }
    throw CancellationError()
  }
}

/// Cancels what is left, and runs the loop until it is gone.
///
/// asyncio: runners._cancel_all_tasks
private func cancelAllTasks(_ loop: EventLoop) {
  let left = loop.allTasks()
  if left.isEmpty { return }
  for task in left { task.cancel() }
  // Each of them runs to its end, however long its clean-up takes. One after the
  // other is enough: they all run while we wait for the first.
  for task in left where !task.done() {
    let done = DoneCallback("task is gone", of: task, CallSite()) { _ in loop.stop() }
    task.attach(done, done.site)
    while !task.done() { if (try? loop.runForever()) == nil { return } }
  }
}
