import CLibrary
import EventLoops
import Recording
import Scenarios
import Selectors
import Simulation
import SocketOperations
import Sockets
import Telling

// What `sock_connect` looked like before each of its bugs was mended.

extension Scar {
  /// One host does not answer, and the next one gets its socket's number.
  static let c1 = Replay(before: "asyncio until August 2014") { recorder, shape in
    let dead = try SocketAddress("192.0.2.1", port: 80)
    let healthy = try SocketAddress("192.0.2.2", port: 80)
    let stage = try Stage(
      recorder,
      [
        (.connect(fd: 5, dead), .error(EINPROGRESS)),
        (.connect(fd: 5, healthy), .error(EINPROGRESS)),
        (.getsockopt(fd: 5, .error), .number(0)),
      ])
    let loop = stage.loop
    let connect = shape == .old ? loop.sockConnectC1 : loop.sockConnect
    recorder.whenIdle { recorder.note("nobody answers at the first address") }
    recorder.whenIdle {
      recorder.note("the second host has answered: the socket is writable")
      stage.scriptedKernel?.epoll?.ready[5] = EpollBits.out
    }
    let task = try loop.createTask {
      let first = stage.scripted(5, "socket 1")
      try? await loop.waitFor(3) { try await connect(first, dead) }
      first.close()
      // The kernel gives out the smallest number that is free: the same again.
      try await connect(stage.scripted(5, "socket 2"), healthy)
    }
    let isConnected = try stage.runUntilStuck(task)
    let watched = recorder.calls.count {
      if case .epollControl(_, .add, _, let events) = $0.call {
        events == EpollBits.out
      } else {
        false
      }
    }
    return "\(watched) of 2 sockets watched, and the second "
      + (isConnected ? "is connected" : "waits for ever")
  }

  /// Connect, and send more than fits.
  static let c2 = Replay(before: "asyncio in Python 3.5.2") { recorder, shape in
    let place = try SocketAddress("192.0.2.1", port: 80)
    let stage = try Stage(
      recorder,
      [
        (.connect(fd: 5, place), .error(EINPROGRESS)),
        (.getsockopt(fd: 5, .error), .number(0)),
        (.send(fd: 5, count: 3), .number(1)),
        (.send(fd: 5, count: 2), .number(2)),
      ], ready: [5: EpollBits.out])
    let loop = stage.loop
    let socket = stage.scripted(5, "socket")
    let task = try loop.createTask {
      switch shape {
      case .old: try await loop.sockConnectC2(socket, place)
      case .today: try await loop.sockConnect(socket, place)
      }
      try await loop.sockSendall(socket, [1, 2, 3])
    }
    let isSent = try stage.runUntilStuck(task)
    let sent = recorder.calls.reduce(0) {
      if case (.send, .number(let count)) = $1 { $0 + count } else { $0 }
    }
    return "\(sent) of 3 bytes sent" + (isSent ? "" : ", and the rest waits for ever")
  }

  /// A signal comes while the socket connects.
  static let c3 = Replay(before: "asyncio until April 2015") { recorder, shape in
    let place = try SocketAddress("192.0.2.1", port: 80)
    let stage = try Stage(
      recorder,
      [
        // The signal ends the call, and the handshake goes on without it.
        (.connect(fd: 5, place), .error(EINTR)),
        // Whoever asks how it went hears that all is well.
        (.getsockopt(fd: 5, .error), .number(0)),
        // Whoever asks for a connection hears that there is one. (By the book; Linux
        // says 0 to the first who asks, and this to the second.)
        (.connect(fd: 5, place), .error(EISCONN)),
      ], ready: [5: EpollBits.out])
    let loop = stage.loop
    let socket = stage.scripted(5, "socket")
    var outcome = "the task is connected"
    let task = try loop.createTask {
      do {
        switch shape {
        case .old: try await loop.sockConnectC3(socket, place)
        case .today: try await loop.sockConnect(socket, place)
        }
      } catch let error as SystemError {
        recorder.note("the program catches \(error.name)")
        outcome = "the task gets \(error.name)"
      }
    }
    try stage.runUntilStuck(task)
    let connects = recorder.calls.count {
      if case .connect = $0.call { true } else { false }
    }
    return "after \(count(connects, "connect")) \(outcome)"
  }
}

extension EventLoop {
  // [scar.c1]
  func sockConnectC1(_ socket: Socket, _ address: SocketAddress) async throws {
    let future = createFuture(of: Void.self)
    try sockConnectStepC1(future, socket, address, isRegistered: false)
    return try await future.value()
  }

  /// Both halves of a connect in one: the start, and the question how it went.
  ///
  /// asyncio: BaseSelectorEventLoop._sock_connect, until August 2014
  func sockConnectStepC1(
    _ future: Future<Void>, _ socket: Socket, _ address: SocketAddress,
    isRegistered: Bool
  ) throws {
    let fd = socket.descriptor
    // This was the only place where the writer went: at the beginning of the next call.
    // After a cancellation there is no next call.
    if isRegistered { try removeWriter(fd) }
    if future.done() { return }
    do {
      if !isRegistered {
        try socket.connect(address)
      } else if case let error = try socket.getsockopt(.error), error != 0 {
        throw SystemError(error, in: "connect", about: "\(address)")
      }
      try future.setResult(())
    } catch let error as SystemError where error.wouldBlock {
      // If an entry for this number was left behind, this only changes it: the events
      // are the same, and so the kernel does not hear of it.
      let handle = Handle("sockConnectStep", self, CallSite(), for: future) { [self] in
        try sockConnectStepC1(future, socket, address, isRegistered: true)
      }
      _ = try addWriter(watching: fd, handle)
      // Here was missing: a callback on the future, to remove the writer however that
      // ends.
    } catch let error as SystemError {
      try future.setException(error)
    }
  }

  // [scar.c2]
  /// Gives out its future first, and resolves the name afterwards. Here the name is an
  /// address, which needs no resolver; the answer comes by a callback all the same.
  ///
  /// asyncio: BaseSelectorEventLoop.sock_connect, in Python 3.5.2
  func sockConnectC2(_ socket: Socket, _ address: SocketAddress) async throws {
    let future = createFuture(of: Void.self)
    let resolved = createFuture(of: SocketAddress.self)
    try resolved.setResult(address)
    resolved.addDoneCallback("onResolved") { [self] in
      try sockConnectStartC2(future, socket, $0.result())
    }
    // The task waits from here on. So its wake-up is the first on the future's list,
    // and whatever is attached in `onResolved` comes behind it.
    return try await future.value()
  }

  func sockConnectStartC2(
    _ future: Future<Void>, _ socket: Socket, _ address: SocketAddress
  ) throws {
    let fd = socket.descriptor
    do {
      try socket.connect(address)
      try future.setResult(())
    } catch let error as SystemError where error.wouldBlock {
      future.addDoneCallback("sockWriteDone") { [self] _ in
        // Too late: the task runs already, and this may be its next operation's writer.
        // (By the number alone: the public `removeWriter` would refuse today.)
        _ = try remove(.write, watching: fd, CallSite())
      }
      let handle = Handle("sockConnectDone", self, CallSite(), for: future) {
        if future.cancelled() { return }
        let error = try socket.getsockopt(.error)
        if error == 0 { try future.setResult(()) }
      }
      _ = try addWriter(watching: fd, handle)
    }
  }

  // [scar.c3]
  func sockConnectC3(_ socket: Socket, _ address: SocketAddress) async throws {
    let future = createFuture(of: Void.self)
    try sockConnectStartC3(future, socket, address)
    return try await future.value()
  }

  /// asyncio: BaseSelectorEventLoop._sock_connect, until April 2015
  func sockConnectStartC3(
    _ future: Future<Void>, _ socket: Socket, _ address: SocketAddress
  ) throws {
    do {
      // What is right for `recv`. But a connect that was interrupted goes on, and this
      // one is another.
      while true {
        do {
          try socket.connect(address)
          break
        } catch {
          if !error.interrupted { throw error }
        }
      }
      try future.setResult(())
    } catch let error as SystemError {
      // (Not in this script: it would block, and wait as today's does.)
      try future.setException(error)
    }
  }
}
