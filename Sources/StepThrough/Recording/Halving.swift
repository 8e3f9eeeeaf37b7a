// Places in long lists that are in order: a run may have a hundred thousand steps, and
// the next picture should not wait for a walk through all of them.

extension RandomAccessCollection where Index == Int {
  /// The first place from which on something holds, found by halving; the end, if it holds
  /// nowhere. It must not hold before a place at which it does not.
  package func partitioned(by holds: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension [Int] {
  /// In numbers that are in order, the place of the first that is not less than this one.
  package func firstIndex(from number: Int) -> Int { partitioned { $0 >= number } }
}
