/// A queue: append at the back, take from the front, and neither moves the rest.
///
/// A ring of slots. Swift's array would have to move every element when the first
/// one leaves; Python's `collections.deque` is what asyncio uses. And since every
/// callback goes through here, the slots are plain memory: an element moves in, and
/// moves out.
package final class Deque<Element> {
  private var slots: UnsafeMutablePointer<Element>
  /// How many slots there are: a power of two, so that `&` is a cheap remainder.
  private var room: Int
  private var head = 0
  private var used = 0
  /// How many elements are in it.
  package var count: Int { used }
  package var isEmpty: Bool { used == 0 }

  /// - Parameter room: how many elements fit before it grows; a power of two.
  package init(room: Int = 64) {
    self.room = room
    slots = .allocate(capacity: room)
  }

  deinit {
    while popFirst() != nil {}
    slots.deallocate()
  }

  private func slot(_ place: Int) -> UnsafeMutablePointer<Element> {
    slots + ((head + place) & (room - 1))
  }

  /// The element at this place, counted from the front.
  package subscript(_ place: Int) -> Element {
    precondition(place < used, "there is no such place in the queue")
    return slot(place).pointee
  }

  package func append(_ element: Element) {
    if used == room { grow() }
    slot(used).initialize(to: element)
    used += 1
  }

  /// Full: unrolls the ring into a new one, twice as large.
  private func grow() {
    let old = slots
    slots = .allocate(capacity: 2 * room)
    slots.moveInitialize(from: old + head, count: room - head)
    (slots + room - head).moveInitialize(from: old, count: head)
    old.deallocate()
    head = 0
    room *= 2
  }

  package func popFirst() -> Element? {
    if used == 0 { return nil }
    let element = slots + head
    head = (head + 1) & (room - 1)
    used -= 1
    return element.move()
  }

  /// The elements from front to back, for those who only look.
  package var elements: [Element] { (0..<used).map { self[$0] } }
}
