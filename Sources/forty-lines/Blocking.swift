// 1. As one would write it: a guest comes in, and is greeted.

// [forty.story-1]
func greet(_ guest: Int32) throws {
  defer { hangUp(guest) }
  var name = ""
  while name.isEmpty {
    try say(guest, "Your name?")
    name = try hearName(guest)
  }
  try say(guest, "Hello, \(name).")
}

// [forty.blocking]
func serveBlocking(_ door: Int32) throws {
  for _ in 1...3 {
    let guest = try letIn(door)
    do { try greet(guest) } catch { report(error) }
  }
}
