import EventLoops
import Sockets
import TestSupport
import Testing

/// Times that are none, and times that are very long.
@Suite struct Arguments {
  @Test func `what is not a number is no time`() throws {
    try inTime { loop in
      #expect(throws: ValueError.self) { try loop.callLater(.nan) {} }
      #expect(throws: ValueError.self) { try loop.callAt(.signalingNaN) {} }
      await #expect(throws: ValueError.self) { try await loop.sleep(.nan) }
      await #expect(throws: ValueError.self) {
        try await loop.waitFor(-.nan) { Issue.record("it must not begin") }
      }
      await #expect(throws: ValueError.self) {
        try await loop.shutdownDefaultExecutor(timeout: .nan)
      }
      let answer = try await loop.runInExecutor { 42 }.value()
      #expect(answer == 42)
      // One is left: `inTime`'s.
      #expect(loop.scheduled.elements.filter { !$0.cancelled() }.count == 1)
    }
  }

  @Test func `a time that is over is now, one that is infinite is never`() throws {
    try inTime { loop in
      var seen: [String] = []
      try loop.callLater(-.infinity) { seen.append("long ago") }
      try loop.callAt(-1e300) { seen.append("very long ago") }
      let never = try loop.callLater(.infinity) { Issue.record("too early") }
      try loop.callLater(1e300) { Issue.record("too early") }
      try await loop.sleep(-.infinity)
      try await loop.sleep(0)
      #expect(seen == ["long ago", "very long ago"])
      await #expect(throws: TimeoutError.self) {
        try await loop.waitFor(0.001) { try await loop.sleep(.infinity) }
      }
      #expect(try await loop.waitFor(.infinity) { 42 } == 42)
      await #expect(throws: TimeoutError.self) {
        try await loop.waitFor(-.infinity) { try await loop.sleep(0) }
      }
      never.cancel()
    }
  }
}
