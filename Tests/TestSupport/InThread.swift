import Foundation

/// Runs `body` in a thread of its own.
///
/// A loop occupies its thread. Swift's shared pool has as many threads as there are
/// cores, so a test whose loop waits for something that runs *on* the pool (an
/// actor, `Task.sleep`, a Dispatch queue) must not sit on one of them.
package func inThread<Value: Sendable>(
  _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
  try await withUnsafeThrowingContinuation { continuation in
    Thread { continuation.resume(with: Result { try body() }) }.start()
  }
}
