import CLibrary
import Sockets

// [waiting.round-up]
/// Seconds, as the whole milliseconds that epoll and poll understand.
///
/// Rounded *up*. Rounded down, a wait of 0.4 ms becomes 0 ms: the loop wakes too
/// early, finds its timer not due, and asks again, hundreds of times in a row,
/// at full speed (L7a: python/asyncio#106, bpo-20311, in 2014).
///
/// asyncio: selectors.EpollSelector.select
package func milliseconds(_ timeout: Double?) -> Int32 {
  guard let timeout, timeout < .infinity else { return -1 }  // no limit
  if timeout <= 0 { return 0 }  // just look
  // The longest wait that fits is 24 days; the loop never asks for more than one.
  return Int32(min((timeout * 1000).rounded(.up), Double(Int32.max)))
}

// [waiting.eintr]
/// Waits, and goes on waiting for the rest of the time when a signal interrupts.
///
/// A signal handler that has nothing to say to the waiting thread must not look
/// like "the time is up". Python does the same since 3.5 (PEP 475), one layer
/// further down, in the C code of `epoll.poll`.
///
/// asyncio: select.epoll.poll
func waitRetrying<Ready>(
  _ timeout: Double?, _ kernel: any Kernel,
  _ wait: (_ rest: Double?) throws(SystemError) -> [Ready]
) throws(SystemError) -> [Ready] {
  if timeout?.isNaN == true {
    throw SystemError(EINVAL, in: "select", about: "a timeout that is not a number")
  }
  let deadline = timeout.map { kernel.now() + $0 }
  var rest = timeout
  while true {
    do {
      return try wait(rest)
    } catch {
      if !error.interrupted { throw error }
      rest = deadline.map { max(0, $0 - kernel.now()) }
    }
  }
}
