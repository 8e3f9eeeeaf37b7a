// The one list of places where we differ from asyncio. It is data: whoever adds a line
// says why, where, since when, and how often, and a test counts.

extension Difference {
  /// Those that hold for a scenario and a version.
  package static func permitted(in scenario: String, _ version: Int) -> [Difference] {
    // Of a version that we do not know the best guess is the nearest one.
    let known = min(
      max(version, Difference.everyVersion.lowerBound),
      Difference.everyVersion.upperBound)
    return all.filter { $0.scenarios[scenario] != nil && $0.versions.contains(known) }
  }

  private static let streams = [
    "stream-readline": 1, "stream-limit": 1, "stream-readexactly-paused": 1,
    "stream-drain": 1, "stream-drain-dead-peer": 1, "stream-echo": 2,
  ]

  /// One look at the kernel without waiting, and nothing new: what it costs to go
  /// round.
  private static let turn = [
    "loop selectEntered timeout=0", "call epollWait epoll=epoll timeout=0 → nothing",
    "loop selectReturned ready=[]",
  ]

  /// All of them. There is no other place where we differ from asyncio without a test
  /// that fails.
  package static let all: [Difference] = [
    Difference(
      "accept4",
      "accept4 makes the new socket non-blocking in the same call; Python's socket "
        + "module has no such option, and asyncio needs a second one.",
      in: [
        "chat": 1, "accept": 1, "accept-ready": 1, "accept-two": 2,
        "accept-spurious": 1,
        "accept-again": 2, "transport-echo": 1, "server-close-race": 1,
        "server-out-of-descriptors": 1, "stream-echo": 1,
      ], after: "call accept fd=listener → connection *",
      theirs: ["call setBlocking blocking=false fd=connection * → 0"]),

    Difference(
      "gather",
      "create_server resolves all its hosts at the same time, each in a task of its own, "
        + "also if there is one and nothing to resolve. That costs three turns. We ask "
        + "for one host after the other.",
      in: ["transport-echo": 1, "server-close-race": 1, "stream-echo": 1],
      theirs: [
        "loop taskCreated task=Task-1", "loop handleQueued handle=wake-up of Task-1",
        "loop callbackAdded callback=doneCallback future=Task-1",
        "loop handleFinished error=none handle=wake-up of *",
      ] + turn + [
        "loop handleRun handle=wake-up of Task-1", "loop taskStepBegun task=Task-1",
        "loop taskFinished task=Task-1",
        "loop futureSettled future=Task-1 outcome=result",
        "loop handleQueued handle=doneCallback",
        "loop handleFinished error=none handle=wake-up of Task-1",
      ] + turn + [
        "loop handleRun handle=doneCallback", "loop handleQueued handle=wake-up of *",
        "loop handleFinished error=none handle=doneCallback",
      ] + turn + [
        "loop handleRun handle=wake-up of *", "loop taskStepBegun task=*",
      ]),

    Difference(
      "nodelay",
      "asyncio turns Nagle's algorithm off only if the socket was made with the number "
        + "of TCP. This one was made with 0, which means the same to the kernel.",
      in: [
        "transport-half-close": 1, "stream-readline": 1, "stream-limit": 1,
        "stream-readexactly-paused": 1,
      ], after: "call getpeername fd=socket → 127.0.0.1",
      ours: ["call setsockopt fd=socket option=noDelay value=1 → 0"]),

    Difference(
      "T3",
      "In asyncio is_reading() goes on to say True after the end of the stream; our "
        + "transport remembers that nothing will come any more.",
      in: ["transport-half-close": 1, "stream-echo": 1],
      after: "loop handleCancelled handle=readReady",
      ours: ["loop transportChanged * isClosing=false isLost=false isReading=false *"]),

    Difference(
      "V1",
      "The server was closed between accept and here. We hang up on the client. In "
        + "asyncio an assertion fails, and the connection stays open until the garbage "
        + "collector comes by (gh-109564).",
      in: ["server-close-race": 1],
      ours: ["call close fd=connection 1 → 0"],
      theirs: [
        "loop futureCreated future=Future-*",
        "call getsockname fd=connection 1 → 127.0.0.1",
      ]),

    Difference(
      "A6",
      "Having said that no descriptor is left, asyncio goes on to accept (gh-151615); "
        + "and an aborted connection ends the round (A5, gh-127529).",
      in: ["server-out-of-descriptors": 1],
      after: "loop timerScheduled handle=startServing when=1",
      theirs: ["call accept fd=listener → ECONNABORTED"]),

    Difference(
      "A5",
      "The same connection, a second later: for us it says nothing about the one behind "
        + "it. asyncio has met it already.",
      in: ["server-out-of-descriptors": 1],
      after: "loop handleRun handle=acceptConnection 2",
      ours: ["call accept fd=listener → ECONNABORTED"]),

    Difference(
      "words", "Messages are in our own words.",
      in: ["server-out-of-descriptors": 1],
      ours: ["note the exception handler hears: accept() is refused*"],
      theirs: ["note the exception handler hears: socket.accept() out of *"]),

    Difference(
      "words", "Messages are in our own words.", in: ["stream-limit": 2],
      ours: ["note * throws: *"], theirs: ["note * throws: *"]),

    Difference(
      "unheard",
      "Up to 3.10 nobody looks how the handler of a client ended; its error is reported "
        + "by the garbage collector, some time.",
      versions: 9...10, in: ["stream-echo": 1],
      ours: ["loop callbackAdded callback=clientHandled future=Task-2"]),

    Difference(
      "V2",
      "Up to 3.11 wait_closed does not wait (gh-79033): it returns as soon as the server "
        + "is closed, whatever its connections do. So the program ends here.",
      versions: 9...11, in: ["stream-echo": 1], after: "call close fd=listener → 0",
      ours: ["loop futureCreated *"], theirs: ["loop taskFinished task=client"],
      forGood: true),

    Difference(
      "closed",
      "A stream protocol of asyncio's has one future for everybody who waits until it is "
        + "closed, from its birth on; one who is cancelled cancels it for all (M9). With "
        + "us it is made when the first one waits, and who is cancelled just leaves.",
      in: streams, after: "loop readerChanged bufferSize=0 * waiter=none",
      theirs: ["loop futureCreated future=Future-*"]),

    Difference(
      "closed-late",
      "With us the future of those who wait until a stream is closed is made when the "
        + "first one waits; in asyncio it is there since the protocol's birth.",
      in: streams.filter { $0.key != "stream-drain-dead-peer" },
      after: "loop handleQueued handle=callConnectionLost*",
      ours: ["loop futureCreated future=Future-*"]),

    Difference(
      "closed-unheard",
      "asyncio's one future for everybody who waits until the stream is closed (M9) is "
        + "settled, although nobody waits.",
      in: ["stream-drain-dead-peer": 1],
      after: "loop readerChanged * failure=exception EPIPE *",
      theirs: ["loop futureSettled error=exception EPIPE future=Future-* *"]),

    Difference(
      "complete",
      "A writer of asyncio's makes a future that is done, and nobody ever uses it.",
      in: streams,
      theirs: [
        "loop futureCreated future=Future-*",
        "loop futureSettled future=Future-* outcome=result",
      ]),

    Difference(
      "sendmsg",
      "Up to 3.11 the buffer is one bytearray, which is sent with send; since 3.12 it is "
        + "a list of pieces, as ours.",
      versions: 9...11,
      in: [
        "transport-backpressure": often, "transport-close-while-buffered": often,
        "stream-drain": often,
      ],
      ours: ["call sendmsg counts=* fd=socket → *"],
      theirs: ["call send count=* fd=socket → *"]),
  ]
}
