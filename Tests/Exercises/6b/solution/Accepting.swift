// Exercise 6b: close the hole that asyncio, and chapter 6, leave open.

import Asyncio

extension EventLoop {
  /// `sockAccept`, on what a program has at its disposal.
  public func acceptOne(_ listener: Socket) async throws -> Socket {
    let future = createFuture(of: Socket.self)
    try acceptStep(future, listener)
    return try await future.value()
  }

  /// - Parameter isRegistered: this is not the first attempt, and the reader is there.
  private func acceptStep(
    _ future: Future<Socket>, _ listener: Socket, isRegistered: Bool = false
  ) throws {
    if future.done() { return }
    let fd = listener.descriptor
    do {
      try future.setResult(listener.accept().connection)
    } catch let error as SystemError where error.wouldBlock || error.interrupted {
      // A false alarm. The reader is where it was, and so is its clean-up: before the
      // wake-up on the future's list. A second pair would come behind it.
      if isRegistered { return }
      let reader = try addReader(fd, "acceptStep") { [self] in
        try acceptStep(future, listener, isRegistered: true)
      }
      future.addDoneCallback("acceptDone") { [self] _ in
        if !reader.cancelled() { try removeReader(fd) }
      }
    } catch let error as SystemError {
      try future.setException(error)
    }
  }
}
