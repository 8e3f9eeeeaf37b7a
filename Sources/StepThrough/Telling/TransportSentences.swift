// Where the sentences about transports are made.

import EventLoops
import Recording

/// What is different about a transport now: its state says everything there is, so the
/// sentence is found by comparing it with the one before.
func change(_ new: TransportState, _ step: Step, _ before: LoopState) -> String {
  let name = new.name.label
  guard let old = before.transports.first(where: { $0.name.id == new.name.id }) else {
    return "\(name) is made: from here on it owns \(step.name(new.fd))"
  }
  let lost = old.bufferSize - new.bufferSize - before.taken[new.fd, default: 0]
  var news: [String] = []
  if lost > 0 { news.append("throws away what it kept, \(count(lost, "byte"))") }
  if new.isLost && !old.isLost {
    news.append("has lost its connection, and gives \(step.name(new.fd)) back")
    return "\(name) " + news.joined(separator: ", ")
  }
  if (old.low, old.high) != (new.low, new.high) {
    news.append("has other water marks: low \(new.low), high \(new.high)")
  }
  if old.bufferSize < new.bufferSize {
    news.append("keeps what the kernel did not take: \(buffered(new))")
  } else if old.bufferSize > new.bufferSize && lost <= 0 {
    news.append(
      new.bufferSize == 0
        ? "has an empty buffer again" : "has less to keep: \(buffered(new))")
  }
  if !old.isClosing && new.isClosing {
    news.append(
      new.bufferSize == 0
        ? "is closing: it will call connectionLost"
        : "is closing: first the buffer has to leave")
  } else if old.isReading != new.isReading {
    news.append(new.isReading ? "reads" : "does not read any more")
  }
  if old.isWritingPaused != new.isWritingPaused {
    news.append(
      new.isWritingPaused
        ? "is above its high water mark: the protocol is to pause"
        : "is down to its low water mark: the protocol may go on")
  }
  return "\(name) " + (news.isEmpty ? "is as it was" : news.joined(separator: ", "))
}

private func buffered(_ transport: TransportState) -> String {
  "\(count(transport.bufferSize, "byte")) in its buffer"
}
