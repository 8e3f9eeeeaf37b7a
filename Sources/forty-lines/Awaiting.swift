// 4. The story of the first program, with `await` where it has to wait. What drives it
// is in `Loop.swift`.

// [forty.story-4]
func greet(_ guest: Int32, _ loop: Loop) async throws {
  defer { hangUp(guest) }
  var name = ""
  while name.isEmpty {
    try say(guest, "Your name?")
    try await loop.readable(guest)
    name = try hearName(guest)
  }
  try say(guest, "Hello, \(name).")
}

// [forty.awaiting]
func serveAwaiting(_ door: Int32) {
  let loop = Loop()
  loop.createTask {
    for _ in 1...3 {
      try await loop.readable(door)
      let guest = try letIn(door)
      loop.createTask { try await greet(guest, loop) }
    }
  }
  loop.run()
}
