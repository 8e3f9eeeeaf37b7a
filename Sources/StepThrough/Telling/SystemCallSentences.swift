// Where the sentences about the kernel are made: the call as the manual writes it, its
// answer, and what the answer means. They need no state, but for a descriptor's name.

import CLibrary
package import Recording
package import Simulation
import Sockets

// The names of the calls are those of the manual pages (`man 2 accept4`), the
// descriptors have their names for people.

/// A system call as one would write it down: `accept4(listener)`.
package func text(_ call: SystemCall, _ step: Step) -> String {
  func name(_ fd: Int32) -> String { step.name(fd) }
  return switch call {
  case .socket(let family): "socket(\(text(family)))"
  case .bind(let fd, let address): "bind(\(name(fd)), \(address))"
  case .listen(let fd, let backlog): "listen(\(name(fd)), \(backlog))"
  case .accept(let fd): "\(acceptName)(\(name(fd)))"
  case .connect(let fd, let address): "connect(\(name(fd)), \(place(address)))"
  case .recv(let fd, let limit): "recv(\(name(fd)), \(count(limit, "byte")))"
  case .send(let fd, let number): "send(\(name(fd)), \(count(number, "byte")))"
  case .sendmsg(let fd, let counts):
    "sendmsg(\(name(fd)), \(count(counts.reduce(0, +), "byte"))"
      + " in \(count(counts.count, "piece")))"
  case .shutdown(let fd, let direction): "shutdown(\(name(fd)), \(text(direction)))"
  case .close(let fd): "close(\(name(fd)))"
  case .getsockopt(let fd, let option): "getsockopt(\(name(fd)), \(option.rawValue))"
  case .setsockopt(let fd, let option, let value):
    "setsockopt(\(name(fd)), \(option.rawValue), \(value))"
  case .setBlocking(let fd, let blocking):
    "fcntl(\(name(fd)), \(blocking ? "clear" : "set") O_NONBLOCK)"
  case .getsockname(let fd): "getsockname(\(name(fd)))"
  case .getpeername(let fd): "getpeername(\(name(fd)))"
  case .epollCreate: "epoll_create1()"
  case .epollControl(_, .delete, let fd, _): "epoll_ctl(DEL, \(name(fd)))"
  case .epollControl(_, .add, let fd, let events):
    "epoll_ctl(ADD, \(name(fd)), \(bits(events)))"
  case .epollControl(_, .modify, let fd, let events):
    "epoll_ctl(MOD, \(name(fd)), \(bits(events)))"
  case .epollWait(_, let timeout): "epoll_wait(\(limit(timeout)))"
  case .kqueueCreate: "kqueue()"
  case .kqueueControl(_, let change, let fd, let filter):
    "kevent(\(change == .add ? "ADD" : "DELETE"), \(name(fd)), \(text(filter)))"
  case .kqueueWait(_, let timeout): "kevent(\(limit(timeout)))"
  case .poll(let fds, let timeout):
    "poll(\(fds.map(name).joined(separator: ", ")), \(limit(timeout)))"
  case .eventfd: "eventfd()"
  case .socketpair: "socketpair(AF_UNIX)"
  case .raise(let fd): "write(\(name(fd)))"
  case .drain(let fd): "read(\(name(fd)))"
  }
}

/// What the kernel answered: `EAGAIN`, `connection 1`, `5 bytes`.
package func text(_ answer: SystemAnswer, _ call: SystemCall, _ step: Step) -> String {
  switch (call, answer) {
  case (.getsockopt(_, .error), .number(let error)) where error != 0:
    errorName(Int32(error))
  case (.recv, .number(let number)), (.send, .number(let number)),
    (.sendmsg, .number(let number)), (.drain, .number(let number)):
    count(number, "byte")
  case (_, .done): "0"
  case (_, .number(let number)): "\(number)"
  case (_, .descriptor(let new, _)): step.name(new)
  case (_, .address(let address)): place(address)
  case (_, .ready(let ready)) where ready.isEmpty: "nothing"
  case (_, .ready(let ready)):
    ready.sorted { $0.key < $1.key }
      .map { "\(step.name($0.key)) \(bits($0.value))" }.joined(separator: ", ")
  case (_, .reports(let reports)) where reports.isEmpty: "nothing"
  case (_, .reports(let reports)):
    reports.map { "\(step.name($0.fd)) \(text($0))" }.joined(separator: ", ")
  case (_, .error(let error)): errorName(error)
  default: "\(answer)"
  }
}

/// The same, with what the C library says about an error.
package func fullText(
  _ answer: SystemAnswer, _ call: SystemCall, _ step: Step
) -> String {
  guard case .error(let error) = answer else { return text(answer, call, step) }
  return "\(errorName(error)) (\(String(cString: strerror(error))))"
}

/// What the answer means to the one who asked.
///
/// Refusals come first, as the most interesting answers do; then a line for each call.
/// A case says what is true whenever it applies, and not what is meant in some
/// scenario.
func meaning(_ call: SystemCall, _ answer: SystemAnswer) -> String {
  switch (call, answer) {
  case (.accept, .error(EAGAIN)): "nobody is waiting in the backlog"
  case (.accept, .error(EMFILE)): "this process has as many descriptors as it may"
  case (.accept, .error(ECONNABORTED)): "the client gave up while it was waiting"
  case (.connect, .error(EINPROGRESS)): "the handshake has begun and takes its time"
  case (.connect, .error(ECONNREFUSED)): "nobody listens there"
  case (.recv, .error(EAGAIN)): "nothing has arrived"
  case (.send, .error(EAGAIN)), (.sendmsg, .error(EAGAIN)):
    "the kernel's buffer has no room"
  case (.send, .error(EPIPE)), (.sendmsg, .error(EPIPE)):
    "the other end does not read any more"
  case (.bind, .error(EADDRINUSE)): "somebody else has this address"
  case (_, .error(EINTR)): "a signal came while the call waited"
  case (_, .error(let error)): String(cString: strerror(error))

  case (.socket, _): "a new socket; its calls wait until told otherwise"
  case (.bind(_, let address), _) where address.port == 0:
    "the socket has an address; the kernel chose a free port"
  case (.bind, _): "the socket has an address"
  case (.listen, _): "from here on the kernel shakes hands with clients by itself"
  case (.accept, .descriptor(_, let client?)):
    "a client from \(place(client)), the one that waited longest"
  case (.connect, _): "connected"
  case (.recv(_, let limit), .number(0)) where limit > 0:
    "the other end has finished sending"
  case (.recv, _): "taken from what has arrived"
  case (.send(_, let all), .number(let some)) where some < all:
    "the kernel's buffer has no room for the rest"
  case (.sendmsg(_, let counts), .number(let some)) where some < counts.reduce(0, +):
    "the kernel's buffer has no room for the rest"
  case (.send, _), (.sendmsg, _): "the kernel took all of it"
  case (.shutdown(_, .read), _): "nothing more will be received"
  case (.shutdown, _): "the other end will read an end of stream"
  case (.close, _): "the descriptor is given back"
  case (.getsockopt(_, .error), .number(0)): "no error is pending"
  case (.getsockopt(_, .error), .number(let error)):
    String(cString: strerror(Int32(error)))
  case (.getsockopt, _): "the option's value"
  case (.setsockopt, _): "the option is set"
  case (.setBlocking(_, true), _): "from here on its calls wait"
  case (.setBlocking, _): "from here on its calls answer EAGAIN instead of waiting"
  case (.getsockname, _): "the socket's own address"
  case (.getpeername, _): "the address of the other end"
  case (.epollCreate, _): "a list of descriptors to watch, kept by the kernel"
  case (.kqueueCreate, _): "a list of questions about descriptors, kept by the kernel"
  case (.epollControl(_, .delete, _, _), _), (.kqueueControl(_, .delete, _, _), _):
    "the kernel watches it no more"
  case (.epollControl, _), (.kqueueControl, _): "the kernel watches it"
  case (_, .ready(let ready)) where !ready.isEmpty:
    "\(count(ready.count, "descriptor")) could do something without waiting"
  case (_, .reports(let reports)) where !reports.isEmpty:
    "\(count(reports.count, "question")) answered"
  case (.epollWait(_, 0), _), (.poll(_, 0), _), (.kqueueWait(_, 0), _):
    "nothing is ready at this moment"
  case (.epollWait(_, -1), _), (.kqueueWait(_, -1), _):
    "no real kernel would ever come back with this"
  case (.epollWait, _), (.poll, _), (.kqueueWait, _):
    "the time is up and nothing has become ready"
  case (.eventfd, _): "a counter that another thread can raise to wake the loop"
  case (.socketpair, _): "two sockets: another thread writes to one to wake the loop"
  case (.raise, _): "the counter is raised"
  case (.drain, .number(8)): "the counter is back at zero"
  case (.drain, _): "what woke the loop is taken out"
  default: "done"
  }
}

/// The symbol for an error number and what it says: `EAGAIN`.
func errorName(_ error: Int32) -> String { SystemError(error, in: "").name }

/// An address whose port the kernel may have chosen. That number is another one
/// in every run, and says nothing, so it stays out of the sentences.
func place(_ address: SocketAddress) -> String {
  switch address.family {
  case .unix: address.path!.isEmpty ? "an unnamed socket" : address.path!
  case .ipv4, .ipv6: address.host!
  }
}

/// As the system's manual calls it.
private let acceptName: String = {
  #if os(Linux)
    "accept4"
  #else
    "accept"
  #endif
}()

private func text(_ filter: KqueueFilter) -> String {
  switch filter {
  case .read: "READ"
  case .write: "WRITE"
  }
}

/// `READ`, `WRITE|EOF`, `READ|EOF|ECONNRESET`.
private func text(_ report: KqueueReport) -> String {
  text(report.filter) + (report.isEnd ? "|EOF" : "")
    + (report.error == 0 ? "" : "|" + errorName(report.error))
}

private func text(_ family: AddressFamily) -> String {
  switch family {
  case .ipv4: "AF_INET"
  case .ipv6: "AF_INET6"
  case .unix: "AF_UNIX"
  }
}

private func text(_ direction: ShutdownDirection) -> String {
  switch direction {
  case .read: "SHUT_RD"
  case .write: "SHUT_WR"
  case .both: "SHUT_RDWR"
  }
}

let eventBits: [(UInt32, String)] = [
  (0x1, "IN"), (0x4, "OUT"), (0x8, "ERR"), (0x10, "HUP"), (0x20, "NVAL"),
]

/// The bits of epoll, which are those of poll: `IN`, `OUT`, `ERR`, `HUP`.
func bits(_ events: UInt32) -> String {
  let known = eventBits.filter { events & $0.0 != 0 }.map(\.1)
  let rest = eventBits.reduce(events) { $0 & ~$1.0 }
  return (known + (rest == 0 ? [] : ["0x" + String(rest, radix: 16)]))
    .joined(separator: "|")
}

private func limit(_ milliseconds: Int32) -> String {
  switch milliseconds {
  case ..<0: "no limit"
  case 0: "do not wait"
  default: "at most \(milliseconds) ms"
  }
}
