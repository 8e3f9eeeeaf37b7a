import CLibrary

/// Runs `body` in a thread whose stack has room for 128 KiB, and waits for its end. What
/// goes one frame deeper for every byte, piece or link of a chain kills the process.
package func onSmallStack(_ body: @escaping () throws -> Void) throws {
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setstacksize(&attributes, 128 << 10)
  let work = SmallWork(body)
  var thread = pthread_t()
  let code = pthread_create(
    &thread, &attributes,
    { work in
      let work = Unmanaged<SmallWork>.fromOpaque(work!).takeRetainedValue()
      work.outcome = Result { try work.body() }
      return nil
    }, Unmanaged.passRetained(work).toOpaque())
  precondition(code == 0)
  pthread_join(thread, nil)
  try work.outcome!.get()
}

private final class SmallWork {
  let body: () throws -> Void
  var outcome: Result<Void, any Error>?
  init(_ body: @escaping () throws -> Void) { self.body = body }
}
