extension Scar {
  /// All of them, floor by floor.
  package static let all: [Scar] = ofTheLoop + ofAccept + ofTransports

  private static let ofTheLoop: [Scar] = []

  private static let ofAccept: [Scar] = [
    Scar(
      "A2", "2026", "a client is connected, and hung up on at once",
      report: "gh-153761", chapter: 6, a2)
  ]

  private static let ofTransports: [Scar] = [
    Scar(
      "T1", "2017", "bytes for a program that has paused", report: "bpo-31821",
      chapter: 9, t1),
    Scar(
      "T2", "2016", "bytes for a connection that is closed", report: "bpo-27223",
      chapter: 9, t2),
    Scar(
      "T5", "2023", "writelines sends once and forgets the rest", report: "gh-103462",
      chapter: 10, t5),
    Scar(
      "T6", "2024", "writelines fills the memory, and nobody is told to pause",
      report: "gh-127655", chapter: 10, t6),
    Scar(
      "T7", "2025", "writelines after the end is an error about None",
      report: "gh-136234", chapter: 10, t7),
    Scar(
      "T8", "2026", "writelines with an empty piece: the connection never closes",
      report: "gh-155888", chapter: 10, t8),
    Scar(
      "T9", "2024", "what is written after close stays behind", report: "gh-115514",
      chapter: 10, t9),
    Scar(
      "T10", "2026", "the connection is lost twice", report: "gh-156512",
      chapter: 10, t10),
    Scar(
      "V1", "2023", "a client comes while the server closes", report: "gh-109564",
      chapter: 11, v1),
    Scar(
      "V2", "2018", "wait_closed does not wait", report: "bpo-34852", chapter: 11, v2),
  ]
}
