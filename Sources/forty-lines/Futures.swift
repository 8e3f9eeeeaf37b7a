// 3. A callback is not left with the loop any more, but with a box for what will come.
// A box can be handed on, and so the story is in one piece again.

// [forty.story-3]
func greet(_ guest: Int32, _ loop: FutureLoop) throws -> Future<Void> {
  try askName(guest, loop).then { name in
    try say(guest, "Hello, \(name).")
    hangUp(guest)
    return Future(())
  }
}

// [forty.ask-name]
func askName(_ guest: Int32, _ loop: FutureLoop) throws -> Future<String> {
  try say(guest, "Your name?")
  return loop.readable(guest).then {
    let name = try hearName(guest)
    return name.isEmpty ? try askName(guest, loop) : Future(name)
  }
}

// [forty.future]
/// A value or an error that is not here yet, and those who want to know.
final class Future<Value> {
  private(set) var result: Result<Value, any Error>?
  private var callbacks: [(Result<Value, any Error>) -> Void] = []

  init() {}
  init(_ value: Value) { result = .success(value) }

  func settle(_ result: Result<Value, any Error>) {
    self.result = result
    for callback in callbacks { callback(result) }
    callbacks = []
  }

  func whenDone(_ callback: @escaping (Result<Value, any Error>) -> Void) {
    if let result { callback(result) } else { callbacks.append(callback) }
  }

  /// What comes next, if all has gone well so far; an error passes by.
  func then<Next>(_ next: @escaping (Value) throws -> Future<Next>) -> Future<Next> {
    let end = Future<Next>()
    whenDone { result in
      do {
        try next(result.get()).whenDone(end.settle)
      } catch {
        end.settle(.failure(error))
      }
    }
    return end
  }
}

// [forty.future-loop]
final class FutureLoop {
  private var waiting: [Int32: Future<Void>] = [:]

  /// Done as soon as there is news of the descriptor. Once, and for whoever asked.
  func readable(_ fd: Int32) -> Future<Void> {
    let future = Future<Void>()
    waiting[fd] = future
    return future
  }

  func run() {
    while !waiting.isEmpty {
      for fd in news(of: waiting.keys) {
        waiting.removeValue(forKey: fd)?.settle(.success(()))
      }
    }
  }
}

// [forty.futures]
func serveWithFutures(_ door: Int32) {
  let loop = FutureLoop()
  func welcome(_ guests: Int) -> Future<Void> {
    if guests == 0 { return Future(()) }
    return loop.readable(door).then {
      try greet(letIn(door), loop).whenDone { result in
        if case .failure(let error) = result { report(error) }
      }
      return welcome(guests - 1)
    }
  }
  welcome(3).whenDone { result in
    if case .failure(let error) = result { report(error) }
  }
  loop.run()
}
