import Sockets
import EventLoops
import Streams
import TestSupport
import Testing

/// Two tasks on one reader: a mistake, and it has to be heard of.
@Suite struct TwoReaders {
  @Test func `the second one that would wait is refused, and the first never notices`()
    throws
  {
    let desk = try Desk()
    let first = try desk.begin { try await $0.readline() }
    let waiter = desk.reader.state.waiter
    for name in Cancelling.reads.keys.sorted() {
      let read = try #require(Cancelling.reads[name])
      let second = try desk.begin(read)
      let error = #expect(throws: RuntimeError.self) { try second.result() }
      // It says who was refused. `readline` is made of `readuntil`.
      let called = name == "readline" ? "readuntil()" : "\(name)()"
      #expect(error.map { "\($0)".hasPrefix(called) } == true)
      #expect(desk.reader.state.waiter == waiter)
    }
    let toTheEnd = try desk.begin { try await $0.read() }
    #expect(throws: RuntimeError.self) { try toTheEnd.result() }
    try desk.feed("hello\n")
    #expect(try first.result().text == "hello\n")
    // After it, anybody may.
    let next = try desk.begin { try await $0.readline() }
    try desk.feed("next\n")
    #expect(try next.result().text == "next\n")
  }

  @Test func `who does not have to wait is not refused`() throws {
    let desk = try Desk()
    try desk.feed("half")
    let first = try desk.begin { try await $0.readline() }
    #expect(try desk.now { try await $0.read(2) }.text == "ha")
    try desk.feed(" a line\n")
    #expect(try first.result().text == "lf a line\n")
  }

  /// A waits; a piece comes; before A's turn B takes it away.
  private func robbed(
    _ desk: Desk, _ b: @escaping (StreamReader) async throws -> [UInt8]
  ) throws -> (a: LoopTask<[UInt8]>, b: LoopTask<[UInt8]>) {
    let a = try desk.begin { try await $0.read(10) }
    // B's first turn stands in the queue, and A's wake-up is put behind it.
    let b = try desk.later(b)
    try desk.reader.feedData("hello".bytes)
    desk.replay.settle()
    return (a, b)
  }

  @Test func `no bytes mean the end, so who was robbed waits again`() throws {
    let desk = try Desk()
    let (a, b) = try robbed(desk) { try await $0.read(10) }
    #expect(try b.result().text == "hello")
    // asyncio 3.13 returns no bytes here, as if the stream had ended.
    #expect(!a.done() && desk.isAwaited)
    try desk.feed("again")
    #expect(try a.result().text == "again")
  }

  @Test func `the thief waits first, and the other one is refused`() throws {
    let desk = try Desk()
    let (a, b) = try robbed(desk) { reader in
      _ = try await reader.read(10)
      return try await reader.read(10)
    }
    // B took the bytes and has begun to wait, all before A's turn.
    #expect(throws: RuntimeError.self) { try a.result() }
    // A's clean-up has left B's waiter alone. In asyncio 3.13 it is taken away, and B
    // sleeps for ever, although bytes come.
    #expect(!b.done() && desk.isAwaited)
    try desk.feed("again")
    #expect(try b.result().text == "again")
  }

  @Test func `who is cancelled late leaves another one's waiter alone`() throws {
    let desk = try Desk()
    let a = try desk.begin { try await $0.read(10) }
    let b = try desk.later { reader in
      _ = try await reader.read(10)
      return try await reader.read(10)
    }
    try desk.reader.feedData("hello".bytes)
    a.cancel()
    desk.replay.settle()
    #expect(a.cancelled() && !b.done() && desk.isAwaited)
    try desk.feed("again")
    #expect(try b.result().text == "again")
  }

  @Test func `robbed, and then the end`() throws {
    let desk = try Desk()
    let (a, b) = try robbed(desk) { try await $0.read(10) }
    #expect(try b.result().text == "hello" && !a.done())
    try desk.end()
    #expect(try a.result() == [])
  }

  @Test(arguments: ["readexactly", "readuntil"])
  func `the others look again as well`(name: String) throws {
    let desk = try Desk()
    let a = try desk.begin(try #require(Cancelling.reads[name]))
    let b = try desk.later { try await $0.read(10) }
    try desk.reader.feedData("hello-".bytes)
    desk.replay.settle()
    #expect(try b.result().text == "hello-" && !a.done() && desk.isAwaited)
    try desk.feed("again--and more")
    #expect(try a.result().text == (name == "readexactly" ? "again-" : "again--"))
  }

  @Test func `a hole that is left: a waiting readuntil does not notice the theft`()
    throws
  {
    let desk = try Desk()
    try desk.feed("abcde")
    let a = try desk.begin { try await $0.readuntil() }
    // A has searched five bytes and waits. They go to B, who need not wait.
    #expect(try desk.now { try await $0.read(10) }.text == "abcde")
    // What comes now stands at a place that A has searched, or so it thinks. It is the
    // same in asyncio 3.13. Leave a reader to one task.
    try desk.feed("x\n")
    #expect(!a.done() && desk.left == 2)
    try desk.feed("more\n")
    #expect(try a.result().text == "x\nmore\n")
  }
}
