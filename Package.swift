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

/// A floor of the house: it knows the floors below it and no other.
func floor(_ name: String, on lower: String...) -> Target {
  .target(
    name: name, dependencies: lower.map { .byName(name: $0) },
    exclude: name == "StepThrough" ? ["Book/book.css", "Book/book.js"] : [],
    swiftSettings: settings)
}

/// The tests of one chapter: `swift test --filter <name>`.
func tests(
  _ name: String, of floors: String..., excluding others: [String] = []
) -> Target {
  .testTarget(
    name: name, dependencies: (floors + ["TestSupport"]).map { .byName(name: $0) },
    exclude: others, swiftSettings: settings)
}

let package = Package(
  name: "walkthrough",
  products: [.library(name: "Asyncio", targets: ["Asyncio"])],
  targets: [
    // The floors, from the ground up. Each is a chapter or two.
    .target(name: "CLinux"),
    floor("Sockets", on: "CLinux"),
    floor("Selectors", on: "Sockets", "CLinux"),
    floor("EventLoops", on: "Selectors", "Sockets", "CLinux"),
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
      "Simulation", on: "SocketOperations", "EventLoops", "Selectors", "Sockets",
      "CLinux"),

    // The demo: scenarios, a recorder, and the terminal.
    floor(
      "StepThrough",
      on: "Simulation", "Streams", "Transports", "SocketOperations", "EventLoops",
      "Selectors", "Sockets"),
    .executableTarget(
      name: "walkthrough", dependencies: ["StepThrough"], swiftSettings: settings),

    // The source document's program.
    floor("ChatSupport", on: "Sockets"),
    .executableTarget(
      name: "chat-server", dependencies: ["Asyncio", "ChatSupport"],
      swiftSettings: settings),
    .executableTarget(
      name: "chat-client", dependencies: ["Asyncio", "ChatSupport"],
      swiftSettings: settings),

    // How fast it is, beside a raw epoll loop: `swift run -c release bench`.
    .executableTarget(
      name: "bench", dependencies: ["Asyncio", "CLinux"], swiftSettings: settings),

    // The tests, a target a chapter.
    .target(
      name: "TestSupport",
      dependencies: [
        "Simulation", "SocketOperations", "EventLoops", "Selectors", "Sockets",
      ],
      path: "Tests/TestSupport", swiftSettings: settings),
    tests("SocketsTests", of: "Sockets"),
    tests("ReadinessTests", of: "Selectors", "Sockets"),
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
    tests(
      "ScarsTests", of: "StepThrough", "Transports", "SocketOperations", "EventLoops",
      "Simulation", "Sockets"),
    // The same scenarios under CPython, step by step.
    tests("AsyncioTests", of: "StepThrough", excluding: ["CPython"]),
    tests(
      "StepThroughTests", of: "StepThrough", "Streams", "Transports", "SocketOperations"
    ),
  ]
)
