import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

/// `sock_sendall` step by step, on a scripted kernel, and the bugs that made it.
@Suite struct SendallReplays {
  @Test func `ten bytes in four pieces, step by step`() throws {
    let stage = try ScriptedLoop(
      (.send(fd: 5, count: 10), .number(3)),
      (.send(fd: 5, count: 7), .number(2)),
      (.send(fd: 5, count: 5), .error(EAGAIN)),
      (.send(fd: 5, count: 5), .error(EINTR)),
      (.send(fd: 5, count: 5), .number(5)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask {
      try await loop.sockSendall(socket, [UInt8](repeating: 1, count: 10))
    }

    // 1. The first attempt is made at once, and only a part fits.
    loop.runOnce()
    let writer = try #require(loop.handlers(of: 5)?.writer)
    let future = try #require(writer.waiter)
    #expect(writer.name.label == "sockSendallStep")
    #expect(loop.selector.getKey(5)?.events == .write)
    #expect(
      future.doneCallbacks.map(\.label) == ["sockWriteDone", "wake-up of Task-1"])

    // 2. Room for two more, then two alarms that come to nothing. The writer stays,
    //    always the same one; the future is pending; the task sleeps.
    for call in [7, 5, 5] {
      stage.selector.report([5: .write])
      loop.runOnce()
      #expect(stage.kernel.calls.last == .send(fd: 5, count: call))
      #expect(loop.handlers(of: 5)?.writer === writer)
      #expect(!future.done() && stage.ready == [])
      #expect(future.doneCallbacks.count == 2)
    }

    // 3. The rest.
    stage.selector.report([5: .write])
    loop.runOnce()
    #expect(future.done() && !task.done())
    #expect(stage.ready == ["sockWriteDone", "wake-up of Task-1"])

    // 4. The clean-up, then the task.
    loop.runOnce()
    #expect(loop.handlers(of: 5) == nil && writer.cancelled())
    #expect(throws: Never.self) { try task.result() }
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  @Test(arguments: [0, 4])
  func `SOCK-05 what fits, or nothing, costs no suspension`(count: Int) throws {
    let stage = try ScriptedLoop((.send(fd: 5, count: count), .number(count)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask {
      try await loop.sockSendall(socket, [UInt8](repeating: 1, count: count))
    }
    loop.runOnce()
    #expect(throws: Never.self) { try task.result() }
    #expect(loop.selector.keys.keys.sorted() == [ScriptedKernel.selfPipe])
    try loop.close()
  }

  @Test(arguments: [true, false], [EPIPE, ECONNRESET, ENOBUFS])
  func `an error, at once or in the middle, reaches the caller`(
    atOnce: Bool, error: Int32
  ) throws {
    let stage = try ScriptedLoop()
    if !atOnce { stage.kernel.expect((.send(fd: 5, count: 4), .number(1))) }
    stage.kernel.expect((.send(fd: 5, count: atOnce ? 4 : 3), .error(error)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { try await loop.sockSendall(socket, [1, 2, 3, 4]) }
    stage.selector.report([:], [5: .write])
    while !task.done() { loop.runOnce() }
    let refusal = #expect(throws: SystemError.self) { try task.result() }
    #expect(refusal?.errno == error && refusal?.call == "send")
    #expect(loop.handlers(of: 5) == nil)
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  @Test func `a cancelled sendall sends nothing more, and leaves no writer behind`()
    throws
  {
    let stage = try ScriptedLoop((.send(fd: 5, count: 4), .number(1)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { try await loop.sockSendall(socket, [1, 2, 3, 4]) }
    loop.runOnce()
    // As in R3: the socket is reported in the very turn of the cancellation.
    try loop.callSoon("cancel the task") { task.cancel() }
    stage.selector.report([5: .write])
    loop.runOnce()
    stage.settle()
    #expect(task.cancelled())
    #expect(loop.handlers(of: 5) == nil)
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  @Test func `A3 a second sendall on one socket is refused, the first goes on`() throws
  {
    let stage = try ScriptedLoop(
      (.send(fd: 5, count: 2), .number(1)),
      (.send(fd: 5, count: 3), .error(EAGAIN)),
      (.send(fd: 5, count: 1), .number(1)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let first = try loop.createTask { try await loop.sockSendall(socket, [1, 2]) }
    let second = try loop.createTask { try await loop.sockSendall(socket, [3, 4, 5]) }
    loop.runOnce()
    #expect(throws: RuntimeError.self) { try second.result() }
    stage.selector.report([5: .write])
    while !first.done() { loop.runOnce() }
    #expect(throws: Never.self) { try first.result() }
    try loop.close()
  }

  @Test func `reading and writing one socket at the same time`() throws {
    let stage = try ScriptedLoop(
      (.recv(fd: 5, limit: 9), .error(EAGAIN)),
      (.send(fd: 5, count: 2), .error(EAGAIN)),
      (.recv(fd: 5, limit: 9), .bytes([7])),
      (.send(fd: 5, count: 2), .number(2)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let reader = try loop.createTask { try await loop.sockRecv(socket, 9) }
    let writer = try loop.createTask { try await loop.sockSendall(socket, [1, 2]) }
    loop.runOnce()
    #expect(loop.selector.getKey(5)?.events == [.read, .write])

    // The end of the one narrows the registration, and the other waits on.
    stage.selector.report([5: .read])
    loop.runOnce()
    loop.runOnce()
    #expect(try reader.result() == [7])
    #expect(!writer.done())
    #expect(loop.selector.getKey(5)?.events == .write)
    stage.selector.report([5: .write])
    while !writer.done() { loop.runOnce() }
    #expect(throws: Never.self) { try writer.result() }
    #expect(loop.selector.getKey(5) == nil)
    try loop.close()
  }

  @Test func `S1 the unsent tail is never copied`() throws {
    /// Notes where the bytes stand that it is shown, and takes a few of them.
    final class Notary: ForwardingKernel {
      var places: [UInt] = []
      override func send(
        _ fd: Int32, _ bytes: UnsafeRawBufferPointer, _ site: CallSite
      ) throws(SystemError) -> Int {
        places.append(UInt(bitPattern: bytes.baseAddress))
        return min(1000, bytes.count)
      }
    }
    let script = ScriptedKernel()
    let kernel = Notary(to: script)
    let selector = ScriptedSelector(script)
    let loop = try EventLoop(kernel: kernel, selector: selector)
    selector.failWhenOver(loop)
    let socket = Socket(owning: 5, .ipv4, isBlocking: false, kernel: kernel)
    let task = try loop.createTask {
      try await loop.sockSendall(socket, [UInt8](repeating: 1, count: 20_000))
    }
    for _ in 1...20 { selector.report([5: .write]) }
    while !task.done() { loop.runOnce() }
    // Each piece begins a thousand bytes behind the last one, in the same memory.
    let first = try #require(kernel.places.first)
    #expect(kernel.places == (0..<20).map { first + $0 * 1000 })
    try loop.close()
  }

  @Test func `S2 what send counts is what the end is measured by`() throws {
    // Eight numbers of four bytes. Python compared 32 (bytes sent) with 8 (numbers)
    // and never came to an end; here everything is bytes, twelve and twenty.
    let numbers: [UInt32] = [1, 2, 3, 4, 5, 6, 7, 8]
    let stage = try ScriptedLoop(
      (.send(fd: 5, count: 32), .number(12)),
      (.send(fd: 5, count: 20), .number(8)),
      (.send(fd: 5, count: 12), .number(12)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask {
      try await loop.sockSendall(socket, numbers.withUnsafeBytes(Array.init))
    }
    stage.selector.report([:], [5: .write], [5: .write])
    for _ in 1...4 { loop.runOnce() }
    #expect(throws: Never.self) { try task.result() }
    #expect(loop.handlers(of: 5) == nil)
    try loop.close()
  }
}
