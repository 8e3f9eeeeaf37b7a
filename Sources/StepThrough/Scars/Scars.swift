extension Scar {
  /// All of them, floor by floor.
  package static let all: [Scar] = ofTheLoop + ofAccept

  private static let ofTheLoop: [Scar] = []

  private static let ofAccept: [Scar] = [
    Scar(
      "A2", "2026", "a client is connected, and hung up on at once",
      report: "gh-153761", chapter: 6, a2)
  ]
}
