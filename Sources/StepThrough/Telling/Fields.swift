import Sockets

// The fields of one step while it is read, and what is said when one is not as it
// should be.

/// What is wrong with a line, in a few words.
struct Wrong: Error {
  let what: String
  init(_ what: String) { self.what = what }
}

/// An event's fields.
struct Fields {
  private let event: String
  private let object: JSON

  init(_ event: String, _ object: JSON) {
    self.event = event
    self.object = object
  }

  private func wrong(_ key: String, _ what: String) -> Wrong {
    Wrong("'\(event)' has no '\(key)' that is \(what)")
  }

  func text(_ key: String) throws(Wrong) -> String {
    guard let value = object[key]?.string else { throw wrong(key, "a text") }
    return value
  }

  /// A text, or `nil` where the field is null or not there.
  func textOrNull(_ key: String) throws(Wrong) -> String? {
    guard let value = object[key], value != .null else { return nil }
    return try text(key)
  }

  func number(_ key: String) throws(Wrong) -> Double {
    guard case .number(let value)? = object[key] else { throw wrong(key, "a number") }
    return value
  }

  func numberOrNull(_ key: String) throws(Wrong) -> Double? {
    guard let value = object[key], value != .null else { return nil }
    return try number(key)
  }

  func integer(_ key: String) throws(Wrong) -> Int {
    guard let value = object[key]?.integer else { throw wrong(key, "a whole number") }
    return value
  }

  func integers(_ key: String) throws(Wrong) -> [Int] {
    let list = try list(key)
    let values = list.compactMap(\.integer)
    if values.count < list.count { throw wrong(key, "a list of whole numbers") }
    return values
  }

  /// A number of the kernel's, which has 32 bits. Events may use the highest.
  func small(_ key: String) throws(Wrong) -> Int32 {
    let value = try integer(key)
    guard
      let small = Int32(exactly: value)
        ?? UInt32(exactly: value).map(Int32.init(bitPattern:))
    else { throw wrong(key, "a number of 32 bits") }
    return small
  }

  func bool(_ key: String) throws(Wrong) -> Bool {
    guard case .bool(let value)? = object[key] else {
      throw wrong(key, "true or false")
    }
    return value
  }

  func list(_ key: String) throws(Wrong) -> [JSON] {
    guard case .list(let values)? = object[key] else { throw wrong(key, "a list") }
    return values
  }

  /// The one that is called so.
  func one<Value>(_ key: String, of all: [Value]) throws(Wrong) -> Value {
    let name = try text(key)
    guard let value = all.first(where: { "\($0)" == name }) else {
      let names = all.map { "\($0)" }.joined(separator: ", ")
      throw wrong(key, "one of \(names)")
    }
    return value
  }

  func address(_ key: String) throws(Wrong) -> SocketAddress {
    guard let address = Self.address(try text(key)) else {
      throw wrong(key, "an address")
    }
    return address
  }

  /// What an address says of itself: `127.0.0.1:9006`, `[::1]:9006`, a path; and where
  /// the port is left out, because it is another one in every run, without it.
  static func address(_ text: String) -> SocketAddress? {
    if text.hasPrefix("/") { return try? SocketAddress(path: text) }
    if text == "unnamed" || text == "an unnamed socket" { return .unnamed }
    let colon = text.lastIndex(of: ":")
    if text.hasPrefix("["), let end = text.lastIndex(of: "]") {
      let host = text[text.index(after: text.startIndex)..<end]
      let port = colon.flatMap { UInt16(text[$0...].dropFirst()) } ?? 0
      return try? SocketAddress(String(host), port: port)
    }
    if let whole = try? SocketAddress(text, port: 0) { return whole }
    guard let colon, let port = UInt16(text[colon...].dropFirst()) else { return nil }
    return try? SocketAddress(String(text[..<colon]), port: port)
  }
}

/// The number of an error, `EAGAIN`; `nil` for what is none.
func errorNumber(_ name: String) -> Int32? { errorNumbers[name] }

private let errorNumbers: [String: Int32] = {
  var numbers: [String: Int32] = [:]
  for number in Int32(1)...200 {
    let name = SystemError(number, in: "").name
    if numbers[name] == nil, name.hasPrefix("E") { numbers[name] = number }
  }
  return numbers
}()
