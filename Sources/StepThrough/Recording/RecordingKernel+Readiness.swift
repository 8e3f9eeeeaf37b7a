// The calls in which a loop waits, and so the place where the world gets its turn: when
// the loop is about to sleep, and not at some time on a clock.

import Selectors
import Simulation
package import Sockets

/// The half of the kernel that waits and wakes.
extension RecordingKernel {
  package func epollCreate(_ site: CallSite) throws(SystemError) -> Int32 {
    try record(.epollCreate, site) { () throws(SystemError) in
      try epoll!.epollCreate(site)
    } answer: {
      .descriptor(recorder.opened($0, "epoll", isCounted: false))
    }
  }

  package func epollControl(
    _ epoll: Int32, _ change: EpollChange, _ fd: Int32, _ events: UInt32,
    _ site: CallSite
  ) throws(SystemError) {
    let call = SystemCall.epollControl(
      epoll: number(epoll), change, fd: number(fd), events: events)
    try record(call, site) { () throws(SystemError) in
      try self.epoll!.epollControl(epoll, change, fd, events, site)
    }
  }

  package func epollWait(
    _ epoll: Int32, limit: Int, timeout: Int32, _ site: CallSite
  ) throws(SystemError) -> [(fd: Int32, events: UInt32)] {
    // The loop has nothing to do and is about to sleep: now the world may act, and what
    // it does is there when the kernel is asked, a few lines below.
    let timeout = idle(timeout) { patience in
      // To look costs nothing: what is ready is reported again.
      (try? ground.asEpoll?.epollWait(epoll, limit: limit, timeout: patience, site))?
        .isEmpty
    }
    return try record(.epollWait(epoll: number(epoll), timeout: timeout), site) {
      () throws(SystemError) in
      try self.epoll!.epollWait(epoll, limit: limit, timeout: timeout, site)
    } answer: { ready in
      .ready(bits(ready.map { ($0.fd, $0.events) }))
    }
  }

  package func kqueueCreate(_ site: CallSite) throws(SystemError) -> Int32 {
    try record(.kqueueCreate, site) { () throws(SystemError) in
      try queue!.kqueueCreate(site)
    } answer: {
      .descriptor(recorder.opened($0, "kqueue", isCounted: false))
    }
  }

  package func kqueueControl(
    _ queue: Int32, _ change: KqueueChange, _ fd: Int32, _ filter: KqueueFilter,
    _ site: CallSite
  ) throws(SystemError) {
    let call = SystemCall.kqueueControl(
      queue: number(queue), change, fd: number(fd), filter)
    try record(call, site) { () throws(SystemError) in
      try self.queue!.kqueueControl(queue, change, fd, filter, site)
    }
  }

  package func kqueueWait(
    _ queue: Int32, limit: Int, timeout: Double?, _ site: CallSite
  ) throws(SystemError) -> [KqueueReport] {
    // In whole milliseconds, so that two runs are one story.
    let asked = milliseconds(timeout)
    let wait = idle(asked) { patience in
      let seconds = Double(patience) / 1000
      return
        (try? ground.asKqueue?.kqueueWait(
          queue, limit: limit, timeout: seconds, site))?.isEmpty
    }
    return try record(.kqueueWait(queue: number(queue), timeout: wait), site) {
      () throws(SystemError) in
      try self.queue!.kqueueWait(
        queue, limit: limit, timeout: wait == asked ? timeout : Double(wait) / 1000,
        site)
    } answer: { reports in
      .reports(
        reports.map {
          KqueueReport(number($0.fd), $0.filter, isEnd: $0.isEnd, error: $0.error)
        })
    }
  }

  package func poll(
    _ interest: [(fd: Int32, events: Int16)], timeout: Int32, _ site: CallSite
  ) throws(SystemError) -> [(fd: Int32, events: Int16)] {
    let timeout = idle(timeout) { patience in
      (try? ground.poll(interest, timeout: patience, site))?.isEmpty
    }
    // The selector's list is a dictionary, and those have no order to rely on.
    let fds = interest.map { number($0.fd) }.sorted()
    return try record(.poll(fds: fds, timeout: timeout), site) {
      () throws(SystemError) in
      try kernel.poll(interest, timeout: timeout, site)
    } answer: { ready in
      .ready(bits(ready.map { ($0.fd, UInt32(UInt16(bitPattern: $0.events))) }))
    }
  }

  package func selfPipe(_ site: CallSite) throws(SystemError) -> SelfPipe {
    // Only Linux has the counter, as only Linux has epoll.
    try record(epoll == nil ? .socketpair : .eventfd, site) { () throws(SystemError) in
      try kernel.selfPipe(site)
    } answer: { pipe in
      let readEnd = recorder.opened(pipe.readEnd, "self-pipe", isCounted: false)
      if pipe.writeEnd != pipe.readEnd {
        recorder.opened(pipe.writeEnd, "self-pipe's other end", isCounted: false)
      }
      return .descriptor(readEnd)
    }
  }

  /// Not written down: it may come from another thread at any moment, and two
  /// recordings of one scenario would differ. What it causes is seen by the loop.
  package func raise(_ writeEnd: Int32, _ site: CallSite) throws(SystemError) {
    try kernel.raise(writeEnd, site)
  }

  package func drain(_ readEnd: Int32, _ site: CallSite) throws(SystemError) -> Int {
    try record(.drain(eventfd: number(readEnd)), site) { () throws(SystemError) in
      try kernel.drain(readEnd, site)
    } answer: {
      .number($0)
    }
  }

  package func now() -> Double { kernel.now() }
  package var clockResolution: Double { kernel.clockResolution }

  private func bits(_ ready: [(fd: Int32, events: UInt32)]) -> [Int32: UInt32] {
    Dictionary(ready.map { (number($0.fd), $0.events) }) { $0 | $1 }
  }

  /// Before a wait the world has its turn.
  ///
  /// - Returns: how long to wait: not at all once the scenario has failed.
  private func idle(_ timeout: Int32, _ isQuiet: (Int32) -> Bool?) -> Int32 {
    if timeout != 0 {
      recorder.idle { patience in
        // Where the clock is a script's, patience would move it. And a signal is news.
        timeout < 0 && isQuiet(isReal ? patience : 0) ?? false
      }
    }
    return recorder.failure == nil ? timeout : 0
  }
}
