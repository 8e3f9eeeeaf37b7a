import CLibrary
import EventLoops
import Selectors
import Simulation
import Sockets
import TestSupport
import Testing

@testable import Transports

/// The bugs that made birth and reading what they are, each on the script that
/// shows it.
@Suite struct ScarsOfReading {
  @Test func `T1 who pauses in connectionMade hears nothing until it resumes`() throws {
    let stage = try Stage(isBorn: false)
    stage.diary.onMade = { $0.pauseReading() }
    #expect(stage.replay.ready == ["connectionMade", "addReader"])
    // The same turn: connectionMade pauses, and addReader stood in the queue already.
    stage.turn(.read)
    #expect(stage.reader == nil && stage.replay.selector.keys[5] == nil)
    stage.turn(.read)
    #expect(stage.diary.entries == ["made"])

    stage.replay.kernel.expect((.recv(fd: 5, limit: 262_144), .bytes([1])))
    stage.transport.resumeReading()
    stage.turn(.read)
    #expect(stage.diary.entries == ["made", "data 1"])
    try stage.loop.close()
  }

  @Test func `T1 no data overtakes connectionMade`() throws {
    // Who is born has no reader yet, so there is nothing that could overtake.
    let stage = try Stage(isBorn: false)
    #expect(stage.replay.selector.keys[5] == nil)
    stage.turn(.read)
    #expect(stage.diary.entries == ["made"] && stage.reader != nil)
    try stage.loop.close()
  }

  @Test(arguments: [true, false])
  func `T2 who is closed in connectionMade is not registered afterwards`(isAbort: Bool)
    throws
  {
    let stage = try Stage(isBorn: false)
    stage.diary.onMade = { isAbort ? $0.abort() : $0.close() }
    stage.turn(.read)
    #expect(stage.replay.ready == ["callConnectionLost"])
    #expect(stage.replay.selector.keys[5] == nil)
    // The data that came early.
    stage.turn(.read)
    #expect(stage.diary.entries == ["made", "lost"])
    #expect(stage.isGone && stage.reports.isEmpty)
    try stage.loop.close()
  }

  @Test func `T2 lost and ready in one turn`() throws {
    let stage = try Stage((.send(fd: 5, count: 1), .error(EAGAIN)))
    try stage.transport.write([1])
    try stage.loop.callSoon { [transport = stage.transport] in transport.abort() }
    stage.turn([.read, .write])
    stage.turn([.read, .write])
    #expect(stage.diary.entries == ["made", "lost"])
    #expect(stage.isGone && stage.reports.isEmpty)
    try stage.loop.close()
  }

  @Test func `T2 a callback of a lost connection touches nothing`() throws {
    // The handles are cancelled, and still the callbacks look for themselves.
    let stage = try Stage((.send(fd: 5, count: 1), .error(EAGAIN)))
    try stage.transport.write([1])
    stage.transport.abort()
    stage.transport.readReady()
    try stage.transport.writeReady()
    stage.replay.settle()
    #expect(stage.isGone)
    stage.transport.readReady()
    try stage.transport.writeReady()
    #expect(stage.diary.entries == ["made", "lost"] && stage.reports.isEmpty)
    try stage.loop.close()
  }

  @Test func `T3 the end of a stream that is kept open is told once`() throws {
    let stage = try Stage((.recv(fd: 5, limit: 262_144), .bytes([])))
    stage.diary.onEnd = { true }
    stage.turn(.read)
    #expect(stage.diary.entries == ["made", "eof"])
    // It is readable, and stays so. Nobody asks any more.
    #expect(stage.replay.selector.keys[5] == nil)
    stage.turn(.read)
    stage.turn(.read)
    #expect(stage.diary.entries == ["made", "eof"])
    #expect(!stage.transport.isClosing() && !stage.transport.isReading())

    // Writing goes on.
    stage.replay.kernel.expect((.send(fd: 5, count: 1), .number(1)))
    try stage.transport.write([1])
    stage.transport.close()
    stage.replay.settle()
    #expect(stage.diary.entries == ["made", "eof", "lost"] && stage.isGone)
    try stage.loop.close()
  }

  @Test func `T3 second act: pause and resume after the end`() throws {
    let stage = try Stage((.recv(fd: 5, limit: 262_144), .bytes([])))
    stage.diary.onEnd = { true }
    stage.turn(.read)
    stage.transport.pauseReading()
    stage.transport.resumeReading()
    #expect(!stage.transport.isReading() && stage.replay.selector.keys[5] == nil)
    stage.turn(.read)
    #expect(stage.diary.entries == ["made", "eof"])
    try stage.loop.close()
  }

  @Test func `T3 second act: paused in eofReceived, resumed later`() throws {
    let stage = try Stage((.recv(fd: 5, limit: 262_144), .bytes([])))
    stage.diary.onEnd = { [transport = stage.transport] in
      transport.pauseReading()
      return true
    }
    stage.turn(.read)
    stage.transport.resumeReading()
    stage.turn(.read)
    #expect(stage.diary.entries == ["made", "eof"])
    #expect(stage.reader == nil && !stage.transport.isClosing())
    stage.transport.abort()
    stage.replay.settle()
    #expect(stage.isGone)
    try stage.loop.close()
  }

  @Test func `T4 an empty buffer is not the end of the stream`() throws {
    // Five bytes wait, but there is no room for them. To ask the kernel all the same
    // would bring a zero, and a zero is the end.
    let tray = Tray()
    tray.onGetBuffer = { UnsafeMutableRawBufferPointer(rebasing: $0[..<0]) }
    tray.onEnd = { true }
    let stage = try Stage(of: tray)
    stage.turn(.read)
    #expect(tray.entries == ["made", "buffer -1"])
    #expect(stage.reports.count == 1)
    stage.replay.settle()
    #expect(tray.entries.count == 3 && tray.entries[2].hasPrefix("lost: "))
    #expect(stage.isGone)
    try stage.loop.close()
  }
}
