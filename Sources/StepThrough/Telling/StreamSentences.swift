// Where the sentences about stream readers are made.

import EventLoops
import Recording

/// What is different about a stream reader now, found as that of a transport is.
func change(_ new: ReaderState, _ before: LoopState) -> String {
  let name = new.name.label
  guard let old = before.readers.first(where: { $0.name.id == new.name.id }) else {
    return "\(name) is made: its lines have \(count(new.limit, "byte")) at the most"
  }
  var news: [String] = []
  if old.bufferSize != new.bufferSize {
    let verb = old.bufferSize < new.bufferSize ? "gets" : "gives"
    let moved = abs(new.bufferSize - old.bufferSize)
    let rest = new.bufferSize == 0 ? "nothing" : count(new.bufferSize, "byte")
    news.append("\(verb) \(count(moved, "byte")) and has \(rest) now")
  }
  if !old.isAtEnd && new.isAtEnd { news.append("knows that this is the end") }
  if old.failure == nil, let failure = new.failure {
    news.append("will throw \(failure) from now on")
  }
  if old.hasPaused != new.hasPaused {
    news.append(
      new.hasPaused
        ? "has more than twice its limit: the transport is to pause"
        : "turns the tap on again: the transport may go on")
  }
  switch (old.waiter, new.waiter) {
  case (nil, let waiter?): news.append("keeps \(waiter.label) for whoever brings bytes")
  case (let waiter?, nil): news.append("lets go of \(waiter.label)")
  default: break
  }
  return "\(name) " + (news.isEmpty ? "is as it was" : news.joined(separator: ", "))
}
