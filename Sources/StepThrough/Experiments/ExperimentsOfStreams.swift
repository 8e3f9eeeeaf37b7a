// Streams, and what makes the loop fast.

extension Experiment {
  static let ofReaders: [Experiment] = [
    Experiment(
      "reader.wakeup", "self.waiter = nil", in: "ReadingTests",
      .fails(
        test: "STRM-01 two pieces before the reader's turn are read as one",
        words: "Caught error: Future-1 is done already")
    ),
    Experiment(
      "reader.resume-before-wait", "resumeTransport()", in: "ReadingTests",
      .fails(
        test: "M1 more than the buffer may hold: whoever waits turns it on",
        words: "(tap.isOpen → false)"),
      .parts(
        trace: "stream-readexactly-paused", step: 76,
        words: "Future-3 is made: the place for a result that is not there yet")),
    Experiment(
      "reader.own-waiter", "if self.waiter === waiter {", "if self.waiter != nil {",
      in: "ReadingTests",
      .fails(
        test: "who is cancelled late leaves another one's waiter alone",
        words: "(a.cancelled() && !b.done() → true) && (desk.isAwaited → false)")),
    Experiment(
      "read.to-end", "if piece.isEmpty { return all }",
      "if piece.count < limit { return all + piece }", in: "ReadingTests",
      .fails(
        test: "STRM-02 read(-1) collects everything up to the end",
        words: "(!reading.done() → false)")),
    Experiment(
      "read.line", "return end.partial", "throw end", in: "ReadingTests",
      .fails(
        test: "STRM-03 at the end there is the rest, and then nothing",
        words: "Caught error: the stream ended after 10 bytes without a separator")),
    Experiment(
      "read.line-overrun", "buffer.removeAll()", in: "ReadingTests",
      .fails(
        test: "M8 without its end, the tail comes back as a line",
        words: "(desk.left → 8) == 0")),
    Experiment(
      "read.offset",
      "offset = Swift.max(offset, buffer.count + 1 - separator.count)",
      "offset = buffer.count", in: "ReadingTests",
      .fails(
        test: "STRM-07 a separator in two pieces",
        words: "Caught error: Task-1 has no result yet")),
  ]

  static let ofWriters: [Experiment] = [
    Experiment(
      "flow.resume-writing",
      "for waiter in drainWaiters.pending { try waiter.setResult(()) }",
      "try drainWaiters.pending.first?.setResult(())", in: "WritingTests",
      .fails(
        test: "STRM-27 resumeWriting releases everybody, in order",
        words: "Caught error: Task-3 has no result yet")),
    Experiment(
      "flow.drain-helper", "drainWaiters.add(waiter)",
      "drainWaiters = Waiters()\ndrainWaiters.add(waiter)", in: "WritingTests",
      .fails(
        test: "M4 two drains at once", words: "Caught error: Task-2 has no result yet"),
      .parts(
        trace: "scar M4", step: 120, words: "wake-up of second is queued, first in line"
      )),
    Experiment(
      "adapter.eof-received", "return true", "return false", in: "WritingTests",
      .fails(
        test: "M7 the client sends, ends its half, and gets its answer",
        words: "Expectation failed: isRight"),
      .parts(
        trace: "scar M7", step: 140,
        words: "Transport-1 is closing: it will call connectionLost")),
    Experiment(
      "adapter.connection-lost",
      "if let error { try reader.setException(error) } else { try reader.feedEof() }",
      in: "WritingTests",
      .fails(
        test: "M5 who reads hears of the end when the connection is lost, not before",
        words: "Caught error: Task-2 has no result yet")),
    Experiment(
      "adapter.wait-closed", "closed.isShared = true", "closed.isShared = false",
      in: "WritingTests",
      .fails(
        test: "M9 a peer that does not read, a deadline, and another try",
        words: "Caught error: CancellationError()")),
    Experiment(
      "writer.drain-yield",
      "if transport.isClosing() { try await proto.loop.sleep(0) }", in: "WritingTests",
      .fails(
        test: "M3 drain lets the bad news in",
        words: "(rounds == 1 && turnsOfOthers == 1 → false)"),
      .parts(trace: "scar M3", step: 77, words: "only its first write asked the kernel")
    ),
  ]

  static let ofSpeed: [Experiment] = [
    Experiment(
      "lazy.forget", "if lingers(fd) && getpid() == process { drop(fd, site) }",
      in: "FastTests",
      .fails(
        test: "C8 a copy of a closed socket is not reported for ever",
        words: "(kernel.timeouts.count → 2) == 1")),
    Experiment(
      "lazy.forget/fork", "if lingers(fd) && getpid() == process { drop(fd, site) }",
      "if lingers(fd) { drop(fd, site) }", in: "FastTests",
      .fails(
        test: "a forked child that closes its copies takes nothing from us",
        words: "try selector.ready() == [one.descriptor: .read]")
    ),
    Experiment(
      "lazy.register",
      "if events == .read, let mark = socket.keeper, epoll.getKey(fd)?.data === mark {",
      "if events == .read, lingers(fd) {", in: "FastTests",
      .fails(
        test: "C1 the heir of a stolen number is watched",
        words: "try selector.ready() == [number: .read]")),
    Experiment(
      "lazy.select", "if !wanted.isEmpty || rest == 0 { return wanted }",
      "return wanted", in: "FastTests",
      .fails(
        test: "news that nobody wants ends the lingering and not the wait",
        words: "(kernel.timeouts.count → 1) == 2")),
    Experiment(
      "heap.sink",
      "if child + 1 < count, entries[child + 1].isBefore(entries[child]) { child += 1 }",
      in: "FastTests",
      .fails(
        test: "any schedule runs in order, whatever is called off",
        words: "Expectation failed: (log → [")),
    Experiment(
      "future.close-holes",
      "for place in left.indices.reversed() { left[place]?.place = place }",
      in: "FastTests",
      .fails(
        test: "callbacks that come and go, once or several times",
        words: "(future.removeDoneCallback(callbacks[number]) → 0)")),
  ]
}
