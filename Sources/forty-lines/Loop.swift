final class Loop: TaskExecutor, @unchecked Sendable {
  // [forty.ready]
  private var ready: [UnownedJob] = []
  // [forty.waiting]
  private var waiting: [Int32: Future<Void>] = [:]

  // [forty.create-task]
  func createTask(_ body: @escaping @Sendable () async throws -> Void) {
    Task(executorPreference: self) {
      // [forty.report]
      do { try await body() } catch { report(error) }
    }
  }

  // [forty.enqueue]
  func enqueue(_ job: consuming ExecutorJob) { ready.append(UnownedJob(job)) }

  // [forty.readable]
  func readable(_ fd: Int32) async throws {
    let future = Future<Void>()
    // [forty.register]
    waiting[fd] = future
    try await future.value()
  }

  // [forty.run]
  func run() {
    while !ready.isEmpty || !waiting.isEmpty {
      // [forty.batch]
      let batch = ready
      ready = []
      // [forty.step]
      for job in batch { job.runSynchronously(on: asUnownedTaskExecutor()) }
      if waiting.isEmpty { continue }
      // [forty.timeout]
      let patience: Int32 = ready.isEmpty ? -1 : 0
      // [forty.news]
      for fd in news(of: waiting.keys, within: patience) {
        // [forty.settle]
        waiting.removeValue(forKey: fd)?.settle(.success(()))
      }
    }
  }
}

extension Future {
  // [forty.value]
  func value() async throws -> Value {
    if result == nil {
      // [forty.suspend]
      await withUnsafeContinuation { me in whenDone { _ in me.resume() } }
    }
    return try result!.get()
  }
}
