import EventLoops
import Streams
import Testing
import Transports

@testable import Recording
@testable import Scars
@testable import Scenarios
import Telling

/// What a sentence claims is what happened.
struct Sentences {
  private func tell(
    _ scripted: Bool, _ program: @escaping (Stage) async throws -> Void
  ) throws -> [String] {
    let recorder = Recorder()
    let stage =
      try scripted ? Stage(recorder, [], selector: []) : Stage(recorder)
    try stage.run(stage.loop.createTask { try await program(stage) })
    return Trace(scenario: "", steps: recorder.steps).tellings.map(\.sentence)
  }

  @Test func `bytes that are thrown away have not left`() throws {
    var kept = 0
    let sentences = try tell(false) { stage in
      let socket = try stage.pair()
      let (_, writer) = try await stage.loop.openConnection(sock: socket)
      try writer.write([UInt8](repeating: 120, count: 1_000_000))
      kept = writer.transport.getWriteBufferSize()
      writer.transport.abort()
      try await writer.waitClosed()
    }
    #expect(kept > 0)
    #expect(
      sentences.contains("Transport-1 throws away what it kept, \(kept) bytes"))
    #expect(!sentences.contains { $0.contains("has an empty buffer again") })
  }

  @Test func `bytes that the end of the loop throws away, too`() throws {
    var kept = 0
    let sentences = try tell(false) { stage in
      let socket = try stage.pair()
      let (_, writer) = try await stage.loop.openConnection(sock: socket)
      try writer.write([UInt8](repeating: 120, count: 1_000_000))
      kept = writer.transport.getWriteBufferSize()
    }
    #expect(kept > 0)
    let end = "Transport-1 throws away what it kept, \(kept) bytes, has lost"
    #expect(sentences.contains { $0.hasPrefix(end) })
  }

  @Test func `a timer says how long it is until then`() throws {
    let sentences = try tell(true) { stage in
      try await stage.loop.sleep(0.0134)
      try stage.loop.callLater(0.05, "alarm") {}
    }
    #expect(
      sentences.contains(
        "alarm is put on the schedule: due in 50 ms, at 63.4 ms on the loop's clock"))
  }

  @Test(arguments: [Double.infinity, 1e300, -.infinity])
  func `a delay beyond all measure can be told, written and read`(delay: Double) throws
  {
    let recorder = Recorder()
    let stage = try Stage(recorder, [], selector: [])
    let loop = stage.loop
    try stage.run(
      loop.createTask {
        let timer = try loop.callLater(delay, "never") {}
        try await loop.sleep(0)
        timer.cancel()
      })
    let trace = Trace(scenario: "never", steps: recorder.steps)
    let end = delay < 0 ? "due in 0 s, at 0 s on" : "due in more than 30 years, at more"
    let sentences = trace.tellings.map(\.sentence)
    #expect(sentences.contains { $0.hasPrefix("never is put on the schedule: \(end)") })
    let lines = trace.tellings.map { jsonLine($0, SourceTree()) }
    let again = try TraceReader.read(jsonHead(trace) + lines.joined())
    #expect(again.tellings.map(\.sentence) == sentences)
  }
}
