import EventLoops
import Recording
import Scenarios
import Selectors
import Simulation
import Sockets
import Transports

// "Close requested" is not "connection lost". In between the buffer leaves, and then
// the program has its say, in `resumeWriting`.

extension Scar {
  /// The program has closed, and has a last word to say when the rest has left.
  static let t9 = Replay(before: "asyncio 3.12 to 3.13.1") { recorder, shape in
    let stage = try Stage(
      recorder,
      Stage.script(
        (.send(fd: 5, count: 100), .number(10)),
        (.sendmsg(fd: 5, counts: [90]), .number(90)),
        // The last word.
        (.send(fd: 5, count: 50), .number(20)),
        (.sendmsg(fd: 5, counts: [30]), .number(30))),
      selector: [[:], [5: .write], [5: .write], [5: .write], [5: .write]])
    stage.hearErrors(noting: false)
    let program = Program(stage.loop)
    program.onMade = { transport in
      // Any byte that has to wait pauses the program.
      try transport.setWriteBufferLimits(high: 0, low: 0)
      program.onResume = {
        program.onResume = {}
        try transport.write([UInt8](repeating: 120, count: 50))
      }
      try transport.write([UInt8](repeating: 120, count: 100))
      transport.close()
    }
    try stage.connect(
      stage.scripted(5, "socket"), program, shape, TransportT9.self)
    try stage.run(turns: 5, program)
    return "\(recorder.sent) of 150 bytes were sent"
      + (stage.errors.last.map { ", and \(stage.errors.count) times \($0)" } ?? "")
  }

  /// The program closes when the rest has left.
  static let t10 = Replay(before: "asyncio until August 2026") { recorder, shape in
    let stage = try Stage(
      recorder,
      Stage.script(
        (.send(fd: 5, count: 100), .number(10)),
        (.sendmsg(fd: 5, counts: [90]), .number(90))),
      selector: [[:], [5: .write]])
    stage.hearErrors(noting: false)
    let program = Program(stage.loop)
    program.onMade = { transport in
      try transport.setWriteBufferLimits(high: 0, low: 0)
      program.onResume = { transport.close() }
      try transport.write([UInt8](repeating: 120, count: 100))
    }
    try stage.connect(
      stage.scripted(5, "socket"), program, shape, TransportT10.self)
    try stage.runUntilStuck(program.over)
    return "the connection was lost, and then "
      + (stage.errors.first.map { "\($0)" } ?? "nothing more")
  }
}

// [scar.t9]
/// In 3.12 a transport kept its own method in a variable. A method holds its object, so
/// this was a circle, and `close` cut it in two (gh-106503). That was too early.
final class TransportT9: OldTransport {
  private var writeReadyMethod: (() throws -> Void)?

  required init(_ loop: EventLoop, _ socket: Socket, _ program: Program) {
    super.init(loop, socket, program)
    writeReadyMethod = { [unowned self] in try writeReady() }
  }

  /// asyncio: _SelectorSocketTransport.close
  override func close() {
    // What is in the buffer still leaves, since the selector has a copy. But this line
    // belongs to `callConnectionLost`.
    writeReadyMethod = nil
    note("the transport forgets its own writeReady")
    super.close()
  }

  /// asyncio: BaseSelectorEventLoop._add_writer
  override func addWriter(file: StaticString, line: UInt) throws {
    // Registered is what the variable holds at this moment.
    let method = writeReadyMethod
    try watchWriter {
      guard let method else {
        throw PythonError(name: "TypeError", reason: "None cannot be called")
      }
      try method()
    }
  }
}

// [scar.t10]
/// It knew that the program may write in `resumeWriting`.
final class TransportT10: OldTransport {
  /// asyncio: _SelectorSocketTransport._write_ready
  override func writeReady(file: StaticString, line: UInt) throws {
    if connLost > 0 { return }
    try sendChunks()
    // Somebody else's code. It may write, and then the buffer is not empty any more. It
    // may close, and then the end stands in the queue.
    try maybeResumeProtocol()
    // Here was missing: return if the end is scheduled.
    if !chunks.isEmpty { return }
    removeWriter()
    if closing {
      // Here was missing, too: say that the end has come.
      try callConnectionLost()
    }
  }
}
