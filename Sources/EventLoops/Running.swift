import CLibrary

/// Where each thread keeps a pointer to the loop that it is running.
private let runningKey: pthread_key_t = {
  var key = pthread_key_t()
  pthread_key_create(&key, nil)
  return key
}()

extension EventLoop {
  /// The loop that runs in this thread, seen from inside its callbacks and tasks;
  /// `nil` outside.
  ///
  /// asyncio: events.get_running_loop (which throws instead), events._get_running_loop
  public static var running: EventLoop? {
    pthread_getspecific(runningKey).map {
      Unmanaged<EventLoop>.fromOpaque($0).takeUnretainedValue()
    }
  }

  /// While `body` runs, this is the loop of this thread, and this is the thread of
  /// the loop.
  ///
  /// The owner is noted for the time of a run only, so one thread may run a loop
  /// today and another one tomorrow.
  func onThisThread<Result>(_ body: () throws -> Result) rethrows -> Result {
    let before = pthread_getspecific(runningKey)
    pthread_setspecific(runningKey, Unmanaged.passUnretained(self).toOpaque())
    defer { pthread_setspecific(runningKey, before) }
    return try executor.owned(body)
  }
}
