import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

@testable import Transports

/// A transport owns its descriptor to the very end, and lets go of everything there.
@Suite struct Owners {
  @Test func `a transport that still flushes is not robbed of its writer`() throws {
    let stage = try Stage((.send(fd: 5, count: 4), .number(1)))
    let (loop, socket) = (stage.loop, stage.replay.socket(5))
    try stage.transport.write(pattern(4))
    stage.transport.close()
    let writer = try #require(stage.writer)
    let first = RuntimeError("descriptor 5 belongs to a transport: use the transport")
    #expect(throws: first) { try loop.addWriter(5) {} }
    #expect(throws: first) { try loop.removeWriter(5) }
    #expect(throws: first) { try loop.addReader(5) {} }
    #expect(throws: first) { try SocketTransport.make(loop, socket, Diary()) }
    stage.replay.kernel.expect((.send(fd: 5, count: 1), .error(EAGAIN)))
    let task = try loop.createTask { try await loop.sockSendall(socket, [1]) }
    loop.runOnce()
    #expect(throws: first) { try task.result() }
    #expect(stage.writer === writer && !writer.cancelled())

    stage.replay.kernel.expect((.sendmsg(fd: 5, counts: [3]), .number(3)))
    stage.turn(.write)
    stage.replay.settle()
    #expect(stage.diary.entries == ["made", "lost"])
    try loop.addWriter(5) {}
    #expect(try loop.removeWriter(5))
    stage.replay.kernel.expect((.close(fd: 5), .done))
    socket.close()
    try loop.close()
  }

  @Test(arguments: ["reader", "task"])
  func `no transport on a descriptor that is somebody else's`(first: String) throws {
    let replay = try ScriptedLoop()
    let loop = replay.loop
    let socket = replay.socket(5)
    if first == "task" {
      replay.kernel.expect((.recv(fd: 5, limit: 1), .error(EAGAIN)))
      try loop.createTask { _ = try await loop.sockRecv(socket, 1) }
      loop.runOnce()
    } else {
      try loop.addReader(5) {}
    }
    let reader = try #require(loop.handlers(of: 5)?.reader)
    let task = try loop.createTask {
      _ = try await loop.createConnection({ Diary() }, sock: socket)
    }
    loop.runOnce()
    #expect(throws: RuntimeError.self) { try task.result() }
    // And the socket is still the caller's.
    #expect(socket.descriptor == 5 && loop.handlers(of: 5)?.reader === reader)
    try loop.close()
  }

  enum Act: CaseIterable { case pause, drained, close, abort, write }

  @Test(arguments: Act.allCases)
  func `a change that the kernel refuses is the end of the connection`(act: Act) throws
  {
    let stage = try Stage((.send(fd: 5, count: 4), .number(1)))
    let transport = stage.transport
    let refusal = SystemError(ENOMEM, in: "epoll_ctl")
    if act == .write { stage.replay.selector.refusal = refusal }
    try transport.write(pattern(4))
    stage.replay.selector.refusal = refusal
    switch act {
    case .pause: transport.pauseReading()
    case .close: transport.close()
    case .abort: transport.abort()
    case .write: break
    case .drained:
      stage.replay.kernel.expect((.sendmsg(fd: 5, counts: [3]), .number(3)))
      stage.turn(.write)
    }
    #expect(transport.isClosing() && transport.getWriteBufferSize() == 0)
    stage.replay.settle()
    // Who has asked for the end gets what was asked for.
    let lost = act == .abort ? "lost" : "lost: \(refusal)"
    #expect(stage.diary.entries == ["made", lost] && stage.isGone)
    stage.replay.selector.refusal = nil
    try stage.loop.close()
  }

  @Test func `in connectionLost the connection is lost already`() throws {
    let stage = try Stage((.send(fd: 5, count: 4), .number(1)))
    let transport = stage.transport
    try transport.write(pattern(4))
    transport.close()
    stage.diary.onLost = {
      // The script would notice a byte, and the queue a second end.
      try transport.write([1])
      try transport.writelines([[1], [2]])
      transport.abort()
    }
    stage.replay.kernel.expect((.sendmsg(fd: 5, counts: [3]), .number(3)))
    stage.turn(.write)
    #expect(stage.diary.entries == ["made", "lost"] && stage.isGone)
    try stage.loop.close()
  }

  @Test func `a transport that is kept does not keep its loop`() throws {
    var kept: SocketTransport?
    weak var freed: EventLoop?
    do {
      let stage = try Stage()
      freed = stage.loop
      kept = stage.transport
      stage.transport.close()
      stage.replay.settle()
      try stage.loop.close()
    }
    #expect(kept?.isClosing() == true && freed == nil)
    // Nor does anything that is said to it now need one.
    try kept?.write([1])
    try kept?.setWriteBufferLimits(high: 1)
    kept?.pauseReading()
    kept?.resumeReading()
    kept?.writeEof()
    kept?.close()
    kept?.abort()
  }
}
