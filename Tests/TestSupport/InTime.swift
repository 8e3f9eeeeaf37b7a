package import EventLoops
import SocketOperations
package import Sockets
package import Testing

/// How long a test waits, in seconds, for what has to come: on a machine that has other
/// things to do it takes its time. It is there to end a hang, and measures nothing.
package let patience = 300.0

/// `run` with a limit: what waits for something that never comes has to fail, not to
/// hang.
package func inTime<Value>(
  _ main: sending @escaping (EventLoop) async throws -> Value
) throws -> Value {
  try run { loop in
    let dog = Watchdog()
    try dog.watch(loop, patience)
    defer {
      dog.timer?.cancel()
      // Reports hold transports, those the loop, and the loop holds who keeps reports.
      loop.setExceptionHandler(nil)
    }
    return try await main(loop)
  }
}

/// Cancels the current task when the time is up, and again, should it wait again.
private final class Watchdog {
  var timer: TimerHandle?

  func watch(_ loop: EventLoop, _ delay: Double) throws {
    let task = try #require(loop.currentTask)
    bark(loop, task, delay)
  }

  private func bark(_ loop: EventLoop, _ task: any AnyTask, _ delay: Double) {
    timer = try? loop.callLater(delay) { [self] in
      Issue.record("the time is up")
      task.cancel()
      bark(loop, task, 1)
    }
  }
}

/// What an exception handler was told.
package final class Reports {
  package fileprivate(set) var contexts: [ExceptionContext] = []
  package var messages: [String] { contexts.map(\.message) }
  /// They hold what they are about.
  package func forget() { contexts = [] }
}

extension EventLoop {
  /// From now on: what the exception handler is told.
  package func reports() -> Reports {
    let reports = Reports()
    setExceptionHandler { _, context in reports.contexts.append(context) }
    return reports
  }

  /// Turns, until `condition` holds. It has to come without any time passing but the
  /// kernel's.
  package func until(
    _ condition: () -> Bool, at location: SourceLocation = #_sourceLocation
  ) async throws {
    let deadline = time() + patience
    while !condition() {
      if time() > deadline {
        Issue.record("it never happens", sourceLocation: location)
        throw TimeoutError()
      }
      try await sleep(0)
    }
  }

  /// Some turns.
  package func turns(_ count: Int) async throws {
    for _ in 0..<count { try await sleep(0) }
  }

  /// Reads up to the end of the stream.
  package func readAll(_ socket: Socket) async throws -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let bytes = try await sockRecv(socket, 100_000)
      if bytes.isEmpty { return all }
      all += bytes
    }
  }
}
