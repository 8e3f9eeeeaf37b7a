import Asyncio

// [opening.5]
func aLetter() throws {
  try run { loop in
    let box = loop.createFuture(of: String.self)
    try loop.createTask { print("she reads:", try await box.value()) }
    try await loop.sleep(0)
    print("she waits at the box")
    try box.setResult("hello")
    print("the letter is in it")
    print("I read:", try await box.value())
    try await loop.sleep(0)
  }
}
