import CLibrary
import EventLoops
import Foundation
import TestSupport
import Testing

/// Code that leaves the loop and waits for one of its futures all the same. It
/// would run at the same time as the loop, and so the program ends, with advice.
@Suite struct ForeignTasks {
  static let advice = "leave the loop, use loop.createTask"

  @Test func `Task awaits a future of the loop`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      try run { loop in
        let future = Unchecked(value: Future<Void>(loop))
        try await Task { try await future.value.value() }.value
      }
    }
    #expect(result.saysOnStandardError("Future-1 awaited outside its loop"))
    #expect(result.saysOnStandardError(Self.advice))
  }

  @Test func `a detached task awaits a future of the loop`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      try run { loop in
        let future = Unchecked(value: Future<Void>(loop))
        try await Task.detached { try await future.value.value() }.value
      }
    }
    #expect(result.saysOnStandardError("Future-1 awaited outside its loop"))
    #expect(result.saysOnStandardError(Self.advice))
  }

  @Test func `a detached task sleeps on the loop for no time`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      try run { loop in
        let box = Unchecked(value: loop)
        try await Task.detached { try await box.value.sleep(0) }.value
      }
    }
    #expect(result.saysOnStandardError("sleep awaited outside its loop"))
    #expect(result.saysOnStandardError(Self.advice))
  }

  @Test func `a detached task uses waitFor`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      try run { loop in
        let box = Unchecked(value: loop)
        try await Task.detached { try await box.value.waitFor(1) {} }.value
      }
    }
    #expect(result.saysOnStandardError("waitFor awaited outside its loop"))
    #expect(result.saysOnStandardError(Self.advice))
  }

  /// `Task.immediate` begins inside the caller, under the caller's name.
  @available(macOS 26, *)
  @Test func `an immediate task is found out when it should go on`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      try run { loop in
        let future = Unchecked(value: Future<Void>(loop))
        let task = Task.immediate { try await future.value.value() }
        try loop.callSoon { try future.value.setResult(()) }
        try await task.value
      }
    }
    #expect(result.saysOnStandardError("Task-1 was awaited in a foreign Swift task"))
    #expect(result.saysOnStandardError(Self.advice))
  }

  @available(macOS 26, *)
  @Test func `an immediate task is found out when its host waits too`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      try run { loop in
        let future = Unchecked(value: Future<Void>(loop))
        _ = Task.immediate { try await future.value.value() }
        try await loop.sleep(60)
      }
    }
    #expect(result.saysOnStandardError("Task-1 was awaited in a foreign Swift task"))
    #expect(result.saysOnStandardError(Self.advice))
  }

  @available(macOS 26, *)
  @Test func `an immediate task is found out when its host ends`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      try run { loop in
        let future = Unchecked(value: Future<Void>(loop))
        _ = Task.immediate { try await future.value.value() }
      }
    }
    #expect(result.saysOnStandardError("Task-1 was awaited in a foreign Swift task"))
    #expect(result.saysOnStandardError(Self.advice))
  }

  @available(macOS 26, *)
  @Test func `an immediate task from a plain callback is found out`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let loop = try EventLoop()
      let future = Unchecked(value: Future<Void>(loop))
      try loop.callSoon { _ = Task.immediate { try await future.value.value() } }
      try loop.callLater(0.001) { try future.value.setResult(()) }
      try loop.runForever()
    }
    #expect(result.saysOnStandardError("a foreign Swift task waited here"))
    #expect(result.saysOnStandardError(Self.advice))
  }

  @Test func `a task that comes back to a closed loop is not dropped in silence`() async
  {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let gate = Outside.Gate()
      let loop = try EventLoop()
      try loop.createTask("stray") { await gate.pass() }
      loop.runOnce()
      try loop.close()
      gate.open()
      pause()
    }
    #expect(result.saysOnStandardError("stray was still pending at close"))
    #expect(result.saysOnStandardError("was resumed, but the event loop is closed"))
  }
}

/// The main actor's thread is the main thread. A loop that runs in it occupies it.
@Suite struct MainActorTrap {
  /// Ends the process with `status` as soon as `text` was written to standard error.
  static func exit(_ status: Int32, when text: String) {
    var ends: [Int32] = [0, 0]
    _ = pipe(&ends)
    let (reader, terminal) = (ends[0], dup(STDERR_FILENO))
    dup2(ends[1], STDERR_FILENO)
    Thread {
      var said: [UInt8] = []
      var byte: UInt8 = 0
      while read(reader, &byte, 1) == 1 {
        write(terminal, &byte, 1)
        said.append(byte)
        if byte == UInt8(ascii: "\n")
          && String(decoding: said, as: UTF8.self).contains(text)
        {
          _exit(status)
        }
      }
    }.start()
  }

  @Test(.timeLimit(.minutes(10)))
  func `a body of the main actor, on a loop in the main thread, is warned of`() async {
    let result = await #expect(
      processExitsWith: .exitCode(7), observing: [\.standardErrorContent]
    ) {
      Self.exit(7, when: "write the body in a function of its own")
      try await MainActor.run {
        let loop = try EventLoop()
        // The closure belongs to the main actor, as it does in main.swift.
        try loop.createTask("trapped") { print("never") }
        try loop.runForever()
      }
    }
    #expect(result.saysOnStandardError("trapped waits for something outside"))
  }

  @Test func `run takes a closure of the main actor out of it`() async {
    await #expect(processExitsWith: .success) {
      try await MainActor.run {
        let name = try run { loop in
          try await loop.sleep(0)
          return loop.currentTask?.name.label
        }
        precondition(name == "Task-1")
      }
    }
  }

  @Test func `what waits in the main thread for another thread still comes back`() async
  {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      try await MainActor.run {
        try run { loop in
          await withUnsafeContinuation { continuation in
            _ = try? loop.callSoon { Thread { continuation.resume() }.start() }
          }
        }
      }
    }
    // It may have been warned of, for nobody can know. It is never more than that.
    #expect(!result.saysOnStandardError("Fatal error"))
  }
}
