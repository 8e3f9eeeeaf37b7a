import EventLoops

/// Those who wait for one thing, each with a future of its own.
///
/// Everybody leaves by themselves, and finds the way out by number. In an array each
/// would walk past all the others first, and thousands of them would take seconds.
/// (asyncio has a deque, in which who is woken first is found first.)
struct Waiters {
  private var futures: [Int: Future<Void>] = [:]

  var count: Int { futures.count }
  var isEmpty: Bool { futures.isEmpty }
  /// Those who have not been woken yet, in the order in which they came.
  var pending: [Future<Void>] {
    futures.values.filter { !$0.done() }.sorted { $0.id < $1.id }
  }

  mutating func add(_ waiter: Future<Void>) { futures[waiter.id] = waiter }
  mutating func remove(_ waiter: Future<Void>) { futures[waiter.id] = nil }
}
