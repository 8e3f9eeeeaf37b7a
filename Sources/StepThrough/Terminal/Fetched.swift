// Something that takes its time, fetched in another thread.

import Foundation

/// A value that is fetched once, while the reader goes on.
final class Fetched<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var found: Value?
  private var isAsked = false

  /// - Parameter fetch: gets it; called once, in another thread, and then the reader's
  ///   thread hears that there is news.
  /// - Returns: `nil` as long as it is not there.
  func value(_ fetch: @escaping @Sendable () -> Value) -> Value? {
    lock.withLock {
      if !isAsked {
        isAsked = true
        DispatchQueue.global().async { [self] in
          let value = fetch()
          lock.withLock { found = value }
          Signals.ring()
        }
      }
      return found
    }
  }
}
