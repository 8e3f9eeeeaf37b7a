import CLibrary
import EventLoops
import Selectors
import Simulation
import Sockets
import TestSupport
import Testing

@testable import Transports

/// How a transport and its protocol meet.
@Suite struct Birth {
  @Test
  func `TRANS-01 createConnection returns the two, and the transport's addresses`()
    throws
  {
    try inTime { loop in
      let door = try listener()
      let place = try door.getsockname()
      let diary = Diary()
      let (transport, proto) = try await loop.createConnection(
        { diary }, host: "127.0.0.1", port: place.port)
      #expect(proto === diary && diary.transport === transport)
      #expect(transport.getProtocol() === diary)
      #expect(diary.entries == ["made"])

      let (connection, address) = try door.accept()
      #expect(transport.getExtraInfo("sockname") as? SocketAddress == address)
      #expect(transport.getExtraInfo("peername") as? SocketAddress == place)
      let socket = transport.getExtraInfo("socket") as? Socket
      #expect(try socket?.getsockname() == address)
      #expect(transport.getExtraInfo("nonsense") == nil)
      #expect(transport.getExtraInfo("nonsense", default: 5) as? Int == 5)

      // The addresses are remembered, for the time when nobody else knows them.
      diary.lost = loop.createFuture(of: Void.self)
      connection.close()
      try await diary.lost!.value()
      try await loop.sleep(0)
      #expect(transport.getExtraInfo("sockname") as? SocketAddress == address)
      #expect(transport.getExtraInfo("peername") as? SocketAddress == place)
      #expect(transport.getExtraInfo("socket") == nil)
    }
  }

  @Test func `TRANS-02 first connectionMade, then the caller, then the data`() throws {
    let replay = try ScriptedLoop((.setBlocking(fd: 5, false), .done))
    let loop = replay.loop
    Stage.expectBirth(replay.kernel)
    replay.kernel.expect((.recv(fd: 5, limit: 262_144), .bytes([1, 2, 3])))
    let socket = replay.socket(5)
    let diary = Diary()
    let task = try loop.createTask {
      _ = try await loop.createConnection({ diary }, sock: socket)
      diary.entries.append("returned")
    }
    // The selector says "readable" whenever it is asked, from the beginning.
    replay.selector.report([5: .read], [5: .read], [5: .read])
    loop.runOnce()
    #expect(
      replay.ready == ["connectionMade", "addReader", "setResultUnlessCancelled"])
    #expect(diary.entries == [] && replay.selector.keys[5] == nil)
    loop.runOnce()
    #expect(diary.entries == ["made"] && replay.selector.keys[5]?.events == .read)
    loop.runOnce()
    #expect(diary.entries == ["made", "returned", "data 3"])
    #expect(task.done())
    try loop.close()
  }

  @Test func `TRANS-36 the next data goes to the new protocol, in its own way`() throws
  {
    let stage = try Stage(
      (.recv(fd: 5, limit: 262_144), .bytes([1])),
      (.recv(fd: 5, limit: 262_144), .bytes([2, 2])),
      (.recv(fd: 5, limit: 100), .bytes([3, 3, 3])),
      (.recv(fd: 5, limit: 262_144), .bytes([4])))
    let second = Diary()
    let third = Tray()
    stage.turn(.read)
    stage.transport.setProtocol(second)
    #expect(stage.transport.getProtocol() === second)
    stage.turn(.read)
    stage.transport.setProtocol(third)
    stage.turn(.read)
    // And back to plain.
    stage.transport.setProtocol(second)
    stage.turn(.read)
    stage.transport.close()
    stage.replay.settle()
    #expect(stage.diary.entries == ["made", "data 1"])
    #expect(second.entries == ["data 2", "data 1", "lost"])
    #expect(third.entries == ["buffer -1", "updated 3"] && third.bytes == [3, 3, 3])
    #expect(stage.isGone)
    try stage.loop.close()
  }

  @Test func `TRANS-36 a protocol that is changed in dataReceived`() throws {
    let stage = try Stage(
      (.recv(fd: 5, limit: 262_144), .bytes([1])),
      (.recv(fd: 5, limit: 100), .bytes([2, 3])))
    let tray = Tray()
    stage.diary.onData = { [transport = stage.transport] _ in
      transport.setProtocol(tray)
    }
    stage.turn(.read)
    stage.turn(.read)
    stage.transport.abort()
    stage.replay.settle()
    #expect(stage.diary.entries == ["made", "data 1"])
    #expect(tray.entries == ["buffer -1", "updated 2", "lost"])
    // There is nothing left that could be given to anybody.
    stage.transport.setProtocol(stage.diary)
    #expect(stage.isGone)
    try stage.loop.close()
  }
}
