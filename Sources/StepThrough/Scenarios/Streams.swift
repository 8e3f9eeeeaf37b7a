import CLibrary
import EventLoops
import Recording
import Sockets
import Streams
import Transports

// The scenarios of the chapters on streams.

extension Stage {
  /// Leaves something for the peer to send, each piece when the loop has to wait.
  fileprivate func thePeerSends(_ pieces: String...) {
    for piece in pieces {
      recorder.whenIdle { [self] in
        try world.send(piece)
        recorder.note("the peer sends \(shown(piece))")
      }
    }
  }

  fileprivate func tell(_ line: [UInt8]) {
    recorder.note(
      "the program has read \(shown(String(decoding: line, as: UTF8.self)))")
  }
}

/// As one would write it in a program, with its line ends to be seen.
private func shown(_ text: String) -> String { text.debugDescription }

extension Scenario {
  static let streamReadline = Scenario(
    "stream-readline", "two lines that come in three pieces: two awaits, three waiters"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let socket = try stage.connection("socket")
    stage.thePeerSends("to ", "be or\nnot", " to be\n")
    try stage.run(
      loop.createTask("main") {
        let (reader, writer) = try await loop.openConnection(sock: socket)
        for _ in 1...2 {
          // Twice the same line of code. The first time it waits for two pieces. The
          // second time half of its line is there already.
          stage.tell(try await reader.readline())
        }
        writer.close()
        try await writer.waitClosed()
      })
  }

  static let streamLimit = Scenario(
    "stream-limit", "a line beyond the limit: who keeps the bytes? (M8)"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let socket = try stage.connection("socket")
    stage.thePeerSends("this line is too long", ", much\nok\n")
    try stage.run(
      loop.createTask("main") {
        let (reader, writer) = try await loop.openConnection(sock: socket, limit: 8)
        do {
          // It leaves the bytes where they are; asking again would throw again.
          _ = try await reader.readuntil(Array("\n".utf8))
        } catch let error as LimitOverrunError {
          recorder.note("what readuntil throws: \(error)")
        }
        do {
          // It throws away what has come so far. The rest of the line has not.
          _ = try await reader.readline()
        } catch let error as ValueError {
          recorder.note("what readline throws: \(error)")
        }
        for _ in 1...2 { stage.tell(try await reader.readline()) }
        writer.close()
        try await writer.waitClosed()
      })
  }

  static let streamReadexactlyPaused = Scenario(
    "stream-readexactly-paused", "more bytes than the buffer may hold: who waits? (M1)"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let socket = try stage.connection("socket")
    stage.thePeerSends("0123456789", "abcdefghij")
    try stage.run(
      loop.createTask("main") {
        let (reader, writer) = try await loop.openConnection(sock: socket, limit: 4)
        // Half of them are more than twice the limit, so the transport is paused, and
        // we need the other half.
        stage.tell(try await reader.readexactly(20))
        writer.close()
        try await writer.waitClosed()
      })
  }

  static let streamDrain = Scenario(
    "stream-drain", "a slow peer: what drain waits for, and what it does not"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let socket = try stage.narrowConnection()
    stage.thePeerReads()
    try stage.run(
      loop.createTask("main") {
        let (_, writer) = try await loop.openConnection(sock: socket)
        for number in 1...3 {
          try writer.write([UInt8](repeating: 120, count: 120_000))
          try await writer.drain()
          let left = writer.transport.getWriteBufferSize()
          recorder.note("drain \(number) is over, with \(left) bytes in the buffer")
        }
        writer.close()
        try await writer.waitClosed()
      })
  }

  static let streamDrainDeadPeer = Scenario(
    "stream-drain-dead-peer", "the peer is gone: how drain lets the bad news in (M3)"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    let socket = try stage.narrowConnection()
    try stage.run(
      loop.createTask("main") {
        let (_, writer) = try await loop.openConnection(sock: socket)
        try stage.world.peer().close()
        recorder.note("the peer hangs up, and nobody has told us")
        do {
          // For ever, unless somebody says something.
          while true {
            try writer.write(Array("tick".utf8))
            try await writer.drain()
          }
        } catch let error as SystemError {
          recorder.note("the loop of write and drain ends: \(error.name)")
        }
      })
  }

  static let streamEcho = Scenario(
    "stream-echo", "one line, from writer.write to the other end's readline and back"
  ) { recorder in
    let stage = try Stage(recorder)
    let loop = stage.loop
    try stage.run(
      loop.createTask("client") {
        recorder.nameNext("listener")
        let server = try await loop.startServer(host: "127.0.0.1", port: 0) {
          reader, writer in
          // Each client has a task of its own, and it reads like a program.
          for try await line in reader {
            try writer.write(line)
            try await writer.drain()
          }
          writer.close()
          try await writer.waitClosed()
        }
        let port = try server.sockets[0].getsockname().port
        recorder.nameNext("client's socket")
        let (reader, writer) = try await loop.openConnection(
          host: "127.0.0.1", port: port)
        try writer.write(Array("hello\n".utf8))
        try await writer.drain()
        stage.tell(try await reader.readline())
        writer.close()
        try await writer.waitClosed()
        server.close()
        try await server.waitClosed()
      })
  }
}
