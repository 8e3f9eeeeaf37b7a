import Asyncio

// [opening.4]
func stopInTheMiddle() throws {
  let loop = try EventLoop()
  try loop.callSoon {
    print("one, and stop")
    loop.stop()
    try loop.callSoon { print("three") }
  }
  try loop.callSoon { print("two") }
  try loop.runForever()
  print("stopped")
  loop.stop()
  try loop.runForever()
}
