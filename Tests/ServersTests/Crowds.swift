import CLibrary
import EventLoops
import Selectors
import SocketOperations
import Sockets
import TestSupport
import Testing

@testable import Transports

/// Many clients, and unpleasant ones. Each test in a process of its own, so that
/// the descriptors can be counted.
@Suite struct Crowds {
  @Test func `a thousand clients at once, and nothing is left`() async {
    await #expect(processExitsWith: .success) {
      raiseLimit(to: 2_100)
      try countingDescriptors {
        try run { loop in
          let server = try await loop.createServer(
            { Echo() }, host: "127.0.0.1", port: 0, backlog: 1_000)
          let port = try server.sockets[0].getsockname().port
          var echoed = 0
          let everybody = loop.createFuture(of: Void.self)
          let visits = try (0..<1_000).map { number in
            try loop.createTask {
              let visitor = Visitor(loop, "I am number \(number)")
              _ = try await loop.createConnection(
                { visitor }, host: "127.0.0.1", port: port)
              try await visitor.allHere.value()
              try #require(visitor.isRight)
              echoed += 1
              // Nobody leaves before all have been there together.
              if echoed == 1_000 {
                #expect(loop.transports.count == 2_000)
                try everybody.setResult(())
              }
              try await everybody.value()
              visitor.transport.close()
            }
          }
          for visit in visits { try await visit.value() }
          server.close()
          try await server.waitClosed()
          try await loop.until { loop.transports.isEmpty }
          #expect(loop.selector.keys.count == 1)
        }
      }
    }
  }

  @Test func `a peer that never reads is nobody else's trouble`() async {
    await #expect(processExitsWith: .success) {
      try countingDescriptors {
        try run { loop in
          let reports = loop.reports()
          let club = Club()
          club.prepare = { diary in
            diary.onData = { try diary.transport.write($0) }
          }
          let server = try await loop.createServer(
            club.join, host: "127.0.0.1", port: 0)
          // It talks, and does not listen, until its echo is stuck.
          let greedy = try plainClient(server)
          let talking = try loop.createTask {
            try await loop.sockSendall(greedy, [UInt8](repeating: 1, count: 20_000_000))
          }
          try await loop.until { club.members.first?.entries.contains("pause") == true }
          let stuck = club.members[0].transport!
          stuck.pauseReading()
          let waiting = stuck.getWriteBufferSize()
          #expect(waiting > 0)

          for number in 0..<20 {
            let client = try plainClient(server)
            try await loop.sockSendall(client, Array("hello \(number)".utf8))
            #expect(
              try await loop.sockRecv(client, 100) == Array("hello \(number)".utf8))
            client.close()
          }
          #expect(stuck.getWriteBufferSize() == waiting)
          try await loop.until { loop.transports.count == 1 }
          server.close()
          server.abortClients()
          try await server.waitClosed()
          await #expect(throws: SystemError.self) { try await talking.value() }
          #expect(reports.messages == [])
          #expect(club.members[0].entries.last == "lost")
          greedy.close()
          #expect(loop.transports.isEmpty && loop.selector.keys.count == 1)
        }
      }
    }
  }

  @Test func `a hundred resets in the middle of a message`() async {
    await #expect(processExitsWith: .success) {
      try countingDescriptors {
        try run { loop in
          let reports = loop.reports()
          let club = Club()
          club.prepare = { diary in
            diary.onData = { try diary.transport.write($0) }
          }
          let server = try await loop.createServer(
            club.join, host: "127.0.0.1", port: 0)
          let good = try plainClient(server)
          for number in 0..<100 {
            let client = try plainClient(server)
            try client.send(String(repeating: "x", count: 10_000))
            // Before it is accepted, while it is being made, or later.
            try await loop.turns(number % 6)
            try client.setsockopt(.linger, 0)
            client.close()
          }
          try await loop.sockSendall(good, Array("still here".utf8))
          #expect(try await loop.sockRecv(good, 100) == Array("still here".utf8))
          try await loop.until {
            club.members.count == 101 && loop.transports.count == 1
          }
          let ends = club.members.map { $0.entries.count { $0.hasPrefix("lost") } }
          #expect(ends == [0] + Array(repeating: 1, count: 100))
          #expect(reports.messages == [])
          good.close()
          server.close()
          try await server.waitClosed()
          #expect(loop.transports.isEmpty && loop.selector.keys.count == 1)
        }
      }
    }
  }

  @Test func `out of descriptors, and back`() async {
    await #expect(processExitsWith: .success) {
      try countingDescriptors {
        try run { loop in
          let reports = loop.reports()
          let server = try await loop.createServer(
            { Echo() }, host: "127.0.0.1", port: 0)
          // Ten have connected, and there is room for some of them.
          let clients = try (0..<10).map { _ in try plainClient(server) }
          // Holes are filled first, so that it is the limit that decides.
          let fillers = (0..<20).map { _ in dup(0) }
          let before = setDescriptorLimit(Int(fillers.max()!) + 4)
          defer { setDescriptorLimit(before) }
          try await loop.until { !reports.contexts.isEmpty }
          try await loop.turns(3)
          #expect((1..<10).contains(loop.transports.count))
          // It waits for the timer, and does not spin.
          try await loop.turns(20)
          #expect(
            reports.messages == [
              "accept() is refused: it will be tried again every second"
            ])
          #expect(loop.handlers(of: server.sockets[0].descriptor) == nil)
          #expect(server.isServing())
          // Those who are inside are served.
          try clients[0].send("hello")
          #expect(try await loop.sockRecv(clients[0], 10) == Array("hello".utf8))

          // They go. Then the last one's turn comes, when the second is over.
          for client in clients.dropLast() { client.close() }
          try clients[9].send("at last")
          #expect(try await loop.sockRecv(clients[9], 10) == Array("at last".utf8))
          #expect(reports.contexts.count == 1)
          clients[9].close()
          for filler in fillers { close(filler) }
          server.close()
          try await server.waitClosed()
          #expect(loop.transports.isEmpty && loop.selector.keys.count == 1)
        }
      }
    }
  }
}

/// Says one thing and waits for its echo.
final class Visitor: StreamProtocol {
  let message: [UInt8]
  let allHere: Future<Void>
  var transport: SocketTransport!
  private var echo: [UInt8] = []
  init(_ loop: EventLoop, _ message: String) {
    self.message = Array(message.utf8)
    allHere = loop.createFuture(of: Void.self)
  }
  var isRight: Bool { echo == message }
  func connectionMade(_ transport: SocketTransport) throws {
    self.transport = transport
    try transport.write(message)
  }
  func dataReceived(_ bytes: [UInt8]) throws {
    echo += bytes
    if echo.count >= message.count && !allHere.done() { try allHere.setResult(()) }
  }
  func connectionLost(_ error: (any Error)?) throws {
    if !allHere.done() { try allHere.setException(error ?? NoProtocol()) }
  }
}
