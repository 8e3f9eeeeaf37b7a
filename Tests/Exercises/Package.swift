// swift-tools-version: 6.2
import PackageDescription

// All exercises at once, for the check that each skeleton fails and each solution passes:
// `swift test`, and with EXERCISES=solution in the environment once more. A reader gets
// one at a time, from `swift run walkthrough exercise 6`.

let numbers = [
  "2", "3", "4", "5", "6", "6b", "7", "8", "9", "10", "11", "12", "12b", "13", "14",
  "15",
]
let edition = Context.environment["EXERCISES"] ?? "skeleton"

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("NonisolatedNonsendingByDefault")
]
let asyncio = Target.Dependency.product(name: "Asyncio", package: "walkthrough")
let simulation = Target.Dependency.product(name: "Simulation", package: "walkthrough")

let package = Package(
  name: "exercises",
  dependencies: [.package(name: "walkthrough", path: "../..")],
  targets: [
    .target(
      name: "Support", dependencies: [asyncio, simulation], path: "Support",
      swiftSettings: settings)
  ]
    + numbers.flatMap { number in
      [
        .target(
          name: "Exercise\(number)", dependencies: [asyncio],
          path: "\(number)/\(edition)", swiftSettings: settings),
        .testTarget(
          name: "Exercise\(number)Tests",
          dependencies: [
            .byName(name: "Exercise\(number)"), "Support", asyncio, simulation,
          ],
          path: "\(number)/tests", swiftSettings: settings),
      ]
    }
)
