import Asyncio
import Simulation

// What the tests of the exercises need.

/// `run` with a limit: what waits for something that never comes has to fail.
public func inTime<Value>(
  _ main: sending @escaping (EventLoop) async throws -> Value
) throws -> Value {
  try run { loop in
    // Skeletons let callbacks throw; a test looks at what comes of it.
    loop.setExceptionHandler { _, _ in }
    return try await loop.waitFor(60) { try await main(loop) }
  }
}

extension EventLoop {
  /// Some turns.
  public func turns(_ count: Int) async throws {
    for _ in 0..<count { try await sleep(0) }
  }
}

/// A client and its server, connected, neither of them blocking.
public func conversation() throws -> (client: Socket, server: Socket) {
  let listener = try Socket()
  try listener.bind(SocketAddress("127.0.0.1", port: 0))
  try listener.listen()
  let client = try Socket()
  try client.connect(listener.getsockname())
  try client.setBlocking(false)
  return (client, try listener.accept().connection)
}

/// A loop whose kernel, selector and clock follow a script. Nothing in it takes time.
public final class Stage {
  public let kernel: ScriptedKernel
  public let selector: ScriptedSelector
  public let loop: EventLoop
  /// What callbacks have thrown, and what was called that the script does not know.
  public private(set) var troubles: [String] = []

  public init(_ script: ScriptedKernel.Line...) throws {
    kernel = ScriptedKernel(script)
    selector = ScriptedSelector(kernel)
    loop = try EventLoop(kernel: kernel, selector: selector)
    kernel.fail = { [unowned self] in troubles.append($0) }
    loop.setExceptionHandler { [unowned self] _, context in
      troubles.append("\(context.message): \(context.exception.map { "\($0)" } ?? "")")
    }
    selector.whenOver = { [unowned loop] in loop.stop() }
  }

  /// Runs the loop until there is nothing left to wait for.
  public func play() throws { try loop.runForever() }

  /// A non-blocking socket with this number.
  public func socket(_ fd: Int32) -> Socket {
    Socket(owning: fd, .ipv4, isBlocking: false, kernel: kernel)
  }
}
