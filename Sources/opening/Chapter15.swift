import Asyncio
import Simulation

// [opening.15]
func fiveBytes() throws {
  let recv = SystemCall.recv(fd: 5, limit: 100)
  let kernel = ScriptedKernel([(recv, .error(11)), (recv, .bytes(Array("hello".utf8)))])
  kernel.epoll = ScriptedEpoll()
  let loop = try EventLoop(kernel: kernel)
  let socket = Socket(owning: 5, .ipv4, isBlocking: false, kernel: kernel)
  let task = try loop.createTask {
    let begin = kernel.calls.count
    let bytes = try await loop.sockRecv(socket, 100)
    print("\(bytes.count) bytes, and it took")
    for call in kernel.calls[begin...] { print(" ", call) }
  }
  try loop.callSoon { kernel.epoll!.ready[5] = 1 }  // five bytes arrive
  try loop.runUntilComplete(task)
}
