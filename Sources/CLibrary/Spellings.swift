// What the libraries spell differently, spelt once. What the systems *do* differently is
// no matter of spelling, and stands where it is done: see the kernels in Sources/Sockets.

#if canImport(Glibc)
  // Enumerations here, plain numbers elsewhere.
  package var streamType: Int32 { Int32(SOCK_STREAM.rawValue) }
  package var datagramType: Int32 { Int32(SOCK_DGRAM.rawValue) }
  package var descriptorResource: __rlimit_resource_t {
    __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  }
#else
  package var streamType: Int32 { SOCK_STREAM }
  package var datagramType: Int32 { SOCK_DGRAM }
  package var descriptorResource: Int32 { RLIMIT_NOFILE }
#endif

/// For `send`: if the other end is gone, an error and no SIGPIPE.
@inlinable package var noSignal: Int32 {
  #if os(macOS)
    0x80000  // MSG_NOSIGNAL, which older headers do not name, nor older kernels heed
  #else
    Int32(MSG_NOSIGNAL)
  #endif
}

/// The resolver knows the host, and no address of it.
package var noAddress: Int32 {
  #if os(Linux)
    -5  // EAI_NODATA, which the header shows to GNU's programs only
  #else
    EAI_NODATA
  #endif
}

/// This thread as a number, which is never 0.
@inlinable package var thisThread: UInt {
  #if canImport(Glibc)
    UInt(pthread_self())
  #else
    UInt(bitPattern: pthread_self())
  #endif
}

/// Whether this is the process's first thread, the one that runs `main`.
package var isFirstThread: Bool {
  #if os(macOS)
    pthread_main_np() != 0
  #else
    gettid() == getpid()
  #endif
}

/// What a new thread is to run; C's thread function takes one pointer.
private final class Work {
  let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
}

/// Runs `body` in a thread of its own.
///
/// - Parameter attributes: of the thread, if they are not the usual ones.
/// - Returns: the thread, which somebody has to join or to detach; or, if there is to be
///   none, the error's number.
package func startThread(
  _ attributes: UnsafePointer<pthread_attr_t>? = nil, _ body: @escaping () -> Void
) -> (thread: pthread_t?, error: Int32) {
  #if canImport(Glibc)
    var thread = pthread_t()
  #else
    var thread: pthread_t?
  #endif
  let work = Unmanaged.passRetained(Work(body))
  let error = pthread_create(
    &thread, attributes,
    { pointer in
      // Optional on one system and not on another: both can be made optional.
      let pointer: UnsafeMutableRawPointer? = pointer
      Unmanaged<Work>.fromOpaque(pointer!).takeRetainedValue().body()
      return nil
    }, work.toOpaque())
  if error != 0 { work.release() }
  return (error == 0 ? thread : nil, error)
}

extension sigaction {
  /// What a signal calls: one half of a union, which every library names otherwise.
  package var handler: (@convention(c) (Int32) -> Void)? {
    get {
      #if canImport(Glibc)
        __sigaction_handler.sa_handler
      #elseif canImport(Musl)
        __sa_handler.sa_handler
      #else
        __sigaction_u.__sa_handler
      #endif
    }
    set {
      #if canImport(Glibc)
        __sigaction_handler.sa_handler = newValue
      #elseif canImport(Musl)
        __sa_handler.sa_handler = newValue
      #else
        __sigaction_u.__sa_handler = newValue
      #endif
    }
  }
  /// SIG_IGN is no function but the number 1.
  package var isIgnored: Bool { unsafeBitCast(handler, to: Int.self) == 1 }
}

// What `posix_spawn` is told: pointers on a Mac, structures elsewhere.
#if os(macOS)
  package func newFileActions() -> posix_spawn_file_actions_t? { nil }
  package func newSpawnAttributes() -> posix_spawnattr_t? { nil }
#else
  package func newFileActions() -> posix_spawn_file_actions_t { .init() }
  package func newSpawnAttributes() -> posix_spawnattr_t { .init() }
#endif
