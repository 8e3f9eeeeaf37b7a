import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

@Suite struct Smoke {
  @Test func `scripted`() throws {
    let s = try ScriptedLoop(
      (.accept(fd: 5), .error(11)),
      (.accept(fd: 5), .descriptor(6, try SocketAddress("127.0.0.1", port: 4711))))
    let listener = s.socket(5)
    let task = try s.loop.createTask { [loop = s.loop] in
      try await loop.sockAccept(listener).address.description
    }
    #expect(s.ready == ["step of Task-1"])
    s.loop.runOnce()
    #expect(s.ready == [])
    #expect(s.loop.handlers(of: 5)?.reader != nil)
    s.selector.report([5: .read])
    s.loop.runOnce()
    #expect(s.ready == ["sockReadDone", "step of Task-1"])
    s.loop.runOnce()
    #expect(try task.result() == "127.0.0.1:4711")
    #expect(s.loop.handlers(of: 5) == nil)
    try s.loop.close()
    #expect(s.reports.isEmpty)
  }
  @Test func `real`() throws {
    let r = try run { loop in
      let listener = try Socket()
      try listener.bind(SocketAddress("127.0.0.1", port: 0))
      try listener.listen()
      try listener.setBlocking(false)
      let client = try Socket()
      let where_ = try listener.getsockname()
      try loop.callSoon { try client.connect(where_) }
      let (c, a) = try await loop.sockAccept(listener)
      return a == (try client.getsockname()) && !c.isBlocking
    }
    #expect(r)
  }
}
