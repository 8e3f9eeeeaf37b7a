import EventLoops
import TestSupport
import Testing

/// Things that hang on one another in a long row. Whoever walks along the row by calling
/// themselves needs a stack as long as the row.
@Suite struct LongChains {
  static let length = 20_000

  @Test func `tasks that wait for tasks: cancelling the last one reaches the first`()
    throws
  {
    try onSmallStack {
      let loop = try EventLoop()
      let future = loop.createFuture(of: Int.self)
      var tasks = try [loop.createTask { try await future.value() }]
      for _ in 1..<Self.length {
        let next = tasks.last!
        tasks.append(try loop.createTask { try await next.value() })
      }
      loop.runOnce()
      #expect(tasks.last!.cancel())
      #expect(future.cancelled())
      #expect(tasks.allSatisfy { $0.cancelling() == 1 })
      while !tasks.last!.done() { loop.runOnce() }
      #expect(tasks.allSatisfy { $0.cancelled() })
      tasks = []
      try loop.close()
    }
  }

  @Test func `tasks that wait for tasks, and a result that travels`() throws {
    try onSmallStack {
      let loop = try EventLoop()
      let future = loop.createFuture(of: Int.self)
      var last = try loop.createTask { try await future.value() }
      for _ in 1..<Self.length {
        let next = last
        last = try loop.createTask { try await next.value() }
      }
      loop.runOnce()
      try future.setResult(42)
      #expect(try loop.runUntilComplete(last) == 42)
      try loop.close()
    }
  }

  @Test func `pending futures, each held by a callback of another, are let go`() throws
  {
    try onSmallStack {
      let loop = try EventLoop()
      final class Witness {}
      weak var witness: Witness?
      do {
        let end = Witness()
        witness = end
        var first = loop.createFuture(of: Void.self)
        first.addDoneCallback { _ in _ = end }
        for _ in 1..<Self.length {
          let before = loop.createFuture(of: Void.self)
          let next = first
          before.addDoneCallback { _ in try next.setResult(()) }
          first = before
        }
      }
      #expect(witness == nil)
      try loop.close()
    }
  }

  @Test func `tasks that wait for one another in a circle can be cancelled`() throws {
    let loop = try EventLoop()
    var circle: [LoopTask<Void>] = []
    for place in 0..<3 {
      circle.append(
        try loop.createTask { try await circle[(place + 1) % 3].value() })
    }
    loop.runOnce()
    #expect(circle.allSatisfy { !$0.done() })
    #expect(circle[0].cancel())
    for _ in 1...10 {
      try loop.callSoon {}  // so that no turn sleeps
      loop.runOnce()
    }
    #expect(circle.allSatisfy { $0.cancelled() })
    try loop.close()
  }
}
