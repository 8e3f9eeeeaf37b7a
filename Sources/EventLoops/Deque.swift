/// A queue: append at the back, take from the front, and neither moves the rest.
///
/// A ring of slots. Swift's array would have to move every element when the first
/// one leaves; Python's `collections.deque` is what asyncio uses.
package final class Deque<Element> {
  private var slots: [Element?]
  private var head = 0
  /// How many elements are in it.
  package private(set) var count = 0
  package var isEmpty: Bool { count == 0 }

  /// - Parameter room: how many elements fit before it grows; a power of two.
  package init(room: Int = 64) { slots = Array(repeating: nil, count: room) }

  /// The element at this place, counted from the front.
  package subscript(_ place: Int) -> Element {
    slots[(head + place) & (slots.count - 1)]!
  }

  package func append(_ element: Element) {
    if count == slots.count {
      // Full: unroll the ring into a new one, twice as large.
      slots = slots[head...] + slots[..<head] + Array(repeating: nil, count: count)
      head = 0
    }
    // The number of slots is a power of two, so `&` is a cheap remainder.
    slots[(head + count) & (slots.count - 1)] = element
    count += 1
  }

  package func popFirst() -> Element? {
    defer {
      if count > 0 {
        slots[head] = nil
        head = (head + 1) & (slots.count - 1)
        count -= 1
      }
    }
    return slots[head]
  }

  /// The elements from front to back, for those who only look.
  package var elements: [Element] {
    (0..<count).compactMap { slots[(head + $0) & (slots.count - 1)] }
  }
}
