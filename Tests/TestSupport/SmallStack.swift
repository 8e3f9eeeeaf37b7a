import CLibrary

/// Runs `body` in a thread whose stack has room for 128 KiB, and waits for its end. What
/// goes one frame deeper for every byte, piece or link of a chain kills the process.
package func onSmallStack(_ body: @escaping () throws -> Void) throws {
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setstacksize(&attributes, 128 << 10)
  var outcome: Result<Void, any Error>?
  let thread = startThread(&attributes) { outcome = Result { try body() } }.thread!
  pthread_join(thread, nil)
  try outcome!.get()
}
