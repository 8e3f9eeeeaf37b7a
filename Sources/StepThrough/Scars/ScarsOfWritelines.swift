import CLibrary
import EventLoops
import Recording
import Scenarios
import Selectors
import Simulation
import Sockets
import Telling
import Transports

// `writelines` is `write` for several pieces. It became a function of its own in 3.12,
// and four times somebody found a line of `write` that it had not got.

extension Scar {
  /// The kernel takes some of the bytes, and later it would take the others.
  static let t5 = Replay(before: "asyncio 3.12, before it came out") {
    recorder, shape in
    let stage = try Stage(
      recorder,
      Stage.script(
        (.sendmsg(fd: 5, counts: [4, 4]), .number(3)),
        // Only who is called again can offer the rest.
        (.sendmsg(fd: 5, counts: [1, 4]), .number(5))))
    recorder.whenIdle {
      recorder.note("the kernel has room again: the socket is writable")
      stage.scriptedKernel?.epoll?.ready[5] = EpollBits.out
    }
    let program = Program(stage.loop)
    program.onMade = { transport in
      try transport.writelines([Array("head".utf8), Array("body".utf8)])
      transport.close()
    }
    try stage.connect(
      stage.scripted(5, "socket"), program, shape, TransportT5.self)
    let isOver = try stage.runUntilStuck(program.over)
    return "\(recorder.sent) of 8 bytes were sent, and the connection "
      + (isOver ? "was closed" : "was never closed")
  }

  /// A program that writes until it is asked to pause, and a peer that does not read.
  static let t6 = Replay(before: "asyncio 3.12 to 3.13.1") { recorder, shape in
    let stage = try Stage(
      recorder,
      Stage.script(
        (.sendmsg(fd: 5, counts: [200_000, 200_000]), .number(100)),
        // The old one tried each time, whatever waited already.
        (.sendmsg(fd: 5, counts: [199_900, 200_000, 200_000, 200_000]), .error(EAGAIN))),
      selector: [])
    let program = Program(stage.loop)
    let piece = [UInt8](repeating: 120, count: 200_000)
    var written = 0
    program.onMade = { transport in
      // Twice is enough to see it.
      while !program.isPaused && written < 800_000 {
        try transport.writelines([piece, piece])
        written += 400_000
      }
    }
    try stage.connect(
      stage.scripted(5, "socket"), program, shape, TransportT6.self)
    stage.loop.runOnce()
    try stage.end()
    return "the buffer has \(written - recorder.sent) bytes, and the program "
      + (program.isPaused ? "was asked to pause" : "was not asked to pause")
  }

  /// The connection is lost, and a program that has heard of it still has a word to say.
  static let t7 = Replay(before: "asyncio 3.12, until July 2025", isScripted: false) {
    recorder, shape in
    let stage = try Stage(recorder)
    let program = Program(stage.loop)
    var transport: (any AnyTransport)!
    var outcome = ""
    program.onMade = {
      transport = $0
      transport.abort()
    }
    program.over.addDoneCallback("lastWord") { _ in
      do {
        try transport.writelines([Array("good".utf8), Array("bye".utf8)])
        outcome = "writelines returned, and sent \(count(recorder.sent, "byte"))"
      } catch {
        outcome = "writelines threw \(error)"
        let site = (error as? PythonError)?.site ?? CallSite()
        recorder.note("this throws \(error)", file: site.file, line: site.line)
        recorder.note("the program catches \(error)")
      }
    }
    try stage.connect(stage.pair(), program, shape, TransportT7.self)
    try stage.runUntilStuck(program.over)
    return outcome
  }

  /// A header, and a body that happens to be empty.
  static let t8 = Replay(before: "asyncio 3.12, until August 2026", isScripted: false) {
    recorder, shape in
    let stage = try Stage(recorder)
    let program = Program(stage.loop)
    program.onMade = { transport in
      try transport.writelines([Array("hello".utf8), []])
      transport.close()
    }
    try stage.connect(stage.pair(), program, shape, TransportT8.self)
    try stage.run(turns: 4, program)
    let attempts = recorder.calls.count {
      if case .sendmsg(_, [0]) = $0.call { true } else { false }
    }
    return "it sent no bytes \(attempts) times, and the connection "
      + (program.over.done() ? "was closed" : "was not closed")
  }
}

// [scar.t5]
/// The first one: whatever is left will leave later. But when?
final class TransportT5: OldTransport {
  /// asyncio: _SelectorSocketTransport.writelines
  override func writelines(_ chunks: [[UInt8]]) throws {
    self.chunks += chunks
    try writeReady()
    // Here was missing: register the writer. Nobody will ever call `writeReady` again.
  }
}

// [scar.t6]
/// With the line of T5.
final class TransportT6: OldTransport {
  /// asyncio: _SelectorSocketTransport.writelines
  override func writelines(_ chunks: [[UInt8]]) throws {
    self.chunks += chunks
    try writeReady()
    if self.chunks.isEmpty { return }
    try addWriter()
    // Here was missing: look at the high water mark. In `write` this is the very next
    // line.
  }
}

// [scar.t7]
/// With the lines of T5 and T6.
final class TransportT7: OldTransport {
  /// asyncio: _SelectorSocketTransport.writelines
  override func writelines(_ chunks: [[UInt8]]) throws {
    // Here was missing: if the connection is lost, drop the bytes.
    self.chunks += chunks
    try writeReady()  // asks, and so it does nothing
    if self.chunks.isEmpty { return }
    try addWriter()  // does not ask, and the loop is `None`
    maybePauseProtocol()
  }
}

// [scar.t8]
/// With the lines of T5, T6 and T7.
final class TransportT8: OldTransport {
  /// asyncio: _SelectorSocketTransport.writelines
  override func writelines(_ chunks: [[UInt8]]) throws {
    if connLost > 0 { return }
    // Here was missing: leave out what is empty. `sendChunks` takes chunks out as long
    // as there are bytes to account for, and an empty one has none.
    self.chunks += chunks
    try writeReady()
    // No byte is left. But a chunk is.
    if self.chunks.isEmpty { return }
    try addWriter()
    maybePauseProtocol()
  }
}
