// Exercise 6b: close the hole that asyncio, and chapter 6, leave open.

import Asyncio

extension EventLoop {
  /// `sockAccept`, on what a program has at its disposal.
  public func acceptOne(_ listener: Socket) async throws -> Socket {
    let future = createFuture(of: Socket.self)
    try acceptStep(future, listener)
    return try await future.value()
  }

  // Your turn. After a false alarm the clean-up stands behind the task's wake-up.
  private func acceptStep(_ future: Future<Socket>, _ listener: Socket) throws {
    if future.done() { return }
    let fd = listener.descriptor
    do {
      try future.setResult(listener.accept().connection)
    } catch let error as SystemError where error.wouldBlock || error.interrupted {
      let reader = try addReader(fd, "acceptStep") { [self] in
        try acceptStep(future, listener)
      }
      future.addDoneCallback("acceptDone") { [self] _ in
        if !reader.cancelled() { try removeReader(fd) }
      }
    } catch let error as SystemError {
      try future.setException(error)
    }
  }
}
