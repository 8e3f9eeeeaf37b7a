import Telling

// How much can be said in few bytes. The steps of a recording say the same again and
// again, and those of what could have been otherwise say it once more.

/// JSON values as a table in which each of them stands once.
///
/// A text, a number or a truth stands as it is. A list is `[-1, …]` with the places of
/// its items, an object `[k, …]` with the place of the list of its keys, and those of its
/// values. What has parts stands behind them, so the whole is what stands last. (The
/// script undoes this in ten lines.)
struct Packed {
  private var entries: [String] = []
  private var places: [String: Int] = [:]
  private var texts: [String: Int] = [:]

  /// The script that hands the table over. It is a script and no JSON, because a page
  /// that was opened from a folder may load scripts and nothing else.
  func script(_ name: String) -> String {
    "book.take(\"\(name)\",[\(entries.joined(separator: ",\n"))])\n"
  }

  // Each puts a value into the table and says where it stands.

  mutating func text(_ text: String) -> Int {
    // To write a text costs more than to find it.
    if let place = texts[text] { return place }
    let place = place(of: JSON.text(text).line)
    texts[text] = place
    return place
  }

  mutating func number(_ number: Int) -> Int { place(of: "\(number)") }

  mutating func bool(_ value: Bool) -> Int { place(of: "\(value)") }

  mutating func list(_ items: [Int]) -> Int { list(-1, items) }

  mutating func object(_ values: [String: Int]) -> Int {
    let sorted = values.sorted { $0.key < $1.key }
    let shape = list(sorted.map { text($0.key) })
    return list(shape, sorted.map(\.value))
  }

  private mutating func list(_ head: Int, _ items: [Int]) -> Int {
    place(of: "[\(([head] + items).map(String.init).joined(separator: ","))]")
  }

  private mutating func place(of entry: String) -> Int {
    if let place = places[entry] { return place }
    entries.append(entry)
    places[entry] = entries.count - 1
    return entries.count - 1
  }
}
