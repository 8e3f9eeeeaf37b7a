import EventLoops
import Selectors
import Simulation
import Sockets

/// What every scenario needs: a loop that is watched, a listener, and a world that
/// connects to it.
///
/// The kernel is the real one with a recorder in front of it, or a scripted one
/// where the kernel cannot be made to misbehave on demand.
final class Stage {
  let recorder: Recorder
  let loop: EventLoop
  let listener: Socket
  /// The clients live outside the recording: they are the world, not the program.
  private var clients: [Socket] = []

  /// A real kernel, and a listener on a port of the kernel's choice.
  init(_ recorder: Recorder, port: UInt16 = 0) throws {
    self.recorder = recorder
    let kernel = RecordingKernel(LinuxKernel(), recorder)
    loop = try EventLoop(kernel: kernel, observer: recorder)
    recorder.nameNext("listener")
    listener = try Socket(.ipv4, kernel: kernel)
    try listener.setsockopt(.reuseAddress, 1)
    try listener.bind(SocketAddress("127.0.0.1", port: port))
    try listener.listen()
    try listener.setBlocking(false)
  }

  /// A scripted kernel, on which descriptor 5 is a listener already.
  init(
    _ recorder: Recorder, _ script: [ScriptedKernel.Line],
    selector turns: [[Int32: Events]]
  ) throws {
    self.recorder = recorder
    let scripted = ScriptedKernel(script)
    let kernel = RecordingKernel(scripted, recorder)
    loop = try EventLoop(
      kernel: kernel, selector: ScriptedSelector(scripted, turns), observer: recorder)
    recorder.name(5, "listener")
    listener = Socket(owning: 5, .ipv4, isBlocking: false, kernel: kernel)
  }

  /// Somebody connects, from outside the loop and with a kernel of their own.
  func aClientConnects() throws {
    let client = try Socket(.ipv4)
    clients.append(client)
    try client.connect(listener.getsockname())
    recorder.note("a client connects; the kernel shakes hands with it by itself")
  }

  /// Runs a task to its end and closes everything.
  func run(_ task: LoopTask<Void>) throws {
    try loop.runUntilComplete(task)
    try loop.close()
  }
}
