/// Numbers without an order, and the same at every run: a linear congruence.
struct Dice {
  private var state: UInt32

  init(_ seed: Int) { state = UInt32(seed) }

  /// A number from 0 on and below the limit.
  mutating func next(_ limit: Int) -> Int {
    state = state &* 1_664_525 &+ 1_013_904_223
    return Int(state >> 16) % limit
  }
}
