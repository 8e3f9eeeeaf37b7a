import EventLoops

/// Those who wait for one thing, each with a future of its own, in the order in which
/// they came.
///
/// Everybody leaves by themselves. In a plain array each would walk past all the others
/// first, and thousands of them would take seconds. So they are found by number, and what
/// stays where somebody left is a hole, until half of the list is holes. (asyncio has a
/// deque, in which who is woken first is found first.)
struct Waiters {
  /// The numbers only grow: a future is made when somebody comes.
  private var places: [(number: Int, future: Future<Void>?)] = []
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }
  /// Those who have not been woken yet.
  var pending: [Future<Void>] {
    places.compactMap(\.future).filter { !$0.done() }
  }

  mutating func add(_ waiter: Future<Void>) {
    places.append((waiter.id, waiter))
    count += 1
  }

  mutating func remove(_ waiter: Future<Void>) {
    var (first, end) = (0, places.count)
    while end - first > 1 {
      let middle = (first + end) / 2
      if places[middle].number <= waiter.id { first = middle } else { end = middle }
    }
    places[first].future = nil
    count -= 1
    if count < places.count / 2 { places.removeAll { $0.future == nil } }
  }
}
