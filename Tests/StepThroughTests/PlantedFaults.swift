import EventLoops
import Recording
import Scenarios
import SocketOperations
import Sockets
import Testing

/// The campaign finds what is planted: programs with one fault each, which the usual
/// course does not show.
@Suite struct PlantedFaults {
  /// A scenario in which somebody connects and says hello, and the program is given.
  private func scenario(
    _ program: @escaping @Sendable (EventLoop, Socket) async throws -> Void
  ) -> Scenario {
    Scenario("planted", "a program with a fault") { recorder in
      let stage = try Stage(recorder)
      let loop = stage.loop
      let socket = try stage.connection("socket")
      recorder.whenIdle { try stage.world.send("hello") }
      try stage.run(loop.createTask { try await program(loop, socket) })
    }
  }

  private func finds(_ spec: String, in scenario: Scenario) throws -> String {
    let usual = scenario.course()
    #expect(usual.failure == nil)
    let whatIf = try usual.whatIf(spec)
    return Trial(scenario, usual, whatIf).finds.joined(separator: "\n")
  }

  private final class Cupboard: @unchecked Sendable { var sockets: [Socket] = [] }

  @Test func `a descriptor that is kept`() throws {
    let cupboard = Cupboard()
    let leaky = scenario { loop, socket in
      do { _ = try await loop.sockRecv(socket, 5) } catch {
        cupboard.sockets.append(socket)
        throw error
      }
    }
    let found = try finds("recv(socket)=ECONNRESET", in: leaky)
    #expect(found == #"left open: ["socket"]"#)
  }

  @Test func `somebody whom nobody tells`() throws {
    let forgetful = scenario { loop, socket in
      do { _ = try socket.recv(5) } catch let error as SystemError {
        if error.interrupted { try await loop.createFuture(of: Void.self).value() }
        _ = try await loop.sockRecv(socket, 5)
      }
    }
    let found = try finds("recv(socket)=EINTR", in: forgetful)
    #expect(found.hasPrefix("ends otherwise: nothing is left that could wake"))
  }

  @Test func `an error that is swallowed`() throws {
    let brave = scenario { loop, socket in _ = try? await loop.sockRecv(socket, 5) }
    let found = try finds("recv(socket)=ETIMEDOUT", in: brave)
    #expect(found == "an error that nobody hears of")
  }

  @Test func `bytes that are sent twice`() throws {
    let eager = scenario { _, socket in
      let message = Array("hello".utf8)
      func send() throws -> Int { try message.withUnsafeBytes { try socket.send($0) } }
      if try send() < message.count { _ = try send() }
    }
    let found = try finds("send(socket)=1", in: eager)
    #expect(found.hasPrefix(#"moves other bytes: ["out of socket": 6]"#))
  }

  @Test func `a program that turns in circles`() throws {
    let busy = scenario { loop, socket in
      do { _ = try await loop.sockRecv(socket, 5) } catch {
        while true { try await loop.sleep(0) }
      }
    }
    let found = try finds("recv(socket)=ECONNRESET", in: busy)
    #expect(found.contains("endless"))
  }

  @Test func `a step that is not told`() throws {
    let recorder = Recorder()
    let real = RealState(recorder)
    var isMissed = false
    recorder.onStep = { step in
      if case .loop(.handleQueued) = step.event, !isMissed {
        isMissed = true
      } else {
        real.compare(step)
      }
    }
    defer { recorder.onStep = nil }
    try #require(Scenario.named("accept")).run(recorder)
    #expect(!real.differences.isEmpty)
  }
}
