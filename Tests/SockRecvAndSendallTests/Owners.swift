import CLibrary
import EventLoops
import Selectors
import Simulation
import SocketOperations
import Sockets
import TestSupport
import Testing

/// One slot, one owner: who comes second is told who the first is. And whoever loses
/// what was theirs hears of it.
@Suite struct Owners {
  @Test func `the program's own reader is not taken away by a task`() throws {
    let stage = try ScriptedLoop(
      (.recv(fd: 5, limit: 9), .error(EAGAIN)),
      (.send(fd: 5, count: 1), .error(EAGAIN)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let reader = try loop.addReader(5) {}
    let writer = try loop.addWriter(5) {}
    let reading = try loop.createTask { try await loop.sockRecv(socket, 9) }
    let writing = try loop.createTask { try await loop.sockSendall(socket, [1]) }
    loop.runOnce()
    #expect(
      throws: RuntimeError(
        "descriptor 5 belongs to a reader of the program's own: remove it first")
    ) { try reading.result() }
    #expect(
      throws: RuntimeError(
        "descriptor 5 belongs to a writer of the program's own: remove it first")
    ) { try writing.result() }
    #expect(loop.handlers(of: 5)?.reader === reader && !reader.cancelled())
    #expect(loop.handlers(of: 5)?.writer === writer && !writer.cancelled())
    // It may replace and remove what is its own.
    try loop.addReader(5) {}
    #expect(try reader.cancelled() && loop.removeReader(5) && loop.removeWriter(5))
    try loop.close()
  }

  @Test func `nor a waiting task's reader by the program`() throws {
    let stage = try ScriptedLoop(
      (.recv(fd: 5, limit: 9), .error(EAGAIN)), (.recv(fd: 5, limit: 9), .bytes([1])))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { try await loop.sockRecv(socket, 9) }
    loop.runOnce()
    let first = RuntimeError(
      "descriptor 5 belongs to another task that waits on it: leave it to one task")
    #expect(throws: first) { try loop.addReader(5) {} }
    #expect(throws: first) { try loop.removeReader(5) }
    // The other side is free.
    try loop.addWriter(5) {}
    #expect(try loop.removeWriter(5))
    stage.selector.report([5: .read])
    loop.runOnce()
    // It is over, although its clean-up is still in the queue.
    #expect(loop.handlers(of: 5)?.reader != nil)
    try loop.addReader(5) {}
    stage.settle()
    #expect(try task.result() == [1])
    #expect(try loop.removeReader(5))
    try loop.close()
  }

  @Test(arguments: [true, false])
  func `a change that the kernel refuses is heard by both sides`(isSecond: Bool) throws
  {
    let stage = try ScriptedLoop(
      (.recv(fd: 5, limit: 9), .error(EAGAIN)), (.send(fd: 5, count: 1), .error(EAGAIN))
    )
    let loop = stage.loop
    let socket = stage.socket(5)
    let refusal = SystemError(ENOMEM, in: "epoll_ctl")
    let reading = try loop.createTask { try await loop.sockRecv(socket, 9) }
    loop.runOnce()
    let writing = try loop.createTask { try await loop.sockSendall(socket, [1]) }
    if isSecond {
      // Refused when the second one comes: it hears of it, and so does the first.
      stage.selector.refusal = refusal
      stage.settle()
      #expect(throws: refusal) { try writing.result() }
    } else {
      // Refused when the second one leaves: then its own work is done.
      loop.runOnce()
      stage.kernel.expect((.send(fd: 5, count: 1), .number(1)))
      stage.selector.report([5: .write])
      stage.selector.refusal = refusal
      loop.runOnce()
      stage.settle()
      #expect(throws: Never.self) { try writing.result() }
      #expect(stage.reports.map { $0.exception as? SystemError } == [refusal])
    }
    #expect(throws: refusal) { try reading.result() }
    #expect(loop.handlers(of: 5) == nil)
    stage.selector.refusal = nil
    try loop.close()
  }

  @Test func `a refused change is an event, and the program's handle is cancelled`()
    throws
  {
    final class Observer: LoopObserver {
      var events: [LoopEvent] = []
      func observe(_ event: LoopEvent, _ subject: AnyObject?, at site: CallSite) {
        events.append(event)
      }
    }
    let (kernel, observer) = (ScriptedKernel(), Observer())
    let selector = ScriptedSelector(kernel)
    let loop = try EventLoop(kernel: kernel, selector: selector, observer: observer)
    let reports = loop.reports()
    try loop.addReader(5) {}
    let writer = try loop.addWriter(5) {}
    selector.refusal = SystemError(ENOMEM, in: "epoll_ctl")
    observer.events = []
    #expect(throws: SystemError.self) { try loop.removeReader(5) }
    #expect(observer.events.first == .unregistered(fd: 5))
    #expect(observer.events.contains(.handleCancelled(writer.name)))
    #expect(writer.cancelled() && loop.handlers(of: 5) == nil)
    #expect(reports.messages == ["descriptor 5 is not watched any more"])
    reports.forget()
    try loop.close()
  }

  @Test(arguments: [true, false])
  func `in debug mode a socket that is closed under a waiting task is told of, once`(
    debug: Bool
  ) throws {
    let stage = try ScriptedLoop(debug: debug, (.recv(fd: 5, limit: 9), .error(EAGAIN)))
    let loop = stage.loop
    let socket = stage.socket(5)
    let task = try loop.createTask { try await loop.sockRecv(socket, 9) }
    loop.runOnce()
    socket.close()
    stage.selector.report([:], [:], [:])
    for _ in 1...3 { loop.runOnce() }
    #expect(!task.done() && stage.reports.count == (debug ? 1 : 0))
    #expect(
      stage.reports.allSatisfy {
        $0.message.hasPrefix(
          "sockRecvStep waits on descriptor 5, but its socket was closed")
      })
    // Cancelled first, nobody waits, and there is nothing to tell.
    let other = stage.socket(6)
    stage.kernel.expect((.recv(fd: 6, limit: 9), .error(EAGAIN)))
    let second = try loop.createTask { try await loop.sockRecv(other, 9) }
    loop.runOnce()
    second.cancel()
    other.close()
    stage.settle()
    #expect(stage.reports.count == (debug ? 1 : 0))
    try loop.close()
  }

  @Test func `bytes that were taken for a task that is cancelled then are gone`() throws
  {
    // asyncio's way, and a reason not to cancel a recv and read on: see the chapter.
    let stage = try ScriptedLoop(
      (.recv(fd: 5, limit: 9), .error(EAGAIN)), (.recv(fd: 5, limit: 9), .bytes([1])),
      (.recv(fd: 5, limit: 9), .bytes([2])))
    let loop = stage.loop
    let socket = stage.socket(5)
    let first = try loop.createTask { try await loop.sockRecv(socket, 9) }
    loop.runOnce()
    stage.selector.report([5: .read])
    loop.runOnce()  // the byte is in the future, and the task is in the queue
    first.cancel()
    stage.settle()
    #expect(first.cancelled())
    let second = try loop.createTask { try await loop.sockRecv(socket, 9) }
    stage.settle()
    #expect(try second.result() == [2])
    try loop.close()
  }
}
