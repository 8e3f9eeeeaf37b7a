// 2. Nobody is waited for. What is to be done when a guest has answered is left with a
// loop, which waits for all of them at the same time.

// [forty.story-2]
func greet(_ guest: Int32, _ loop: CallbackLoop) throws {
  try say(guest, "Your name?")
  loop.callbacks[guest] = {
    let name = try hearName(guest)
    if name.isEmpty { return try say(guest, "Your name?") }
    try say(guest, "Hello, \(name).")
    loop.callbacks[guest] = nil
    hangUp(guest)
  }
}

// [forty.callback-loop]
final class CallbackLoop {
  /// What to do when there is news of a descriptor.
  var callbacks: [Int32: () throws -> Void] = [:]

  func run() {
    var turns = 0
    while !callbacks.isEmpty && turns < 1000 {
      turns += 1
      for fd in news(of: callbacks.keys) {
        // Who left this callback here has returned long ago. Whom to tell?
        try? callbacks[fd]?()
      }
    }
    // Three guests do not take a thousand turns.
    if !callbacks.isEmpty {
      print("server: after \(turns) turns I wait for \(callbacks.count) guest. Why?")
    }
  }
}

// [forty.callbacks]
func serveWithCallbacks(_ door: Int32) {
  let loop = CallbackLoop()
  var guests = 0
  loop.callbacks[door] = {
    guests += 1
    if guests == 3 { loop.callbacks[door] = nil }
    try greet(letIn(door), loop)
  }
  loop.run()
}
