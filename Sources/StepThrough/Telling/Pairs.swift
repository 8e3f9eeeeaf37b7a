// Two lists side by side.

/// Which lines of one list are which of the other: the longest row of lines that both
/// have, in order, and what each has besides.
package func pairs(_ left: [String], _ right: [String]) -> [(Int?, Int?)] {
  var (gone, come): (Set<Int>, Set<Int>) = ([], [])
  for change in right.difference(from: left) {
    switch change {
    case .remove(let place, _, _): gone.insert(place)
    case .insert(let place, _, _): come.insert(place)
    }
  }
  var pairs: [(Int?, Int?)] = []
  var (i, j) = (0, 0)
  while i < left.count || j < right.count {
    let pair: (Int?, Int?) =
      gone.contains(i) ? (i, nil) : come.contains(j) ? (nil, j) : (i, j)
    pairs.append(pair)
    i += pair.0 == nil ? 0 : 1
    j += pair.1 == nil ? 0 : 1
  }
  return pairs
}
