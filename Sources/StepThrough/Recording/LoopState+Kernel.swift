// The same fold for the other half of the machine: what the kernel keeps for us. No
// event tells of that, only the calls and their answers, as in a strace.

import CLibrary
import Simulation
import Sockets

/// The kernel's side of the machine: what each system call did to a descriptor.
///
/// A connection that is lost without a call, because the peer has gone, still counts as
/// connected here: the program does not know better either, before it asks.
extension LoopState {
  mutating func apply(_ call: SystemCall, _ answer: SystemAnswer) {
    switch (call, answer) {
    // Something new. A socket waits until it is told not to; what `accept4` and
    // `eventfd` give out was made non-blocking in the same call.
    case (.socket, .descriptor(let new, _)): open(new, .new, isNonBlocking: false)
    case (.epollCreate, .descriptor(let new, _)),
      (.kqueueCreate, .descriptor(let new, _)):
      open(new, .epoll, isNonBlocking: false)
    case (.eventfd, .descriptor(let new, _)), (.socketpair, .descriptor(let new, _)):
      open(new, .counter, isNonBlocking: true)
    case (.accept, .descriptor(let new, let peer?)):
      open(new, .connected(peer), isNonBlocking: true)
    case (.close(let fd), _): sockets.removeAll { $0.descriptor == fd }

    case (.bind(let fd, let address), .done):
      change(fd) { $0.condition = .bound(address) }
    case (.listen(let fd, let backlog), .done):
      change(fd) { $0.condition = .listening($0.address, backlog: backlog) }
    case (.setBlocking(let fd, let blocking), .done):
      change(fd) { $0.isNonBlocking = !blocking }

    case (.connect(let fd, let peer), .done):
      change(fd) { $0.condition = .connected(peer) }
    // A signal that ends the call does not end the handshake.
    case (.connect(let fd, let peer), .error(EINPROGRESS)),
      (.connect(let fd, let peer), .error(EINTR)):
      change(fd) { $0.condition = .connecting(peer) }
    // This is how one asks what has become of a connection attempt.
    case (.getsockopt(let fd, .error), .number(let error)):
      change(fd) {
        guard case .connecting(let peer) = $0.condition else { return }
        $0.condition = error == 0 ? .connected(peer) : .new
      }
    case (.send(let fd, _), .number(let count)),
      (.sendmsg(let fd, _), .number(let count)):
      taken[fd, default: 0] += count
    case (.recv(let fd, let limit), .number(0)) where limit > 0:
      change(fd) { $0.condition = .halfClosed($0.peer) }

    // To the kernel's list. With `close` a descriptor leaves it without another call.
    case (.epollControl(_, .add, let fd, let events), .done),
      (.epollControl(_, .modify, let fd, let events), .done):
      change(fd) { $0.watched = events }
    // What was to leave it, or to change on it, may turn out not to be there.
    case (.epollControl(_, .delete, let fd, _), .done),
      (.epollControl(_, .delete, let fd, _), .error(ENOENT)),
      (.epollControl(_, .modify, let fd, _), .error(ENOENT)):
      change(fd) { $0.watched = nil }

    case (.kqueueControl(_, .add, let fd, let filter), .done):
      change(fd) { $0.watched = ($0.watched ?? 0) | filter.bit }
    // What is refused is not there, and so it is gone as well.
    case (.kqueueControl(_, .delete, let fd, let filter), _):
      change(fd) {
        let rest = ($0.watched ?? 0) & ~filter.bit
        $0.watched = rest == 0 ? nil : rest
      }

    // Everything else, and every refusal, leaves things as they were.
    default: break
    }
  }

  private mutating func open(
    _ descriptor: Int32, _ condition: SocketState.Condition, isNonBlocking: Bool
  ) {
    sockets.append(
      SocketState(
        descriptor: descriptor, condition: condition, isNonBlocking: isNonBlocking))
  }

  /// What the kernel keeps for a descriptor. If it is one that nobody has opened before
  /// our eyes, somebody else did, and handed it over.
  mutating func keep(_ facts: KernelFacts, for descriptor: Int32) {
    if !sockets.contains(where: { $0.descriptor == descriptor }) {
      if facts == KernelFacts() { return }
      open(descriptor, .adopted, isNonBlocking: true)
    }
    change(descriptor) { $0.facts = facts }
  }

  private mutating func change(
    _ descriptor: Int32, _ body: (inout SocketState) -> Void
  ) {
    if let place = sockets.firstIndex(where: { $0.descriptor == descriptor }) {
      body(&sockets[place])
    }
  }
}

extension KqueueFilter {
  /// epoll's word for the same question.
  fileprivate var bit: UInt32 { self == .read ? EpollBits.in : EpollBits.out }
}

extension LoopState.SocketState {
  /// The address of its own that it was given.
  fileprivate var address: SocketAddress? {
    if case .bound(let address) = condition { address } else { nil }
  }

  /// The other end.
  fileprivate var peer: SocketAddress? {
    switch condition {
    case .connecting(let peer), .connected(let peer): peer
    case .halfClosed(let peer): peer
    default: nil
    }
  }
}
