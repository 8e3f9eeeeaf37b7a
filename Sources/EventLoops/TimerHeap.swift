/// The callbacks whose time has not come, the next one on top.
///
/// A binary heap: a family tree in an array, in which the children of place `i` stand at
/// `2i + 1` and `2i + 2`, and no child is due before its parent. That is less than being
/// in order, and so it is cheap to keep: who comes or goes passes one place in each
/// generation, and a million timers have twenty generations.
///
/// Timers of one instant leave in the order in which they were made. asyncio's heap
/// compares the times only, and shuffles them.
///
/// asyncio: heapq, on BaseEventLoop._scheduled
package struct TimerHeap {
  /// The numbers stand beside the timer: comparing two touches neither of them.
  private struct Entry {
    let when: Double
    let number: Int
    let timer: TimerHandle

    init(_ timer: TimerHandle) {
      when = timer.when()
      number = timer.id  // handles are counted as they are made
      self.timer = timer
    }

    func isBefore(_ other: Entry) -> Bool {
      when == other.when ? number < other.number : when < other.when
    }
  }

  private var entries: [Entry] = []

  package var count: Int { entries.count }
  package var isEmpty: Bool { entries.isEmpty }
  /// The one that is due next.
  package var first: TimerHandle? { entries.first?.timer }
  /// All of them, the next one first, for those who only look.
  package var elements: [TimerHandle] {
    entries.sorted { $0.isBefore($1) }.map(\.timer)
  }

  // [heap.insert]
  /// The newcomer begins at the bottom, and rises as long as its parent is later.
  ///
  /// asyncio: heapq.heappush
  mutating func insert(_ timer: TimerHandle) {
    let new = Entry(timer)
    var place = entries.count
    entries.append(new)
    while place > 0 {
      let parent = (place - 1) / 2
      if !new.isBefore(entries[parent]) { break }
      entries[place] = entries[parent]
      place = parent
    }
    entries[place] = new
  }

  // [heap.remove-first]
  /// The last one takes the top's place, and sinks to where it belongs.
  ///
  /// asyncio: heapq.heappop
  mutating func removeFirst() {
    let last = entries.removeLast()
    if !isEmpty { sink(last, from: 0) }
  }

  /// Throws those out that are cancelled, and puts the others in order again: each one
  /// sinks, from the last parent to the first.
  ///
  /// - Returns: who was thrown out.
  ///
  /// asyncio: heapq.heapify
  mutating func removeCancelled() -> [TimerHandle] {
    let cancelled = entries.map(\.timer).filter { $0.cancelled() }
    entries.removeAll { $0.timer.cancelled() }
    for place in (0..<count / 2).reversed() { sink(entries[place], from: place) }
    return cancelled
  }

  // [heap.sink]
  /// Moves the earlier of two children up, until `entry` is before both.
  private mutating func sink(_ entry: Entry, from start: Int) {
    var place = start
    while 2 * place + 1 < count {
      var child = 2 * place + 1
      if child + 1 < count, entries[child + 1].isBefore(entries[child]) { child += 1 }
      if !entries[child].isBefore(entry) { break }
      entries[place] = entries[child]
      place = child
    }
    entries[place] = entry
  }
}
