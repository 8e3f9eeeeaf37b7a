import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

/// The bugs that made `_sock_connect` what it is, each on the script that shows it.
/// (C2 needs a resolver, and is in `Resolving.swift`.)
@Suite struct ConnectScars {
  let place = try! SocketAddress("127.0.0.1", port: 9006)

  @Test func `C1 a cancelled connect leaves no writer for the number's next owner`()
    throws
  {
    let stage = try ScriptedLoop(
      (.connect(fd: 11, place), .error(EINPROGRESS)),
      (.close(fd: 11), .done),
      (.connect(fd: 11, place), .error(EINPROGRESS)),
      (.getsockopt(fd: 11, .error), .number(0)))
    let loop = stage.loop
    let a = stage.socket(11)
    let first = try loop.createTask { try await loop.sockConnect(a, place) }
    loop.runOnce()
    let writer = try #require(loop.handlers(of: 11)?.writer)

    // The time is up: cancelled, cleaned up, closed. Map and kernel agree.
    first.cancel()
    loop.runOnce()
    #expect(first.cancelled() && writer.cancelled())
    #expect(loop.selector.getKey(11) == nil)
    a.close()

    // The next socket gets the number, and a registration of its own: not a
    // "modify" of one that the kernel has forgotten.
    let b = stage.socket(11)
    let second = try loop.createTask { try await loop.sockConnect(b, place) }
    loop.runOnce()
    #expect(loop.handlers(of: 11)?.writer !== writer)
    stage.selector.report([11: .write])
    while !second.done() { loop.runOnce() }
    #expect(throws: Never.self) { try second.result() }
    #expect(loop.selector.getKey(11) == nil)
    try loop.close()
  }

  @Test func `C3 after EINTR nobody connects a second time`() throws {
    // The script has one connect. A second one would say EISCONN, and a connection
    // that has come about would be reported as a failure.
    let stage = try ScriptedLoop(
      (.connect(fd: 5, place), .error(EINTR)),
      (.getsockopt(fd: 5, .error), .number(0)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { try await loop.sockConnect(socket, place) }
    loop.runOnce()
    #expect(!task.done())
    #expect(loop.selector.getKey(5)?.events == .write)
    stage.selector.report([5: .write])
    loop.runOnce()
    loop.runOnce()
    #expect(throws: Never.self) { try task.result() }
    #expect(stage.kernel.calls.count { $0 == .connect(fd: 5, place) } == 1)
    try loop.close()
  }

  @Test func `C4 an event that is delivered twice settles once`() throws {
    // One question to the kernel is in the script; "done" and not "cancelled" is
    // what keeps the second delivery from asking again.
    let stage = try ScriptedLoop(
      (.connect(fd: 5, place), .error(EINPROGRESS)),
      (.getsockopt(fd: 5, .error), .number(0)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { try await loop.sockConnect(socket, place) }
    loop.runOnce()
    let writer = try #require(loop.handlers(of: 5)?.writer)
    // The selector reports once; the handle is queued once more behind that.
    stage.selector.report([5: .write])
    loop.enqueue(writer, CallSite())
    loop.runOnce()
    #expect(stage.ready == ["sockWriteDone", "wake-up of Task-1"])
    stage.settle()
    #expect(throws: Never.self) { try task.result() }
    // uvloop had an InvalidStateError here.
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  @Test func `C5 when the cancelled task goes on, its writer is gone`() throws {
    let stage = try ScriptedLoop((.connect(fd: 5, place), .error(EINPROGRESS)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { () -> Bool in
      do {
        try await loop.sockConnect(socket, place)
      } catch is CancellationError {
        // The very first line that runs after the cancellation.
        return loop.handlers(of: 5) == nil
      }
      return false
    }
    loop.runOnce()
    task.cancel()
    // First in, first out: the order of two lines in the source is the proof.
    #expect(stage.ready == ["sockWriteDone", "wake-up of Task-1"])
    loop.runOnce()
    #expect(try task.result())
    try loop.close()
  }

  @Test func `C6 a completion that fails itself still settles the connect`() throws {
    // Somebody closed the descriptor meanwhile: not the value of SO_ERROR says so,
    // but the question for it.
    let stage = try ScriptedLoop(
      (.connect(fd: 5, place), .error(EINPROGRESS)),
      (.getsockopt(fd: 5, .error), .error(EBADF)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { try await loop.sockConnect(socket, place) }
    stage.selector.report([:], [5: .write])
    for _ in 1...3 { loop.runOnce() }
    let refusal = #expect(throws: SystemError.self) { try task.result() }
    #expect(refusal?.errno == EBADF && refusal?.call == "getsockopt")
    #expect(loop.handlers(of: 5) == nil)
    #expect(stage.reports.isEmpty)
    try loop.close()
  }

  @Test(arguments: [0, ECONNREFUSED])
  func `SOCK-11 a cancelled connect is tried again on the same socket`(
    outcome: Int32
  ) throws {
    // The handshake went on all the while: the second connect says EALREADY.
    let stage = try ScriptedLoop(
      (.connect(fd: 5, place), .error(EINPROGRESS)),
      (.connect(fd: 5, place), .error(EALREADY)),
      (.getsockopt(fd: 5, .error), .number(Int(outcome))))
    let loop = stage.loop
    let socket = stage.socket(5)
    let first = try loop.createTask { try await loop.sockConnect(socket, place) }
    loop.runOnce()
    // Begun before the clean-up of the first has had its turn.
    let second = try loop.createTask { try await loop.sockConnect(socket, place) }
    first.cancel()
    #expect(stage.ready == ["wake-up of Task-2", "sockWriteDone", "wake-up of Task-1"])
    loop.runOnce()
    #expect(first.cancelled() && !second.done())
    #expect(loop.handlers(of: 5)?.writer?.waiter?.done() == false)
    stage.selector.report([5: .write])
    while !second.done() { loop.runOnce() }
    if outcome == 0 {
      #expect(throws: Never.self) { try second.result() }
    } else {
      #expect(throws: SystemError(outcome, in: "connect", about: "127.0.0.1:9006")) {
        try second.result()
      }
    }
    #expect(loop.handlers(of: 5) == nil)
    #expect(stage.reports.isEmpty)
    try loop.close()
  }
}
