import Telling

// How much can be said in few bytes. The steps of a recording say the same again and
// again, and those of what could have been otherwise say it once more.

/// JSON values as a table in which each of them stands once.
///
/// A text, a number or a truth stands as it is. A list is `[-1, …]` with its items, an
/// object `[k, …]` with the place of the list of its keys, and its values. An item is the
/// place in the table where it stands; what is needed only once stands there itself. And
/// what an object has in common with the last one that had the same keys is left out:
/// `[k,,7]`. A list of numbers is `[-2, …]` with the first of them and the ways from each
/// to the next. What has parts stands behind them, so the whole is what stands last. (The
/// script undoes this in ten lines.)
struct Packed {
  private enum Entry: Hashable {
    case plain(String)
    case number(Int)
    /// `-1`, or where the list of the keys is, and the items.
    case parts(Int, [Int])
  }
  private var entries: [Entry] = []
  private var places: [Entry: Int] = [:]
  private var texts: [String: Int] = [:]
  /// How often each entry is needed.
  private var uses: [Int] = []

  // Each puts a value into the table and says where it stands.

  mutating func text(_ text: String) -> Int {
    // To write a text costs more than to find it.
    if let place = texts[text] { return place }
    let place = place(of: .plain(JSON.text(text).line))
    texts[text] = place
    return place
  }

  mutating func number(_ number: Int) -> Int { place(of: .number(number)) }

  mutating func bool(_ value: Bool) -> Int { place(of: .plain("\(value)")) }

  /// Steps, say: from one to the next it is not far.
  mutating func numbers(_ numbers: [Int]) -> Int {
    let ways = zip(numbers, [0] + numbers).map { ",\($0 - $1)" }.joined()
    return place(of: .plain("[-2\(ways)]"))
  }

  mutating func list(_ items: [Int]) -> Int { place(of: .parts(-1, items)) }

  mutating func object(_ values: [String: Int]) -> Int {
    let sorted = values.sorted { $0.key < $1.key }
    let shape = list(sorted.map { text($0.key) })
    return place(of: .parts(shape, sorted.map(\.value)))
  }

  private mutating func place(of entry: Entry) -> Int {
    if let place = places[entry] { return place }
    if case .parts(let shape, let items) = entry {
      for item in items { uses[item] += 1 }
      // The list of an object's keys is asked for by its place.
      if shape >= 0 { uses[shape] += 2 }
    }
    entries.append(entry)
    uses.append(0)
    places[entry] = entries.count - 1
    return entries.count - 1
  }

  /// The script that hands the table over. It is a script and no JSON, because a page
  /// that was opened from a folder may load scripts and nothing else.
  func script(_ name: String) -> String {
    var writer = Writer(entries: entries, uses: uses)
    return "book.take(\"\(name)\",[\(writer.lines().joined(separator: ",\n"))])\n"
  }

  /// Writes the entries in their order, each with what is needed for it alone.
  private struct Writer {
    let entries: [Entry]
    let uses: [Int]
    /// Where in the script's table the entries stand that others need.
    private var places: [Int: Int] = [:]
    /// The items of the last object that had these keys.
    private var last: [Int: [Int]] = [:]

    init(entries: [Entry], uses: [Int]) { (self.entries, self.uses) = (entries, uses) }

    mutating func lines() -> [String] {
      var lines: [String] = []
      for place in entries.indices where !isPart(place) {
        lines.append(words(place))
        places[place] = lines.count - 1
      }
      return lines
    }

    /// It stands where it is needed. (There, a number would be a place.)
    private func isPart(_ place: Int) -> Bool {
      if case .number = entries[place] { return false }
      return uses[place] == 1
    }

    private mutating func words(_ place: Int) -> String {
      switch entries[place] {
      case .plain(let text): return text
      case .number(let number): return "\(number)"
      case .parts(let shape, let items):
        var words = shape < 0 ? "[-1" : "[\(places[shape]!)"
        // The last ones that are the old ones need no comma.
        var commas = ""
        for (number, item) in items.enumerated() {
          commas += ","
          if shape >= 0, last[shape]?[number] == item { continue }
          words += commas + (isPart(item) ? self.words(item) : "\(places[item]!)")
          commas = ""
        }
        if shape >= 0 { last[shape] = items }
        return words + "]"
      }
    }
  }
}
