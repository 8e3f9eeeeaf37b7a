import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

@testable import Transports

/// Who owns a descriptor, and for how long: the bugs that made it a question.
@Suite struct ScarsOfDescriptors {
  @Test func `T12 nobody else touches a transport's descriptor`() throws {
    let stage = try Stage((.send(fd: 5, count: 4), .number(1)))
    let loop = stage.loop
    try stage.transport.write(pattern(4))
    let (reader, writer) = (stage.reader, stage.writer)
    #expect(throws: RuntimeError.self) { try loop.addWriter(5) {} }
    #expect(throws: RuntimeError.self) { try loop.removeWriter(5) }
    #expect(throws: RuntimeError.self) { try loop.addReader(5) {} }
    #expect(throws: RuntimeError.self) { try loop.removeReader(5) }
    #expect(stage.reader === reader && stage.writer === writer)

    // So the response that was sent in half is sent to its end.
    stage.replay.kernel.expect((.sendmsg(fd: 5, counts: [3]), .number(3)))
    stage.turn(.write)
    #expect(stage.writer == nil)

    stage.transport.close()
    stage.replay.settle()
    #expect(try !loop.removeReader(5))
    try loop.addReader(5) {}
    #expect(try loop.removeReader(5))
    try loop.close()
  }

  @Test func `T12 a coroutine that would wait on it is refused as well`() throws {
    try inTime { loop in
      let (transport, peer) = try await made(loop, Diary())
      let socket = try #require(transport.getExtraInfo("socket") as? Socket)
      // Who is not refused waits for this, and not for ever.
      try loop.callSoon { peer.close() }
      await #expect(throws: RuntimeError.self) {
        _ = try await loop.sockRecv(socket, 10)
      }
      await #expect(throws: RuntimeError.self) {
        try await loop.sockSendall(socket, pattern(1_000_000))
      }
      #expect(loop.handlers(of: transport.fd)?.reader?.name.label == "readReady")
    }
  }

  @Test func `T13 a number that belongs to an open transport gets no second one`()
    throws
  {
    let stage = try Stage()
    let loop = stage.loop
    // The user closes the socket and not the transport. The kernel forgets the
    // number, and gives it to the next socket.
    try #require(stage.transport.getExtraInfo("socket") as? Socket).close()
    let next = stage.replay.socket(5)
    #expect(throws: RuntimeError.self) {
      try SocketTransport.make(loop, next, Diary())
    }
    let task = try loop.createTask {
      _ = try await loop.createConnection({ Diary() }, sock: next)
    }
    loop.runOnce()
    #expect(throws: RuntimeError.self) { try task.result() }
    // Both times the socket is still the caller's.
    #expect(next.descriptor == 5)
    #expect(loop.transports[5] === stage.transport && stage.closes == 1)

    // When the old transport is told, the number is free.
    stage.transport.close()
    stage.replay.settle()
    #expect(stage.diary.entries == ["made", "lost"] && next.descriptor == 5)
    Stage.expectBirth(stage.replay.kernel)
    let new = try SocketTransport.make(loop, next, Diary())
    #expect(loop.transports[5] === new)
    try loop.close()
  }

  @Test func `T13 a transport that is lost lets go of a number that is another's`()
    throws
  {
    let stage = try Stage()
    let (loop, old) = (stage.loop, stage.transport)
    old.close()
    // Its end is queued only. Meanwhile the number is given to the next one.
    try #require(old.getExtraInfo("socket") as? Socket).close()
    Stage.expectBirth(stage.replay.kernel)
    let diary = Diary()
    let new = try #require(
      try SocketTransport.make(loop, stage.replay.socket(5), diary))
    loop.runOnce()
    #expect(stage.diary.entries == ["made", "lost"] && diary.entries == ["made"])
    #expect(loop.transports[5] === new)

    // Nor does anything that is said to the old one reach the new one.
    let reader = try #require(stage.reader)
    old.pauseReading()
    old.resumeReading()
    old.writeEof()
    old.close()
    old.abort()
    try old.write([1])
    #expect(stage.reader === reader && !reader.cancelled() && stage.writer == nil)
    stage.replay.kernel.expect((.recv(fd: 5, limit: 262_144), .bytes([1])))
    stage.turn(.read)
    #expect(diary.entries == ["made", "data 1"])
    new.abort()
    stage.replay.settle()
    #expect(loop.transports.isEmpty && stage.closes == 2)
    try loop.close()
  }

  @Test func `T13 an open transport is not forgotten, and gives its number back once`()
    throws
  {
    let replay = try ScriptedLoop()
    Stage.expectBirth(replay.kernel)
    replay.kernel.expect(
      (.recv(fd: 5, limit: 262_144), .bytes([1])),
      (.recv(fd: 5, limit: 262_144), .bytes([])))
    let diary = Diary()
    weak let transport = try SocketTransport.make(replay.loop, replay.socket(5), diary)
    replay.loop.runOnce()
    // The program forgets it. The loop does not.
    diary.transport = nil
    #expect(transport != nil)
    replay.selector.report([5: .read], [5: .read])
    replay.loop.runOnce()
    replay.loop.runOnce()
    replay.settle()
    #expect(diary.entries == ["made", "data 1", "eof", "lost"])
    // Lost, and only now gone.
    #expect(transport == nil && replay.kernel.calls.suffix(1) == [.close(fd: 5)])
    try replay.loop.close()
    #expect(replay.kernel.calls.count { $0 == .close(fd: 5) } == 1)
  }

  @Test func `T13 the number comes back from the real kernel, and the stream reads`()
    throws
  {
    try inTime { loop in
      var numbers: Set<Int32> = []
      for _ in 1...3 {
        let (left, peer) = try socketPair(isBlocking: false)
        let socket = try renumbered(left)
        numbers.insert(socket.descriptor)
        let diary = Diary()
        diary.lost = loop.createFuture(of: Void.self)
        _ = try await loop.createConnection({ diary }, sock: socket)
        try peer.send("hello")
        try peer.shutdown(.write)
        try await diary.lost!.value()
        try await loop.sleep(0)
        #expect(diary.entries == ["made", "data 5", "eof", "lost"])
      }
      #expect(numbers.count == 1 && loop.transports.isEmpty)
    }
  }

  @Test func `C8 the socket of a lost transport closes nobody else's number`() throws {
    let stage = try Stage()
    let kernel = stage.replay.kernel
    // The program keeps its socket, as it well may.
    var kept = stage.transport.getExtraInfo("socket") as? Socket
    try #require(kept != nil)
    stage.transport.abort()
    stage.replay.settle()
    #expect(kernel.calls.count { $0 == .close(fd: 5) } == 1)

    // From here on 5 may be anybody's: neither this nor the end of the object is for it.
    kept?.close()
    kept = nil
    #expect(kernel.calls.count { $0 == .close(fd: 5) } == 1)
    try stage.loop.close()
  }
}
