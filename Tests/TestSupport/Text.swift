extension String {
  package var bytes: [UInt8] { Array(utf8) }
}

extension [UInt8] {
  package var text: String { String(decoding: self, as: UTF8.self) }
}

/// So many bytes, no two neighbours of which look alike.
package func pattern(_ count: Int) -> [UInt8] {
  var bytes = [UInt8](0..<251)
  while bytes.count < count { bytes += bytes }
  return Array(bytes.prefix(count))
}
