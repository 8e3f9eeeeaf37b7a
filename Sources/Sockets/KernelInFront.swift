import CLibrary

/// Where each thread keeps a pointer to the kernel that stands in front.
private let inFrontKey: pthread_key_t = {
  var key = pthread_key_t()
  pthread_key_create(&key, nil)
  return key
}()

/// Who makes the system calls of sockets that are made without naming a kernel: in this
/// thread and while `body` runs, this one. Everywhere else it is the real one.
///
/// A program that makes a `Socket()` names none. Whoever wants to see its calls has to
/// stand here before it does.
package func withKernelInFront<Result>(
  _ kernel: any Kernel, _ body: () throws -> Result
) rethrows -> Result {
  let before = pthread_getspecific(inFrontKey)
  pthread_setspecific(
    inFrontKey, Unmanaged.passUnretained(kernel as AnyObject).toOpaque())
  defer {
    pthread_setspecific(inFrontKey, before)
    withExtendedLifetime(kernel) {}
  }
  return try body()
}

/// Who makes the system calls in the end. It is changed by nobody once something runs:
/// the tests of the portable way put a plain `PosixKernel` here before.
package nonisolated(unsafe) var systemKernel: any Kernel = SystemKernel()

/// The kernel in front of this thread's sockets; the real one if nobody stands there.
var kernelInFront: any Kernel {
  let pointer = pthread_getspecific(inFrontKey)
  let object = pointer.map { Unmanaged<AnyObject>.fromOpaque($0).takeUnretainedValue() }
  return object as? any Kernel ?? systemKernel
}
