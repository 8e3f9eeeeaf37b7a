import CLibrary
import EventLoops
import Recording
import Scenarios
import Selectors
import Simulation
import Sockets
import Transports

// A transport is born in two steps, `connectionMade` and then `addReader`. In the first
// the program meets it, and may change its mind about reading.

extension Scar {
  /// The program pauses as soon as it has a transport, and resumes a second later.
  static let t1 = Replay(before: "asyncio 3.6 to 3.11.3") { recorder, shape in
    let stage = try Stage(
      recorder,
      Stage.script((.recv(fd: 5, limit: 262_144), .bytes(Array("hello".utf8)))),
      ready: [5: EpollBits.in])
    let program = Program(stage.loop)
    var mayRead = true
    var wasAllowed = false
    program.onMade = { transport in
      recorder.note("the program pauses; the peer has sent something already")
      mayRead = false
      transport.pauseReading()
      try stage.loop.callLater(1, "resume") {
        mayRead = true
        transport.resumeReading()
      }
      program.onData = {
        wasAllowed = mayRead
        transport.close()
      }
    }
    try stage.connect(
      stage.scripted(5, "socket"), program, shape, TransportT1.self)
    try stage.runUntilStuck(program.over)
    return "the bytes came to a program that "
      + (wasAllowed ? "had resumed" : "had paused")
  }

  /// The program closes as soon as it has a transport.
  static let t2 = Replay(before: "asyncio before 2016", isScripted: false) {
    recorder, shape in
    let stage = try Stage(recorder)
    stage.hearErrors(noting: false)
    let socket = try stage.pair()
    let fd = socket.descriptor
    try stage.world.send("hello")
    recorder.note("the peer sends hello")
    let program = Program(stage.loop)
    program.onMade = { $0.close() }
    try stage.connect(socket, program, shape, TransportT2.self)
    for _ in 1...2 { stage.loop.runOnce() }
    let isListed = stage.loop.handlers(of: fd) != nil
    try stage.end()
    return (stage.errors.first.map { "\($0)" } ?? "no error")
      + (isListed ? ", and a closed number" : ", and nothing")
      + " stays on the selector's list"
  }
}

// [scar.t1]
/// It knew that one may close in `connectionMade` (T2). That one may also pause was
/// reported in 2017, and mended in 2023.
final class TransportT1: OldTransport {
  /// In the queue since before `connectionMade` ran.
  ///
  /// asyncio: _SelectorTransport._add_reader
  override func addReader() throws {
    // Here was missing: or if reading is paused. Pausing took the reader away when
    // there was none yet. Now there is one.
    if closing { return }
    try watchReader()
  }
}

// [scar.t2]
/// Two questions were missing. Either would have prevented the error, but the selector's
/// list stays clean only with the second.
final class TransportT2: OldTransport {
  /// asyncio: _SelectorSocketTransport._read_ready
  override func readReady() throws {
    // Here was missing, until 2016: if the connection is lost, return. It was lost a
    // moment ago, and the socket is `None`.
    try receive()
  }

  /// asyncio: BaseSelectorEventLoop._add_reader
  override func addReader() throws {
    // Here was missing, until 2018: if the transport is closing, return. Its end is in
    // the queue already, in front of whatever this will bring.
    try watchReader()
  }
}
