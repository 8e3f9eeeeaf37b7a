import Asyncio
import Support
import Testing

@testable import Exercise3

@Suite struct SelectSelectorTests {
  @Test func `it says what is ready, and for what`() throws {
    let selector = SelectSelector()
    let (client, server) = try conversation()
    try selector.register(client.descriptor, [.read, .write], data: nil, CallSite())
    try selector.register(server.descriptor, .read, data: nil, CallSite())
    func news() throws -> [Int32: Events] {
      let ready = try selector.select(timeout: 0, CallSite())
      return Dictionary(uniqueKeysWithValues: ready.map { ($0.key.fd, $0.events) })
    }
    #expect(try news() == [client.descriptor: .write])
    _ = try [1, 2, 3].withUnsafeBytes { try client.send($0) }
    #expect(try selector.select(timeout: nil, CallSite()).count >= 1)
    for _ in 0..<100_000 where try news()[server.descriptor] == nil {}
    #expect(try news() == [client.descriptor: .write, server.descriptor: .read])
    try selector.unregister(client.descriptor, CallSite())
    #expect(try news() == [server.descriptor: .read])
  }

  @Test func `it waits as long as it is told to, and not at all for less than nothing`()
    throws
  {
    let selector = SelectSelector()
    let clock = ContinuousClock()
    #expect(try clock.measure { try wait(0.02) } >= .milliseconds(20))
    #expect(try clock.measure { try wait(-1) } < .seconds(1))
    func wait(_ timeout: Double) throws {
      #expect(try selector.select(timeout: timeout, CallSite()).isEmpty)
    }
  }

  @Test func `a loop runs on it`() throws {
    let (client, server) = try conversation()
    let loop = try EventLoop(selector: SelectSelector())
    let task = try loop.createTask {
      let bytes = try await loop.sockRecv(server, 100)
      try await loop.sockSendall(server, bytes)
    }
    _ = try Array("echo".utf8).withUnsafeBytes { try client.send($0) }
    let answer = try loop.createTask {
      for _ in 0..<1000 where !task.done() { try await loop.sleep(0) }
      try await loop.sleep(0.01)
      return try? client.recv(100)
    }
    #expect(try loop.runUntilComplete(answer) == Array("echo".utf8))
    try loop.close()
  }
}
