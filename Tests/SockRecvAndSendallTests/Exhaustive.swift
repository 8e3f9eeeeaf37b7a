import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

/// Every operation, with every answer of the kernel at every step, and with a
/// cancellation at every point where there can be one. No byte is lost or doubled,
/// no descriptor leaks, nothing stays registered, and nothing is reported.
@Suite struct Exhaustive {
  /// One loop, one operation, one way through the tree.
  private final class World {
    let ways: Ways
    let kernel: MoodyKernel
    let selector: ScriptedSelector
    let loop: EventLoop
    private var reports: [String] = []
    /// The cancellation came when the operation was over, and only the task's
    /// wake-up was still in the queue: its result is dropped, here as in asyncio.
    private(set) var resultDropped = false

    init(_ ways: Ways) throws {
      self.ways = ways
      let script = ScriptedKernel()
      kernel = MoodyKernel(ways, script)
      selector = ScriptedSelector(script)
      loop = try EventLoop(kernel: kernel, selector: selector)
      loop.setExceptionHandler { [unowned self] in
        reports.append("\($1.message) \($1.exception.map { "\($0)" } ?? "")")
      }
      selector.failWhenOver(loop)
    }

    func socket() -> Socket {
      Socket(owning: 5, .ipv4, isBlocking: false, kernel: kernel)
    }

    func check(_ holds: Bool, _ what: String, line: Int = #line) {
      if !holds {
        Issue.record("\(what) (line \(line)) on the way \(ways.description)")
      }
    }

    /// Runs `body` to its end; before every turn it may be cancelled: on the spot, or
    /// by a callback that stands in the queue before whatever the selector reports.
    func play<Value>(
      cancelling: Bool = true, _ body: @escaping () async throws -> Value
    ) throws -> Result<Value, any Error> {
      let task = try loop.createTask { try await body() }
      var mayCancel = cancelling
      func cancel() {
        let handlers = loop.handlers(of: 5)
        let waiter = handlers?.reader?.waiter ?? handlers?.writer?.waiter
        if waiter?.done() == true { resultDropped = true }
        task.cancel()
      }
      for _ in 1...12 where !task.done() {
        let choice = mayCancel ? ways.choose(3) : 0
        if choice > 0 { mayCancel = false }
        if choice == 1 { cancel() }
        if choice == 2 { try loop.callSoon { cancel() } }
        selector.report([5: [.read, .write]])
        loop.runOnce()
      }
      check(task.done(), "the operation does not end")
      if !task.done() { throw CancellationError() }
      // A second clean-up may still be in the queue, behind the task.
      while !loop.ready.isEmpty {
        selector.report([5: [.read, .write]])
        loop.runOnce()
      }
      check(loop.selector.keys.keys.sorted() == [3], "something is still registered")
      check(loop.allTasks().isEmpty, "a task is left")
      return Result { try task.result() }
    }

    /// From here on the kernel behaves.
    func calm() { kernel.surprises = 0 }

    func end() throws {
      try loop.close()
      check(reports.isEmpty, "reported: \(reports)")
    }
  }

  /// Walks all ways, and tells how many there were.
  private func all(_ body: (World) throws -> Void) throws -> Int {
    let ways = Ways()
    repeat {
      let world = try World(ways)
      try body(world)
      try world.end()
    } while ways.next()
    return ways.count
  }

  @Test(arguments: [false, true])
  func `recv and recvInto: no byte is lost or doubled`(into: Bool) throws {
    let count = try all { world in
      let loop = world.loop
      let socket = world.socket()
      let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4, alignment: 1)
      defer { room.deallocate() }
      func receive() async throws -> [UInt8] {
        if !into { return try await loop.sockRecv(socket, 4) }
        return Array(room[..<(try await loop.sockRecvInto(socket, room))])
      }
      let outcome = try world.play(receive)
      // What the kernel gave is what the task got, unless it was cancelled when
      // there was nothing left to cancel.
      let given = world.kernel.given
      switch outcome {
      case .success(let bytes): world.check(given == [bytes], "got \(bytes)")
      case .failure:
        world.check(given.isEmpty || world.resultDropped, "\(given) is lost")
      }
      // The next one goes on where the kernel is.
      world.calm()
      let gone = given.joined().count
      let next = try world.play(cancelling: false, receive).get()
      let left = [UInt8](1...9)[gone...].prefix(4)
      world.check(next.elementsEqual(left), "then \(next)")
    }
    #expect(count > 1000)
  }

  @Test func `sendall: every byte once, in order`() throws {
    let count = try all { world in
      let loop = world.loop
      let socket = world.socket()
      let message = [UInt8](1...9)
      let outcome = try world.play { try await loop.sockSendall(socket, message) }
      let taken = world.kernel.taken
      world.check(taken.elementsEqual(message.prefix(taken.count)), "sent \(taken)")
      if case .success = outcome {
        world.check(taken == message, "done after \(taken)")
      }
      // The next one sends its own bytes and no others.
      world.calm()
      try world.play(cancelling: false) {
        try await loop.sockSendall(socket, [50, 51])
      }.get()
      world.check(world.kernel.taken == taken + [50, 51], "sent \(world.kernel.taken)")
    }
    #expect(count > 6000)
  }

  @Test func `accept: every descriptor that was given out is closed, once`() throws {
    let count = try all { world in
      let loop = world.loop
      do {  // When this ends, nobody holds a socket any more.
        let listener = world.socket()
        func accept() async throws -> Int32 {
          try await loop.sockAccept(listener).connection.descriptor
        }
        let outcome = try world.play(accept)
        switch outcome {
        case .success(let fd): world.check(world.kernel.opened == [fd], "\(fd)?")
        case .failure:
          world.check(
            world.kernel.opened.isEmpty || world.resultDropped, "accepted for nobody")
        }
        world.calm()
        _ = try world.play(cancelling: false, accept).get()
      }
      world.check(
        world.kernel.closed.sorted() == [5] + world.kernel.opened,
        "opened \(world.kernel.opened), closed \(world.kernel.closed)")
    }
    #expect(count > 1000)
  }

  @Test func `connect: one connect a call, and its end is told`() throws {
    let count = try all { world in
      let loop = world.loop
      let socket = world.socket()
      let place = try SocketAddress("127.0.0.1", port: 9006)
      _ = try world.play { try await loop.sockConnect(socket, place) }
      world.check(world.kernel.connects <= 1, "\(world.kernel.connects) connects")
      world.calm()
      let before = world.kernel.connects
      try world.play(cancelling: false) { try await loop.sockConnect(socket, place) }
        .get()
      world.check(world.kernel.connects == before + 1, "a retry is one more connect")
    }
    #expect(count > 1000)
  }
}
