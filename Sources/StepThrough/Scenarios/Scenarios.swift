import Sockets

extension Scenario {
  /// All of them, in the order in which they are best read.
  package static let all: [Scenario] = [
    Scenario("sockets", "a listener is made and closed again") { recorder in
      recorder.nameNext("listener")
      let listener = try Socket(kernel: RecordingKernel(LinuxKernel(), recorder))
      try listener.bind(SocketAddress("127.0.0.1", port: 0))
      try listener.listen()
      try listener.setBlocking(false)
      listener.close()
    }
  ]
}

extension LiveScenario {
  /// Those that can be run with a reader as their client.
  package static let all: [LiveScenario] = []
}
