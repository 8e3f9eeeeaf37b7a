import Asyncio
import CLibrary

/// What is done a thousand times, and then a million times. `asyncio/growth.py` does
/// the same.
let workloads: [(name: String, title: String)] = [
  ("ascending", "timers, each later than the one before"),
  ("random", "timers in any order"),
  ("equal", "timers of one instant"),
  ("cancelled", "timers that are cancelled"),
  ("callbacks", "callbacks"),
  ("turns", "turns of one task"),
  ("sleeping", "tasks that sleep"),
  ("future", "tasks that await one future"),
  ("drain", "tasks in `drain` of one writer"),
  ("waitClosed", "tasks in `waitClosed` of one writer"),
  ("removed", "callbacks of a future, removed one by one"),
  ("writes", "writes that are buffered"),
  ("lines", "lines in a full reader"),
]

/// `bench grow NAME COUNT`: how many seconds it takes.
func grow(_ name: String, _ count: Int) -> Double {
  do {
    switch name {
    case "ascending": return try timers(count) { Double($0) * 1e-9 }
    case "random": return try timers(count) { Double(($0 &* 7_919_777) % count) * 1e-9 }
    case "equal": return try timers(count) { _ in 0 }
    case "cancelled": return try cancelledTimers(count)
    case "callbacks": return try callbacks(count)
    case "removed": return try removedCallbacks(count)
    case "turns": return try turns(count)
    case "sleeping": return try sleepingTasks(count)
    case "future": return try tasksOnOneFuture(count)
    case "drain": return try drains(count)
    case "waitClosed": return try waitsForTheEnd(count)
    case "writes": return try writes(count)
    case "lines": return try linesOfOneReader(count)
    default: Bench.refuse("there is no workload '\(name)'")
    }
  } catch {
    writeLine("bench: \(error)")
    exit(1)
  }
}

/// How much processor time it takes, in seconds: who sleeps does not work.
private func measure(_ body: () throws -> Void) rethrows -> Double {
  let start = now(CLOCK_PROCESS_CPUTIME_ID)
  try body()
  return now(CLOCK_PROCESS_CPUTIME_ID) - start
}

private func measure(_ body: () async throws -> Void) async rethrows -> Double {
  let start = now(CLOCK_PROCESS_CPUTIME_ID)
  try await body()
  return now(CLOCK_PROCESS_CPUTIME_ID) - start
}

extension EventLoop {
  /// One turn.
  fileprivate func turn() throws {
    try callSoon { self.stop() }
    try runForever()
  }
}

/// Timers that are all due in the next turn.
private func timers(_ count: Int, _ offset: (Int) -> Double) throws -> Double {
  let loop = try EventLoop()
  return try measure {
    let start = loop.time() - 1
    for number in 0..<count { try loop.callAt(start + offset(number)) {} }
    try loop.turn()
  }
}

private func cancelledTimers(_ count: Int) throws -> Double {
  let loop = try EventLoop()
  return try measure {
    let timers = try (0..<count).map { _ in try loop.callLater(3600) {} }
    for timer in timers { timer.cancel() }
    try loop.turn()
  }
}

private func callbacks(_ count: Int) throws -> Double {
  let loop = try EventLoop()
  return try measure {
    for _ in 0..<count { try loop.callSoon {} }
    try loop.turn()
  }
}

private func removedCallbacks(_ count: Int) throws -> Double {
  let loop = try EventLoop()
  let future = loop.createFuture(of: Void.self)
  return measure {
    let callbacks = (0..<count).map { _ in future.addDoneCallback { _ in } }
    for callback in callbacks { future.removeDoneCallback(callback) }
  }
}

private func turns(_ count: Int) throws -> Double {
  try run { loop in
    try await measure { for _ in 0..<count { try await loop.sleep(0) } }
  }
}

/// So many tasks, from their making until the last one is done. When they all wait,
/// `release` ends it.
private func tasks(
  _ count: Int, on loop: EventLoop, _ body: @escaping () async throws -> Void,
  release: () async throws -> Void = {}
) async throws -> Double {
  try await measure {
    let tasks = try (0..<count).map { _ in try loop.createTask(nil, body) }
    try await loop.sleep(0)
    try await release()
    for task in tasks { try await task.value() }
  }
}

private func sleepingTasks(_ count: Int) throws -> Double {
  try run { loop in
    try await tasks(count, on: loop, { try await loop.sleep(0.001) })
  }
}

private func tasksOnOneFuture(_ count: Int) throws -> Double {
  try run { loop in
    let future = loop.createFuture(of: Void.self)
    return try await tasks(
      count, on: loop, { try await future.value() },
      release: { try future.setResult(()) }
    )
  }
}

/// A writer, and the other end of its connection, which nobody reads.
private func connectionToNobody(
  _ loop: EventLoop
) async throws -> (writer: StreamWriter, peer: Socket) {
  var pair: [Int32] = [-1, -1]
  _ = socketpair(AF_UNIX, streamType, 0, &pair)
  let ends = pair.map { Socket(owning: $0, .unix, isBlocking: true) }
  for end in ends { try end.setBlocking(false) }
  let (_, writer) = try await loop.openConnection(sock: ends[0])
  return (writer, ends[1])
}

/// Takes so many bytes off the other end, while the loop goes on.
private func take(_ count: Int, from peer: Socket, _ loop: EventLoop) async throws {
  var left = count
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
  defer { memory.deallocate() }
  while left > 0 { left -= try await loop.sockRecvInto(peer, memory) }
}

private func drains(_ count: Int) throws -> Double {
  try run { loop in
    let (writer, peer) = try await connectionToNobody(loop)
    let size = 1 << 20
    try writer.write([UInt8](repeating: 120, count: size))
    return try await tasks(
      count, on: loop, { try await writer.drain() },
      release: { try await take(size, from: peer, loop) })
  }
}

private func waitsForTheEnd(_ count: Int) throws -> Double {
  try run { loop in
    let (writer, peer) = try await connectionToNobody(loop)
    defer { peer.close() }
    return try await tasks(
      count, on: loop, { try await writer.waitClosed() }, release: { writer.close() })
  }
}

private func writes(_ count: Int) throws -> Double {
  try run { loop in
    let (writer, peer) = try await connectionToNobody(loop)
    let line = [UInt8](repeating: 120, count: 100)
    return try await measure {
      for _ in 0..<count { try writer.write(line) }
      try await take(count * line.count, from: peer, loop)
    }
  }
}

private func linesOfOneReader(_ count: Int) throws -> Double {
  try run { loop in
    let reader = try StreamReader(loop: loop)
    let line = [UInt8](repeating: 120, count: 99) + [10]
    return try await measure {
      for _ in 0..<count { try reader.feedData(line) }
      for _ in 0..<count { _ = try await reader.readline() }
    }
  }
}
