// swift-tools-version: 6.2
import PackageDescription

// Async functions stay on the thread that calls them, existentials say `any`,
// and an import is private unless it says otherwise.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// What every floor stands on, and need not name: the system's C library.
let ground: [Target.Dependency] = ["CLibrary"]

/// A floor of the house: it knows the floors below it and no other.
func floor(_ name: String, on lower: String...) -> Target {
  .target(
    name: name, dependencies: ground + lower.map { .byName(name: $0) },
    swiftSettings: settings)
}

/// A floor of the demo's house, which stands beside the library's and on top of it.
func floor(
  ofDemo name: String, on lower: String..., excluding others: [String] = []
) -> Target {
  .target(
    name: name, dependencies: ground + lower.map { .byName(name: $0) },
    path: "Sources/StepThrough/\(name)", exclude: others, swiftSettings: settings)
}

/// The tests of one chapter: `swift test --filter <name>`.
func tests(
  _ name: String, of floors: String..., excluding others: [String] = []
) -> Target {
  .testTarget(
    name: name,
    dependencies: ground + (floors + ["TestSupport"]).map { .byName(name: $0) },
    exclude: others, swiftSettings: settings)
}

let package = Package(
  name: "walkthrough",
  // Foreign executors for tasks, and `Synchronization`.
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Asyncio", targets: ["Asyncio"]),
    // `run`, watched: for programs of the reader's own.
    .library(name: "StepThrough", targets: ["StepThrough"]),
    // A kernel that follows a script: for tests of the reader's own.
    .library(name: "Simulation", targets: ["Simulation"]),
  ],
  targets: [
    // The library, from the ground up. Each floor is a chapter or two.
    .target(name: "CLinux"),
    .target(name: "CLibrary", dependencies: ["CLinux"], swiftSettings: settings),
    floor("Sockets"),
    floor("Selectors", on: "Sockets"),
    floor("EventLoops", on: "Selectors", "Sockets"),
    floor("SocketOperations", on: "EventLoops", "Selectors", "Sockets"),
    floor(
      "Transports", on: "SocketOperations", "EventLoops", "Selectors", "Sockets"),
    floor(
      "Streams",
      on: "Transports", "SocketOperations", "EventLoops", "Selectors", "Sockets"),
    floor(
      "Asyncio",
      on: "Streams", "Transports", "SocketOperations", "EventLoops", "Selectors",
      "Sockets"),

    // A kernel, a selector and a clock that follow a script.
    floor(
      "Simulation", on: "SocketOperations", "EventLoops", "Selectors", "Sockets"),

    // The demo, a second house: from the ground up, and each knows only what is below.
    // What a loop does, written down, and the machine that follows from it.
    floor(ofDemo: "Recording", on: "Simulation", "EventLoops", "Selectors", "Sockets"),
    // The same in words: sentences, JSON, and the source that belongs to it.
    floor(
      ofDemo: "Telling", on: "Recording", "Simulation", "EventLoops", "Selectors",
      "Sockets"),
    // Questions about it: what is the next step?
    floor(
      ofDemo: "Asking",
      on: "Telling", "Recording", "Simulation", "EventLoops", "Selectors", "Sockets"),
    // What there is to step through.
    floor(
      ofDemo: "Scenarios",
      on: "Telling", "Recording", "Simulation", "Streams", "Transports",
      "SocketOperations", "EventLoops", "Selectors", "Sockets"),
    // Old code with its bugs, to step through as well.
    floor(
      ofDemo: "Scars",
      on: "Scenarios", "Telling", "Recording", "Simulation", "Streams", "Transports",
      "SocketOperations", "EventLoops", "Selectors", "Sockets"),
    // CPython's steps beside ours.
    floor(ofDemo: "Comparison", on: "Telling", "Recording"),
    // Lines to take out, and what is seen then.
    floor(ofDemo: "Experiments", on: "Telling"),
    // A picture of a step, and what the keys do to it.
    floor(
      ofDemo: "Screen", on: "Comparison", "Scenarios", "Asking", "Telling",
      "Recording", "EventLoops"),
    // The chapters, the source and the traces as pages for a browser.
    floor(
      ofDemo: "Book",
      on: "Comparison", "Scars", "Scenarios", "Asking", "Telling", "Recording",
      "Streams", "Transports", "EventLoops", "Simulation", "Sockets",
      excluding: ["book.css", "book.js"]),
    // What the chapters quote.
    floor(
      ofDemo: "Weaving", on: "Screen", "Experiments", "Comparison", "Scars",
      "Scenarios", "Telling", "Recording"),
    // The picture on a real terminal.
    floor(
      ofDemo: "Terminal", on: "Screen", "Comparison", "Scenarios", "Telling",
      "Recording", "EventLoops", "Sockets"),
    // A program of the reader's own, on the same screen.
    floor(
      ofDemo: "StepThrough", on: "Terminal", "Screen", "Scenarios", "Telling",
      "Recording", "EventLoops", "Sockets"),
    // The command line.
    .executableTarget(
      name: "walkthrough",
      dependencies: [
        "Book", "Streams", "Transports", "EventLoops", "Terminal", "Weaving", "Screen",
        "Experiments", "Comparison", "Scars", "Scenarios", "Asking", "Telling",
        "Recording", "Sockets", "CLibrary",
      ], swiftSettings: settings),

    // Chapter 0: four servers that need nothing of the floors.
    .executableTarget(
      name: "forty-lines", dependencies: ground, swiftSettings: settings),

    // The program with which each of the other chapters begins.
    .executableTarget(
      name: "opening", dependencies: ["Asyncio", "Simulation"], swiftSettings: settings),

    // The source document's program.
    floor("ChatSupport", on: "EventLoops", "Sockets"),
    .executableTarget(
      name: "chat-server", dependencies: ["Asyncio", "ChatSupport"],
      swiftSettings: settings),
    .executableTarget(
      name: "chat-client", dependencies: ["Asyncio", "ChatSupport"],
      swiftSettings: settings),

    // How fast it is, beside a raw loop on epoll or kqueue: `swift run -c release bench`.
    .executableTarget(
      name: "bench", dependencies: ["Asyncio", "CLibrary"], exclude: ["asyncio"],
      swiftSettings: settings),

    // The tests, a target a chapter.
    .target(
      name: "TestSupport",
      dependencies: [
        "Simulation", "Transports", "SocketOperations", "EventLoops", "Selectors",
        "Sockets", "CLibrary", "ChooseKernel",
      ],
      path: "Tests/TestSupport", swiftSettings: settings),
    // On which kernel the tests run: `WALKTHROUGH_KERNEL=portable swift test`.
    .target(name: "ChooseKernel", path: "Tests/ChooseKernel"),
    tests("FortyLinesTests"),
    tests("SocketsTests", of: "Sockets"),
    tests("ReadinessTests", of: "Selectors", "Simulation", "Sockets"),
    tests("LoopTests", of: "EventLoops", "SocketOperations", "Simulation"),
    tests("FuturesAndTasksTests", of: "EventLoops", "Simulation"),
    tests("SockAcceptTests", of: "SocketOperations", "Simulation"),
    tests("SockConnectTests", of: "SocketOperations", "Simulation"),
    tests("SockRecvAndSendallTests", of: "SocketOperations", "Simulation"),
    tests("TransportsTests", of: "Transports", "SocketOperations", "Simulation"),
    tests("ServersTests", of: "Transports", "SocketOperations", "Simulation"),
    tests(
      "ReadingTests", of: "Streams", "Transports", "Simulation", excluding: ["Oracle"]),
    tests("WritingTests", of: "Streams", "Transports", "Simulation"),
    tests("ChatTests", of: "SocketOperations"),
    tests("FastTests", of: "SocketOperations", "Simulation"),
    tests(
      "ScarsTests", of: "Scars", "Scenarios", "Telling", "Recording", "Transports",
      "SocketOperations", "EventLoops", "Simulation", "Sockets"),
    // The same scenarios under CPython, step by step.
    tests(
      "AsyncioTests", of: "Comparison", "Scenarios", "Telling", "Recording",
      excluding: ["CPython"]),
    tests(
      "BookTests", of: "Book", "Screen", "Comparison", "Scars", "Scenarios", "Asking",
      "Telling", "Recording", "Streams", "Transports",
      excluding: ["browser.py", "server.py", "Garbage"]),
    tests(
      "StepThroughTests", of: "Weaving", "Screen", "Experiments", "Comparison", "Scars",
      "Scenarios", "Asking", "Telling", "Recording", "Streams", "Transports",
      "SocketOperations", "Sockets"),
  ]
)
